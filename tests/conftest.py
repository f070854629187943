"""Fixtures that many tests share: databases on both engines, a browser, and a test that stays on this machine."""

import os
import pickle
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support import demo, postgres, tools
from tests.support.browser import chromium, collect_faults
from tests.support.lived_in import LivedIn, live
from tests.support.network import install_guard
from tests.support.once import made_once
from tests.support.plans import REAL, load_plan
from tests.support.site import Site, opened, site_settings
from webapp.db import Database, migrate
from webapp.settings import Settings

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
# Variables that steer the tests themselves, not the product.
TEST_VARIABLES = {"LANTIAN_REQUIRE_TOOLS", "LANTIAN_TEST_POSTGRES_URL"}


def pytest_configure() -> None:
    """Before anything is imported or collected."""
    install_guard()


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("LANTIAN_") and name not in TEST_VARIABLES:
            monkeypatch.delenv(name)


# --- databases: migrated once a worker, copied for each test


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file; copy it, never open it."""
    path = tmp_path_factory.mktemp("template") / "lantian.db"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """Address of an empty, migrated SQLite database of this test's own."""
    path = tmp_path / "lantian.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a PostgreSQL server where databases may be created."""
    tools.require("postgresql")
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """A migrated PostgreSQL database; clone it, never connect to it."""
    url = postgres.create_database(postgres_server)
    migrate(url)
    yield url
    postgres.drop_database(postgres_server, url)


@pytest.fixture
def postgres_database(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """Address of an empty, migrated PostgreSQL database of this test's own."""
    url = postgres.create_database(postgres_server, template=postgres_template)
    yield url
    postgres.drop_database(postgres_server, url)


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest) -> str:
    """Address of an empty, migrated database: the test runs once on each engine."""
    fixture = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def db(database: str) -> Iterator[Database]:
    """An empty, migrated database, opened: the test runs once on each engine."""
    opened = Database(database)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_db(sqlite_database: str) -> Iterator[Database]:
    """An empty, migrated SQLite database, opened."""
    opened = Database(sqlite_database)
    yield opened
    opened.dispose()


@pytest.fixture(params=ENGINES)
def bare_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without a single table, on each engine: for tests of the migrations."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server = str(request.getfixturevalue("postgres_server"))
    url = postgres.create_database(server)
    yield url
    postgres.drop_database(server, url)


# --- the real plan on the day it began: loaded once a worker and engine


def _load(url: str) -> None:
    opened = Database(url)
    load_plan(opened, REAL)
    opened.dispose()


@pytest.fixture(scope="session")
def loaded_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the plan; copy it, never open it."""
    path = tmp_path_factory.mktemp("loaded") / "lantian.db"
    shutil.copyfile(sqlite_template, path)
    _load(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def loaded_postgres(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with the plan; clone it, never connect to it."""
    url = postgres.create_database(postgres_server, template=postgres_template)
    _load(url)
    yield url
    postgres.drop_database(postgres_server, url)


@pytest.fixture
def planned(loaded_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """The real plan in a SQLite database of this test's own."""
    shutil.copyfile(loaded_sqlite, tmp_path / "planned.db")
    opened = Database(f"sqlite:///{tmp_path / 'planned.db'}")
    yield opened
    opened.dispose()


# --- the real plan some months into its life: made once a test run; what only reads shares it, what writes copies it


@pytest.fixture(scope="session")
def lived_in(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> LivedIn:
    """The data folder of a demo on 20 October 2017, 08:25, and its people; copy it, never write to it."""

    def make(folder: Path) -> None:
        settings = Settings(data_dir=folder / "data")
        settings.data_dir.mkdir()
        shutil.copyfile(sqlite_template, settings.database.removeprefix("sqlite:///"))
        database = Database(settings.database)
        people = live(database, settings)
        database.dispose()
        (folder / "people").write_bytes(pickle.dumps(people))

    made = made_once(tmp_path_factory.getbasetemp(), "lived-in", make)
    own = tmp_path_factory.mktemp("lived-in") / "data"
    shutil.copytree(made / "data", own)
    return LivedIn(own, pickle.loads((made / "people").read_bytes()))


@pytest.fixture(scope="session")
def shared_site(lived_in: LivedIn) -> Iterator[Site]:
    """The application on the lived-in plan, for tests that only read."""
    settings = site_settings(lived_in.folder)
    database = Database(settings.database)
    yield opened(database, settings, lived_in.people)
    database.dispose()


@pytest.fixture
def own_site(lived_in: LivedIn, tmp_path: Path) -> Iterator[Site]:
    """The application on a copy of the lived-in plan that belongs to this test."""
    folder = tmp_path / "data"
    shutil.copytree(lived_in.folder, folder)
    settings = site_settings(folder)
    database = Database(settings.database)
    yield opened(database, settings, lived_in.people)
    database.dispose()


# --- the demo as a newcomer gets it: its story is played once a test run, whatever the number of workers


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder `lantian init --demo` makes; copy it, never write to it."""
    return made_once(tmp_path_factory.getbasetemp(), "demo-template", demo.create)


@pytest.fixture
def demo_data(demo_template: Path, tmp_path: Path) -> Path:
    """A data folder of this test's own with the demo in it, its day at 20 October 2017, 08:25."""
    return demo.copied(demo_template, tmp_path / "demo")


@pytest.fixture
def demo_database(demo_data: Path) -> Iterator[Database]:
    """The database of `demo_data`, opened; its settings are `Settings(data_dir=demo_data)`."""
    opened = Database(Settings(data_dir=demo_data).database)
    yield opened
    opened.dispose()


# --- the browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker."""
    tools.require("chromium")
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, Chinese and wide; a script error or a refusal by the content policy fails the test."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    faults = collect_faults(opened)
    yield opened
    context.close()
    assert not faults, faults
