"""Who fills, checks and signs a report, as its pages name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.accounts.queries import names_shown
from webapp.i18n import pick
from webapp.reports import checking, queries
from webapp.reports.draft import Draft
from webapp.reports.models import MonthlyReport


@dataclass(frozen=True, slots=True)
class People:
    """The three parts of a draft: who has taken each, and who may.

    `again` says that somebody had checked the draft before it changed.
    """

    filler: str
    checker: str
    checked_at: datetime | None
    again: bool
    fillers: Sequence[str]
    checkers: Sequence[str]
    signatories: Sequence[str]


def of_draft(session: Session, report: MonthlyReport, lines: Draft, *, today: date) -> People:
    """The people of a draft, in one statement (two in English)."""
    staff = queries.signatories(session, report.organisation_id, today)
    checked = report.checked_by is not None and checking.is_checked(report, checking.fingerprint(report, lines))
    names = names_shown(session, {report.filled_by or 0, report.checked_by or 0})
    return People(
        filler=names.get(report.filled_by or 0, report.filled_by_label),
        checker=names.get(report.checked_by or 0, report.checked_by_label) if checked else "",
        checked_at=report.checked_at if checked else None,
        again=report.checked_by is not None and not checked,
        fillers=[pick(each, "name") for each in staff if each.may_fill],
        checkers=[pick(each, "name") for each in staff if each.may_check],
        signatories=[pick(each, "name") for each in staff if each.may_sign],
    )
