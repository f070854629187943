"""Alembic's entry point: opens the database named in the configuration and runs the migrations in one transaction."""

from alembic import context

from webapp.db import Base, Database


def run() -> None:
    """Apply the migrations that were asked for."""
    address = context.config.get_main_option("sqlalchemy.url")
    if address is None:
        raise RuntimeError("migrations run through webapp.db.migrate, which names the database")
    database = Database(address)
    with database.engine.begin() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()
    database.dispose()


run()
