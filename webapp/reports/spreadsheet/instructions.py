"""How the workbook is filled in, in the words of its first sheet."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from webapp.i18n import day
from webapp.reports.spreadsheet.container import LARGEST

MEGABYTES = LARGEST // 1024 // 1024


def paragraphs(as_of: date) -> Sequence[str]:
    """The numbered paragraphs, in the language being spoken."""
    return (
        _("本表是月报草稿，每行一项任务。灰色单元格由系统生成，不能修改；黄色单元格由本单位填写。没有改动的单元格不会变动系统里的内容。"),
        _("「本月累计」填截至%(day)s的累计数（不是本月新增数），单位以“单位”列为准。", day=day(as_of)),
        _("比例填百分数（百分之六十二点五填 62.5，单元格自带百分号）。数字比系统中的少时，须写明这次的原因。"),
        _("没有数字的任务在「本月情况」中选择。本月没有进展的任务选择“本月无变化”；数字有变化的不要选。"),
        _("「存在问题」「下一步打算」「数字变化的原因」可以改写，会替换月报里这项任务的相应文字。"),
        _("已填报的数字不能清空，只能改为新的累计数。已申请销号、已办结和由台账计算的任务，不接受数字；已填报更晚日期数据的，更正本月数字须写明原因。"),
        _("请不要增删或修改列标题、任务编号和任务名称，不要合并单元格。调整行的次序、列宽和隐藏行不影响上传；删去的行视为没有改动。"),
        _("可以使用公式，上传时取表格软件保存的计算结果。"),
        _("佐证材料和销号申请不能通过表格提交，请在系统的任务页面办理。月报的“情况说明”也请在系统中填写。"),
        _("填好后保存为 .xlsx 格式（不设密码，不超过 %(n)s MB），在同一份月报的“用表格填报”页面上传。", n=MEGABYTES),
        _("上传后系统先逐项列出改动和错误，确认后一次保存；有一处错误则全部不保存。"),
        _("本表只用于本单位、本月、本次报送，身份信息存放在隐藏的工作表里。下载之后如有人在系统中修改了同一项内容，上传时会并列两处内容，由您选择。"),
    )  # fmt: skip
