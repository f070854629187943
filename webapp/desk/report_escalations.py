"""What the pages of a monthly report show of reminders: who above was told that it is late.

Reports know nothing of reminders, which are made of them; their pages are given it as a word of the templates.
"""

from typing import Any

from webapp import web
from webapp.desk.blueprint import blueprint
from webapp.reminders.history import Item, items, report_escalations, sees_names
from webapp.reports.models import MonthlyReport


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"report_escalations": _escalated}


def _escalated(report: MonthlyReport) -> list[Item]:
    """The lines of a timeline, the newest first."""
    found = report_escalations(web.reading(), report.id)
    lines = items(found, (), named=sees_names(web.actor(), report.organisation.path))
    return [item for _at, item in sorted(lines, key=lambda line: line[0], reverse=True)]
