"""Mails about decisions: one shape for all, worded by what was decided. They go out at once, not with the digest."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webapp.i18n import day, pick, use_locale
from webapp.mail.message import Rendered
from webapp.mail.rendering import render
from webapp.plans.units import quantity

TEMPLATES = Path(__file__).parent / "templates"
# Decision -> the outbox's template name.
TEMPLATE_NAMES: Mapping[str, str] = {
    "verify": "claim_verified",
    "return": "claim_returned",
    "na_accept": "na_accepted",
    "na_refuse": "na_refused",
    "reopen": "assignment_reopened",
    "extend": "due_extended",
}


def render_decision(payload: dict[str, Any], locale: str) -> Rendered:
    """Word the mail on a decision. `payload` is what `notices` wrote, with `base_url` added by the deliverer."""
    with use_locale(locale):
        title = pick(payload, "title")
        headline = _headlines(title)[payload["decision"]]
        return render(
            TEMPLATES,
            "progress/mail_decision",
            subject=headline,
            headline=headline,
            person=pick(payload, "name"),
            organisation=pick(payload, "org"),
            title=title,
            facts=_facts(payload),
            what_next=_what_next()[payload["decision"]],
            url=f"{payload['base_url']}/assignments/{payload['assignment']}",
        )


def _headlines(title: str) -> dict[str, str]:
    return {
        "verify": _("已核实销号：%(title)s", title=title),
        "return": _("退回整改：%(title)s", title=title),
        "na_accept": _("同意不涉及：%(title)s", title=title),
        "na_refuse": _("不同意不涉及：%(title)s", title=title),
        "reopen": _("重新打开：%(title)s", title=title),
        "extend": _("办理期限调整：%(title)s", title=title),
    }


def _what_next() -> dict[str, str]:
    again = _("请按意见整改后重新填报。")
    return {
        "verify": _("此项任务已办结，无需再填报。"),
        "return": again,
        "na_accept": _("此项任务不再计入贵单位的任务总数。"),
        "na_refuse": _("请按任务要求填报进展。"),
        "reopen": again,
        "extend": _("请按新的期限办理；此前的逾期记录保留不变。"),
    }


def _facts(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What was decided, line by line; lines without a value are left out."""
    figure = payload.get("quantity")
    due = payload.get("due")
    lines = [
        (_("审核意见"), payload.get("reason", "")),
        (_("核实数量"), quantity(Decimal(figure), payload["unit"]) if figure else ""),
        (_("新的期限"), day(date.fromisoformat(due)) if due else ""),
        (_("办理人"), payload["by"]),
    ]
    return [(label, str(value)) for label, value in lines if value]


RENDERERS = dict.fromkeys(TEMPLATE_NAMES.values(), render_decision)
