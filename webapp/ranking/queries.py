"""What a ranking is made of, as known on a day: roll-up versions, first stamps of reports, claims and verification."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from webapp.clock import known_before, local_date, month_end
from webapp.organisations.models import CITY_KINDS, PROVINCE_KINDS, Organisation
from webapp.organisations.queries import below
from webapp.plans.models import Assignment, Clause, Plan
from webapp.ranking.models import RankingIssue
from webapp.ranking.rules import Checked, Facts, Paced, Reported, report_state
from webapp.reports.models import MonthlyReport
from webapp.rollups.asof import Point, known_at, load_history
from webapp.rollups.models import Rollup
from webapp.rollups.queries import latest_revisions

KINDS = tuple(dict.fromkeys((*CITY_KINDS, *PROVINCE_KINDS)))
AnyRow = Row[*tuple[Any, ...]]


@dataclass
class Known:
    """What is known of one organisation: of tasks and claims by clause, of its report alone."""

    organisation: Organisation
    paced: dict[str, Paced] = field(default_factory=dict)
    checked: dict[str, Checked] = field(default_factory=dict)
    reported: Reported | None = None
    report: AnyRow | None = None

    @property
    def facts(self) -> Facts:
        """All of it together."""
        return Facts(
            sum(self.paced.values(), Paced()),
            (self.reported,) if self.reported else (),
            sum(self.checked.values(), Checked()),
        )


def region_path(session: Session, plan: Plan) -> str:
    """Where everything a plan ranks lies below."""
    return session.get_one(Organisation, plan.region_id).path


def clauses(session: Session, plan_id: int) -> dict[str, Clause]:
    """The plan's clauses by code, in its order."""
    rows = session.scalars(select(Clause).where(Clause.plan_id == plan_id).order_by(Clause.sort))
    return {each.code: each for each in rows}


def known(session: Session, plan: Plan, month: date, known_on: date) -> list[Known]:
    """Everything that is ranked, in the tree's order, as known on a day. For the region's coordinators."""
    query = select(Organisation).where(
        Organisation.kind.in_(KINDS), below(Organisation.path, [region_path(session, plan)])
    )
    found = {each.id: Known(each) for each in session.scalars(query.order_by(Organisation.sort, Organisation.id))}
    _add_paced(session, plan, month, known_on, found)
    _add_reported(session, plan, month, known_on, found)
    _add_checked(session, plan, month, known_on, found)
    return list(found.values())


def _add_paced(session: Session, plan: Plan, month: date, known_on: date, found: Mapping[int, Known]) -> None:
    columns = (Rollup.done, Rollup.on_pace, Rollup.behind, Rollup.overdue, Rollup.not_due)
    query = (
        select(Rollup.organisation_id, Clause.code, *columns)
        .join(Clause, Clause.id == Rollup.clause_id)
        .where(latest_revisions(plan.id, [month], as_known_on=known_on))
        .order_by(Clause.sort)
    )
    for organisation_id, clause, *counts in session.execute(query):
        if organisation_id in found:
            found[organisation_id].paced[clause] = Paced(*counts)


def _add_reported(session: Session, plan: Plan, month: date, known_on: date, found: Mapping[int, Known]) -> None:
    it = MonthlyReport
    query = select(it.id, it.organisation_id, it.due, it.first_submitted_at, it.days_late).where(
        it.plan_id == plan.id, it.month == month, it.opened_at < known_before(known_on)
    )
    for row in session.execute(query):
        if row.organisation_id in found:
            filed = row.first_submitted_at is not None and row.first_submitted_at < known_before(known_on)
            one = found[row.organisation_id]
            one.report, one.reported = row, report_state(filed, row.days_late, known_on >= row.due)


def _add_checked(session: Session, plan: Plan, month: date, known_on: date, found: Mapping[int, Known]) -> None:
    """Each claim as it stood at the month's end, replayed from what was recorded by the cut-off."""
    last, instant = month_end(month), known_before(known_on) - timedelta(microseconds=1)
    ranked = (Assignment.plan_id == plan.id) & Organisation.kind.in_(KINDS)
    counts: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in known_at(load_history(session, ranked, now=instant), Point(month, last, last, instant)):
        if each.facts.status in ("claimed", "verified"):
            counts[each.row.organisation_id, each.row.clause_code][each.facts.status != "verified"] += 1
    for (organisation_id, clause), (verified, waiting) in counts.items():
        if organisation_id in found:
            found[organisation_id].checked[clause] = Checked(verified, waiting)


# --- months and issues


def cut_off(session: Session, plan_id: int, month: date) -> date | None:
    """The last legal date of a month's reports; None where there are none."""
    return session.scalar(
        select(func.max(MonthlyReport.due)).where(MonthlyReport.plan_id == plan_id, MonthlyReport.month == month)
    )


def cut_offs(session: Session, plan_id: int) -> dict[date, date]:
    """Every month with reports, and its cut-off, the newest first."""
    query = select(MonthlyReport.month, func.max(MonthlyReport.due)).where(MonthlyReport.plan_id == plan_id)
    rows = session.execute(query.group_by(MonthlyReport.month).order_by(MonthlyReport.month.desc()))
    return {row[0]: row[1] for row in rows}


def ready_after(session: Session, plan_id: int) -> dict[date, date | None]:
    """Every month with reports, and the day after which it can be ranked; None where it was not rolled up yet."""
    query = select(Rollup.month, func.min(Rollup.recorded_at)).where(Rollup.plan_id == plan_id).group_by(Rollup.month)
    first = {row[0]: local_date(row[1]) for row in session.execute(query)}
    return {
        month: max(last, first[month]) if month in first else None for month, last in cut_offs(session, plan_id).items()
    }


def rolled_up_on(session: Session, plan_id: int, month: date) -> date | None:
    """The day a month was rolled up first; None where it was not yet."""
    found = session.scalar(select(func.min(Rollup.recorded_at)).where(Rollup.plan_id == plan_id, Rollup.month == month))
    return local_date(found) if found else None


def issues(session: Session, plan_id: int, month: date) -> Sequence[RankingIssue]:
    """A month's revisions, oldest first."""
    query = select(RankingIssue).where(RankingIssue.plan_id == plan_id, RankingIssue.month == month)
    return session.scalars(query.order_by(RankingIssue.revision)).all()


def newest_issues(session: Session, plan_id: int) -> dict[date, AnyRow]:
    """Of every published month its newest revision, without the content."""
    it = RankingIssue
    newest = select(func.max(it.id)).where(it.plan_id == plan_id).group_by(it.month)
    query = select(it.month, it.revision, it.known_on, it.published_at, it.published_by_label).where(it.id.in_(newest))
    return {row.month: row for row in session.execute(query.order_by(it.month.desc()))}
