"""Acts on many assignments at once; saved views of lists, and the one a list opens with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the new tables."""
    _bulk_run()
    _saved_view()
    _default_view()


def downgrade() -> None:
    """Take them away."""
    op.drop_table("default_view")
    op.drop_table("saved_view")
    op.drop_table("bulk_run")
    if not _sqlite():
        op.execute("DROP FUNCTION bulk_run_refuse()")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _refuse_change(table: str) -> None:
    if _sqlite():
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for verb in ("update", "delete", "truncate"):
        each = "STATEMENT" if verb == "truncate" else "ROW"
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {table}_refuse()"
        )


def _bulk_run() -> None:
    op.create_table(
        "bulk_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("listed", sa.String(length=1000), nullable=False),
        sa.Column("mails", ID, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.CheckConstraint("act IN ('verify', 'return', 'remind')", name=op.f("ck_bulk_run_act")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_bulk_run_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
        sa.UniqueConstraint("key", name=op.f("uq_bulk_run_key")),
    )
    _refuse_change("bulk_run")


def _saved_view() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=True),
        sa.Column("page", sa.String(length=12), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("page IN ('assignments', 'reports', 'ledger', 'people')", name=op.f("ck_saved_view_page")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_saved_view_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("person_id", "page", "about", "name", name=op.f("uq_saved_view_person_id_page_about_name")),
    )
    op.create_index(op.f("ix_saved_view_organisation_id_page"), "saved_view", ["organisation_id", "page"], unique=False)


def _default_view() -> None:
    op.create_table(
        "default_view",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("page", sa.String(length=12), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("view_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_default_view_person_id")),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_view.id"], name=op.f("fk_default_view_view_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "page", "about", name=op.f("pk_default_view")),
    )
    op.create_index(op.f("ix_default_view_view_id"), "default_view", ["view_id"], unique=False)
