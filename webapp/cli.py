"""The `lantian` command, and the one place where all rooms meet.

Data goes to standard output and nothing else does; everything that is said about the work goes to standard error. An
error a person can mend ends with status 1 and one line for each thing wrong, never with a traceback.
"""

import json
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask
from flask.cli import FlaskGroup

from seed.problems import PackError, Problem
from webapp import serving
from webapp.accounts.commands import user
from webapp.bulletins.commands import bulletin
from webapp.clock import local, real_now
from webapp.command_line import (
    FIRST_PLAN,
    CommandError,
    applied,
    command_now,
    instant_of,
    open_database,
    read_settings,
    told_plainly,
)
from webapp.db import Database, Instance, instance, migrate, newest_migration
from webapp.demo.service import advance
from webapp.mail.commands import mail
from webapp.plans.commands import export
from webapp.reports.commands import calendar, report
from webapp.rollups.commands import count_once, tallies
from webapp.search.commands import search
from webapp.settings import Settings

if TYPE_CHECKING:
    from seed.pack import Pack

# What reads packs, plays stories, runs jobs or serves pages takes a second to import: only commands that need it pay.
PACKS = Path(__file__).parent.parent / "seed"


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
@click.option("--demo", "as_demo", is_flag=True, help="Play the demo's story: to 20 October 2017, or to LANTIAN_CLOCK.")
@told_plainly
def init(as_demo: bool) -> None:
    """Create or migrate the database and load the 2017 plan. A second time changes nothing."""
    settings = read_settings()
    database = Database(settings.database)
    before = applied(database)
    migrate(settings.database)
    with database.reading() as session:
        found = instance(session)
    if found is not None:
        if as_demo and found.mode != "demo":
            raise CommandError("this database is in production; choose another LANTIAN_DATA_DIR for a demo")
        done = "nothing changed" if before == newest_migration() else f"migrated from {before} to {newest_migration()}"
        click.echo(f"already initialised; {done}", err=True)
        count_once(settings, database)
    else:
        _init_empty(database, settings, as_demo=as_demo)


def _init_empty(database: Database, settings: Settings, *, as_demo: bool) -> None:
    from seed import demo as demo_story

    if as_demo:
        demo_story.create(database, settings, say=lambda line: click.echo(line, err=True))
    elif demo_story.was_broken_off(database):
        raise CommandError("a demo's creation was broken off here; `lantian init --demo` begins it again")
    else:
        _init_production(database, settings)


def _init_production(database: Database, settings: Settings) -> None:
    from seed.loader import load
    from seed.schema import load_pack
    from tasks import runner

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
    from webapp.app import create_app

    settings = read_settings()
    database = open_database(settings)
    serving.check_may_serve(settings, database)
    serving.serve(create_app(settings, database), settings.host, settings.port)


@main.command(with_appcontext=False)
@click.option("--only", "names", multiple=True, metavar="NAME", help="Run this job alone; may be given several times.")
@told_plainly
def scheduler(names: tuple[str, ...]) -> None:
    """Run the jobs of the schedule until it is stopped. Any number may run at once."""
    from tasks import runner

    settings = read_settings()
    database = open_database(settings)
    serving.check_may_deliver(settings, database)
    try:
        jobs = runner.chosen(names)
    except KeyError as error:
        raise CommandError(f"there is no job {error}; `lantian jobs list` names them") from None
    runner.run_scheduler(database, settings, jobs=jobs)


@main.group(cls=click.Group)
def demo() -> None:
    """The demonstration: its servers and its day."""


@demo.command("run")
@told_plainly
def demo_run() -> None:
    """Serve the demo with its scheduler and a local SMTP catcher; Ctrl-C stops all three."""
    from seed import demo as demo_story
    from webapp.app import create_app

    settings = read_settings()
    database = open_database(settings)
    if serving.mode(database) != "demo":
        raise CommandError(
            "this database is no demo; create one with `lantian init --demo` in another LANTIAN_DATA_DIR"
        )
    serving.check_may_serve(settings, database)
    demo_story.run(database, settings, lambda ready: create_app(ready, database), say=click.echo)


