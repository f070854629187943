"""What the ledgers' pages share: loading by address, what the actor may do, attaching files, problems in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from sqlalchemy.orm import Session
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import Optional

from webapp import web
from webapp.errors import Invalid, NotFound
from webapp.evidence.service import Staged, open_store, record
from webapp.i18n import pick
from webapp.ledgers import pictures, queries
from webapp.ledgers.kinds import Kind, Use
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.queries import Filter, Ledger
from webapp.ledgers.service import Attached
from webapp.permissions import Permission, can
from webapp.plans.models import Assignment

BASE = "/assignments/<int:assignment_id>/ledger"
STATES = ("listed", "done", "verified", "removed", "late")
# Inputs of a row's fields are named after them, apart from the form's own.
PREFIX = "f-"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: an assignment, its ledger, how the one is counted from the other."""

    assignment: Assignment
    ledger: Ledger
    use: Use

    @property
    def kind(self) -> Kind:
        """The ledger's kind."""
        return self.ledger.kind

    @property
    def writes(self) -> bool:
        """Whether the actor keeps this ledger."""
        return can(web.actor(), Permission.UPDATE_PROGRESS, self.ledger.organisation.path)

    @property
    def samples(self) -> bool:
        """Whether the actor stands right above it."""
        return can(web.actor(), Permission.CLOSE_OUT, self.ledger.organisation.path)


def without_nul(text: str | None) -> str | None:
    """A text without the one sign that PostgreSQL does not store."""
    return text and text.replace("\x00", "")


class RowForm(web.GuardedForm):
    """What goes with any change of a row: why, files, and that it is no duplicate."""

    reason = TextAreaField(_l("理由"), [Optional(), web.required_length(500)], filters=[without_nul])
    files = MultipleFileField(_l("照片或附件"))
    kept = HiddenField()
    sure = BooleanField(_l("不是重复，确实是另外一个"))


def load(assignment_id: int, session: Session | None = None) -> Place:
    """An assignment of the actor's area with its ledger. Raises NotFound."""
    return Place(*queries.get_ledger(session or web.reading(), assignment_id, web.actor()))


def load_row(place: Place, row_id: int, session: Session | None = None) -> LedgerRow:
    """A row of the place's ledger. Raises NotFound."""
    row, ledger = queries.get_row(session or web.reading(), row_id, web.actor())
    mine = (place.ledger.organisation.id, place.kind.code, place.ledger.plan.id)
    if (ledger.organisation.id, ledger.kind.code, ledger.plan.id) != mine:
        raise NotFound(queries.NO_ROW)
    return row


def asked() -> Filter:
    """The filters of the address; what is nonsense does not narrow."""
    args = {name: value.replace("\x00", "") for name, value in request.args.items()}
    state = args.get("state", "")
    return Filter(
        state=state if state in STATES else "",
        county=args.get("county", "")[:100],
        township=args.get("township", "")[:100],
        text=args.get("q", "")[:100],
        order=args.get("order", "open"),
    )


def typed(kind: Kind) -> dict[str, Any]:
    """What was typed into the fields of a row; a tick that is missing is a no."""
    given: dict[str, Any] = {}
    for field in kind.fields:
        text = request.form.get(PREFIX + field.code, "")[:1000]
        given[field.code] = text or (False if field.kind == "bool" else "")
    return given


def attach(
    session: Session, files: Sequence[Staged], ledger: Ledger, moment: Literal["before", "after"] = "after"
) -> list[Attached]:
    """Put staged files on record for the ledger's organisation."""
    store = open_store(web.settings())
    rows = record(session, files, actor=web.actor(), organisation_id=ledger.organisation.id, now=web.now())
    return [Attached(row.id, moment, pictures.likeness(store, row.sha256, row.media_type)) for row in rows]


def problems_of(error: Invalid, kind: Kind) -> list[tuple[str, Any]]:
    """A service's problems with the id of the input each belongs to."""
    codes = {field.code for field in kind.fields}
    return [(PREFIX + each.field if each.field in codes else each.field, _named(kind, each)) for each in error.problems]


def _named(kind: Kind, problem: Any) -> str:
    field = kind.by_code.get(problem.field)
    return f"{pick(field, 'label')}{_l('：')}{problem.message}" if field else str(problem.message)
