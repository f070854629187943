"""Words of the operators' pages: what was done, with which facts; what a job's run came to; why a mail was sent.

Records and run summaries are kept as codes. What this table has no word for is shown as it is kept: nothing is hidden.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.i18n import day, language, month, number
from webapp.plans.units import SHARE, quantity
from webapp.rulebook import words as rule_words

GROUPS: dict[str, Any] = {
    "progress.": _l("填报与销号申请"),
    "review.": _l("审核"),
    "report.": _l("月报"),
    "bulletin.": _l("通报"),
    "caps.": _l("错峰生产"),
    "ledger.": _l("台账"),
    "upward.": _l("上报报告"),
    "light.": _l("亮灯"),
    "account.": _l("账户"),
    "plan.": _l("方案"),
    "reminder.": _l("催办"),
    "mail.": _l("邮件"),
    "robot.": _l("群机器人"),
    "rules.": _l("提醒规则"),
}
ACTIONS: dict[str, Any] = {
    "account.address": _l("更正邮箱"),
    "account.calendar": _l("生成日历地址"),
    "account.calendar_end": _l("停用日历地址"),
    "account.create": _l("开通账户"),
    "account.deputy": _l("设为副职"),
    "account.duties": _l("调整月报分工"),
    "account.end_role": _l("终止任职"),
    "account.grant": _l("授予任职"),
    "account.no_deputy": _l("取消副职"),
    "account.off": _l("停用账户"),
    "account.on": _l("启用账户"),
    "account.password": _l("修改密码"),
    "account.profile": _l("修改个人资料"),
    "account.sign_in": _l("登录"),
    "account.sign_in_failed": _l("登录失败"),
    "bulletin.publish": _l("印发通报"),
    "bulletin.remarks": _l("填写下一步要求"),
    "caps.exempt": _l("登记或终止豁免"),
    "caps.month": _l("报送停产实绩"),
    "caps.plan": _l("提交错峰生产计划"),
    "caps.register": _l("修改错峰生产台账"),
    "caps.verdict": _l("核实停产情况"),
    "ledger.imported": _l("导入台账"),
    "ledger.sample_closed": _l("结束抽查"),
    "ledger.sample_drawn": _l("抽取样本"),
    "ledger.sample_withdrawn": _l("撤销抽查"),
    "light.fell": _l("亮灯变差"),
    "mail.refuse": _l("退订邮件"),
    "mail.resend": _l("重新发送邮件"),
    "mail.want": _l("重新接收邮件"),
    "plan.attach": _l("附上方案原文"),
    "plan.load": _l("导入方案"),
    "progress.claim": _l("申请销号"),
    "progress.extend": _l("调整办理期限"),
    "progress.na_claim": _l("申报不涉及"),
    "progress.no_change": _l("报无变化"),
    "progress.nodes": _l("报送分月计划"),
    "progress.progress": _l("填报进展"),
    "progress.withdraw": _l("撤回申请"),
    "reminder.asked": _l("催办"),
    "report.accept": _l("月报审核通过"),
    "report.check": _l("月报确认审核无误"),
    "report.correct": _l("更正月报"),
    "report.drop": _l("放弃更正月报"),
    "report.no_change": _l("其余任务报无变化"),
    "report.note": _l("填写月报任务说明"),
    "report.open": _l("生成月报"),
    "report.remark": _l("填写月报说明"),
    "report.return": _l("月报退回修改"),
    "report.spreadsheet": _l("用表格填报月报"),
    "report.submit": _l("报送月报"),
    "report.uncheck": _l("撤回月报审核确认"),
    "review.na_accept": _l("同意不涉及"),
    "review.na_refuse": _l("不同意不涉及"),
    "review.reopen": _l("重新办理"),
    "review.return": _l("退回整改"),
    "review.verify": _l("办结销号"),
    "robot.change": _l("修改群机器人"),
    "robot.create": _l("添加群机器人"),
    "robot.switch_off": _l("停用群机器人"),
    "robot.switch_on": _l("启用群机器人"),
    "robot.test": _l("发送测试消息"),
    "rules.restore": _l("恢复方案原定提醒规则"),
    "rules.save": _l("修改提醒规则"),
    "upward.publish": _l("印发上报报告"),
    "upward.remarks": _l("填写下一步安排"),
}
STATES: dict[str, Any] = {
    "not_started": _l("未开始"),
    "in_progress": _l("进行中"),
    "claimed": _l("申请销号"),
    "returned": _l("退回"),
    "verified": _l("办结销号"),
    "na_claimed": _l("申报不涉及"),
    "not_applicable": _l("不涉及"),
    "open": _l("待报送"),
    "submitted": _l("已报送"),
    "accepted": _l("审核通过"),
}
FIELDS: dict[str, Any] = {
    "name": _l("名称"), "url": _l("地址"), "secret": _l("加签密钥"), "locale": _l("语言"),
    "name_zh": _l("姓名"), "name_en": _l("英文或拼音姓名"), "phone": _l("联系电话"),
}  # fmt: skip
PLATFORMS: dict[str, Any] = {"wecom": _l("企业微信"), "dingtalk": _l("钉钉")}
COLOURS: dict[str, Any] = {"green": _l("绿灯"), "yellow": _l("黄灯"), "red": _l("红灯"), "grey": _l("灰灯")}
ROLES: dict[str, Any] = {
    "officer": _l("承办人员"),
    "coordinator": _l("调度人员"),
    "administrator": _l("系统管理员"),
    "reader": _l("查阅人员"),
}
TOPICS: dict[str, Any] = {"reminders": _l("到期提醒"), "decisions": _l("审核结果和通报")}
VERDICTS: dict[str, Any] = {"confirmed": _l("核实认可"), "rejected": _l("核实不认可")}
YES: dict[str, Any] = {"True": _l("是")}
LABELS: dict[str, Any] = {
    "added": _l("新增行数"),
    "address": _l("地址"),
    "answer": _l("对方答复"),
    "as_of": _l("数据截至"),
    "changed": _l("改动"),
    "days_late": _l("迟报天数"),
    "deputy": _l("副职"),
    "due": _l("期限"),
    "email": _l("电子邮箱"),
    "from": _l("原为"),
    "host": _l("来源地址"),
    "kind": _l("平台"),
    "left_out": _l("不再包含"),
    "lines": _l("逐项退回"),
    "max_load": _l("核定最大负荷"),
    "month": _l("月份"),
    "name": _l("名称"),
    "number": _l("文号"),
    "on": _l("决定日期"),
    "opened": _l("份数"),
    "organisation": _l("单位"),
    "period": _l("期间"),
    "quantity": _l("数量"),
    "people": _l("通知人数"),
    "reason": _l("意见"),
    "receipt": _l("回执编号"),
    "revision": _l("第几稿"),
    "role": _l("岗位"),
    "rules": _l("改动"),
    "sentences": _l("句数"),
    "sha256": _l("校验码"),
    "shares": _l("各月累计"),
    "status": _l("状态"),
    "task": _l("任务"),
    "to": _l("改为"),
    "topic": _l("邮件类别"),
    "until": _l("终止日期"),
    "verdict": _l("核实结论"),
    "waited_days": _l("待审工作日"),
    "version": _l("版本"),
}
# Numbers of rows, which mean nothing to a reader, and what another fact of the event already says.
_UNSAID = frozenset({"update", "review", "membership", "label", "filing", "exemption"})
TEMPLATES: dict[str, Any] = {
    "digest": _l("到期提醒"),
    "reminder": _l("到期提醒（单独发送）"),
    "asked": _l("催办"),
    "robot_digest": _l("群消息"),
    "claim_verified": _l("办结销号"),
    "claim_returned": _l("退回整改"),
    "na_accepted": _l("同意不涉及"),
    "na_refused": _l("不同意不涉及"),
    "due_extended": _l("办理期限调整"),
    "report_accepted": _l("月报审核通过"),
    "report_returned": _l("月报退回修改"),
    "bulletin_published": _l("调度通报"),
}
OUTCOMES: dict[str, Any] = {
    "sent": _l("发出"),
    "retried": _l("待重试"),
    "parked": _l("发送失败"),
    "released": _l("重新排队"),
    "changed": _l("亮灯变化"),
    "counted": _l("台账计数更新"),
    "digests": _l("提醒邮件"),
    "at_once": _l("单独发送"),
    "items": _l("提醒事项"),
    "months": _l("月份"),
    "new_versions": _l("汇总更新"),
    "opened": _l("生成月报"),
    "removed": _l("清理记录"),
    "seconds": _l("用时（秒）"),
}


def action_name(code: str) -> str:
    """What was done."""
    return str(ACTIONS.get(code, code))


def mail_cause(template: str) -> str:
    """Why a mail was sent."""
    return str(TEMPLATES.get(template, template))


def outcome(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a run came to: words and counts."""
    return [(str(OUTCOMES.get(key, key)), _plain(value)) for key, value in summary.items()]


