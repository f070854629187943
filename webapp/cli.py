"""The `lantian` command, and the one place where all rooms meet.

Data goes to standard output and nothing else does; everything that is said about the work goes to standard error. An
error a person can mend ends with status 1 and one line for each thing wrong, never with a traceback.
"""

import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup
from seed.loader import attach_source, load
from sqlalchemy.exc import OperationalError

from seed import demo as demo_story
from seed.check import check_pack
from seed.problems import PackError
from seed.schema import load_pack
from tasks import runner
from webapp import serving
from webapp.accounts import passwords
from webapp.accounts import service as accounts
from webapp.accounts.models import LOCALES
from webapp.app import create_app
from webapp.clock import SHANGHAI, StoppedClock, local, parse_instant, real_now
from webapp.db import Database, Instance, instance, is_current, migrate
from webapp.demo.service import advance
from webapp.errors import Invalid, LantianError
from webapp.i18n import use_locale
from webapp.organisations.queries import by_code
from webapp.permissions import SYSTEM, Role
from webapp.plans.export import export_assignments
from webapp.plans.queries import get_plan
from webapp.settings import Settings, SettingsError
from webapp.settings import load as load_settings
from webapp.workdays.calendar import published_calendar
from webapp.workdays.rules import explain, report_due

PACKS = Path(demo_story.__file__).parent
FIRST_PLAN = "jjj-2017"


class CommandError(click.ClickException):
    """A mistake of the person at the keyboard: one line on standard error, status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"lantian: {self.format_message()}", err=True)


def _settings() -> Settings:
    try:
        settings = load_settings(os.environ)
        logging.getLogger().setLevel(settings.log_level.upper())
        return settings
    except SettingsError as error:
        raise CommandError("these settings cannot be used:\n  " + "\n  ".join(error.problems)) from None


def _open(settings: Settings) -> Database:
    """The database, refused with a hint when it is missing, not migrated or not initialised."""
    database = Database(settings.database)
    try:
        ready = not _missing(database) and is_current(database)
        if ready:
            with database.reading() as session:
                ready = instance(session) is not None
    except OperationalError as error:
        raise CommandError(f"the database does not answer: {error.orig}") from None
    if not ready:
        raise CommandError("the database is not ready; run `lantian init` (or `lantian init --demo`) first")
    return database


def _missing(database: Database) -> bool:
    return database.is_sqlite and not Path(str(database.url.database)).exists()


def _clock_now(settings: Settings, database: Database) -> datetime:
    """The instant a one-shot command works at: LANTIAN_CLOCK when it is set, product time otherwise."""
    return (StoppedClock(settings.clock) if settings.clock else database.clock()).now()


def told_plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the errors meant for people into one line each on standard error."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            with use_locale("en"):
                command(*args, **kwargs)
        except PackError as error:
            raise CommandError("the pack cannot be used:\n  " + "\n  ".join(map(str, error.problems))) from None
        except Invalid as error:
            lines = [f"{each.field}: {each.message}" if each.field else str(each.message) for each in error.problems]
            raise CommandError("\n  ".join(lines)) from None
        except LantianError as error:
            raise CommandError(str(error.message)) from None

    return guarded


# Commands make what they need themselves: `init` runs before there is a database, and `--help` needs no application.
@click.group(
    cls=FlaskGroup, create_app=lambda: Flask("webapp"), add_default_commands=False, add_version_option=False,
    set_debug_flag=False,
)  # fmt: skip
@click.version_option(package_name="lantian")
def main() -> None:
    """Lantian: an air-pollution plan as work that can be counted, watched and checked."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # the SMTP catcher tells every line it hears


@main.command(with_appcontext=False)
@click.option("--demo", "as_demo", is_flag=True, help="Also play the demo's story, up to 20 October 2017, 08:25.")
@told_plainly
def init(as_demo: bool) -> None:
    """Create or migrate the database and load the 2017 plan. A second time changes nothing."""
    settings = _settings()
    migrate(settings.database)
    database = Database(settings.database)
    with database.reading() as session:
        found = instance(session)
    if found is not None:
        if as_demo and found.mode != "demo":
            raise CommandError("this database is in production; choose another LANTIAN_DATA_DIR for a demo")
        click.echo("already initialised; nothing changed", err=True)
    elif as_demo:
        demo_story.create(database, settings, say=lambda line: click.echo(line, err=True))
    else:
        _init_production(database, settings)


