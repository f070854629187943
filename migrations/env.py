"""Alembic's entry point: opens the database named in the configuration and runs the migrations in one transaction."""

from typing import Any

from alembic import context
from sqlalchemy import event

from webapp.db import Base, Database

CHECK = "PRAGMA foreign_key_check"


def _without_references(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF")


def run() -> None:
    """Apply the migrations that were asked for."""
    address = context.config.get_main_option("sqlalchemy.url")
    if address is None:
        raise RuntimeError("migrations run through webapp.db.migrate, which names the database")
    database = Database(address)
    if database.engine.dialect.name == "sqlite":
        # A table that is altered is built anew, and the old one dropped: its references must not be followed meanwhile.
        event.listen(database.engine, "connect", _without_references)
    with database.engine.begin() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql(CHECK).first()):
            raise RuntimeError(f"the migration would leave a reference to nothing: {tuple(broken)}")
    database.dispose()


run()
