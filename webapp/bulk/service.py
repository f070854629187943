"""Doing an act to many assignments: one transaction, each row in a savepoint of its own.

What one row refuses is told by name and undoes that row alone; the others, what was refused, and the form's key are
committed together. Nothing here commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.bulk import queries, rules
from webapp.bulk.models import BulkRun
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from webapp.i18n import LOCALES, use_locale
from webapp.permissions import Actor
from webapp.plans.queries import get_assignment
from webapp.progress.service import decide
from webapp.reminders.asking import ask

LONGEST_REASON = 2000
LONGEST_WORDS = 200
STALE = _l("您打开页面之后已有人更新，请核对最新情况后再办理")
NOBODY = _l("承办单位现在没有可以通知的人员")
NO_REASON = _l("请写明退回的理由，承办单位据此整改。")
TOO_LONG = _l("给承办人员的话最多 200 个字，请精简。")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done: the act, its reason, each row with the version that was seen, and the list it comes from."""

    act: str
    rows: Sequence[tuple[int, int]]
    reason: str = ""
    listed: str = ""


@dataclass(slots=True)
class _Come:
    """What came of it: why not, by the id of the row; of those that are done, nothing."""

    refused: dict[int, Any] = field(default_factory=dict)
    mails: int = 0


def check(wanted: Wanted) -> None:
    """Raises Invalid for a return without a reason, and for words that are too long for a mail."""
    if wanted.act == rules.RETURN and not wanted.reason.strip():
        raise Invalid([Problem("reason", NO_REASON)])
    if wanted.act == rules.REMIND and len(wanted.reason) > LONGEST_WORDS:
        raise Invalid([Problem("reason", TOO_LONG)])


def carry_out(session: Session, plan_id: int, wanted: Wanted, *, key: str, actor: Actor, now: datetime) -> BulkRun:
    """Do an act to every row that allows it, and keep what came of each. Raises Invalid before anything is done."""
    check(wanted)
    ids = [row for row, _version in wanted.rows]
    rows = {row.id: row for row in queries.held(session, plan_id, actor, ids)}
    known = queries.facts_of(session, list(rows.values()), actor, wanted.act, now)
    come = _Come()
    for row, version in wanted.rows:
        if row not in rows:
            come.refused[row] = rules.GONE
        elif rows[row].version != version:
            come.refused[row] = STALE
        elif (against := rules.obstacle(wanted.act, known[row])) is not None:
            come.refused[row] = against
    _do(session, plan_id, wanted, come, actor=actor, now=now)
    run = BulkRun(
        key=key, plan_id=plan_id, actor_id=actor.id, actor_label=actor.name, act=wanted.act, mails=come.mails,
        reason=wanted.reason.strip(), listed=wanted.listed, recorded_at=now,
        outcome=[_told(row, come.refused.get(row)) for row in ids],
    )  # fmt: skip
    session.add(run)
    session.flush()
    return run


def _do(session: Session, plan_id: int, wanted: Wanted, come: _Come, *, actor: Actor, now: datetime) -> None:
    open_rows = [pair for pair in wanted.rows if pair[0] not in come.refused]
    if wanted.act == rules.REMIND:
        ids = [row for row, _version in open_rows]
        asked = ask(session, plan_id, ids, actor=actor, now=now, words=wanted.reason.strip())
        come.mails = asked.mails
        come.refused |= dict.fromkeys(asked.nobody, NOBODY)
        return
    for row, version in open_rows:
        try:
            with session.begin_nested():
                _decide(session, wanted, row, version, actor=actor, now=now)
        except (NotFound, Forbidden, Conflict) as error:
            come.refused[row] = error.message
        except Invalid as error:
            come.refused[row] = error.problems[0].message


def _decide(session: Session, wanted: Wanted, row: int, version: int, *, actor: Actor, now: datetime) -> None:
    assignment = get_assignment(session, row, actor)
    decision: Any = rules.verdict(wanted.act, assignment.status)
    decide(session, assignment, actor=actor, now=now, decision=decision, version=version, reason=wanted.reason)


def _told(row: int, against: Any) -> Mapping[str, Any]:
    """A row of the outcome, its reason in every language."""
    if against is None:
        return {"assignment": row, "done": True}
    words = {}
    for locale in LOCALES:
        with use_locale(locale):
            words[f"why_{locale}"] = str(against)
    return {"assignment": row, "done": False, **words}
