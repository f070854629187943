"""Commands over the counts of lights."""

import click

from webapp.command_line import command_now, open_database, read_settings, told_plainly
from webapp.db import Database
from webapp.rollups.recounting import Recount, counted_once, recount
from webapp.settings import Settings


@click.group(cls=click.Group)
def tallies() -> None:
    """The counts of lights that the overview is made of."""


@tallies.command("recount")
@told_plainly
def tallies_recount() -> None:
    """Count everything anew from the assignments, put right what differed, and say how much that was."""
    settings = read_settings()
    click.echo(_said(_recount(settings, open_database(settings))))


def _recount(settings: Settings, database: Database) -> Recount:
    now = command_now(settings, database)
    with database.transaction() as session:
        return recount(session, now=now)


def _said(found: Recount) -> str:
    return (
        f"{found.replayed} assignments counted from their record, "
        f"{found.corrected} differed from what was noted, {found.differing} counts did not add up"
    )


def count_once(settings: Settings, database: Database) -> None:
    """Count a database from before there were counts; does nothing later."""
    with database.reading() as session:
        done = counted_once(session)
    if not done:
        click.echo(_said(_recount(settings, database)), err=True)