def _init_production(database: Database, settings: Settings) -> None:
    start = settings.clock or real_now()
    offset = int((start - real_now()).total_seconds())
    pack = load_pack(PACKS / FIRST_PLAN)
    with database.transaction() as session:
        session.add(Instance(id=1, mode="production", clock_offset_seconds=offset, created_at=start))
        result = load(session, pack, now=start)
        runner.count_from(session, now=start)
    click.echo(f"{FIRST_PLAN}: {result}", err=True)


@main.command(with_appcontext=False)
@told_plainly
def serve() -> None:
    """Serve the web pages. Runs no scheduler: that is `lantian scheduler`."""
    settings = _settings()
    database = _open(settings)
    _check_may_serve(settings, database)
    serving.serve(create_app(settings, database), settings.host, settings.port)


@main.command(with_appcontext=False)
@told_plainly
def scheduler() -> None:
    """Run the jobs of the schedule until it is stopped. Any number may run at once."""
    settings = _settings()
    database = _open(settings)
    _check_may_serve(settings, database)
    runner.run_scheduler(database, settings)


def _mode(database: Database) -> str:
    with database.reading() as session:
        found = instance(session)
    return found.mode if found else ""


def _check_may_serve(settings: Settings, database: Database) -> None:
    """A demo stays on this machine; production needs a secret key of its own."""
    if _mode(database) == "demo":
        if not serving.is_loopback(settings.host):
            raise CommandError("a demo binds to loopback only (its accounts are public); set LANTIAN_HOST=127.0.0.1")
    elif not settings.secret_key:
        raise CommandError(
            "LANTIAN_SECRET_KEY is missing; make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )


@main.group(cls=click.Group)
def demo() -> None:
    """The demonstration: its servers and its day."""


@demo.command("run")
@told_plainly
def demo_run() -> None:
    """Serve the demo with its scheduler and a local SMTP catcher; Ctrl-C stops all three."""
    settings = _settings()
    database = _open(settings)
    if _mode(database) != "demo":
        raise CommandError(
            "this database is no demo; create one with `lantian init --demo` in another LANTIAN_DATA_DIR"
        )
    _check_may_serve(settings, database)
    demo_story.run(database, settings, lambda ready: create_app(ready, database), say=click.echo)


@demo.command("advance")
@click.option("--days", type=click.IntRange(1, 366), help="Move on by so many days, at the same time of day.")
@click.option("--to", "until", help="Move on to a local time such as 2017-10-31T08:30.")
@told_plainly
def demo_advance(days: int | None, until: str | None) -> None:
    """Move the demo's day on; to the next working morning unless told otherwise. Prints the new local time."""
    database = _open(_settings())
    with database.transaction() as session:
        reached = advance(session, days=days, to=_instant(until) if until else None)
    click.echo(local(reached).isoformat(timespec="minutes"))


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError:
        raise CommandError(f"{text!r} is no time; write one such as 2017-10-20T08:30") from None


@main.group(cls=click.Group)
def plan() -> None:
    """Plan packs: check one, load one, attach the official text."""


@plan.command("check")
@click.argument("path", type=click.Path(path_type=Path), default=PACKS / FIRST_PLAN)
@told_plainly
def plan_check(path: Path) -> None:
    """Check a pack: its form, and that every sentence is mapped to a task or waived."""
    pack = load_pack(path)
    problems = check_pack(pack)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        raise CommandError(f"{len(problems)} problem(s) in {pack.plan.code}")
    sentences = sum(len(clause.sentences) for clause in pack.clauses)
    click.echo(f"{pack.plan.code}: {sentences} sentences, {len(pack.tasks)} tasks, no problems")


@plan.command("load")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@told_plainly
def plan_load(path: Path) -> None:
    """Load a pack, or load it again after it was changed. Progress that was recorded stays."""
    settings = _settings()
    database = _open(settings)
    pack = load_pack(path)
    problems = check_pack(pack)
    if problems:
        raise PackError(problems)
    with database.transaction() as session:
        result = load(session, pack, now=_clock_now(settings, database))
    click.echo(f"{pack.plan.code}: {result}")


@plan.command("attach-source")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--plan", "code", default=FIRST_PLAN, show_default=True)
@told_plainly
def plan_attach_source(file: Path, code: str) -> None:
    """Attach the official text you hold, to be shown beside our gist of each sentence."""
    settings = _settings()
    database = _open(settings)
    with database.transaction() as session:
        count = attach_source(session, code, file, now=_clock_now(settings, database))
    click.echo(f"{code}: the text of {count} sentences attached")


@main.group(cls=click.Group)
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
@click.password_option(help="Asked for when not given; at least 10 characters.")
@told_plainly
def user_create(
    email: str, name: str, name_en: str, org: str, role: str, locale: str, password: str, **days: Any
) -> None:
    """Create a person with one role at one organisation."""
    settings = _settings()
    database = _open(settings)
    now = _clock_now(settings, database)
    # The hash is made before the transaction: it takes a while, and writers would wait.
    hashed = passwords.hash_new(password, email=email, name=name)
    first = days["valid_from"].date() if days["valid_from"] else local(now).date()
    last = days["until"].date() if days["until"] else None
    with database.transaction() as session:
        place = by_code(session, [org]).get(org)
        if place is None:
            raise CommandError(f"there is no organisation {org!r}")
        person = accounts.create_person(
            session,
            email=email,
            name_zh=name,
            name_en=name_en or name,
            locale=locale,
            password_hash=hashed,
            actor=SYSTEM,
            now=now,
        )
        accounts.grant_role(
            session, person, place, Role(role), valid_from=first, valid_until=last, actor=SYSTEM, now=now
        )
    click.echo(f"{person.email}: {role} at {place.name_en}")


@main.group(cls=click.Group)
def jobs() -> None:
    """What runs by itself."""


@jobs.command("list")
@told_plainly
def jobs_list() -> None:
    """List the jobs with their last and next slots."""
    database = _open(_settings())
    for line in runner.jobs_list(database):
        click.echo(line)


@jobs.command("run")
@click.argument("name")
@click.option("--at", "instant", help="As if it were this local time, such as 2017-10-31T08:30.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be done.")
@told_plainly
def jobs_run(name: str, instant: str | None, dry_run: bool) -> None:
    """Run one job now."""
    settings = _settings()
    database = _open(settings)
    at = _instant(instant) if instant else _clock_now(settings, database)
    try:
        summary = runner.run_job(database, settings, name, at=at, dry_run=dry_run)
    except KeyError:
        raise CommandError(f"there is no job {name!r}; `lantian jobs list` names them") from None
    click.echo(json.dumps(summary, ensure_ascii=False, default=str, indent=2))


@main.group(cls=click.Group)
def calendar() -> None:
    """The legal calendar."""


@calendar.command("due-date")
@click.option("--plan", "code", default=FIRST_PLAN, show_default=True)
@click.option("--month", required=True, help="The month reported on, such as 2018-03.")
@click.option("--locale", default="zh", show_default=True, type=click.Choice(LOCALES))
@told_plainly
def calendar_due_date(code: str, month: str, locale: str) -> None:
    """Print the day a month's report is due, then one sentence that explains it."""
    settings = _settings()
    with _open(settings).reading() as session:
        rule = get_plan(session, code).rules["reporting"]
    due = report_due(_month(month), rule["day"], rule["shift"] == "next_working_day", published_calendar())
    click.echo(due.due.isoformat())
    click.echo(explain(due, locale))


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    except ValueError:
        raise CommandError(f"{text!r} is no month; write one such as 2018-03") from None


@main.group(cls=click.Group)
def export() -> None:
    """Data for other programs."""


@export.command("assignments")
@click.option("--plan", "code", default=FIRST_PLAN, show_default=True)
@click.option("--format", "form", default="csv", show_default=True, type=click.Choice(["csv", "json"]))
@told_plainly
def export_assignments_command(code: str, form: str) -> None:
    """Every assignment of a plan with its due date, target and present state."""
    with _open(_settings()).reading() as session:
        export_assignments(session, code, form, stream=click.get_text_stream("stdout", encoding="utf-8"))
