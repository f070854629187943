"""Tables of off-peak production: the register, and what was filed about it, which is only ever added.

Enterprises and lines are rows with a version; every state they were in is a row of `CapChange`. `caps.service` alone
writes here.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only, one_of

FILINGS = ("plan", "month")
GROUNDS = ("livelihood", "approval")
VERDICTS = ("confirmed", "rejected")


class CapEnterprise(Base):
    """An enterprise of a sector in a city. `meets_limits`: whether it meets the special limits, None: not said."""

    __tablename__ = "cap_enterprise"
    __table_args__ = (UniqueConstraint("plan_id", "organisation_id", "sector", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    sector: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    county: Mapped[str] = mapped_column(String(60), default="")
    credit_code: Mapped[str] = mapped_column(String(18), default="")
    meets_limits: Mapped[bool | None]
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CapLine(Base):
    """A production line, furnace or row of pots. `baseline` is the electricity of a running day (kWh).

    `idle_since` is set where it stood still before the season, `restarted_on` when it ran again, `closed_on` on the
    first day it was gone for good.
    """

    __tablename__ = "cap_line"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "name"),
        CheckConstraint("capacity > 0", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("cap_enterprise.id"))
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40))
    capacity: Mapped[Decimal]
    baseline: Mapped[Decimal | None]
    in_service_from: Mapped[date | None]
    closed_on: Mapped[date | None]
    idle_since: Mapped[date | None]
    restarted_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CapChange(Base):
    """A state an enterprise or (with `line_id`) a line was brought to, in full, and why."""

    __tablename__ = "cap_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("cap_enterprise.id"), index=True)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("cap_line.id"))
    state: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class CapFiling(Base):
    """A peak-shifting plan for the season, or a month's statement of what stood still through a day (`through`).

    `month` is the first day of the month stated, of a plan the season's first day. Another filing is another revision.
    """

    __tablename__ = "cap_filing"
    __table_args__ = (UniqueConstraint("enterprise_id", "kind", "month", "revision"), one_of("kind", FILINGS))

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("cap_enterprise.id"))
    kind: Mapped[str] = mapped_column(String(8))
    month: Mapped[date]
    through: Mapped[date]
    revision: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class CapStop(Base):
    """Days on which a line stands still by a filing, both included; `units` of its capacity, all of it when None."""

    __tablename__ = "cap_stop"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="order"),
        CheckConstraint("units IS NULL OR units > 0", name="units"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("cap_filing.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("cap_line.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    units: Mapped[Decimal | None]


class CapPower(Base):
    """The electricity a line drew in a stated month (kWh)."""

    __tablename__ = "cap_power"
    __table_args__ = (CheckConstraint("kwh >= 0", name="kwh"),)

    filing_id: Mapped[int] = mapped_column(ForeignKey("cap_filing.id"), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("cap_line.id"), primary_key=True)
    kwh: Mapped[Decimal]


class CapExemption(Base):
    """Nothing is asked of a line (without one: of the whole enterprise) from a day on, or, with `ends_id`, again is.

    `dated` is the day the highest load was filed, the approval was given, or it ended. `max_load` is a share.
    """

    __tablename__ = "cap_exemption"
    __table_args__ = (one_of("ground", GROUNDS),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("cap_enterprise.id"), index=True)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("cap_line.id"))
    ends_id: Mapped[int | None] = mapped_column(ForeignKey("cap_exemption.id"), unique=True)
    ground: Mapped[str] = mapped_column(String(12))
    dated: Mapped[date]
    max_load: Mapped[Decimal | None]
    document: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class CapVerdict(Base):
    """What a person decided where the meter contradicts what was stated about a line; the newest of a line holds."""

    __tablename__ = "cap_verdict"
    __table_args__ = (one_of("verdict", VERDICTS), Index(None, "filing_id", "line_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("cap_filing.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("cap_line.id"))
    verdict: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class CapFilingEvidence(Base):
    """Which files a plan or a month's statement was filed with."""

    __tablename__ = "cap_filing_evidence"

    filing_id: Mapped[int] = mapped_column(ForeignKey("cap_filing.id"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"), primary_key=True, index=True)


class CapExemptionEvidence(Base):
    """Which files an exemption, or its end, was put on record with."""

    __tablename__ = "cap_exemption_evidence"

    exemption_id: Mapped[int] = mapped_column(ForeignKey("cap_exemption.id"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"), primary_key=True, index=True)


class CapVerdictEvidence(Base):
    """Which files a verdict rests on."""

    __tablename__ = "cap_verdict_evidence"

    verdict_id: Mapped[int] = mapped_column(ForeignKey("cap_verdict.id"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"), primary_key=True, index=True)


FILES = (CapFilingEvidence, CapExemptionEvidence, CapVerdictEvidence)

for _table in (CapChange, CapFiling, CapStop, CapPower, CapExemption, CapVerdict, *FILES):
    append_only(_table)
