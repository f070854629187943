"""The one writer of ledger rows one by one: listing, changing, finishing, removing, and what follows for the figures.

Each use case holds the assignments that are counted from the ledger, changes the row with its line of history, and
hands the new figures to `progress.service`, all in the caller's transaction. `importing` writes many rows at once,
`sampling` what the level above found; both count as `recount` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.clock import local_date
from webapp.errors import Conflict, Forbidden, Invalid, Problem, Stale
from webapp.evidence.models import EvidenceFile
from webapp.ledgers import queries
from webapp.ledgers.models import LedgerEvent, LedgerEvidence, LedgerRow, LedgerSample, LedgerSampleRow
from webapp.ledgers.queries import Ledger
from webapp.ledgers.rules import figure, identity_of, likeness_of, verified_figure
from webapp.ledgers.values import Values, changes, quantity_of, read_all
from webapp.permissions import Actor, Permission, can
from webapp.plans.models import Assignment
from webapp.progress.service import record_count, record_verified
from webapp.workflow import LEDGER_ROW, next_status

Act = Literal["finish", "undo", "remove", "restore", "reopen"]
NEEDS_REASON = frozenset({"undo", "remove", "reopen"})
LONGEST_REASON = 500
MOST_FILES = 10

NOT_YOURS = _l("您的角色不能修改这个单位的台账。")
STALE = _l("您打开页面之后，已有人改动了这一行。请核对最新情况后重新提交。")
TAKEN = _l("台账中已有这一行（%(name)s），请查找后在原行上修改。")
ALIKE = _l("台账中已有名称和地点相同的行（%(name)s）。确实不是同一个的，请勾选“不是重复”后再保存。")
REASON = _l("请填写理由。")
REASON_LONG = _l("理由最多 %(n)s 字，请精简。", n=LONGEST_REASON)
UNDER_CHECK = _l("上级正在抽查这一行，抽查结束前不能改动。")
NOTHING_TICKED = _l("请至少勾选一项已经到位的内容。")
FILES_UNKNOWN = _l("有附件不属于本单位或已失效，请重新上传。")
DAY_AHEAD = _l("完成日期不能晚于今天。")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file on record that goes with a change: taken before or after the work; a photograph's likeness if known."""

    evidence_id: int
    moment: Literal["before", "after"] = "after"
    picture: str = ""


