"""The commands about the legal dates of the monthly report: `lantian calendar …`."""

import click

from webapp.accounts.models import LOCALES
from webapp.command_line import FIRST_PLAN, month_of, open_database, read_settings, told_plainly
from webapp.plans.queries import get_plan
from webapp.workdays.calendar import published_calendar
from webapp.workdays.rules import explain, report_due


@click.group()
def calendar() -> None:
    """The legal calendar."""


@calendar.command("due-date")
@click.option("--plan", "code", default=FIRST_PLAN, show_default=True)
@click.option("--month", required=True, help="The month reported on, such as 2018-03.")
@click.option("--locale", default="zh", show_default=True, type=click.Choice(LOCALES))
@told_plainly
def calendar_due_date(code: str, month: str, locale: str) -> None:
    """Print the day a month's report is due, then one sentence that explains it."""
    settings = read_settings()
    with open_database(settings).reading() as session:
        rule = get_plan(session, code).rules["reporting"]
    due = report_due(month_of(month), rule["day"], rule["shift"] == "next_working_day", published_calendar())
    click.echo(due.due.isoformat())
    click.echo(explain(due, locale))
