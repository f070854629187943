"""The columns of a ledger's list: those of every ledger, then the kind's own fields; and the list as a file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from webapp.i18n import pick
from webapp.ledgers import kinds, queries
from webapp.ledgers.headers import EXTRA, HOWS, STATES, heading
from webapp.ledgers.kinds import Kind, Use
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.queries import ORDERS, Filter, Ledger
from webapp.ledgers.values import shown as worded
from webapp.lists.files import Cell, Field
from webapp.lists.rules import Column

BATCH = 1_000
# Fields that stand in a column of every ledger, and so not once more among the kind's own.
PLACED = ("name", "county", "township", "planned_on")
OWN = "f-"
AnyRow = Row[*tuple[Any, ...]]


def columns(kind: Kind) -> tuple[Column, ...]:
    """The columns of a kind's list; its own fields can be added."""
    summed = (
        (Column("quantity", pick(kind.by_code[kind.quantity], "label"), falling="-quantity"),) if kind.quantity else ()
    )
    own = (each for each in kind.fields if each.code not in (*PLACED, kind.quantity))
    return (
        Column("name", pick(kind.by_code["name"], "label"), "name", always=True),
        Column("place", _l("地点"), "place"),
        *summed,
        Column("planned", _l("计划"), "planned"),
        Column("state", _l("状态"), "open"),
        *(Column(OWN + each.code, pick(each, "label"), usual=False) for each in own),
        Column("listed", EXTRA["listed_on"], usual=False),
        Column("verified", EXTRA["verified_how"], usual=False),
        Column("updated", _l("最近更新"), falling="-updated", usual=False),
    )


def own_fields(kind: Kind, shown: Sequence[Column]) -> list[kinds.Field]:
    """The kind's own fields among the columns that are shown."""
    codes = {each.code.removeprefix(OWN) for each in shown if each.code.startswith(OWN)}
    return [each for each in kind.fields if each.code in codes]


def every_row(session: Session, ledger: Ledger, use: Use, where: Filter) -> Iterator[AnyRow]:
    """The rows of all pages, in the page's order. The ledger was loaded inside the actor's area."""
    row = LedgerRow
    query = (
        select(
            row.name, row.county, row.township, row.quantity, row.values, row.planned_on, row.state, row.done_on,
            row.listed_on, row.verified_how, row.updated_at,
        )
        .where(ledger.mine, queries.concerned(use), *queries.conditions(ledger.kind, where))
        .order_by(*ORDERS.get(where.order, ORDERS["open"]), row.id)
    )  # fmt: skip
    return iter(session.execute(query, execution_options={"yield_per": BATCH}))


def fields(kind: Kind, shown: Sequence[Column]) -> list[Field]:
    """The columns of a file: those that are shown."""
    known = _known(kind)
    return [field for column in shown for field in known[column.code]]


def _known(kind: Kind) -> Mapping[str, list[Field]]:
    def of_row(code: str, name: str, width: int = 14) -> Field:
        return Field(heading(kind.by_code[code]) if code in kind.by_code else str(EXTRA[code]), _attribute(name), width)

    found = {OWN + each.code: [Field(heading(each), _value(each), 18)] for each in kind.fields}
    places = [of_row(code, code) for code in ("county", "township") if code in kind.by_code]
    planned = [of_row("planned_on", "planned_on")] if "planned_on" in kind.by_code else [
        Field(str(_l("计划")), _attribute("planned_on"))
    ]  # fmt: skip
    return found | {
        "name": [of_row("name", "name", 30)],
        "place": places,
        "quantity": [Field(heading(kind.by_code[kind.quantity]), _value(kind.by_code[kind.quantity]))]
        if kind.quantity
        else [],
        "planned": planned,
        "state": [Field(str(EXTRA["state"]), lambda row: str(STATES[row.state])), of_row("done_on", "done_on")],
        "listed": [of_row("listed_on", "listed_on")],
        "verified": [Field(str(EXTRA["verified_how"]), lambda row: str(HOWS[row.verified_how]))],
        "updated": [Field(str(_l("最近更新")), _attribute("updated_at"), 18)],
    }


def _attribute(name: str) -> Callable[[Any], Cell]:
    return lambda row: getattr(row, name)


def _value(field: kinds.Field) -> Callable[[Any], Cell]:
    if field.kind == "number":
        return lambda row: None if row.values.get(field.code) is None else Decimal(str(row.values[field.code]))
    return lambda row: worded(field, row.values.get(field.code))