def add_row(
    session: Session, ledger: Ledger, raw: Mapping[str, Any], *, actor: Actor, now: datetime,
    evidence: Sequence[Attached] = (), sure: bool = False,
) -> LedgerRow:  # fmt: skip
    """List a row. `sure`: it is no duplicate although one looks the same. Raises Forbidden or Invalid."""
    allow(actor, Permission.UPDATE_PROGRESS, ledger)
    held = queries.holding(session, ledger)
    values = _checked(session, ledger, raw, sure=sure)
    row = LedgerRow(
        plan_id=ledger.plan.id, type=ledger.kind.code, organisation_id=ledger.organisation.id, state="listed",
        listed_on=local_date(now), updated_at=now, **copies(ledger, values),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _write(session, ledger, row, "list", "", changes({}, values), actor=actor, now=now, evidence=evidence)
    recount(session, ledger, held, actor=actor, now=now)
    return row


def copies(ledger: Ledger, values: Values) -> dict[str, Any]:
    """The columns that follow from a row's values."""
    planned = values.get("planned_on")
    return {
        "values": values,
        "identity": identity_of(values, ledger.kind.identity),
        "likeness": likeness_of(values),
        "name": values["name"],
        "county": values.get("county", ""),
        "township": values.get("township", ""),
        "quantity": quantity_of(ledger.kind, values),
        "planned_on": date.fromisoformat(planned) if planned else None,
    }


def _checked(session: Session, ledger: Ledger, raw: Mapping[str, Any], *, sure: bool, but: int = 0) -> Values:
    """The values of a form. Raises Invalid with everything that is wrong with them, duplicates included."""
    values, faults = read_all(ledger.kind, raw)
    if faults:
        raise Invalid([Problem(code, reason) for code, reason in faults])
    same = select(LedgerRow.name).where(ledger.mine, LedgerRow.identity == identity_of(values, ledger.kind.identity))
    if name := session.scalar(same.where(LedgerRow.id != but)):
        raise Invalid([Problem("name", TAKEN % {"name": name})])
    similar = queries.alike(session, ledger, likeness_of(values), but=but)
    if similar and not sure:
        raise Invalid([Problem("sure", ALIKE % {"name": similar[0].name})])
    return values


def edit_row(
    session: Session, ledger: Ledger, row: LedgerRow, raw: Mapping[str, Any], *, actor: Actor, now: datetime,
    version: int, reason: str = "", evidence: Sequence[Attached] = (), sure: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Change what a row says; the fields that changed as [old, new]. Raises Forbidden, Stale, Conflict or Invalid."""
    allow(actor, Permission.UPDATE_PROGRESS, ledger)
    held = hold(session, ledger, row, version)
    _refuse_under_check(session, row)
    next_status(row.state, "edit", table=LEDGER_ROW)
    same_name = likeness_of({**row.values, **raw}) == row.likeness
    values = _checked(session, ledger, raw, sure=sure or same_name, but=row.id)
    changed = changes(row.values, values)
    if not changed and not evidence:
        return {}
    for name, value in copies(ledger, values).items():
        setattr(row, name, value)
    row.updated_at = now
    _write(session, ledger, row, "edit", row.state, changed, actor=actor, now=now, reason=reason, evidence=evidence)
    recount(session, ledger, held, actor=actor, now=now)
    return changed


def act(
    session: Session, ledger: Ledger, row: LedgerRow, action: Act, *, actor: Actor, now: datetime, version: int,
    reason: str = "", on: date | None = None, ticked: Sequence[str] = (), evidence: Sequence[Attached] = (),
) -> LedgerRow:  # fmt: skip
    """Finish, undo, remove, restore or reopen a row; `on` is the day it was finished, `ticked` the checks that hold.

    Raises Forbidden, Stale, Conflict (not possible in its state, or being looked at) or Invalid.
    """
    allow(actor, Permission.CLOSE_OUT if action == "reopen" else Permission.UPDATE_PROGRESS, ledger)
    held = hold(session, ledger, row, version)
    _refuse_under_check(session, row)
    before, after = row.state, next_status(row.state, action, table=LEDGER_ROW)
    _check_words(action, reason, on, local_date(now))
    changed = _tick(ledger, row, ticked) if action == "finish" and ledger.kind.checks else {}
    row.state, row.updated_at = after, now
    stamp(row, action, now=now, on=on, reason=reason.strip())
    _write(session, ledger, row, action, before, changed, actor=actor, now=now, reason=reason, evidence=evidence)
    recount(session, ledger, held, actor=actor, now=now)
    return row


def _check_words(action: str, reason: str, on: date | None, today: date) -> None:
    if action in NEEDS_REASON and not reason.strip():
        raise Invalid([Problem("reason", REASON)])
    if len(reason) > LONGEST_REASON:
        raise Invalid([Problem("reason", REASON_LONG)])
    if on is not None and on > today:
        raise Invalid([Problem("on", DAY_AHEAD)])


def _tick(ledger: Ledger, row: LedgerRow, ticked: Sequence[str]) -> dict[str, Any]:
    """Set the checks that hold. Raises Invalid when there is none."""
    known = {code: code in ticked for code in ledger.kind.checks}
    if not any(known.values()):
        raise Invalid([Problem("ticked", NOTHING_TICKED)])
    values = {**row.values, **known}
    changed = changes(row.values, values)
    row.values = values
    return changed


def stamp(row: LedgerRow, action: str, *, now: datetime, on: date | None = None, reason: str = "") -> None:
    """The dates that go with a move. The first stamp of completion stays whatever follows."""
    if action == "finish":
        row.first_done_at = row.first_done_at or now
        row.done_on = on or local_date(now)
    elif action in ("undo", "reopen", "send_back", "restore"):
        row.done_on = row.verified_at = None
        row.verified_how = ""
    row.removed_reason = reason if action == "remove" else ""


# --- what every change asks and leaves behind


def allow(actor: Actor, permission: Permission, ledger: Ledger) -> None:
    """Raise Forbidden unless the actor holds the permission for the ledger's organisation."""
    if not can(actor, permission, ledger.organisation.path):
        raise Forbidden(NOT_YOURS)


def hold(session: Session, ledger: Ledger, row: LedgerRow, version: int) -> Sequence[Assignment]:
    """Hold the ledger's assignments, then the row. Raises Stale when the form was made from another version."""
    held = queries.holding(session, ledger)
    found = session.scalar(select(LedgerRow.version).where(LedgerRow.id == row.id).with_for_update())
    if version != found or version != row.version:
        raise Stale(STALE)
    return held


def _refuse_under_check(session: Session, row: LedgerRow) -> None:
    query = (
        select(func.count())
        .select_from(LedgerSampleRow)
        .join(LedgerSample, LedgerSample.id == LedgerSampleRow.sample_id)
        .where(LedgerSampleRow.row_id == row.id, LedgerSample.state == "open")
    )
    if session.scalar(query):
        raise Conflict(UNDER_CHECK)


def _write(
    session: Session, ledger: Ledger, row: LedgerRow, action: str, before: str, changed: dict[str, Any], *,
    actor: Actor, now: datetime, reason: str = "", evidence: Sequence[Attached] = (),
) -> None:  # fmt: skip
    try:
        session.flush()
    except StaleDataError:
        raise Stale(STALE) from None
    note(session, ledger, row, action, before, changed, actor=actor, now=now, reason=reason, evidence=evidence)


def note(
    session: Session, ledger: Ledger, row: LedgerRow, action: str, before: str, changed: dict[str, Any], *,
    actor: Actor, now: datetime, reason: str = "", evidence: Sequence[Attached] = (), sample_id: int | None = None,
) -> LedgerEvent:  # fmt: skip
    """Add a line to a row's history, with its files. Raises Invalid for files of somebody else."""
    event = LedgerEvent(
        row_id=row.id, action=action, state_before=before, state_after=row.state, changes=changed,
        reason=reason.strip(), sample_id=sample_id, import_id=None, actor_id=actor.id, actor_label=actor.name,
        recorded_at=now,
    )  # fmt: skip
    session.add(event)
    session.flush()
    if evidence:
        _attach(session, ledger, event, evidence)
    return event


def _attach(session: Session, ledger: Ledger, event: LedgerEvent, evidence: Sequence[Attached]) -> None:
    ids = {each.evidence_id for each in evidence}
    query = select(func.count()).where(EvidenceFile.id.in_(ids), EvidenceFile.organisation_id == ledger.organisation.id)
    if session.scalar(query) != len(ids):
        raise Invalid([Problem("files", FILES_UNKNOWN)])
    rows = [
        {"event_id": event.id, "evidence_id": each.evidence_id, "moment": each.moment, "picture": each.picture}
        for each in {each.evidence_id: each for each in evidence}.values()
    ]
    session.execute(insert(LedgerEvidence), rows)


def recount(session: Session, ledger: Ledger, held: Sequence[Assignment], *, actor: Actor, now: datetime) -> None:
    """Hand the ledger's figures to the assignments that are counted from it; `held` come from `queries.holding`."""
    session.flush()
    for assignment in held:
        use = queries.use_of(assignment.task)
        assert use is not None
        counts = queries.counts(session, ledger, use)
        found = figure(use, counts, assignment.task.unit)
        if found is not None:
            record_count(session, assignment, actor=actor, now=now, quantity=found)
            verified = verified_figure(use, counts, assignment.task.unit)
            record_verified(session, assignment, actor=actor, now=now, quantity=verified)
