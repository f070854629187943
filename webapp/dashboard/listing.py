"""The list of assignments behind every figure: filters from the address, a page of rows, and the same as a sheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.dashboard import queries
from webapp.dashboard.pictures import Line
from webapp.dashboard.wording import STATUS_WORDS, light_words
from webapp.documents.words import disarmed
from webapp.i18n import pick
from webapp.permissions import Actor
from webapp.plans.lists import ORDERS, Filter, Page, assignments
from webapp.plans.units import quantity, target_text
from webapp.plans.words import kind_word

DEFAULT_ORDER = "light"
ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a list asks for."""

    where: Filter
    order: str


def asked(args: Mapping[str, str]) -> Asked:
    """The filters of an address; what is nonsense does not narrow."""
    order = args.get("order", "")
    where = Filter(
        organisation=args.get("organisation", "").strip(),
        task=args.get("task", "").strip(),
        kind=args.get("kind", ""),
        status=args.get("status", ""),
        light=args.get("light", ""),
        label=args.get("label", ""),
        clause=args.get("measure", "").strip(),
        text=args.get("text", "").strip(),
        due_after=_day(args.get("due_after", "")),
        due_before=_day(args.get("due_before", "")),
        silent=bool(args.get("silent")),
        unfinished=bool(args.get("unfinished")),
    )
    return Asked(where, order if order in ORDERS else DEFAULT_ORDER)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list with what its filters offer."""

    page: Page
    area: str
    organisations: list[tuple[str, str]]
    measures: list[tuple[str, str]]


def listing(session: Session, plan_id: int, actor: Actor, what: Asked, *, page: int) -> Listing:
    """One page of the list. Raises NotFound for an organisation outside the actor's area."""
    everywhere = queries.organisations(session, actor)
    chosen = queries.find_code(everywhere, what.where.organisation) if what.where.organisation else None
    found = assignments(session, plan_id, actor, where=what.where, order=what.order, page=page)
    measures = [(each.code, f"{each.code}  {pick(each, 'title')}") for each in queries.clauses(session, plan_id)]
    home = chosen or next((each for each in everywhere if _is_home(each, actor)), None)
    return Listing(found, pick(home, "name") if home else "", _organisations(everywhere), measures)


def _is_home(organisation: Line, actor: Actor) -> bool:
    return actor.home is not None and organisation.id == actor.home.organisation_id


def _organisations(rows: Sequence[Line]) -> list[tuple[str, str]]:
    """Provinces with all that lies below them, then each organisation, indented by how deep it lies."""
    depth = min((each.path.count("/") for each in rows), default=0)
    return [(each.code, "\u3000" * (each.path.count("/") - depth) + pick(each, "short")) for each in rows]


def sheet(session: Session, plan_id: int, actor: Actor, what: Asked) -> str:
    """The whole list as CSV, with the same filters and order, in the language being spoken.

    Raises NotFound for an organisation outside the actor's area.
    """
    if what.where.organisation:
        queries.find_code(queries.organisations(session, actor), what.where.organisation)
    found = assignments(session, plan_id, actor, where=what.where, order=what.order, size=ALL)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_header())
    words = light_words()
    writer.writerows([disarmed(cell) for cell in _cells(row, words)] for row in found.rows)
    # The mark at the start tells Excel that the file is UTF-8.
    return "\ufeff" + buffer.getvalue()


def _header() -> list[str]:
    return [
        _("单位代码"), _("单位"), _("条款"), _("条款名称"), _("任务代码"), _("任务"), _("类型"), _("目标"),
        _("自报完成"), _("已核实"), _("完成比例"), _("序时进度"), _("数据截止"), _("方案期限"), _("现行期限"),
        _("状态"), _("亮灯"), _("连续未更新月数"),
    ]  # fmt: skip


def _cells(row: Line, words: Mapping[str, str]) -> list[str]:
    return [
        row.organisation_code,
        pick(row, "organisation"),
        row.clause_code,
        pick(row, "clause"),
        row.task_code,
        pick(row, "title"),
        kind_word(row.kind),
        target_text(row),
        quantity(row.claimed, row.unit) if row.claimed is not None else "",
        quantity(row.verified, row.unit) if row.verified is not None else "",
        *(f"{share * 100:.1f}%" if share is not None else "" for share in (row.completion, row.pace)),
        *(day.isoformat() if day else "" for day in (row.as_of, row.nominal_due, row.due)),
        str(STATUS_WORDS[row.status]),
        words[row.light_label],
        str(row.silent_months),
    ]
