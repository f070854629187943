"""Tables of the ledgers. A row is never deleted; what happened to it is a line of its history, only ever added.

The columns beside `values` are copies of what the row says, kept so that lists, counts and duplicates are the
database's work. `ledgers.service` and `ledgers.importing` alone write them.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only, one_of

STATES = ("listed", "done", "verified", "removed")
HOW = ("", "on_site", "sample")
ACTIONS = (
    "list", "edit", "finish", "undo", "remove", "restore", "check_pass", "check_fail", "verify", "send_back", "reopen",
)  # fmt: skip
MOMENTS = ("before", "after")
SAMPLE_STATES = ("open", "passed", "failed", "revoked")
RESULTS = ("", "pass", "fail")


class LedgerRow(Base):
    """One boiler, enterprise, village, …: what it is, where, how much it counts, and how far it has come.

    `identity` tells rows apart, `likeness` (name and place without what copying changes) finds what looks the same.
    `first_done_at` is the first stamp and stays; `done_on`, `verified_at` and `verified_how` are those that stand now.
    """

    __tablename__ = "ledger_row"
    __table_args__ = (
        UniqueConstraint("plan_id", "type", "organisation_id", "identity"),
        one_of("state", STATES),
        one_of("verified_how", HOW),
        CheckConstraint("quantity >= 0", name="quantity"),
        Index(None, "organisation_id", "type", "state"),
        Index(None, "organisation_id", "type", "likeness"),
        Index(None, "organisation_id", "type", "plan_id", "county", "township", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    type: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    identity: Mapped[str] = mapped_column(String(64))
    likeness: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    county: Mapped[str] = mapped_column(String(100), default="")
    township: Mapped[str] = mapped_column(String(100), default="")
    quantity: Mapped[Decimal]
    planned_on: Mapped[date | None]
    values: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default="listed")
    listed_on: Mapped[date]
    first_done_at: Mapped[datetime | None]
    done_on: Mapped[date | None]
    verified_at: Mapped[datetime | None]
    verified_how: Mapped[str] = mapped_column(String(10), default="")
    removed_reason: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class LedgerImport(Base):
    """A file that was taken over, with how many rows it added and changed."""

    __tablename__ = "ledger_import"
    __table_args__ = (Index(None, "organisation_id", "type"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    type: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"))
    added: Mapped[int]
    changed: Mapped[int]
    same: Mapped[int]
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class LedgerEvent(Base):
    """What happened to a row: the states around it, and each field that changed as [old, new]."""

    __tablename__ = "ledger_event"
    __table_args__ = (one_of("action", ACTIONS), Index(None, "row_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(ForeignKey("ledger_row.id"))
    action: Mapped[str] = mapped_column(String(12))
    state_before: Mapped[str] = mapped_column(String(10))
    state_after: Mapped[str] = mapped_column(String(10))
    changes: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text, default="")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_import.id"))
    sample_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_sample.id"))
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class LedgerEvidence(Base):
    """A file that goes with a line of a row's history; `picture` is a photograph's likeness, by which its
    near-duplicates are found.
    """

    __tablename__ = "ledger_evidence"
    __table_args__ = (one_of("moment", MOMENTS),)

    event_id: Mapped[int] = mapped_column(ForeignKey("ledger_event.id"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"), primary_key=True, index=True)
    moment: Mapped[str] = mapped_column(String(6))
    picture: Mapped[str] = mapped_column(String(16), default="")


class LedgerSample(Base):
    """Rows drawn by the level above for looking at on site. From `seed` and `population` it can be drawn again.

    `reason`: why it was withdrawn before anything was found on site.
    """

    __tablename__ = "ledger_sample"
    __table_args__ = (UniqueConstraint("assignment_id", "number"), one_of("state", SAMPLE_STATES))

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    number: Mapped[int]
    seed: Mapped[str] = mapped_column(String(32))
    population: Mapped[list[Any]]
    size: Mapped[int]
    limit: Mapped[Decimal]
    state: Mapped[str] = mapped_column(String(8), default="open")
    failed: Mapped[int] = mapped_column(default=0)
    drawn_by: Mapped[int]
    drawn_by_label: Mapped[str] = mapped_column(String(100))
    drawn_at: Mapped[datetime]
    closed_by: Mapped[int | None]
    closed_by_label: Mapped[str] = mapped_column(String(100), default="")
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class LedgerSampleRow(Base):
    """A row that was drawn, in the order drawn, and what was found on site."""

    __tablename__ = "ledger_sample_row"
    __table_args__ = (one_of("result", RESULTS),)

    sample_id: Mapped[int] = mapped_column(ForeignKey("ledger_sample.id"), primary_key=True)
    row_id: Mapped[int] = mapped_column(ForeignKey("ledger_row.id"), primary_key=True, index=True)
    place: Mapped[int]
    result: Mapped[str] = mapped_column(String(4), default="")
    note: Mapped[str] = mapped_column(Text, default="")


append_only(LedgerImport)
append_only(LedgerEvent)
append_only(LedgerEvidence)
