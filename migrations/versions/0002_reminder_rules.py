"""Reminder rules as versions, group robots, calendar links, refused topics, deputies; the ledger names its plan."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

OLD_STATES = "state IN ('new', 'sending', 'sent', 'parked')"
NEW_STATES = "state IN ('new', 'sending', 'sent', 'parked', 'withheld')"
CHANNELS = "channel IN ('mail', 'robot')"
OLD_KEY = ["subject_kind", "subject_id", "due", "rung", "person_id"]
NEW_KEY = ["plan_id", *OLD_KEY]


def upgrade() -> None:
    """Add the new tables and columns."""
    _reminder_rules()
    _group_robot()
    _calendar_link()
    _mail_refusal()
    _extend_outbox()
    _extend_reminder()
    _add_deputy()


def downgrade() -> None:
    """Take them away; withheld mails become parked ones, a robot's messages go."""
    with op.batch_alter_table("membership") as batch:
        batch.drop_column("deputy")
    _shrink_reminder()
    _shrink_outbox()
    for table in ("mail_refusal", "calendar_link", "group_robot", "reminder_rules"):
        op.drop_table(table)
    if not _sqlite():
        op.execute("DROP FUNCTION reminder_rules_refuse()")


def _add_deputy() -> None:
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("deputy", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("membership") as batch:
        batch.alter_column("deputy", server_default=None)


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


def _allow_change(table: str) -> None:
    verbs = ("update", "delete") if _sqlite() else ("update", "delete", "truncate")
    for verb in verbs:
        op.execute(f"DROP TRIGGER {table}_no_{verb}" + ("" if _sqlite() else f" ON {table}"))


def _reminder_rules() -> None:
    op.create_table(
        "reminder_rules",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("rules", JSON, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.Column("decided_by_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_reminder_rules_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rules")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_reminder_rules_plan_id_version")),
    )
    _refuse_change("reminder_rules")


def _group_robot() -> None:
    op.create_table(
        "group_robot",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.CheckConstraint("kind IN ('wecom', 'dingtalk')", name=op.f("ck_group_robot_kind")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_group_robot_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_robot")),
    )
    op.create_index(op.f("ix_group_robot_organisation_id"), "group_robot", ["organisation_id"], unique=False)


def _calendar_link() -> None:
    op.create_table(
        "calendar_link",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_link_token_hash")),
    )
    op.create_index(op.f("ix_calendar_link_person_id"), "calendar_link", ["person_id"], unique=False)


def _mail_refusal() -> None:
    op.create_table(
        "mail_refusal",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.CheckConstraint("topic IN ('reminders', 'decisions')", name=op.f("ck_mail_refusal_topic")),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_mail_refusal")),
    )


def _extend_outbox() -> None:
    op.drop_index(op.f("ix_outbox_person_id"), "outbox")
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("channel", sa.String(length=8), nullable=False, server_default="mail"))
        batch.add_column(sa.Column("topic", sa.String(length=16), nullable=False, server_default=""))
        batch.add_column(sa.Column("read_at", INSTANT, nullable=True))
    # What was sent before there were read marks counts as read.
    op.execute("UPDATE outbox SET read_at = created_at")
    with op.batch_alter_table("outbox") as batch:
        batch.alter_column("channel", server_default=None)
        batch.alter_column("topic", server_default=None)
        batch.drop_constraint(op.f("ck_outbox_state"), type_="check")
        batch.create_check_constraint(op.f("ck_outbox_state"), NEW_STATES)
        batch.create_check_constraint(op.f("ck_outbox_channel"), CHANNELS)
    op.create_index(op.f("ix_outbox_person_id_read_at"), "outbox", ["person_id", "read_at"], unique=False)


def _shrink_outbox() -> None:
    op.execute("DELETE FROM outbox WHERE channel = 'robot'")
    op.execute("UPDATE outbox SET state = 'parked' WHERE state = 'withheld'")
    op.drop_index(op.f("ix_outbox_person_id_read_at"), "outbox")
    with op.batch_alter_table("outbox") as batch:
        batch.drop_constraint(op.f("ck_outbox_channel"), type_="check")
        batch.drop_constraint(op.f("ck_outbox_state"), type_="check")
        batch.create_check_constraint(op.f("ck_outbox_state"), OLD_STATES)
        for column in ("channel", "topic", "read_at"):
            batch.drop_column(column)
    op.create_index(op.f("ix_outbox_person_id"), "outbox", ["person_id"], unique=False)


def _extend_reminder() -> None:
    _allow_change("reminder")
    with op.batch_alter_table("reminder") as batch:
        batch.add_column(sa.Column("plan_id", ID, nullable=True))
        batch.add_column(sa.Column("audience", sa.String(length=12), nullable=False, server_default=""))
    op.execute(
        "UPDATE reminder SET plan_id = CASE subject_kind WHEN 'assignment' "
        "THEN (SELECT plan_id FROM assignment WHERE assignment.id = subject_id) "
        "ELSE (SELECT plan_id FROM monthly_report WHERE monthly_report.id = subject_id) END"
    )
    with op.batch_alter_table("reminder") as batch:
        batch.alter_column("plan_id", existing_type=ID, nullable=False)
        batch.alter_column("audience", server_default=None)
        batch.create_foreign_key(op.f("fk_reminder_plan_id"), "plan", ["plan_id"], ["id"])
        batch.drop_constraint(op.f("uq_reminder_" + "_".join(OLD_KEY)), type_="unique")
        batch.create_unique_constraint(op.f("uq_reminder_" + "_".join(NEW_KEY)), NEW_KEY)
    _refuse_change("reminder")


def _shrink_reminder() -> None:
    _allow_change("reminder")
    # The older release knows these two kinds, and one plan's row is enough for its key.
    op.execute("DELETE FROM reminder WHERE subject_kind NOT IN ('assignment', 'report')")
    with op.batch_alter_table("reminder") as batch:
        batch.drop_constraint(op.f("uq_reminder_" + "_".join(NEW_KEY)), type_="unique")
        batch.create_unique_constraint(op.f("uq_reminder_" + "_".join(OLD_KEY)), OLD_KEY)
        batch.drop_constraint(op.f("fk_reminder_plan_id"), type_="foreignkey")
        batch.drop_column("plan_id")
        batch.drop_column("audience")
    _refuse_change("reminder")
