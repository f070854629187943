"""`lantian mail …` for operators: what is queued, sent and parked; sending again; trying the server."""

from datetime import datetime
from uuid import uuid4

import click

from webapp.audit.service import record
from webapp.clock import local
from webapp.command_line import CommandError, command_now, open_database, read_settings, told_plainly
from webapp.db import instance
from webapp.mail import queries, service, smtp
from webapp.mail.message import Prepared
from webapp.mail.models import MAIL_STATES
from webapp.mail.queries import MailView
from webapp.mail.rendering import render_test
from webapp.mail.rules import Fate
from webapp.permissions import SYSTEM


@click.group(cls=click.Group)
def mail() -> None:
    """The outbox: list it, send again, try the mail server, deliver."""


@mail.command("list")
@click.option("--state", type=click.Choice(MAIL_STATES), help="Only mails in this state.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many, newest first.")
@told_plainly
def mail_list(state: str | None, limit: int) -> None:
    """List mails, newest first, a tab between the columns.

    id, state, channel, to, subject (before the first try: template), cause, attempts, created, sent or due, last error
    """
    database = open_database(read_settings())
    with database.reading() as session:
        for each in queries.mails(session, state=state, limit=limit):
            click.echo("\t".join(_plain(column) for column in _columns(each)))


def _columns(row: MailView) -> list[str]:
    return [
        str(row.id), row.state, row.channel, row.address, row.subject or row.template, row.cause, str(row.attempts),
        _minute(row.created_at), _minute(row.sent_at or row.not_before), row.last_error,
    ]  # fmt: skip


def _plain(text: str) -> str:
    # A server's answer may hold anything; a tab or a line end would break the columns.
    return " ".join(text.split())


def _minute(instant: datetime) -> str:
    return local(instant).isoformat(timespec="minutes")


@mail.command("resend")
@click.argument("ids", type=click.IntRange(1, 2**63 - 1), nargs=-1)
@click.option("--all-parked", is_flag=True, help="Every mail that was given up.")
@told_plainly
def mail_resend(ids: tuple[int, ...], all_parked: bool) -> None:
    """Put parked mails back into the queue; prints their ids. The flags on their addresses go."""
    if bool(ids) == all_parked:
        raise CommandError("name the mails to send again, or say --all-parked")
    settings = read_settings()
    database = open_database(settings)
    now = command_now(settings, database)
    with database.transaction() as session:
        if all_parked:
            again = service.resend_all(session, now=now)
        else:
            again = sorted(set(ids))
            for mail_id in again:
                service.resend(session, mail_id, now=now)
        for mail_id in again:
            record(session, "mail.resend", ("outbox", mail_id), actor=SYSTEM, now=now)
    for mail_id in again:
        click.echo(mail_id)


@mail.command("test")
@click.argument("address")
@told_plainly
def mail_test(address: str) -> None:
    """Send a test mail through the configured server now, past the outbox; prints the server's answer."""
    settings = read_settings()
    database = open_database(settings)
    with database.reading() as session:
        found = instance(session)
    if found and found.mode == "demo":
        raise CommandError("no mail leaves a demo; its mails are delivered by `lantian demo run`")
    message_id = f"<test.{uuid4()}@{service.MESSAGE_ID_DOMAIN}>"
    prepared = Prepared(render_test(settings.public_url), message_id, command_now(settings, database))
    with smtp.Connection(settings) as connection:
        outcome = connection.send(prepared, address)
    if outcome.fate is not Fate.SENT:
        where = f"{settings.smtp_host}:{settings.smtp_port}"
        raise CommandError(f"{where} took no mail to {address}: {outcome.answer}")
    click.echo(outcome.answer)
