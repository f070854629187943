"""The register read set-wise: enterprises with their lines and everything filed about them.

Lists are limited to the actor's area; `entries` takes enterprises that were.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.caps.facts import Window
from webapp.caps.known import enterprise_then, lines_then, recorded
from webapp.caps.models import (
    CapChange,
    CapEnterprise,
    CapExemption,
    CapFiling,
    CapLine,
    CapPower,
    CapStop,
    CapVerdict,
)
from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor, Permission
from webapp.plans.models import Assignment, Season, Task


@dataclass(frozen=True)
class Entry:
    """An enterprise with everything filed about it, oldest first."""

    enterprise: CapEnterprise
    lines: Sequence[CapLine]
    filings: Sequence[CapFiling]
    stops: Mapping[int, Sequence[CapStop]]
    power: Mapping[tuple[int, int], CapPower]
    exemptions: Sequence[CapExemption]
    verdicts: Mapping[tuple[int, int], CapVerdict]

    @cached_property
    def plans(self) -> list[CapFiling]:
        """The revisions of its peak-shifting plan."""
        return [filing for filing in self.filings if filing.kind == "plan"]

    @cached_property
    def statements(self) -> dict[date, CapFiling]:
        """The statement that holds of each month: its newest revision."""
        return {filing.month: filing for filing in self.filings if filing.kind == "month"}

    def stops_of(self, filing: CapFiling, line: CapLine) -> list[CapStop]:
        """The stops of a line in a filing."""
        return [stop for stop in self.stops.get(filing.id, ()) if stop.line_id == line.id]


def seasons_of(session: Session, plan_id: int, code: str) -> dict[int | None, Window]:
    """The season's days by organisation; None: the plan's own."""
    query = select(Season).where(Season.plan_id == plan_id, Season.code == code)
    return {row.organisation_id: Window(row.starts_on, row.ends_on) for row in session.scalars(query)}


def bound_tasks(session: Session, plan_id: int, organisation_ids: Collection[int]) -> dict[int, set[str]]:
    """The duties of some cities that a seasonal cap may answer to, by city: steel binds four of them alone."""
    query = (
        select(Assignment.organisation_id, Task.code)
        .join(Task, Task.id == Assignment.task_id)
        .where(Assignment.plan_id == plan_id, Assignment.organisation_id.in_(organisation_ids), Task.unit == "share")
    )
    found: dict[int, set[str]] = {}
    for organisation_id, code in session.execute(query):
        found.setdefault(organisation_id, set()).add(code)
    return found


def enterprises_in(
    session: Session, plan_id: int, actor: Actor, *, organisation_id: int | None = None, sector: str = ""
) -> list[tuple[CapEnterprise, Organisation]]:
    """The enterprises of the actor's area with their cities, by city, sector and name."""
    query = (
        select(CapEnterprise, Organisation)
        .join(Organisation, Organisation.id == CapEnterprise.organisation_id)
        .where(CapEnterprise.plan_id == plan_id, within(Organisation.path, actor))
        .order_by(Organisation.sort, Organisation.id, CapEnterprise.sector, CapEnterprise.name, CapEnterprise.id)
    )
    if organisation_id is not None:
        query = query.where(CapEnterprise.organisation_id == organisation_id)
    if sector:
        query = query.where(CapEnterprise.sector == sector)
    return [(row[0], row[1]) for row in session.execute(query)]


def get_enterprise(
    session: Session, enterprise_id: int, actor: Actor, permission: Permission = Permission.SEE
) -> tuple[CapEnterprise, Organisation]:
    """An enterprise with its city. Raises NotFound outside of where the actor holds the permission."""
    found = session.execute(
        select(CapEnterprise, Organisation)
        .join(Organisation, Organisation.id == CapEnterprise.organisation_id)
        .where(CapEnterprise.id == enterprise_id, within(Organisation.path, actor, permission))
    ).one_or_none()
    if found is None:
        raise NotFound(_l("错峰生产台账中没有这个企业，或者不在您的管辖范围内。"))
    return found[0], found[1]


def of_sector(session: Session, plan_id: int, organisation_id: int, sector: str) -> list[CapEnterprise]:
    """The enterprises of a sector in a city. For the service, which has asked who may."""
    query = select(CapEnterprise).where(
        CapEnterprise.plan_id == plan_id,
        CapEnterprise.organisation_id == organisation_id,
        CapEnterprise.sector == sector,
    )
    return list(session.scalars(query.order_by(CapEnterprise.id)))


def changes(session: Session, enterprise_id: int) -> list[CapChange]:
    """What was changed about an enterprise and its lines, the newest first."""
    query = select(CapChange).where(CapChange.enterprise_id == enterprise_id).order_by(CapChange.id.desc())
    return list(session.scalars(query.limit(100)))


def entries(session: Session, enterprises: Sequence[CapEnterprise], *, until: datetime | None = None) -> list[Entry]:
    """Some enterprises with everything filed about them, in the order given: six statements however many there are.

    With `until` they are as known at that instant, without those that were not on the register yet: one statement more.
    """
    ids = [each.id for each in enterprises]
    lines = _grouped(
        session, select(CapLine).where(CapLine.enterprise_id.in_(ids)).order_by(CapLine.id), "enterprise_id", until
    )
    filings = _grouped(session, _filings(ids), "enterprise_id", until)
    exempt = select(CapExemption).where(CapExemption.enterprise_id.in_(ids)).order_by(CapExemption.id)
    exemptions = _grouped(session, exempt, "enterprise_id", until)
    stops = _grouped(session, _of_filings(CapStop, ids).order_by(CapStop.id), "filing_id")
    power = {(row.filing_id, row.line_id): row for row in session.scalars(_of_filings(CapPower, ids))}
    decided = recorded(session.scalars(_of_filings(CapVerdict, ids).order_by(CapVerdict.id)), until)
    verdicts = {(row.filing_id, row.line_id): row for row in decided}
    found = [
        Entry(
            each, lines.get(each.id, ()), filings.get(each.id, ()), stops, power, exemptions.get(each.id, ()), verdicts
        )
        for each in enterprises
    ]
    return found if until is None else _as_known(session, found, until)


def _as_known(session: Session, found: Sequence[Entry], until: datetime) -> list[Entry]:
    """Entries with enterprises and lines in the state on record at an instant."""
    ids = [each.enterprise.id for each in found]
    query = select(CapChange).where(CapChange.enterprise_id.in_(ids)).order_by(CapChange.id)
    states = _grouped(session, query, "enterprise_id", until)
    result = []
    for entry in found:
        own = states.get(entry.enterprise.id, [])
        if enterprise := enterprise_then(entry.enterprise, own, until):
            result.append(replace(entry, enterprise=enterprise, lines=lines_then(entry.lines, own, until)))
    return result


def _filings(ids: Sequence[int]) -> Select[Any]:
    query = select(CapFiling).where(CapFiling.enterprise_id.in_(ids))
    return query.order_by(CapFiling.month, CapFiling.revision, CapFiling.id)


def _of_filings(table: Any, ids: Sequence[int]) -> Select[Any]:
    return select(table).join(CapFiling, CapFiling.id == table.filing_id).where(CapFiling.enterprise_id.in_(ids))


def _grouped(session: Session, query: Select[Any], key: str, until: datetime | None = None) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    rows: Iterable[Any] = session.scalars(query)
    for row in recorded(rows, until) if until else rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found
