"""The commands of the monthly report: its legal dates, its receipts, its table for other programs."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import click
from sqlalchemy.orm import Session

from webapp.accounts.models import LOCALES
from webapp.command_line import (
    FIRST_PLAN,
    CommandError,
    command_now,
    month_of,
    open_database,
    read_settings,
    told_plainly,
)
from webapp.plans.commands import export
from webapp.plans.queries import get_plan
from webapp.reports.release_queries import revision_by_receipt
from webapp.reports.rules import digest
from webapp.reports.verify import LARGEST_FILE, Downloaded, NotReadable, differences, read_report
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


# --- lantian report verify: 0 the file is what was submitted, 1 no report, 3 it differs, 4 there is nothing to compare

DIFFERS, UNKNOWN = 3, 4


class Frozen(Protocol):
    """A row that keeps a frozen content with its digest."""

    @property
    def content(self) -> Mapping[str, Any]: ...
    @property
    def sha256(self) -> str: ...


@click.group()
def report() -> None:
    """Submitted monthly reports."""


@report.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sha256", "printed", metavar="DIGEST", help="The digest printed on the receipt, to compare with.")
@told_plainly
def report_verify(file: Path, printed: str | None) -> None:
    """Check a downloaded revision against its printed digest, or against the database by its receipt.

    Prints the receipt and the SHA-256 of the canonical content, then "ok", or what differs. Needs no database when
    the printed digest is given; without either, compare the digest with the printed receipt by eye.

    Ends with 0 when the file is what was submitted, 1 when it is no report, 3 when it differs, 4 when nothing could be
    compared.
    """
    found = read_file(file, read_report)
    click.echo(f"receipt: {found.receipt}\nsha256: {found.sha256}")
    check(found, printed, lambda session: revision_by_receipt(session, found.receipt))


def read_file(file: Path, read: Callable[[bytes], Downloaded]) -> Downloaded:
    """A downloaded file. Raises CommandError when it is none of ours."""
    with file.open("rb") as stream:
        raw = stream.read(LARGEST_FILE + 1)
    try:
        return read(raw)
    except NotReadable as error:
        raise CommandError(str(error)) from None


def check(found: Downloaded, printed: str | None, find: Callable[[Session], Frozen | None]) -> None:
    """Compare a file with a printed digest, or with what `find` reads of the database; say so and end as it turns out.

    Ends with DIFFERS or UNKNOWN; returns when the file is what was frozen.
    """
    if not found.byte_for_byte:
        click.echo("note: the file was written anew, its content alone is compared; sha256sum prints another digest")
    if printed is not None:
        _against_printed(found, printed)
    else:
        _against_database(found, find)


def _against_printed(found: Downloaded, printed: str) -> None:
    if "".join(printed.split()).lower() != found.sha256:
        click.echo("differs: the digest is not the printed one")
        sys.exit(DIFFERS)
    click.echo("ok: the digest is the printed one")


def _against_database(found: Downloaded, find: Callable[[Session], Frozen | None]) -> None:
    try:
        database = open_database(read_settings())
    except CommandError as error:
        click.echo(f"unknown: no database to compare with ({error.message}); compare the digest with the printed one")
        sys.exit(UNKNOWN)
    with database.reading() as session:
        stored = find(session)
    if stored is None:
        click.echo(f"unknown: the database holds nothing of the name {found.receipt}")
        sys.exit(UNKNOWN)
    if digest(stored.content) != stored.sha256:
        click.echo("differs: the database's own copy does not match its digest; it was changed outside the product")
        sys.exit(DIFFERS)
    if found.sha256 != stored.sha256:
        for each in differences(found.content, stored.content):
            click.echo(f"differs: {each.place}: the file says {each.file}, the database {each.database}")
        sys.exit(DIFFERS)
    click.echo("ok: the file is what was frozen, as the database holds it")


# --- lantian export reports


@export.command("reports")
@click.option("--plan", "code", default=FIRST_PLAN, show_default=True)
@click.option("--format", "form", default="csv", show_default=True, type=click.Choice(["csv", "xlsx", "json"]))
@click.option("--month", help="Only the reports on this month, such as 2017-09.")
@click.option("--all-revisions", is_flag=True, help="Every revision, not only the newest of each report.")
@told_plainly
def export_reports_command(code: str, form: str, month: str | None, all_revisions: bool) -> None:
    """Every monthly report with its newest revision; one that was never submitted has an empty revision.

    An organisation that need not report on a month has no row.
    """
    from webapp.reports.export import export_reports

    settings = read_settings()
    database = open_database(settings)
    wanted = month_of(month) if month else None
    with database.reading() as session:
        table = export_reports(
            session, code, form, now=command_now(settings, database), month=wanted, all_revisions=all_revisions
        )
    click.echo(table, nl=False)
