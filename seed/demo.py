"""The demo: `create` plays its story into an empty database, `run` serves it with its scheduler and its mailbox.

The instance row, which makes a database a demo, is written last of all: a creation that was broken off leaves a
database without one, which nothing serves and which the next creation empties before it begins again. A file built
beside and renamed would do for SQLite alone; this holds on both engines.
"""

import gc
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import event, select

from seed.loader import load
from seed.schema import load_pack
from seed.story import beats, winter, words
from seed.story.cast import PASSWORD, gather, hash_password, hire
from seed.story.figures import items
from seed.story.play import Stage, go_on, play
from tasks.runner import start_scheduler
from webapp import serving
from webapp.accounts.faces import grouped
from webapp.accounts.queries import demo_accounts, get_person
from webapp.clock import local, local_date, local_instant, real_now
from webapp.db import Database, Instance, downgrade, migrate
from webapp.demo.catcher import LOOPBACK, Catcher
from webapp.demo.service import resume
from webapp.organisations.models import Organisation
from webapp.settings import Settings

PACK = Path(__file__).parent / "jjj-2017"
BEGINS_AT = local_instant(beats.FIRST_DAY, time(8))
OPENS_AT = local_instant(beats.LAST_DAY + timedelta(days=1), time(8, 25))
WINTER_OPENS_AT = local_instant(winter.LAST_DAY + timedelta(days=1), time(8, 25))

Say = Callable[[str], None]


def create(database: Database, settings: Settings, *, say: Say) -> None:
    """Play the demo's story into a migrated database without an instance row, the second too if the clock asks for it.

    Product time then stands where the story ends, or at a later instant that the settings' clock names.
    """
    if was_broken_off(database):
        say("an earlier creation was broken off; beginning again")
        _empty(database)
    _empty_mailbox(settings.mailbox_dir)
    password_hash = hash_password()
    with _hurried(database) as fast, _catcher(settings.mailbox_dir) as port:
        with fast.transaction() as session:
            say(f"{PACK.name}: {load(session, load_pack(PACK), now=BEGINS_AT)}")
            cast = hire(session, first_day=beats.FIRST_DAY, password_hash=password_hash, now=BEGINS_AT)
            duties = items(session)
        with _unswept():
            play(Stage(fast, _mailing(settings, port), cast), duties, say=say)
    now = max(OPENS_AT, settings.clock or OPENS_AT)
    if now >= WINTER_OPENS_AT:
        play_winter(database, settings, say=say)
    with database.transaction() as session:
        session.add(_instance(now))
    say(f"the demo is ready; it is {local(now):%Y-%m-%d, %H:%M}. Everybody's password: {PASSWORD}")


def play_winter(database: Database, settings: Settings, *, say: Say) -> None:
    """Play the second story where the first has been played."""
    with _hurried(database) as fast, _catcher(settings.mailbox_dir) as port:
        with fast.reading() as session:
            cast = gather(session, winter.FIRST_DAY)
        with _unswept():
            go_on(Stage(fast, _mailing(settings, port), cast), say=say)


def _instance(now: datetime) -> Instance:
    offset = int((now - real_now()).total_seconds())
    return Instance(id=1, mode="demo", clock_offset_seconds=offset, clock_moved_to=now, created_at=now)


def was_broken_off(database: Database) -> bool:
    """Whether a creation was broken off: something was loaded, in a database the caller found without an instance."""
    with database.reading() as session:
        return session.scalar(select(Organisation.id).limit(1)) is not None


def _empty(database: Database) -> None:
    """Tables that only grow refuse DELETE, so that they are dropped and made again."""
    url = database.url.render_as_string(hide_password=False)
    database.dispose()
    downgrade(url)
    migrate(url)


def _empty_mailbox(folder: Path) -> None:
    for mail in folder.glob("*.eml"):
        mail.unlink()


@contextmanager
def _hurried(database: Database) -> Iterator[Database]:
    """The same database, whose commits do not wait for the disk: only the last one, of the instance row, has to.

    In WAL mode that last commit makes all earlier ones durable with it; a crash before it leaves what is begun anew.
    """
    fast = Database(database.url.render_as_string(hide_password=False))
    if fast.is_sqlite:
        event.listen(fast.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=NORMAL"))
    try:
        yield fast
    finally:
        fast.dispose()


@contextmanager
def _unswept() -> Iterator[None]:
    """Without the cycle collector, which would walk all the story's rows again and again for next to nothing."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@contextmanager
def _catcher(folder: Path) -> Iterator[int]:
    port = free_port()
    catcher = Catcher(folder, port)
    catcher.start()
    try:
        yield port
    finally:
        catcher.stop()


def free_port() -> int:
    """A port of loopback nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _mailing(settings: Settings, port: int) -> Settings:
    """The settings with the catcher as the mail server, whatever the environment says: no mail leaves a demo.

    And with the demo's own key: the unsubscribe addresses its mails carry are read by its web pages.
    """
    return replace(
        settings,
        smtp_host=LOOPBACK,
        smtp_port=port,
        smtp_security="none",
        smtp_user="",
        mail_from=words.SENDER,
        secret_key=settings.secret_key or _kept_secret(settings.data_dir),
    )


def run(database: Database, settings: Settings, make_app: Callable[[Settings], Flask], *, say: Say) -> None:
    """Serve the demo until SIGINT or SIGTERM, with its scheduler and its mailbox; all three are stopped then."""
    with database.transaction() as session:
        now = resume(session)
    port = _port(settings, say)
    with _catcher(settings.mailbox_dir) as smtp_port:
        ready = replace(
            _mailing(settings, smtp_port),
            port=port,
            base_url=settings.base_url or f"http://{settings.host}:{port}",
            cookie_secure=False,
        )
        app = make_app(ready)
        with _scheduler(database, ready):
            _greet(database, ready, now, say)
            serving.serve(app, ready.host, ready.port)
    say("the demo has stopped; its day is kept")


@contextmanager
def _scheduler(database: Database, settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    ticking = start_scheduler(database, settings, stop)
    try:
        yield
    finally:
        stop.set()
        ticking.shutdown(wait=True)


def _greet(database: Database, settings: Settings, now: datetime, say: Say) -> None:
    with database.reading() as session:
        accounts = demo_accounts(session, local_date(now))
    offered = [each for face in grouped(accounts) for each in face.first]
    say(f"Lantian demo: {settings.public_url}   ({local(now):%Y-%m-%d %H:%M} in Beijing; Ctrl-C stops it)")
    say(f"Sign in with a button of the first page, or with an address and the password {PASSWORD}:")
    with database.reading() as session:
        for each in offered:
            person = get_person(session, each.person_id)
            say(f"  {person.email:<36} {each.role:<14} {each.organisation_en} ({each.name_zh})")


def _port(settings: Settings, say: Say) -> int:
    """The port asked for, or a free one when something listens there."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            found = free_port()
            say(f"port {settings.port} is taken; using {found} instead")
            return found
    return settings.port


def _kept_secret(folder: Path) -> str:
    """The demo's own key, kept so that a sign-in outlives a restart; readable by its owner alone."""
    path = folder / "secret_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")
