"""Ledgers: what was verified row by row has figures of its own, and a sample that was wrongly drawn is withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
QUANTITY = sa.BigInteger()
INSTANT = sa.DateTime(timezone=True)

# A list is read place by place.
COLUMNS = ["organisation_id", "type", "plan_id", "county", "township", "name"]
BY_PLACE = "ix_ledger_row_" + "_".join(COLUMNS)

OLD_STATES = "state IN ('open', 'passed', 'failed')"
NEW_STATES = "state IN ('open', 'passed', 'failed', 'revoked')"


def upgrade() -> None:
    """Make the table; let samples be withdrawn."""
    op.create_index(op.f(BY_PLACE), "ledger_row", COLUMNS, unique=False)
    _verified_count()
    _refuse_change("verified_count")
    with op.batch_alter_table("ledger_sample") as batch:
        batch.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("ledger_sample") as batch:
        batch.alter_column("reason", server_default=None)
        batch.drop_constraint(op.f("ck_ledger_sample_state"), type_="check")
        batch.create_check_constraint(op.f("ck_ledger_sample_state"), NEW_STATES)


def downgrade() -> None:
    """Take both back; a withdrawn sample reads as one that found nothing."""
    op.execute("UPDATE ledger_sample SET state = 'passed' WHERE state = 'revoked'")
    with op.batch_alter_table("ledger_sample") as batch:
        batch.drop_constraint(op.f("ck_ledger_sample_state"), type_="check")
        batch.create_check_constraint(op.f("ck_ledger_sample_state"), OLD_STATES)
        batch.drop_column("reason")
    op.drop_index(op.f(BY_PLACE), "ledger_row")
    op.drop_table("verified_count")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION verified_count_refuse()")


def _verified_count() -> None:
    op.create_table(
        "verified_count",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("quantity", QUANTITY, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_verified_count_quantity")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_verified_count_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verified_count")),
    )
    op.create_index(
        op.f("ix_verified_count_assignment_id_recorded_at"),
        "verified_count",
        ["assignment_id", "recorded_at"],
        unique=False,
    )


def _refuse_change(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
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
