"""Reports that are still to be opened, with the dates they will get: for calendars that look ahead."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from webapp.clock import add_months, month_start
from webapp.reports.opening import earlier_date, legal_date
from webapp.workdays.rules import explain, published_calendar


@dataclass(frozen=True, slots=True)
class Coming:
    """A report nobody can open yet: the same names as a report's own columns."""

    plan_id: int
    plan_zh: str
    plan_en: str
    organisation_id: int
    organisation_zh: str
    organisation_en: str
    month: date
    due: date
    due_explained_zh: str
    due_explained_en: str
    provisional: bool
    internal_due: date | None
    internal_due_at: time | None


def coming_reports(reporter: Any, first: date, known: Collection[tuple[int, int, date]]) -> Iterator[Coming]:
    """The reports an organisation has yet to be given, on the months from `first` until it or its plan ends.

    `reporter` holds the columns of `desk.calendar_queries.reporters`; `known` are (plan, organisation, month) of
    reports that are there already.
    """
    month, last = max(first, reporter.first_month), reporter.last_month or month_start(reporter.ends_on)
    while month <= last:
        if (reporter.plan_id, reporter.organisation_id, month) not in known:
            yield _coming(reporter, month)
        month = add_months(month, 1)


def _coming(reporter: Any, month: date) -> Coming:
    reporting, calendar = reporter.rules["reporting"], published_calendar()
    due = legal_date(month, reporting, calendar)
    own = earlier_date(reporter.organisation_kind, due, reporting, calendar)
    return Coming(
        plan_id=reporter.plan_id,
        plan_zh=reporter.plan_zh,
        plan_en=reporter.plan_en,
        organisation_id=reporter.organisation_id,
        organisation_zh=reporter.organisation_zh,
        organisation_en=reporter.organisation_en,
        month=month,
        due=due.due,
        due_explained_zh=explain(due, "zh"),
        due_explained_en=explain(due, "en"),
        provisional=due.provisional,
        internal_due=own.due if own else None,
        internal_due_at=own.at if own else None,
    )
