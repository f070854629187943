"""Statuses and the moves between them: two tables to read, and the functions that ask them.

Nothing assigns a status without asking `next_status`; what is not in a table cannot happen. The actions are the kinds
of progress updates and decisions as they are stored, so that a row's history can be replayed through its table.
Whether a person may act at all is the business of `permissions`; `Who` only says on which side of the desk they sit.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from webapp.errors import Conflict


class Who(StrEnum):
    """Whose move it is."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Transition:
    """From a status, by an action of someone, to the next status."""

    status: str
    action: str
    who: Who
    next: str


def _rows(*rows: tuple[str, str, Who, str]) -> tuple[Transition, ...]:
    """Each row of the table; a first column naming several statuses ("a|b") stands for one row each."""
    return tuple(
        Transition(status, action, who, after) for first, action, who, after in rows for status in first.split("|")
    )


OPEN = "not_started|in_progress|returned"

ASSIGNMENT = _rows(
    # from                action       who             to
    (OPEN, "progress", Who.OFFICER, "in_progress"),
    (OPEN, "no_change", Who.OFFICER, "in_progress"),
    (OPEN, "claim", Who.OFFICER, "claimed"),
    (OPEN, "na_claim", Who.OFFICER, "na_claimed"),
    ("claimed|na_claimed", "withdraw", Who.OFFICER, "in_progress"),
    ("claimed", "verify", Who.REVIEWER, "verified"),
    ("claimed", "return", Who.REVIEWER, "returned"),
    ("na_claimed", "na_accept", Who.REVIEWER, "not_applicable"),
    ("na_claimed", "na_refuse", Who.REVIEWER, "returned"),
    ("verified|not_applicable", "reopen", Who.REVIEWER, "returned"),
    # A ledger row of that kind appeared: the answer "not applicable" no longer holds.
    ("na_claimed|not_applicable", "na_lapse", Who.SYSTEM, "in_progress"),
)

REPORT = _rows(
    ("open|returned", "submit", Who.OFFICER, "submitted"),
    ("submitted", "accept", Who.REVIEWER, "accepted"),
    ("submitted", "return", Who.REVIEWER, "returned"),
    # An accepted report is opened again to be corrected: a new revision, decided on again. The accepted one keeps
    # counting meanwhile, so that a correction can be dropped as long as nobody has to decide on it.
    ("accepted", "correct", Who.OFFICER, "open"),
    ("open|returned", "drop", Who.OFFICER, "accepted"),
)

LEDGER_ROW = _rows(
    ("listed", "edit", Who.OFFICER, "listed"),
    ("done", "edit", Who.OFFICER, "done"),
    ("listed", "finish", Who.OFFICER, "done"),
    ("done", "undo", Who.OFFICER, "listed"),
    ("listed|done", "remove", Who.OFFICER, "removed"),
    ("removed", "restore", Who.OFFICER, "listed"),
    # The level above looks at rows on site; what it finds counts once the whole sample is closed.
    ("done", "check_pass", Who.REVIEWER, "done"),
    ("done", "check_fail", Who.REVIEWER, "done"),
    ("done", "verify", Who.REVIEWER, "verified"),
    ("done", "send_back", Who.REVIEWER, "listed"),
    # 回头看: what was closed is found at work again.
    ("verified", "reopen", Who.REVIEWER, "listed"),
)

Table = tuple[Transition, ...]


class NotPossible(Conflict):
    """The thing is in a status in which this action does not exist; `present` and `action` say which."""

    def __init__(self, status: str, action: str) -> None:
        super().__init__(_l("当前状态下不能进行此操作，可能已有他人处理，请刷新页面后再试"))
        self.present, self.action = status, action


def transition(status: str, action: str, *, table: Table = ASSIGNMENT) -> Transition:
    """The row of the table for this status and action. Raises NotPossible when there is none."""
    for row in table:
        if (row.status, row.action) == (status, action):
            return row
    raise NotPossible(status, action)


def next_status(status: str, action: str, *, table: Table = ASSIGNMENT) -> str:
    """The status after the action. Raises NotPossible when the table has no such move."""
    return transition(status, action, table=table).next


def actions(status: str, who: Who, *, table: Table = ASSIGNMENT) -> tuple[str, ...]:
    """What someone may do to a thing in this status, in the table's order: the buttons a page offers."""
    return tuple(row.action for row in table if row.status == status and row.who is who)
