"""An assignment's history in words, for the timeline of a page."""

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from webapp.i18n import day, moment
from webapp.permissions import SYSTEM
from webapp.plans.models import DueDate
from webapp.plans.units import quantity
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.progress.queries import Entry

TITLES: dict[str, Any] = {
    "progress": lazy_pgettext("history", "填报进展"),
    "no_change": _l("填报无变化"),
    "claim": _l("申请销号"),
    "na_claim": _l("申报不涉及"),
    "withdraw": lazy_pgettext("history", "撤回申请"),
    "verify": _l("办结销号"),
    "return": _l("退回整改"),
    "na_accept": _l("同意不涉及"),
    "na_refuse": _l("不同意不涉及"),
    "reopen": _l("重新打开"),
}
TONES = {
    "progress": "blue", "claim": "blue", "na_claim": "blue", "verify": "green", "na_accept": "green",
    "return": "amber", "na_refuse": "amber", "reopen": "amber",
}  # fmt: skip

# What a ledger's rows said.
COUNTED: dict[str, Any] = {
    "progress": _l("台账计数"),
    "withdraw": _l("台账中出现记录，不涉及的申报自动撤回"),
}

# Reasons that no person wrote but the loading of a plan: said in the reader's language.
BY_THE_SYSTEM = (_l("台账中已有记录"), _l("方案规定"), _l("方案数据更新"), _l("方案数据更新后不再承担此项任务"))


def items(entries: Iterable[Entry], unit: str) -> list[dict[str, Any]]:
    """The entries as the timeline macro wants them, in the order given."""
    return [_item(entry, unit) for entry in entries]


def _item(entry: Entry, unit: str) -> dict[str, Any]:
    kind = _kind(entry)
    return {
        "at": moment(entry.at),
        "who": who(entry),
        "title": _title(entry, kind, unit),
        "body": "\n".join(_sentences(entry)),
        "tone": TONES.get(kind, "grey"),
        "files": [file_link(file) for file in entry.evidence],
    }


def who(entry: Entry) -> str:
    """Whose deed it was."""
    return _("系统") if entry.actor_label == SYSTEM.name else entry.actor_label


def _kind(entry: Entry) -> str:
    if isinstance(entry.row, ProgressUpdate):
        return entry.row.kind
    return entry.row.decision if isinstance(entry.row, ReviewDecision) else entry.kind


def _title(entry: Entry, kind: str, unit: str) -> str:
    row = entry.row
    if isinstance(row, DueDate):
        return _("期限：%(due)s", due=day(row.due))
    if isinstance(row, ProgressUpdate) and entry.restates:
        return _("更正截至%(day)s的数字：%(figure)s", day=day(row.as_of), figure=quantity(row.quantity, unit))
    if isinstance(row, (ProgressUpdate, ReviewDecision)):
        title = str(COUNTED.get(kind, TITLES[kind]) if getattr(row, "counted", False) else TITLES[kind])
        return title if row.quantity is None else f"{title} · {quantity(row.quantity, unit)}"
    return _("报送分月计划")


def _sentences(entry: Entry) -> list[str]:
    row = entry.row
    if isinstance(row, ProgressUpdate):
        labelled = ((_("问题"), row.problem), (_("下一步"), row.next_step), (_("理由"), row.reason))
        return [row.note] * bool(row.note) + [
            _("%(label)s：%(text)s", label=name, text=text) for name, text in labelled if text
        ]
    if isinstance(row, (ReviewDecision, DueDate)) and row.reason:
        return [reason_words(entry)]
    return []


def reason_words(entry: Entry) -> str:
    """Why it was decided: as a person wrote it, or what the loading of a plan gives, in the reader's language."""
    reason: str = getattr(entry.row, "reason", "")
    return _(reason) if reason and entry.actor_label == SYSTEM.name else reason


def file_link(file: Any) -> dict[str, str]:
    """A file as the page links it."""
    size = f"{file.size / 1_048_576:.1f} MB" if file.size >= 1_048_576 else f"{max(1, round(file.size / 1024))} KB"
    return {"url": url_for("evidence.download", evidence_id=file.id), "name": file.filename, "size": size}
