"""Roll-up rows: per month, organisation and measure, what was known. Tallies: the counts of lights, day by day."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only, one_of

GRAINS = ("all", "cell", "duty")


class Rollup(Base):
    """Counts of one organisation's assignments under one measure at a month's end (in the running month: today)."""

    __tablename__ = "rollup"
    __table_args__ = (
        UniqueConstraint("plan_id", "month", "organisation_id", "clause_id", "revision"),
        Index(None, "plan_id", "month", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    month: Mapped[date]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id"))
    revision: Mapped[int]
    recorded_at: Mapped[datetime]
    applicable: Mapped[int]
    left_out: Mapped[int]
    done: Mapped[int]
    on_pace: Mapped[int]
    behind: Mapped[int]
    overdue: Mapped[int]
    silent: Mapped[int]
    not_due: Mapped[int]
    completion: Mapped[Decimal | None]


class Tally(Base):
    """How many assignments show which light, how far they are: as known from one day until before another.

    An organisation is counted with all that lies below it; `own` holds the region's and the provinces' own duties
    alone. `grain`: everything, the cell of a clause, or a task with a due date; what a grain does not tell apart is 0
    or the last day there is. `lights` are packed (`rollups.tally`), `progress` sums the shares of `averaged` ones.
    """

    __tablename__ = "tally"
    __table_args__ = (one_of("grain", GRAINS), {"sqlite_with_rowid": False})

    plan_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    own: Mapped[bool] = mapped_column(primary_key=True)
    grain: Mapped[str] = mapped_column(String(4), primary_key=True)
    valid_to: Mapped[date] = mapped_column(primary_key=True)
    clause_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    task_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due: Mapped[date] = mapped_column(primary_key=True)
    valid_from: Mapped[date]
    lights: Mapped[str] = mapped_column(String(160))
    averaged: Mapped[int]
    progress: Mapped[int]


class TallyState(Base):
    """One row, held by whoever adds up; not there until everything was counted once.

    `known_from`: before this day nothing is known of lights, where the record was begun later than the plan.
    """

    __tablename__ = "tally_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    known_from: Mapped[date | None]


append_only(Rollup)
