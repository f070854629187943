"""The list of assignments behind every figure: filters from the address, and a page of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from webapp.dashboard import queries
from webapp.dashboard.pictures import Line
from webapp.i18n import pick
from webapp.permissions import Actor
from webapp.plans.lists import ORDERS, Filter, Page, assignments

DEFAULT_ORDER = "light"


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
    shown = queries.places(session, actor, what.where.organisation)
    chosen = chosen_place(session, actor, what, shown)
    found = assignments(session, plan_id, actor, where=narrowed(what, chosen), order=what.order, page=page)
    measures = [(each.code, f"{each.code}  {pick(each, 'title')}") for each in queries.clauses(session, plan_id)]
    home = chosen or next((each for each in shown if _is_home(each, actor)), None)
    return Listing(found, pick(home, "name") if home else "", _organisations(shown), measures)


def chosen_place(session: Session, actor: Actor, what: Asked, shown: Sequence[Line] = ()) -> Line | None:
    """The organisation a list is narrowed to: among those shown, else anywhere in the area. Raises NotFound."""
    code = what.where.organisation
    found = next((each for each in shown if each.code == code), None)
    return found or queries.place(session, actor, code) if code else None


def narrowed(what: Asked, chosen: Line | None) -> Filter:
    """The filter with the path of the organisation in the place of its code, which is found sooner."""
    return replace(what.where, organisation="", below=chosen.path) if chosen else what.where


def _is_home(organisation: Line, actor: Actor) -> bool:
    return actor.home is not None and organisation.id == actor.home.organisation_id


def _organisations(rows: Sequence[Line]) -> list[tuple[str, str]]:
    """Provinces with all that lies below them, then each organisation, indented by how deep it lies."""
    depth = min((each.path.count("/") for each in rows), default=0)
    return [(each.code, "\u3000" * (each.path.count("/") - depth) + pick(each, "short")) for each in rows]
