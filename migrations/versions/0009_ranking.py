"""Published rankings, frozen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    """Add the table; no row of it is ever changed."""
    op.create_table(
        "ranking_issue",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("published_by", ID, nullable=False),
        sa.Column("published_by_label", sa.String(100), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_ranking_issue_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_issue")),
        sa.UniqueConstraint("plan_id", "month", "revision", name=op.f("uq_ranking_issue_plan_id_month_revision")),
    )
    if _sqlite():
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER ranking_issue_no_{verb} BEFORE {verb.upper()} ON ranking_issue "
                "BEGIN SELECT RAISE(ABORT, 'ranking_issue is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION ranking_issue_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'ranking_issue is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for verb in ("update", "delete", "truncate"):
        each = "STATEMENT" if verb == "truncate" else "ROW"
        op.execute(
            f"CREATE TRIGGER ranking_issue_no_{verb} BEFORE {verb.upper()} ON ranking_issue "
            f"FOR EACH {each} EXECUTE FUNCTION ranking_issue_refuse()"
        )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("ranking_issue")
    if not _sqlite():
        op.execute("DROP FUNCTION ranking_issue_refuse()")