@demo.command("advance")
@click.option("--days", type=click.IntRange(1, 366), help="Move on by so many days, at the same time of day.")
@click.option("--to", "until", help="Move on to a local time such as 2017-10-31T08:30.")
@told_plainly
def demo_advance(days: int | None, until: str | None) -> None:
    """Move the demo's day on; to the next working morning unless told otherwise. Prints the new local time."""
    database = open_database(read_settings())
    with database.transaction() as session:
        reached = advance(session, days=days, to=instant_of(until) if until else None)
    click.echo(local(reached).isoformat(timespec="minutes"))


@main.group(cls=click.Group)
def plan() -> None:
    """Plan packs: check one, load one, attach the official text."""


def _pack(path: Path) -> "Pack":
    from seed.schema import load_pack

    try:
        return load_pack(path)
    except PackError as error:
        raise _unusable(error.problems) from None


def _unusable(problems: Iterable[Problem]) -> CommandError:
    return CommandError("the pack cannot be used:\n  " + "\n  ".join(map(str, problems)))


@plan.command("check")
@click.argument("path", type=click.Path(path_type=Path), default=PACKS / FIRST_PLAN)
@told_plainly
def plan_check(path: Path) -> None:
    """Check a pack: its form, and that every sentence is mapped to a task or waived."""
    from seed.check import check_pack

    pack = _pack(path)
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
    from seed.check import check_pack
    from seed.loader import load

    settings = read_settings()
    database = open_database(settings)
    pack = _pack(path)
    problems = check_pack(pack)
    if problems:
        raise _unusable(problems)
    with database.transaction() as session:
        try:
            result = load(session, pack, now=command_now(settings, database))
        except PackError as error:
            raise _unusable(error.problems) from None
    click.echo(f"{pack.plan.code}: {result}")


@plan.command("attach-source")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--plan", "code", default=FIRST_PLAN, show_default=True)
@told_plainly
def plan_attach_source(file: Path, code: str) -> None:
    """Attach the official text you hold, to be shown beside our gist of each sentence."""
    from seed.loader import attach_source

    settings = read_settings()
    database = open_database(settings)
    with database.transaction() as session:
        try:
            count = attach_source(session, code, file, now=command_now(settings, database))
        except PackError as error:
            raise _unusable(error.problems) from None
    click.echo(f"{code}: the text of {count} sentences attached")


@main.group(cls=click.Group)
def jobs() -> None:
    """What runs by itself."""


@jobs.command("list")
@told_plainly
def jobs_list() -> None:
    """List the jobs with their last and next slots."""
    from tasks import runner

    database = open_database(read_settings())
    for line in runner.jobs_list(database):
        click.echo(line)


@jobs.command("run")
@click.argument("name")
@click.option("--at", "instant", help="As if it were this local time, such as 2017-10-31T08:30.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be done.")
@told_plainly
def jobs_run(name: str, instant: str | None, dry_run: bool) -> None:
    """Run one job now."""
    from tasks import runner

    settings = read_settings()
    database = open_database(settings)
    if name == "deliver" and not dry_run:
        serving.check_may_deliver(settings, database)
    at = instant_of(instant) if instant else command_now(settings, database)
    try:
        summary = runner.run_job(database, settings, name, at=at, dry_run=dry_run)
    except KeyError:
        raise CommandError(f"there is no job {name!r}; `lantian jobs list` names them") from None
    click.echo(json.dumps(summary, ensure_ascii=False, default=str, indent=2))


@mail.command("deliver")
@told_plainly
def mail_deliver() -> None:
    """Deliver mail until it is stopped, beside the scheduler's own delivery. Any number may run at once."""
    from tasks.deliver import run_deliverer

    settings = read_settings()
    database = open_database(settings)
    serving.check_may_deliver(settings, database)
    run_deliverer(database, settings)


for group in (user, calendar, report, bulletin, export, mail, search, tallies):
    main.add_command(group)
