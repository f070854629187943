"""Ledgers: rows with their history, imports and samples; tasks that are counted from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
QUANTITY = sa.BigInteger()
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# A table that refuses change gets its triggers back: SQLite loses them when it builds the table anew.
GUARDED = ("progress_update",)
APPEND_ONLY = ("ledger_evidence", "ledger_event", "ledger_import")
TABLES = (
    "ledger_evidence", "ledger_event", "ledger_sample_row", "ledger_sample", "ledger_import", "ledger_row",
)  # fmt: skip


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _added() -> dict[str, sa.Column]:
    """The new column of each older table."""
    return {
        "task": sa.Column("ledger", JSON, nullable=True),
        "assignment": _flag("counted"),
        "progress_update": _flag("counted"),
    }


def upgrade() -> None:
    """Add the columns, then the tables."""
    for table, column in _added().items():
        _add(table, column)
    _ledger_row()
    _ledger_import()
    _ledger_sample()
    _ledger_sample_row()
    _ledger_event()
    _ledger_evidence()


def downgrade() -> None:
    """Take them away."""
    for table in TABLES:
        op.drop_table(table)
    if not _sqlite():
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")
    for table, column in _added().items():
        if table in GUARDED:
            _allow_change(table)
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column.name)
        if table in GUARDED:
            _refuse_change(table)


def _add(table: str, column: sa.Column) -> None:
    if table in GUARDED:
        _allow_change(table)
    with op.batch_alter_table(table) as batch:
        batch.add_column(column)
    if column.server_default is not None:
        with op.batch_alter_table(table) as batch:
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


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _text(name: str, length: int | None = None) -> sa.Column:
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=False)


def _ledger_row() -> None:
    op.create_table(
        "ledger_row",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        _text("type", 60),
        sa.Column("organisation_id", ID, nullable=False),
        _text("identity", 64),
        _text("likeness", 64),
        _text("name", 200),
        _text("county", 100),
        _text("township", 100),
        sa.Column("quantity", QUANTITY, nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("values", JSON, nullable=False),
        _text("state", 10),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("first_done_at", INSTANT, nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        _text("verified_how", 10),
        _text("removed_reason"),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_ledger_row_quantity")),
        sa.CheckConstraint("state IN ('listed', 'done', 'verified', 'removed')", name=op.f("ck_ledger_row_state")),
        sa.CheckConstraint("verified_how IN ('', 'on_site', 'sample')", name=op.f("ck_ledger_row_verified_how")),
        _reference("ledger_row", "organisation_id", "organisation"),
        _reference("ledger_row", "plan_id", "plan"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_row")),
        sa.UniqueConstraint(
            "plan_id",
            "type",
            "organisation_id",
            "identity",
            name=op.f("uq_ledger_row_plan_id_type_organisation_id_identity"),
        ),
    )
    _index("ledger_row", "organisation_id", "type", "state")
    _index("ledger_row", "organisation_id", "type", "likeness")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def _ledger_import() -> None:
    op.create_table(
        "ledger_import",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        _text("type", 60),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("evidence_id", ID, nullable=False),
        sa.Column("added", ID, nullable=False),
        sa.Column("changed", ID, nullable=False),
        sa.Column("same", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        _text("actor_label", 100),
        sa.Column("recorded_at", INSTANT, nullable=False),
        _reference("ledger_import", "evidence_id", "evidence_file"),
        _reference("ledger_import", "organisation_id", "organisation"),
        _reference("ledger_import", "plan_id", "plan"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_import")),
    )
    _index("ledger_import", "organisation_id", "type")
    _refuse_change("ledger_import")


def _ledger_sample() -> None:
    op.create_table(
        "ledger_sample",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        _text("seed", 32),
        sa.Column("population", JSON, nullable=False),
        sa.Column("size", ID, nullable=False),
        sa.Column("limit", QUANTITY, nullable=False),
        _text("state", 8),
        sa.Column("failed", ID, nullable=False),
        sa.Column("drawn_by", ID, nullable=False),
        _text("drawn_by_label", 100),
        sa.Column("drawn_at", INSTANT, nullable=False),
        sa.Column("closed_by", ID, nullable=True),
        _text("closed_by_label", 100),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("version", ID, nullable=False),
        sa.CheckConstraint("state IN ('open', 'passed', 'failed')", name=op.f("ck_ledger_sample_state")),
        _reference("ledger_sample", "assignment_id", "assignment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_sample")),
        sa.UniqueConstraint("assignment_id", "number", name=op.f("uq_ledger_sample_assignment_id_number")),
    )


def _ledger_sample_row() -> None:
    op.create_table(
        "ledger_sample_row",
        sa.Column("sample_id", ID, nullable=False),
        sa.Column("row_id", ID, nullable=False),
        sa.Column("place", ID, nullable=False),
        _text("result", 4),
        _text("note"),
        sa.CheckConstraint("result IN ('', 'pass', 'fail')", name=op.f("ck_ledger_sample_row_result")),
        _reference("ledger_sample_row", "row_id", "ledger_row"),
        _reference("ledger_sample_row", "sample_id", "ledger_sample"),
        sa.PrimaryKeyConstraint("sample_id", "row_id", name=op.f("pk_ledger_sample_row")),
    )
    _index("ledger_sample_row", "row_id")


def _ledger_event() -> None:
    op.create_table(
        "ledger_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("row_id", ID, nullable=False),
        _text("action", 12),
        _text("state_before", 10),
        _text("state_after", 10),
        sa.Column("changes", JSON, nullable=False),
        _text("reason"),
        sa.Column("import_id", ID, nullable=True),
        sa.Column("sample_id", ID, nullable=True),
        sa.Column("actor_id", ID, nullable=False),
        _text("actor_label", 100),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "action IN ('list', 'edit', 'finish', 'undo', 'remove', 'restore', 'check_pass', 'check_fail', 'verify', 'send_back', 'reopen')",
            name=op.f("ck_ledger_event_action"),
        ),
        _reference("ledger_event", "import_id", "ledger_import"),
        _reference("ledger_event", "row_id", "ledger_row"),
        _reference("ledger_event", "sample_id", "ledger_sample"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_event")),
    )
    _index("ledger_event", "row_id", "id")
    _refuse_change("ledger_event")


def _ledger_evidence() -> None:
    op.create_table(
        "ledger_evidence",
        sa.Column("event_id", ID, nullable=False),
        sa.Column("evidence_id", ID, nullable=False),
        _text("moment", 6),
        _text("picture", 16),
        sa.CheckConstraint("moment IN ('before', 'after')", name=op.f("ck_ledger_evidence_moment")),
        _reference("ledger_evidence", "event_id", "ledger_event"),
        _reference("ledger_evidence", "evidence_id", "evidence_file"),
        sa.PrimaryKeyConstraint("event_id", "evidence_id", name=op.f("pk_ledger_evidence")),
    )
    _index("ledger_evidence", "evidence_id")
    _refuse_change("ledger_evidence")
