"""`lantian search …` for operators: making the index anew."""

import click

from webapp.command_line import command_now, open_database, read_settings, told_plainly
from webapp.search import service


@click.group(cls=click.Group)
def search() -> None:
    """The index that pages search in."""


@search.command("rebuild")
@told_plainly
def rebuild() -> None:
    """Make the index anew from all records; until it is done, less is found. Nothing else is touched."""
    settings = read_settings()
    database = open_database(settings)
    now, done = command_now(settings, database), False
    with database.transaction() as session:
        service.empty(session)
    while not done:
        with database.transaction() as session:
            done = service.refresh(session, now=now, everything=True).complete
            click.echo(f"the index holds {service.size(session)} texts", err=True)
