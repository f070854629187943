"""What every `lantian` command uses: settings, the database, the instant it works at, and mistakes told in one line.

The commands themselves stand in `cli.py` and in the `commands.py` of the rooms they belong to.
"""

import logging
import os
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from webapp.clock import SHANGHAI, StoppedClock, parse_instant
from webapp.db import Database, instance, migration_of, newest_migration
from webapp.errors import Invalid, LantianError
from webapp.i18n import use_locale
from webapp.settings import Settings, SettingsError
from webapp.settings import load as load_settings

FIRST_PLAN = "jjj-2017"
# The published holidays begin in 2004; years after the last published one are answered as provisional.
MONTH_YEARS = range(2004, 2100)


class CommandError(click.ClickException):
    """A mistake of the person at the keyboard: one line on standard error, status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"lantian: {self.format_message()}", err=True)


def read_settings() -> Settings:
    """The settings of this process. Raises CommandError with every one that cannot be used."""
    try:
        settings = load_settings(os.environ)
        logging.getLogger().setLevel(settings.log_level.upper())
        return settings
    except SettingsError as error:
        raise CommandError("these settings cannot be used:\n  " + "\n  ".join(error.problems)) from None


def open_database(settings: Settings) -> Database:
    """The database, refused with a hint when it is missing, not migrated or not initialised."""
    database = Database(settings.database)
    try:
        found = applied(database)
        if found not in (None, newest_migration()):
            raise CommandError("the database is of another release; stop all and run `lantian init` to migrate it")
        ready = found is not None
        if ready:
            with database.reading() as session:
                ready = instance(session) is not None
    except OperationalError as error:
        raise CommandError(f"the database does not answer: {error.orig}") from None
    if not ready:
        raise CommandError("the database is not ready; run `lantian init` (or `lantian init --demo`) first")
    return database


def applied(database: Database) -> str | None:
    """The last migration of a database; None where it has none or a SQLite file is not there (and is not made)."""
    return None if _missing(database) else migration_of(database)


def _missing(database: Database) -> bool:
    return database.is_sqlite and not Path(str(database.url.database)).exists()


def command_now(settings: Settings, database: Database) -> datetime:
    """The instant a one-shot command works at: LANTIAN_CLOCK when it is set, product time otherwise."""
    return (StoppedClock(settings.clock) if settings.clock else database.clock()).now()


def told_plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the errors meant for people into one line each on standard error."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        # Messages are worded when they are written out: that too is done in English.
        with use_locale("en"):
            try:
                command(*args, **kwargs)
            except Invalid as error:
                told = [f"{each.field}: {each.message}" if each.field else str(each.message) for each in error.problems]
                raise CommandError("\n  ".join(told)) from None
            except LantianError as error:
                raise CommandError(str(error.message)) from None

    return guarded


def instant_of(text: str) -> datetime:
    """A local time somebody typed, as an instant. Raises CommandError when it is none."""
    try:
        return parse_instant(text)
    except ValueError:
        raise CommandError(f"{text!r} is no time; write one such as 2017-10-20T08:30") from None


def month_of(text: str) -> date:
    """A month somebody typed, as its first day. Raises CommandError when it is none, or none a plan could lie in."""
    try:
        month = datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    except ValueError:
        raise CommandError(f"{text!r} is no month; write one such as 2018-03") from None
    if month.year not in MONTH_YEARS:
        raise CommandError(f"{text} is out of reach; the legal calendar begins in {MONTH_YEARS[0]}")
    return month
