"""Off-peak production: which files go with a filing, an exemption, a verdict."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# What files go with, as the column that names it.
OWNERS = {"cap_filing": "filing_id", "cap_exemption": "exemption_id", "cap_verdict": "verdict_id"}


def upgrade() -> None:
    """Make the tables."""
    for owner, column in OWNERS.items():
        table = f"{owner}_evidence"
        op.create_table(
            table,
            sa.Column(column, ID, nullable=False),
            sa.Column("evidence_id", ID, nullable=False),
            sa.ForeignKeyConstraint([column], [f"{owner}.id"], name=op.f(f"fk_{table}_{column}")),
            sa.ForeignKeyConstraint(["evidence_id"], ["evidence_file.id"], name=op.f(f"fk_{table}_evidence_id")),
            sa.PrimaryKeyConstraint(column, "evidence_id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_evidence_id"), table, ["evidence_id"], unique=False)
        _refuse_change(table)


def downgrade() -> None:
    """Take them away."""
    for owner in reversed(OWNERS):
        op.drop_table(f"{owner}_evidence")
        if op.get_bind().dialect.name != "sqlite":
            op.execute(f"DROP FUNCTION {owner}_evidence_refuse()")


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
