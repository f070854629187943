"""The database: column types, engines, transactions and migrations, the same for SQLite and PostgreSQL.

Two doors lead in. `Database.transaction()` is the only thing in the product that commits; on SQLite it takes the write
lock at once (BEGIN IMMEDIATE), so that two writers queue instead of losing each other's updates. `Database.reading()`
cannot write at all. Tables that may only grow are declared with `append_only`, which adds triggers that refuse change.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from webapp.clock import Clock, real_now

if TYPE_CHECKING:
    from alembic.config import Config

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_MILLISECONDS = 15_000
QUANTITY_SCALE = 10_000
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database (SQLite keeps no offset, so it is put back when read)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Quantity(TypeDecorator[Decimal]):
    """A figure with up to four decimals, kept as a whole number of ten-thousandths: exact on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int((Decimal(value) * QUANTITY_SCALE).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / QUANTITY_SCALE).normalize() + 0


Id = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: Id,
        datetime: UtcDateTime,
        date: Date,
        Decimal: Quantity,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A CHECK that a column holds one of the given words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def append_only_statements(table: str, dialect: str) -> list[str]:
    """The triggers that refuse UPDATE and DELETE on a table, in the words of a dialect."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        (
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        ),
    ]


def append_only(table: type[Base]) -> None:
    """Declare that rows of a table are never changed or removed; the database itself refuses."""
    target = table.__table__
    assert isinstance(target, Table)
    target.info["append_only"] = True
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only_statements(target.name, dialect):
            event.listen(
                target,
                "after_create",
                DDL(statement.replace("%", "%%")).execute_if(dialect=dialect),
            )


class Instance(Base):
    """The one row of facts about this database: whether it is a demo, and how far its time is moved."""

    __tablename__ = "instance"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        one_of("mode", ("production", "demo")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mode: Mapped[str] = mapped_column(String(16))
    clock_offset_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    clock_moved_to: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RequestKey(Base):
    """A request that was carried out once: the same key with the same content only repeats the answer."""

    __tablename__ = "request_key"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    actor_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]


class Database:
    """The engines of one database and the two ways to use it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", read_only=False)
            self._reader = _sqlite_engine(url, begin="BEGIN", read_only=True)
        else:
            self._writer = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)
            self._reader = self._writer.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")

    @property
    def engine(self) -> Engine:
        """The writing engine, for tools that need one."""
        return self._writer

    @property
    def reading_engine(self) -> Engine:
        """The engine behind `reading`, for counting statements."""
        return self._reader

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends and undone when it raises."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and cannot change it."""
        with self.reading_session() as session:
            yield session

    def reading_session(self) -> Session:
        """The session of `reading`, for a caller that closes it itself (a web request)."""
        return Session(self._reader, autoflush=False, expire_on_commit=False)

    def clock(self) -> Clock:
        """Product time as the database has it now."""
        with self.reading() as session:
            return stored_clock(session)

    def dispose(self) -> None:
        """Close all connections."""
        self._writer.dispose()
        self._reader.dispose()


def _sqlite_engine(url: str, *, begin: str, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def instance(session: Session) -> Instance | None:
    """The instance row, or None in a database that was migrated but not initialised."""
    return session.get(Instance, 1)


def stored_clock(session: Session) -> Clock:
    """Product time from the stored offset; real time where nothing is stored."""
    seconds = session.scalar(select(Instance.clock_offset_seconds).where(Instance.id == 1))
    return Clock(timedelta(seconds=seconds or 0))


def move_clock(session: Session, to: datetime) -> None:
    """Set product time on to an instant. Moving it back is refused with ValueError: records would lie ahead."""
    row = session.get_one(Instance, 1, with_for_update=True)
    offset = int((to - real_now()).total_seconds())
    if offset < row.clock_offset_seconds:
        raise ValueError("product time never moves back")
    row.clock_offset_seconds = offset
    row.clock_moved_to = to


def _alembic(url: str) -> "Config":
    # Alembic takes a quarter of a second to import: only what migrates pays for it.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a migration (the newest, if none is named). A SQLite file is made when it is missing."""
    if make_url(url).get_backend_name() == "sqlite":
        Path(str(make_url(url).database)).parent.mkdir(parents=True, exist_ok=True)
    from alembic import command

    command.upgrade(_alembic(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take migrations back."""
    from alembic import command

    command.downgrade(_alembic(url), revision)


@cache
def newest_migration() -> str | None:
    """The last migration this code knows; it stays the same as long as the process lives."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_alembic("sqlite://")).get_current_head()


def migration_of(database: Database) -> str | None:
    """The last migration that was applied; None where there was none."""
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Whether every migration has been applied."""
    return migration_of(database) == newest_migration()


def plain_rows(session: Session, query: Select[*tuple[Any, ...]], **values: Any) -> Sequence[Row[*tuple[Any, ...]]]:
    """The rows of a query for columns, straight from the connection: half the time of the same through the ORM.

    What the session has not written yet is written first, as `session.execute` would.
    """
    if session.autoflush:
        session.flush()
    return session.connection().execute(query, values).all()


def insert_once(session: Session, table: type[Base], values: dict[str, Any]) -> int | None:
    """Insert a row unless one of its unique keys is taken; the new primary key (or 1), or None when it was taken.

    On PostgreSQL a rival that holds the key uncommitted is waited for, so the answer is final on both engines.
    """
    found = session.execute(_insert_unless_taken(session, table), values).scalar_one_or_none()
    if found is None:
        return None
    return found if isinstance(found, int) else 1


def _insert_unless_taken(session: Session, table: type[Base]) -> ReturningInsert[Any]:
    """The statement without values, which SQLAlchemy need not compile again for each row; what waits goes before it."""
    session.flush()
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else pg_insert
    plain = cast(Table, table.__table__)
    return insert(plain).on_conflict_do_nothing().returning(next(iter(plain.primary_key)))


def insert_each_once(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert many rows as `insert_once` does, in few statements; how many were new. All name the same columns."""
    return len(insert_many(session, table, rows, *table.__table__.primary_key, unless_taken=True))


def insert_many(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], *told: Any, unless_taken: bool = False
) -> list[Any]:
    """Insert rows (`unless_taken`: only those whose unique keys are free); gives the columns `told` of what was new.

    Every row names the same columns. PostgreSQL is handed the rows as one JSON value: to take thousands of parameters
    apart costs more than to insert them. Hence texts, whole numbers, dates, instants and JSON only, no `Quantity`.
    """
    if not rows:
        return []
    session.flush()
    statement, values = _many(session, cast(Table, table.__table__), rows)
    if unless_taken:
        statement = statement.on_conflict_do_nothing()
    if told:
        return list(session.execute(statement.returning(*told), values))
    session.execute(statement, values)
    return []


def _many(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[Any, Any]:
    if session.get_bind().dialect.name == "sqlite":
        return sqlite_insert(table), rows
    names, given = tuple(rows[0]), bindparam("rows", type_=String).cast(JSON)
    source = func.json_populate_recordset(literal_column(f"NULL::{table.name}"), given).table_valued(*names)
    statement = pg_insert(table).from_select(names, select(*source.c))
    return statement, {"rows": json.dumps(rows, ensure_ascii=False, default=str)}
