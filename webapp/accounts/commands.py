"""The commands about people: `lantian user …`."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from webapp.accounts import duties, passwords, service
from webapp.accounts.models import LOCALES
from webapp.accounts.queries import find_person, membership_held
from webapp.clock import local
from webapp.command_line import CommandError, command_now, open_database, read_settings, told_plainly
from webapp.organisations.queries import by_code
from webapp.permissions import SYSTEM, Role


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True, help="As it is shown in Chinese.")
@click.option("--name-en", default="")
@click.option("--org", required=True, help="Organisation code, such as 130600.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--locale", default="zh", show_default=True, type=click.Choice(LOCALES))
@click.option(
    "--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="First day of the role; today if not given."
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the role.")
@click.option("--deputy", is_flag=True, help="An officer's deputy: reminded only from the late rungs on.")
@click.password_option(help="Asked for when not given; at least 10 characters.")
@told_plainly
def user_create(
    email: str, name: str, name_en: str, org: str, role: str, locale: str, deputy: bool, password: str, **days: Any
) -> None:
    """Create a person with one role at one organisation."""
    settings = read_settings()
    database = open_database(settings)
    now = command_now(settings, database)
    # The hash is made before the transaction: it takes a while, and writers would wait.
    hashed = passwords.hash_new(password, email=email, name=name)
    first = days["valid_from"].date() if days["valid_from"] else local(now).date()
    last = days["until"].date() if days["until"] else None
    with database.transaction() as session:
        place = by_code(session, [org]).get(org)
        if place is None:
            raise CommandError(f"there is no organisation {org!r}")
        person = service.create_person(
            session,
            email=email,
            name_zh=name,
            name_en=name_en or name,
            locale=locale,
            password_hash=hashed,
            actor=SYSTEM,
            now=now,
        )
        service.grant_role(
            session, person, place, Role(role), valid_from=first, valid_until=last, deputy=deputy, actor=SYSTEM, now=now
        )
    click.echo(f"{person.email}: {'deputy ' if deputy else ''}{role} at {place.name_en}")


@user.command("set-password")
@click.option("--email", required=True)
@click.password_option(help="Asked for when not given; at least 10 characters.")
@told_plainly
def user_set_password(email: str, password: str) -> None:
    """Give a person a new password; all their sessions end."""
    settings = read_settings()
    database = open_database(settings)
    hashed = passwords.hash_new(password, email=email, name="")
    with database.transaction() as session:
        person = find_person(session, email)
        if person is None:
            raise CommandError(f"nobody signs in as {email}")
        service.set_password(session, person.id, hashed, actor=SYSTEM, now=command_now(settings, database))
    click.echo(f"{person.email}: new password; earlier sessions have ended")


@user.command("end-role")
@click.option("--email", required=True)
@click.option("--org", required=True, help="Organisation code, such as 130600.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--last-day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day it is held.")
@told_plainly
def user_end_role(email: str, org: str, role: str, last_day: datetime) -> None:
    """Let a role end with a day."""
    settings = read_settings()
    database = open_database(settings)
    with database.transaction() as session:
        held = membership_held(session, email, org, role)
        if held is None:
            raise CommandError(f"{email} does not hold the role {role} at {org}")
        service.end_role(session, held, last_day=last_day.date(), actor=SYSTEM, now=command_now(settings, database))
    click.echo(f"{email}: {role} at {org} until {last_day:%Y-%m-%d}")


@user.command("set-duties")
@click.option("--email", required=True)
@click.option("--org", required=True, help="Organisation code, such as 130600.")
@click.option("--role", default="officer", show_default=True, type=click.Choice(sorted(duties.ROLES)))
@click.option("--fill/--no-fill", default=None, help="May write in the monthly report.")
@click.option("--check/--no-check", default=None, help="May confirm it inside the organisation.")
@click.option("--sign/--no-sign", default=None, help="May submit it.")
@told_plainly
def user_set_duties(email: str, org: str, role: str, **wish: bool | None) -> None:
    """Say what a person may be in the organisation's monthly report; what is not named stays as it is."""
    settings = read_settings()
    database = open_database(settings)
    now = command_now(settings, database)
    with database.transaction() as session:
        held = membership_held(session, email, org, role)
        if held is None:
            raise CommandError(f"{email} does not hold the role {role} at {org}")
        after = replace(duties.of(held), **{name: value for name, value in wish.items() if value is not None})
        duties.set_duties(session, held, after, actor=SYSTEM, now=now)
        vacant = duties.vacant(session, held.organisation_id, local(now).date())
    click.echo(f"{email} at {org} may: {', '.join(after.named()) or 'nothing in the monthly report'}")
    if vacant:
        click.echo(f"nobody at {org} may now {', '.join(name.removeprefix('may_') for name in vacant)}", err=True)
