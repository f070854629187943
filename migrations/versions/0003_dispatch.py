"""The report as a release: notes a line, corrections, scans, who fills, checks and signs; bulletins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# Tables that refuse change get their triggers back: SQLite loses them when it builds a table anew.
GUARDED = ("report_decision", "report_revision")


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _label(name: str) -> sa.Column:
    return sa.Column(name, sa.String(length=100), nullable=False, server_default="")


def _flag(name: str, value: bool) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true() if value else sa.false())


def _added() -> dict[str, list[sa.Column]]:
    """New columns of older tables, in the order of the models."""
    return {
        "reporter": [_flag("light", False)],
        "membership": [_flag("may_fill", True), _flag("may_check", True), _flag("may_sign", True)],
        "monthly_report": [
            _flag("light", False),
            sa.Column("accepted_revision", ID, nullable=True),
            _text("correction_reason"),
            _text("missing_reason"),
            sa.Column("filled_by", ID, nullable=True),
            _label("filled_by_label"),
            sa.Column("checked_by", ID, nullable=True),
            _label("checked_by_label"),
            sa.Column("checked_at", INSTANT, nullable=True),
            sa.Column("checked_figures", sa.String(length=64), nullable=False, server_default=""),
        ],
        "report_revision": [_text("correction_reason")],
        "report_decision": [
            sa.Column("lines", JSON, nullable=False, server_default="[]"),
            sa.Column("waited_days", ID, nullable=False, server_default="0"),
        ],
    }


def upgrade() -> None:
    """Add the columns, then the tables."""
    for table, columns in _added().items():
        _add(table, columns)
    # What was accepted before keeps counting.
    op.execute("UPDATE monthly_report SET accepted_revision = revision WHERE status = 'accepted'")
    _report_note()
    _report_scan()
    _bulletin_draft()
    _bulletin_issue()


def downgrade() -> None:
    """Take them away."""
    for table in ("bulletin_issue", "bulletin_draft", "report_scan", "report_note"):
        op.drop_table(table)
    for table, columns in _added().items():
        if table in GUARDED:
            _allow_change(table)
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
        if table in GUARDED:
            _refuse_change(table)
    if not _sqlite():
        for table in ("bulletin_issue", "report_scan"):
            op.execute(f"DROP FUNCTION {table}_refuse()")


def _add(table: str, columns: list[sa.Column]) -> None:
    if table in GUARDED:
        _allow_change(table)
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
    with op.batch_alter_table(table) as batch:
        for column in columns:
            if column.server_default is not None:
                batch.alter_column(column.name, server_default=None)
    if table in GUARDED:
        _refuse_change(table)


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _allow_change(table: str) -> None:
    verbs = ("update", "delete") if _sqlite() else ("update", "delete", "truncate")
    for verb in verbs:
        op.execute(f"DROP TRIGGER {table}_no_{verb}" + ("" if _sqlite() else f" ON {table}"))


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


def _report_note() -> None:
    op.create_table(
        "report_note",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("updated_by", ID, nullable=False),
        sa.Column("updated_by_label", sa.String(length=100), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_report_note_assignment_id")),
        sa.ForeignKeyConstraint(["report_id"], ["monthly_report.id"], name=op.f("fk_report_note_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_note")),
        sa.UniqueConstraint("report_id", "assignment_id", name=op.f("uq_report_note_report_id_assignment_id")),
    )


def _report_scan() -> None:
    op.create_table(
        "report_scan",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("evidence_id", ID, nullable=False),
        sa.Column("added_by", ID, nullable=False),
        sa.Column("added_by_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence_file.id"], name=op.f("fk_report_scan_evidence_id")),
        sa.ForeignKeyConstraint(["report_id"], ["monthly_report.id"], name=op.f("fk_report_scan_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_scan")),
    )
    op.create_index(op.f("ix_report_scan_report_id"), "report_scan", ["report_id"], unique=False)
    _refuse_change("report_scan")


def _bulletin_draft() -> None:
    op.create_table(
        "bulletin_draft",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("remarks_zh", sa.Text(), nullable=False),
        sa.Column("remarks_en", sa.Text(), nullable=False),
        sa.Column("updated_by", ID, nullable=False),
        sa.Column("updated_by_label", sa.String(length=100), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.CheckConstraint("kind IN ('bulletin', 'upward')", name=op.f("ck_bulletin_draft_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_bulletin_draft_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_draft")),
        sa.UniqueConstraint("plan_id", "kind", "period", name=op.f("uq_bulletin_draft_plan_id_kind_period")),
    )


def _bulletin_issue() -> None:
    op.create_table(
        "bulletin_issue",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("issue", ID, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_by", ID, nullable=False),
        sa.Column("published_by_label", sa.String(length=100), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('bulletin', 'upward')", name=op.f("ck_bulletin_issue_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_bulletin_issue_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_issue")),
        sa.UniqueConstraint(
            "plan_id", "kind", "period", "issue", name=op.f("uq_bulletin_issue_plan_id_kind_period_issue")
        ),
    )
    _refuse_change("bulletin_issue")
