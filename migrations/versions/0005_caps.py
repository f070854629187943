"""Off-peak production: the register of enterprises and lines, plans, statements, meters, exemptions, verdicts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
QUANTITY = sa.BigInteger()
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

APPEND_ONLY = ("cap_change", "cap_filing", "cap_stop", "cap_power", "cap_exemption", "cap_verdict")
TABLES = (
    "cap_enterprise",
    "cap_filing",
    "cap_line",
    "cap_change",
    "cap_exemption",
    "cap_power",
    "cap_stop",
    "cap_verdict",
)


def upgrade() -> None:
    """Make the tables."""
    _cap_enterprise()
    _cap_filing()
    _cap_line()
    _cap_change()
    _cap_exemption()
    _cap_power()
    _cap_stop()
    _cap_verdict()


def downgrade() -> None:
    """Take them away."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")


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


def _cap_enterprise() -> None:
    op.create_table(
        "cap_enterprise",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("sector", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("county", sa.String(length=60), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("meets_limits", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_cap_enterprise_organisation_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_cap_enterprise_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_enterprise")),
        sa.UniqueConstraint(
            "plan_id",
            "organisation_id",
            "sector",
            "name",
            name=op.f("uq_cap_enterprise_plan_id_organisation_id_sector_name"),
        ),
    )
    op.create_index(op.f("ix_cap_enterprise_organisation_id"), "cap_enterprise", ["organisation_id"], unique=False)


def _cap_filing() -> None:
    op.create_table(
        "cap_filing",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('plan', 'month')", name=op.f("ck_cap_filing_kind")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["cap_enterprise.id"], name=op.f("fk_cap_filing_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_filing")),
        sa.UniqueConstraint(
            "enterprise_id", "kind", "month", "revision", name=op.f("uq_cap_filing_enterprise_id_kind_month_revision")
        ),
    )
    _refuse_change("cap_filing")


def _cap_line() -> None:
    op.create_table(
        "cap_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("capacity", QUANTITY, nullable=False),
        sa.Column("baseline", QUANTITY, nullable=True),
        sa.Column("in_service_from", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("idle_since", sa.Date(), nullable=True),
        sa.Column("restarted_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_cap_line_capacity")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["cap_enterprise.id"], name=op.f("fk_cap_line_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_line")),
        sa.UniqueConstraint("enterprise_id", "name", name=op.f("uq_cap_line_enterprise_id_name")),
    )


def _cap_change() -> None:
    op.create_table(
        "cap_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=True),
        sa.Column("state", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["cap_enterprise.id"], name=op.f("fk_cap_change_enterprise_id")),
        sa.ForeignKeyConstraint(["line_id"], ["cap_line.id"], name=op.f("fk_cap_change_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_change")),
    )
    op.create_index(op.f("ix_cap_change_enterprise_id"), "cap_change", ["enterprise_id"], unique=False)
    _refuse_change("cap_change")


def _cap_exemption() -> None:
    op.create_table(
        "cap_exemption",
        sa.Column("id", ID, nullable=False),
        sa.Column("enterprise_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=True),
        sa.Column("ends_id", ID, nullable=True),
        sa.Column("ground", sa.String(length=12), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("max_load", QUANTITY, nullable=True),
        sa.Column("document", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("ground IN ('livelihood', 'approval')", name=op.f("ck_cap_exemption_ground")),
        sa.ForeignKeyConstraint(["ends_id"], ["cap_exemption.id"], name=op.f("fk_cap_exemption_ends_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["cap_enterprise.id"], name=op.f("fk_cap_exemption_enterprise_id")),
        sa.ForeignKeyConstraint(["line_id"], ["cap_line.id"], name=op.f("fk_cap_exemption_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_exemption")),
        sa.UniqueConstraint("ends_id", name=op.f("uq_cap_exemption_ends_id")),
    )
    op.create_index(op.f("ix_cap_exemption_enterprise_id"), "cap_exemption", ["enterprise_id"], unique=False)
    _refuse_change("cap_exemption")


def _cap_power() -> None:
    op.create_table(
        "cap_power",
        sa.Column("filing_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("kwh", QUANTITY, nullable=False),
        sa.CheckConstraint("kwh >= 0", name=op.f("ck_cap_power_kwh")),
        sa.ForeignKeyConstraint(["filing_id"], ["cap_filing.id"], name=op.f("fk_cap_power_filing_id")),
        sa.ForeignKeyConstraint(["line_id"], ["cap_line.id"], name=op.f("fk_cap_power_line_id")),
        sa.PrimaryKeyConstraint("filing_id", "line_id", name=op.f("pk_cap_power")),
    )
    _refuse_change("cap_power")


def _cap_stop() -> None:
    op.create_table(
        "cap_stop",
        sa.Column("id", ID, nullable=False),
        sa.Column("filing_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("units", QUANTITY, nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_cap_stop_order")),
        sa.CheckConstraint("units IS NULL OR units > 0", name=op.f("ck_cap_stop_units")),
        sa.ForeignKeyConstraint(["filing_id"], ["cap_filing.id"], name=op.f("fk_cap_stop_filing_id")),
        sa.ForeignKeyConstraint(["line_id"], ["cap_line.id"], name=op.f("fk_cap_stop_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_stop")),
    )
    op.create_index(op.f("ix_cap_stop_filing_id"), "cap_stop", ["filing_id"], unique=False)
    _refuse_change("cap_stop")


def _cap_verdict() -> None:
    op.create_table(
        "cap_verdict",
        sa.Column("id", ID, nullable=False),
        sa.Column("filing_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("verdict IN ('confirmed', 'rejected')", name=op.f("ck_cap_verdict_verdict")),
        sa.ForeignKeyConstraint(["filing_id"], ["cap_filing.id"], name=op.f("fk_cap_verdict_filing_id")),
        sa.ForeignKeyConstraint(["line_id"], ["cap_line.id"], name=op.f("fk_cap_verdict_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_verdict")),
    )
    op.create_index(op.f("ix_cap_verdict_filing_id_line_id"), "cap_verdict", ["filing_id", "line_id"], unique=False)
    _refuse_change("cap_verdict")
