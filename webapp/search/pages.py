"""Hits in the words and links of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from webapp.i18n import day, language, month, number, pick
from webapp.search.queries import MOST
from webapp.search.rules import Piece, Terms, pieces

# An English sentence takes twice the letters.
SNIPPETS = {"zh": 120, "en": 220}
KIND_WORDS = {
    "clause": lazy_pgettext("search", "条款"),
    "task": lazy_pgettext("search", "任务"),
    "organisation": lazy_pgettext("search", "单位"),
    "note": lazy_pgettext("search", "填报和审核文字"),
    "row": lazy_pgettext("search", "台账"),
}
SOURCE_WORDS = {
    "update": _l("进展填报"),
    "decision": _l("审核意见"),
    "report": _l("月报"),
    "report_note": _l("月报"),
    "report_decision": _l("月报审核意见"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: where it is, what it is called, and what it says around the words."""

    url: str
    title: Sequence[Piece]
    about: str
    body: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind; `count` is worded."""

    kind: str
    label: Any
    count: str
    hits: Sequence[Hit]


def groups(rows: Sequence[Any], counts: Mapping[str, int], terms: Terms, assignments_at: str) -> list[Group]:
    """Hits by kind, in the order they were found. `assignments_at` is the endpoint that lists an organisation's."""
    return [
        Group(kind, KIND_WORDS[kind], counted(counts[kind]), [_hit(row, terms, assignments_at) for row in members])
        for kind, members in groupby(rows, key=lambda row: str(row.kind))
    ]


def counted(found: int) -> str:
    """How many, in words: beyond a limit nobody counts."""
    return f"{number(MOST)}+" if found > MOST else number(found)


def _hit(row: Any, terms: Terms, assignments_at: str) -> Hit:
    body = " ".join(pick(row, "body").split())
    snippet = pieces(body, terms, SNIPPETS[language()])
    return Hit(_url(row, assignments_at), pieces(_title(row), terms), _about(row), snippet)


def _title(row: Any) -> str:
    if row.kind != "note":
        return pick(row, "title")
    about = pick(row, "task") or _("%(month)s月报", month=month(row.month))
    return f"{about} · {pick(row, 'organisation')}"


def _about(row: Any) -> str:
    if row.kind == "note":
        parts = [str(SOURCE_WORDS[row.source]), month(row.month) if row.report_id else "", day(row.said_at)]
    elif row.kind == "row":
        parts = [pick(row, "organisation"), pick(row, "task")]
    else:
        parts = [row.code]
    return " · ".join(filter(None, parts))


def _url(row: Any, assignments_at: str) -> str:
    if row.kind == "organisation":
        return url_for(assignments_at, organisation=row.code)
    if row.kind in ("clause", "task"):
        return url_for(f"plans.{row.kind}", code=row.code)
    if row.kind == "row":
        return url_for("ledgers.row", assignment_id=row.assignment_id, row_id=row.subject_id)
    if row.report_id:
        return url_for("reports.report", report_id=row.report_id)
    return url_for("desk.assignment", assignment_id=row.assignment_id)
