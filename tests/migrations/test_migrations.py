"""Migrations run up, down and up again on both engines, and leave the same database as the models describe."""

import pkgutil
from importlib import import_module

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

import webapp
from webapp.db import Base, Database, downgrade, is_current, migrate


@pytest.fixture(autouse=True, scope="module")
def every_model() -> None:
    """All tables are known, whichever test ran before."""
    for module in pkgutil.walk_packages(webapp.__path__, "webapp."):
        if module.name.endswith(".models"):
            import_module(module.name)


def canonical(sql: str) -> str:
    """A SQLite statement without quotes and breaks, its constraints in alphabetical order (Alembic writes another)."""
    head, *constraints = " ".join(sql.replace('"', "").split()).split(" CONSTRAINT ")
    return " | ".join([head.rstrip(" ,"), *sorted(each.rstrip(" ,").removesuffix(" )") for each in constraints)])


def ddl(connection: Connection) -> list[str]:
    """The database's own description of itself, without Alembic's table, in one order."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return sorted(canonical(row.sql) for row in rows if "alembic" not in row.name)
    parts = (
        (
            "SELECT table_name || '.' || column_name || ' ' || data_type || "
            "coalesce(character_maximum_length::text, '') || ' ' || is_nullable || "
            "' ' || is_identity || coalesce(column_default, '') FROM information_schema.columns "
            "WHERE table_schema = 'public'"
        ),
        (
            "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace"
        ),
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    )
    return sorted(line for part in parts for line in connection.execute(text(part)).scalars() if "alembic" not in line)


def described(url: str) -> list[str]:
    database = Database(url)
    with database.engine.connect() as connection:
        found = ddl(connection)
    database.dispose()
    return found


def test_models_and_migrations_describe_the_same_database(bare_database: str) -> None:
    migrate(bare_database)
    migrated = described(bare_database)
    downgrade(bare_database)
    assert described(bare_database) == []
    database = Database(bare_database)
    Base.metadata.create_all(database.engine)
    database.dispose()
    assert described(bare_database) == migrated
    assert len(migrated) > 60


def test_up_down_and_up_again(bare_database: str) -> None:
    migrate(bare_database)
    first = described(bare_database)
    downgrade(bare_database)
    migrate(bare_database)
    assert described(bare_database) == first
    database = Database(bare_database)
    assert is_current(database)
    database.dispose()


def append_only_tables() -> list[str]:
    return [table.name for table in Base.metadata.sorted_tables if table.info.get("append_only")]


def test_the_database_itself_refuses_to_change_the_record(database: str) -> None:
    assert {"audit_event", "progress_update", "review_decision", "report_revision", "reminder"} <= set(
        append_only_tables()
    )
    opened = Database(database)
    with opened.engine.connect() as connection:
        names = {line.split()[2] for line in ddl(connection) if line.startswith("CREATE TRIGGER")}
        for table in append_only_tables():
            assert {f"{table}_no_update", f"{table}_no_delete"} <= names
    for verb in ("UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"):
        with opened.engine.connect() as connection:
            connection.execute(text(AN_EVENT[connection.dialect.name]))
            with pytest.raises(DBAPIError, match="append-only"):
                connection.execute(text(verb))
    assert "audit_event" in inspect(opened.engine).get_table_names()
    opened.dispose()


_COLUMNS = "recorded_at, actor_id, actor_label, action, subject_kind, subject_id, area, facts"
AN_EVENT = {
    "sqlite": f"INSERT INTO audit_event ({_COLUMNS}) VALUES ('2017-01-01', 1, 'a', 'b', 'c', 1, '', '{{}}')",
    "postgresql": f"INSERT INTO audit_event ({_COLUMNS}) VALUES (now(), 1, 'a', 'b', 'c', 1, '', '{{}}')",
}
