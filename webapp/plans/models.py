"""A plan in the database: clauses, sentences, tasks, seasons, and the assignments that follow from them.

Everything above `Assignment` is loaded from a pack and stays as it was loaded. An assignment's present state (status,
figures, light) is written by `progress.service` alone.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, append_only, one_of
from webapp.organisations.models import Organisation

KINDS = ("milestone", "quantity", "seasonal_cap", "standing", "recurring_report")
COMPARATORS = (">=", ">", "=", "<=", "<", "between")
MEASURE_KINDS = ("cumulative", "level")
STATUSES = ("not_started", "in_progress", "claimed", "returned", "verified", "na_claimed", "not_applicable")
COLOURS = ("green", "yellow", "red", "grey")
LABELS = (
    "on_pace", "behind", "overdue", "not_started", "standing", "not_applicable", "done", "done_late", "awaiting",
)  # fmt: skip
PARTS = ("lead", "supporting")
# The usual order of lists: red, yellow, grey, green. As text, for an index is found only by the words it is made of.
WORST_FIRST = "(CASE light WHEN 'red' THEN 0 WHEN 'yellow' THEN 1 WHEN 'grey' THEN 2 ELSE 3 END)"


class Plan(Base):
    """A published plan. `rules` holds the pack's thresholds, reporting day and reminder ladder as loaded.

    They are large, so they are read when they are first asked for; `queries.with_rules` keeps them per process.
    """

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    title_zh: Mapped[str] = mapped_column(String(160))
    title_en: Mapped[str] = mapped_column(String(160))
    short_zh: Mapped[str] = mapped_column(String(60))
    short_en: Mapped[str] = mapped_column(String(60))
    note_zh: Mapped[str] = mapped_column(Text, default="")
    note_en: Mapped[str] = mapped_column(Text, default="")
    published_on: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    region_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    rules: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    pack_hash: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime]


class ReminderRules(Base):
    """A version of a plan's reminder rules as an administrator set them; the newest holds.

    Without `rules` it says: from here on again as the pack has them.
    """

    __tablename__ = "reminder_rules"
    __table_args__ = (UniqueConstraint("plan_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    version: Mapped[int]
    rules: Mapped[dict[str, Any] | None]
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int]
    decided_by_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class Reporter(Base):
    """An organisation that files the plan's monthly report, from a month until (and including) another.

    A `light` report is a ministry's or an enterprise's: its lines and words, without checker and signatory.
    """

    __tablename__ = "reporter"
    __table_args__ = (UniqueConstraint("plan_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    first_month: Mapped[date]
    last_month: Mapped[date | None]
    light: Mapped[bool] = mapped_column(default=False)


class Season(Base):
    """A stretch of days, both included; a row with an organisation takes the place of the plan's own for it."""

    __tablename__ = "season"
    __table_args__ = (UniqueConstraint("plan_id", "code", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    code: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note_zh: Mapped[str] = mapped_column(Text)
    note_en: Mapped[str] = mapped_column(Text)


class Clause(Base):
    """A numbered place of the plan; `measure` clauses are the columns of the dashboard."""

    __tablename__ = "clause"
    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    code: Mapped[str] = mapped_column(String(40))
    title_zh: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(60))
    measure: Mapped[bool]
    sort: Mapped[int]


class Sentence(Base):
    """One sentence of the source by its id, with our gist of it; an operator may attach the official `source_text`."""

    __tablename__ = "sentence"
    __table_args__ = (UniqueConstraint("clause_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id"))
    code: Mapped[str] = mapped_column(String(48))
    sort: Mapped[int]
    gist_zh: Mapped[str] = mapped_column(Text)
    gist_en: Mapped[str] = mapped_column(Text)
    waived_zh: Mapped[str] = mapped_column(Text, default="")
    waived_en: Mapped[str] = mapped_column(Text, default="")
    source_text: Mapped[str] = mapped_column(Text, default="")


class Task(Base):
    """One duty a clause imposes, with its rule for by when and how much; `due_rule` is the rule as the pack has it.

    `ledger` says which rows the task is counted from, and how; None where its figure is typed.
    """

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("plan_id", "code"),
        one_of("kind", KINDS),
        one_of("comparator", COMPARATORS),
        one_of("measure_kind", MEASURE_KINDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    sort: Mapped[int]
    title_zh: Mapped[str] = mapped_column(String(160))
    title_en: Mapped[str] = mapped_column(String(160))
    short_zh: Mapped[str] = mapped_column(String(60))
    short_en: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    due_rule: Mapped[dict[str, Any]]
    season_code: Mapped[str] = mapped_column(String(60), default="")
    comparator: Mapped[str] = mapped_column(String(8))
    target_min: Mapped[Decimal | None]
    target_max: Mapped[Decimal | None]
    unit: Mapped[str] = mapped_column(String(40))
    basically: Mapped[bool] = mapped_column(default=False)
    measure_kind: Mapped[str] = mapped_column(String(12))
    tolerance_zh: Mapped[str] = mapped_column(Text, default="")
    tolerance_en: Mapped[str] = mapped_column(Text, default="")
    evidence_zh: Mapped[str] = mapped_column(Text)
    evidence_en: Mapped[str] = mapped_column(Text)
    note_zh: Mapped[str] = mapped_column(Text, default="")
    note_en: Mapped[str] = mapped_column(Text, default="")
    named: Mapped[bool] = mapped_column(default=False)
    ledger: Mapped[dict[str, Any] | None]

    clause: Mapped[Clause] = relationship(lazy="raise")
    sentences: Mapped[list[Sentence]] = relationship(secondary="task_sentence", order_by=Sentence.sort, lazy="raise")


class TaskSentence(Base):
    """Which sentences a task answers to."""

    __tablename__ = "task_sentence"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    sentence_id: Mapped[int] = mapped_column(ForeignKey("sentence.id"), primary_key=True, index=True)


class Assignment(Base):
    """One task given to one organisation, with its present state.

    `due` is the effective date (the newest `DueDate`), `nominal_due` the one the plan set. `first_done_at` is the first
    claim of completion and is never moved, `claimed_at` the claim that stands: lateness is judged by both.
    `light_until` is the last date for which the light holds if nothing is filed. `counted`: the organisation's ledger
    holds rows, so that the figure comes from them and is not typed any more.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("task_id", "organisation_id"),
        one_of("status", STATUSES),
        one_of("light", COLOURS),
        one_of("light_label", LABELS),
        Index(None, "organisation_id", "status"),
        Index(None, "clause_id", "organisation_id"),
        Index(None, "light_until"),
        Index(None, "due"),
        # Holds all the overview counts, in the order it groups them: no row is read, nothing is sorted.
        Index(
            "ix_assignment_overview",
            "organisation_id",
            "clause_id",
            "light",
            "light_label",
            "status",
            "due",
            "completion",
            "plan_id",
        ),
        # Lists in their usual order: a page is read off the index.
        Index("ix_assignment_worst", text(WORST_FIRST), text("(due IS NULL)"), "due", "task_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), index=True)
    starts_on: Mapped[date]
    nominal_due: Mapped[date | None]
    due: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(16), default="not_started")
    claimed: Mapped[Decimal | None]
    verified: Mapped[Decimal | None]
    as_of: Mapped[date | None]
    last_update_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    first_done_at: Mapped[datetime | None]
    not_applicable_from: Mapped[date | None]
    light: Mapped[str] = mapped_column(String(8), default="grey")
    light_label: Mapped[str] = mapped_column(String(16), default="not_started")
    light_until: Mapped[date | None]
    silent_months: Mapped[int] = mapped_column(default=0)
    pace: Mapped[Decimal | None]
    completion: Mapped[Decimal | None]
    version: Mapped[int] = mapped_column(default=1)
    counted: Mapped[bool] = mapped_column(default=False)

    plan: Mapped[Plan] = relationship(lazy="raise")
    task: Mapped[Task] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class AssignmentPart(Base):
    """Another organisation that leads or supports an assignment besides the one responsible."""

    __tablename__ = "assignment_part"
    __table_args__ = (one_of("part", PARTS),)

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    part: Mapped[str] = mapped_column(String(12))


class DueDate(Base):
    """A dated version of an assignment's due date: the plan's own is revision 1, an extension adds one."""

    __tablename__ = "due_date"
    __table_args__ = (UniqueConstraint("assignment_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    revision: Mapped[int]
    due: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int]
    decided_by_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class MonthlyNode(Base):
    """The share of its target an organisation plans to have done by a month's end; a new filing adds a revision."""

    __tablename__ = "monthly_node"
    __table_args__ = (
        UniqueConstraint("assignment_id", "revision", "month"),
        CheckConstraint("share >= 0 AND share <= 10000", name="share"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    revision: Mapped[int]
    month: Mapped[date]
    share: Mapped[Decimal]
    recorded_by: Mapped[int]
    recorded_at: Mapped[datetime]


append_only(ReminderRules)
append_only(DueDate)
append_only(MonthlyNode)
