"""What every page of one report shows around its lines, and the answers its pages share."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from webapp import web
from webapp.accounts.queries import names_shown
from webapp.errors import Conflict
from webapp.reports import pages, queries, service
from webapp.reports.draft import is_running
from webapp.reports.models import MonthlyReport, ReportDecision
from webapp.workdays.rules import published_calendar


def frame(found: MonthlyReport) -> dict[str, Any]:
    """The report with its dates, its standing, what happened to it and who may write in it."""
    session, actor = web.reading(), web.actor()
    revisions, decisions = queries.revisions(session, found.id), queries.decisions(session, found.id)
    names = names_shown(session, [*(each.submitted_by for each in revisions), *(each.actor_id for each in decisions)])
    past = pages.history(
        revisions,
        decisions,
        names,
        lambda number: revision_url(found.id, number),
        lambda number: compare_url(found.id, number),
    )
    return {
        "report": found,
        "deadline": pages.deadline(found),
        "standing": pages.standing_of(found, web.today(), published_calendar()),
        "words": pages.timeliness_word,
        "after_internal": pages.is_after_internal(found),
        "running": is_running(found, now=web.now()),
        "correcting": service.is_correcting(found),
        "may_file": service.may_file(actor, found),
        "may_fill": service.may_file(actor, found) and service.may_fill(actor, found),
        "last_decision": decisions[-1] if decisions else None,
        "names": names,
        "history": past,
    }


def answered(found: MonthlyReport, last: ReportDecision | None) -> ReportDecision | None:
    """The return that a draft answers, if it was returned."""
    return last if found.status == "returned" else None


def revision_url(report_id: int, revision: int) -> str:
    """Where a frozen revision is shown."""
    return url_for("reports.revision", report_id=report_id, revision=revision)


def compare_url(report_id: int, revision: int) -> str:
    """Where a revision is compared with the one before it."""
    which: dict[str, Any] = {"from": revision - 1, "to": revision}
    return url_for("reports.compare_revisions", report_id=report_id, **which)


def refuse_unless_editable(found: MonthlyReport) -> None:
    """Raises Conflict for a report that is not being written any more."""
    if found.status not in service.EDITABLE:
        raise Conflict(_("这份月报已经报送，不能再修改。"))
