"""The mail to those who stand for a report: accepted, or returned with the reasons. It goes out at once."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webapp.i18n import month, pick, use_locale
from webapp.mail.message import Rendered
from webapp.mail.rendering import render

TEMPLATES = Path(__file__).parent / "templates"
# Decision -> the outbox's template name.
TEMPLATE_NAMES: Mapping[str, str] = {"accept": "report_accepted", "return": "report_returned"}


def render_decision(payload: dict[str, Any], locale: str) -> Rendered:
    """Word the mail. `payload` is what `reports.notices` wrote, with `base_url` added by the deliverer."""
    with use_locale(locale):
        when = month(date.fromisoformat(payload["month"]))
        returned = payload["decision"] == "return"
        headline = _headline(returned, when)
        facts = [
            (_("退回原因") if returned else _("审核意见"), payload["reason"]),
            *_lines(payload),
            (_("回执编号"), payload["receipt"]),
            (_("办理人"), payload["by"]),
        ]
        return render(
            TEMPLATES,
            "reports/mail_decision",
            subject=headline,
            headline=headline,
            person=pick(payload, "name"),
            organisation=pick(payload, "org"),
            facts=[(label, value) for label, value in facts if value],
            what_next=_what_next(returned, correction=payload.get("correction", False)),
            link=_("修改月报") if returned else _("查看月报"),
            url=f"{payload['base_url']}/reports/{payload['report']}",
        )


def _lines(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What was returned line by line. Mails queued before there was such a thing have none."""
    return [(_("逐项退回：%(task)s", task=pick(each, "title")), each["reason"]) for each in payload.get("lines", [])]


def _headline(returned: bool, when: str) -> str:
    if returned:
        return _("月报退回修改：%(month)s工作进展月报", month=when)
    return _("月报审核通过：%(month)s工作进展月报", month=when)


def _what_next(returned: bool, *, correction: bool) -> str:
    if returned and correction:
        return _("请按退回原因修改后重新报送，或放弃更正。在更正通过之前，此前审核通过的数据继续有效。")
    if returned:
        return _("请按退回原因修改后重新报送。首次报送时间保留不变，修改不影响按时报送的认定。")
    if correction:
        return _("本月数据自此以更正后的内容为准，原报送内容仍可查阅，无需再操作。")
    return _("本月数据已经固定，今后以报送时的内容为准，无需再操作。")


RENDERERS = dict.fromkeys(TEMPLATE_NAMES.values(), render_decision)
