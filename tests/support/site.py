"""The whole web application on a database of the test's own, with its standing characters."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from tests.support.people import NOW, People, settle, sign_in
from webapp.accounts.models import Person
from webapp.app import create_app
from webapp.clock import real_now
from webapp.db import Database, Instance
from webapp.settings import Settings


@dataclass(frozen=True)
class Site:
    """An application with its database and people; `client()` gives a browser without a session."""

    app: Flask
    database: Database
    settings: Settings
    people: People

    def client(self, person: Person | None = None) -> FlaskClient:
        """A browser, signed in as somebody or not."""
        browser = self.app.test_client()
        if person is not None:
            sign_in(browser, person)
        return browser


def site_settings(folder: Path) -> Settings:
    """Settings of an application that tests talk to over plain HTTP."""
    return Settings(data_dir=folder, cookie_secure=False, secret_key="k" * 32, upload_max_mb=1)


@contextmanager
def site(database: Database, folder: Path, *, mode: str = "production", now: datetime = NOW) -> Iterator[Site]:
    """An application that lives at `now`, with CSRF tokens switched off."""
    with database.transaction() as session:
        offset = int((now - real_now()).total_seconds())
        session.add(Instance(id=1, mode=mode, clock_offset_seconds=offset, created_at=now))
        people = settle(session)
    settings = site_settings(folder)
    app = create_app(settings, database)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield Site(app, database, settings, people)


def opened(database: Database, settings: Settings, people: People, *, csrf: bool = False) -> Site:
    """The application on a database that was filled before."""
    app = create_app(settings, database)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=csrf)
    return Site(app, database, settings, people)
