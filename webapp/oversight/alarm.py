"""The alarm on every page when nobody runs the jobs, for those who can do something about it or must know.

Officers are not told, and for their pages nothing is asked; for the others the frame's one statement asks along.
"""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import web
from webapp.i18n import moment
from webapp.jobs.rules import Alarm, Pulse
from webapp.permissions import Permission, can_anywhere


def banner(found: Pulse | None) -> dict[str, Any] | None:
    """What to show above the page, in the reader's words; None when all is well or it is not for this person."""
    alarm = found.alarm(web.now()) if found else None
    if found is None or alarm is None:
        return None
    return _for_operators(alarm, found) if can_anywhere(web.actor(), Permission.OPERATE) else _for_coordinators(alarm)


def _for_operators(alarm: Alarm, found: Pulse) -> dict[str, Any]:
    return {"tone": "danger", "title": title(alarm, found), "text": advice(alarm), "url": url_for("oversight.jobs")}


def title(alarm: Alarm, found: Pulse) -> str:
    """What is wrong, for an administrator."""
    if alarm is Alarm.SILENT:
        if found.seen_at is None:
            return _("调度程序从未运行。")
        return _("调度程序自%(when)s起没有响应。", when=moment(found.seen_at))
    if alarm is Alarm.PARTLY_SILENT:
        return _("部分定时任务没有调度程序在运行。")
    return ngettext("有%(num)s项定时任务连续失败。", "有%(num)s项定时任务连续失败。", found.failing)


def advice(alarm: Alarm) -> str:
    """What to do about it."""
    if alarm is Alarm.FAILING:
        return _("请查看失败原因；原因排除后会自动重试，不需要手工补办。")
    if alarm is Alarm.PARTLY_SILENT:
        return _("请在服务器上检查各调度程序启动时指定的任务（--only）；恢复后会自动补办。")
    return _("提醒和邮件暂停发送。请在服务器上检查 lantian scheduler 是否在运行；恢复后会自动补办。")


def _for_coordinators(alarm: Alarm) -> dict[str, Any]:
    words = _("提醒和邮件可能晚到，不会丢失；填报和审核不受影响。系统管理员的页面上也有提示。")
    title = _("后台任务出现故障。") if alarm is Alarm.FAILING else _("自动提醒暂时没有运行。")
    return {"tone": "warning", "title": title, "text": words, "url": ""}