def facts_in_words(facts: Mapping[str, Any], unit: str = "") -> list[tuple[str, str]]:
    """The facts of an event, each with its name; `unit` is that of the assignment it is about."""
    return [
        (str(LABELS.get(key, key)), _fact(key, value, unit))
        for key, value in facts.items()
        if key not in _UNSAID and value not in (None, "", [])
    ]


def group_choices() -> list[tuple[str, str]]:
    """The filter's groups of deeds."""
    return [(prefix, str(words)) for prefix, words in GROUPS.items()]


def _fact(key: str, value: Any, unit: str) -> str:
    if key in ("changed", "rules") and isinstance(value, list):
        return _listed(
            rule_words.change(str(each)) if key == "rules" else str(FIELDS.get(each, each)) for each in value
        )
    if key == "quantity" and unit:
        return quantity(Decimal(str(value)), unit)
    if key == "shares":
        return _listed(f"{_plain(each)} {quantity(Decimal(str(share)), SHARE)}" for each, share in value.items())
    tables = {
        "status": STATES, "from": COLOURS, "to": COLOURS, "role": ROLES, "kind": PLATFORMS, "topic": TOPICS,
        "deputy": YES, "verdict": VERDICTS,
    }  # fmt: skip
    words = tables.get(key, {})
    if str(value) in words:
        return str(words[str(value)])
    if key == "sha256":
        return f"{value[:12]}…"
    return _plain(value).rstrip("。")


def _listed(words: Iterable[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(words)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return _listed(_plain(each) for each in value) or "0"
    if isinstance(value, int | Decimal):
        return number(value)
    return _as_date(str(value))


_SHAPES: tuple[tuple[int, str, Callable[[date], str]], ...] = ((10, "", day), (7, "-01", month))


def _as_date(written: str) -> str:
    for length, rest, shown in _SHAPES:
        if len(written) == length:
            try:
                return shown(date.fromisoformat(written + rest))
            except ValueError:
                return written
    return written
