"""Tallies: what changes of assignments did to their lights, and the counts of lights as versions."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
CAUSES = "cause IN ('loaded', 'filed', 'decided', 'dated', 'time', 'recounted')"


def upgrade() -> None:
    """Add the tables; a database that holds assignments already is counted when it is next opened by `lantian init`."""
    _light_change()
    _tally()
    op.create_table(
        "tally_state",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("known_from", sa.Date(), nullable=True),
        sa.CheckConstraint("id = 1", name="single"),
        sa.PrimaryKeyConstraint("id", name="pk_tally_state"),
    )
    op.create_table(
        "overview_visit",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_overview_visit_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_overview_visit"),
    )
    op.create_index("ix_organisation_kind", "organisation", ["kind"])
    op.execute("INSERT INTO tally_state (id) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM assignment)")


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_organisation_kind", "organisation")
    for table in ("overview_visit", "tally_state", "tally", "light_change"):
        op.drop_table(table)


def _light_change() -> None:
    op.create_table(
        "light_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("clause_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("letter_before", sa.String(length=1), nullable=True),
        sa.Column("letter", sa.String(length=1), nullable=True),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("progress_before", ID, nullable=False),
        sa.Column("progress", ID, nullable=False),
        sa.Column("folded", sa.Boolean(), nullable=False),
        sa.CheckConstraint(CAUSES, name="cause"),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name="fk_light_change_assignment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_light_change"),
    )
    op.create_index("ix_light_change_assignment_id_day", "light_change", ["assignment_id", "day"])
    op.create_index("ix_light_change_organisation_id_day", "light_change", ["organisation_id", "day"])
    op.create_index("ix_light_change_day", "light_change", ["day"])
    unfolded = sa.text("NOT folded")
    op.create_index(
        "ix_light_change_open", "light_change", ["plan_id"], sqlite_where=unfolded, postgresql_where=unfolded
    )


def _tally() -> None:
    op.create_table(
        "tally",
        sa.Column("plan_id", ID, autoincrement=False, nullable=False),
        sa.Column("organisation_id", ID, autoincrement=False, nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("grain", sa.String(length=4), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("clause_id", ID, autoincrement=False, nullable=False),
        sa.Column("task_id", ID, autoincrement=False, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("lights", sa.String(length=160), nullable=False),
        sa.Column("averaged", ID, nullable=False),
        sa.Column("progress", ID, nullable=False),
        sa.CheckConstraint("grain IN ('all', 'cell', 'duty')", name="grain"),
        sa.PrimaryKeyConstraint(
            "plan_id", "organisation_id", "own", "grain", "valid_to", "clause_id", "task_id", "due", name="pk_tally"
        ),
        sqlite_with_rowid=False,
    )
