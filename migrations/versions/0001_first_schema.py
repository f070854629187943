"""The first schema: organisations, people, the plan, progress, reports, reminders, mail, jobs and the audit record."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
QUANTITY = sa.BigInteger()

APPEND_ONLY = (
    "audit_event",
    "evidence_file",
    "reminder",
    "report_decision",
    "report_revision",
    "rollup",
    "due_date",
    "monthly_node",
    "progress_update",
    "review_decision",
    "update_evidence",
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


def _address_flag() -> None:
    op.create_table(
        "address_flag",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("flagged_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_address_flag")),
    )


def _audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_action_recorded_at"), "audit_event", ["action", "recorded_at"], unique=False)
    op.create_index(op.f("ix_audit_event_recorded_at"), "audit_event", ["recorded_at"], unique=False)
    op.create_index(
        op.f("ix_audit_event_subject_kind_subject_id"), "audit_event", ["subject_kind", "subject_id"], unique=False
    )


def _instance() -> None:
    op.create_table(
        "instance",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("clock_offset_seconds", sa.BigInteger(), nullable=False),
        sa.Column("clock_moved_to", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("mode IN ('production', 'demo')", name=op.f("ck_instance_mode")),
        sa.CheckConstraint("id = 1", name=op.f("ck_instance_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )


def _job_schedule() -> None:
    op.create_table(
        "job_schedule",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("cron", sa.String(length=60), nullable=False),
        sa.Column("catch_up", sa.String(length=8), nullable=False),
        sa.Column("title_zh", sa.String(length=100), nullable=False),
        sa.Column("title_en", sa.String(length=100), nullable=False),
        sa.Column("counted_from", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.CheckConstraint("catch_up IN ('every', 'latest')", name=op.f("ck_job_schedule_catch_up")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_schedule")),
    )


def _job_slot() -> None:
    op.create_table(
        "job_slot",
        sa.Column("id", ID, nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("slot", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("attempts", ID, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("summary", JSON, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('claimed', 'done', 'failed')", name=op.f("ck_job_slot_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_slot")),
        sa.UniqueConstraint("job", "slot", name=op.f("uq_job_slot_job_slot")),
    )
    op.create_index(op.f("ix_job_slot_job_state"), "job_slot", ["job", "state"], unique=False)


def _login_throttle() -> None:
    op.create_table(
        "login_throttle",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("window_started_at", INSTANT, nullable=False),
        sa.Column("failures", ID, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttle")),
    )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("short_zh", sa.String(length=40), nullable=False),
        sa.Column("short_en", sa.String(length=60), nullable=False),
        sa.Column("pinyin", sa.String(length=100), nullable=False),
        sa.Column("grid_col", ID, nullable=True),
        sa.Column("grid_row", ID, nullable=True),
        sa.Column("sort", ID, nullable=False),
        sa.CheckConstraint(
            "kind IN ('region', 'province', 'municipality', 'city', 'county', 'township', 'department', 'ministry', 'enterprise')",
            name=op.f("ck_organisation_kind"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
        sa.UniqueConstraint("path", name=op.f("uq_organisation_path")),
    )
    op.create_index(op.f("ix_organisation_parent_id"), "organisation", ["parent_id"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("attempts", ID, nullable=False),
        sa.Column("claimed_by", sa.String(length=80), nullable=False),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'sending', 'sent', 'parked')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(op.f("ix_outbox_person_id"), "outbox", ["person_id"], unique=False)
    op.create_index(op.f("ix_outbox_state_not_before"), "outbox", ["state", "not_before"], unique=False)


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("auth_version", ID, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=True),
        sa.Column("version", ID, nullable=False),
        sa.CheckConstraint("locale IN ('zh', 'en')", name=op.f("ck_person_locale")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_person_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )


def _request_key() -> None:
    op.create_table(
        "request_key",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_key")),
    )


def _evidence_file() -> None:
    op.create_table(
        "evidence_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", ID, nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("uploaded_by", ID, nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_file_size")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_evidence_file_organisation_id")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_evidence_file_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
    )
    op.create_index(op.f("ix_evidence_file_organisation_id"), "evidence_file", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_evidence_file_sha256"), "evidence_file", ["sha256"], unique=False)


def _membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "role IN ('officer', 'coordinator', 'administrator', 'reader')", name=op.f("ck_membership_role")
        ),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_membership_valid")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_organisation_id_role"), "membership", ["organisation_id", "role"], unique=False)
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)


def _plan() -> None:
    op.create_table(
        "plan",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title_zh", sa.String(length=160), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("short_zh", sa.String(length=60), nullable=False),
        sa.Column("short_en", sa.String(length=60), nullable=False),
        sa.Column("note_zh", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("region_id", ID, nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("pack_hash", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["organisation.id"], name=op.f("fk_plan_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_plan_code")),
    )


def _reminder() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("rung", sa.String(length=16), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("escalation", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("outbox_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_reminder_outbox_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "subject_kind",
            "subject_id",
            "due",
            "rung",
            "person_id",
            name=op.f("uq_reminder_subject_kind_subject_id_due_rung_person_id"),
        ),
    )
    op.create_index(op.f("ix_reminder_person_id_recorded_at"), "reminder", ["person_id", "recorded_at"], unique=False)
    op.create_index(
        op.f("ix_reminder_subject_kind_subject_id"), "reminder", ["subject_kind", "subject_id"], unique=False
    )


def _clause() -> None:
    op.create_table(
        "clause",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title_zh", sa.String(length=60), nullable=False),
        sa.Column("title_en", sa.String(length=60), nullable=False),
        sa.Column("measure", sa.Boolean(), nullable=False),
        sa.Column("sort", ID, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_clause_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_clause_plan_id_code")),
    )


def _monthly_report() -> None:
    op.create_table(
        "monthly_report",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("nominal_due", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("due_explained_zh", sa.Text(), nullable=False),
        sa.Column("due_explained_en", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("calendar", sa.String(length=60), nullable=False),
        sa.Column("internal_due", sa.Date(), nullable=True),
        sa.Column("internal_due_at", sa.Time(), nullable=True),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("first_submitted_at", INSTANT, nullable=True),
        sa.Column("days_late", ID, nullable=True),
        sa.Column("revision", ID, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'submitted', 'returned', 'accepted')", name=op.f("ck_monthly_report_status")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_monthly_report_organisation_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_monthly_report_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_report")),
        sa.UniqueConstraint(
            "plan_id", "organisation_id", "month", name=op.f("uq_monthly_report_plan_id_organisation_id_month")
        ),
    )
    op.create_index(op.f("ix_monthly_report_organisation_id"), "monthly_report", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_monthly_report_status_due"), "monthly_report", ["status", "due"], unique=False)


def _reporter() -> None:
    op.create_table(
        "reporter",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_reporter_organisation_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_reporter_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporter")),
        sa.UniqueConstraint("plan_id", "organisation_id", name=op.f("uq_reporter_plan_id_organisation_id")),
    )


def _season() -> None:
    op.create_table(
        "season",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", ID, nullable=True),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note_zh", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_season_organisation_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_season_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season")),
        sa.UniqueConstraint("plan_id", "code", "organisation_id", name=op.f("uq_season_plan_id_code_organisation_id")),
    )


def _report_decision() -> None:
    op.create_table(
        "report_decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("decision IN ('accept', 'return')", name=op.f("ck_report_decision_decision")),
        sa.ForeignKeyConstraint(["report_id"], ["monthly_report.id"], name=op.f("fk_report_decision_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_decision")),
    )
    op.create_index(op.f("ix_report_decision_report_id"), "report_decision", ["report_id"], unique=False)


def _report_revision() -> None:
    op.create_table(
        "report_revision",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("submitted_by", ID, nullable=False),
        sa.Column("submitted_by_label", sa.String(length=100), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("days_late", ID, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["monthly_report.id"], name=op.f("fk_report_revision_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_revision")),
        sa.UniqueConstraint("receipt", name=op.f("uq_report_revision_receipt")),
        sa.UniqueConstraint("report_id", "revision", name=op.f("uq_report_revision_report_id_revision")),
    )


def _rollup() -> None:
    op.create_table(
        "rollup",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("clause_id", ID, nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("applicable", ID, nullable=False),
        sa.Column("left_out", ID, nullable=False),
        sa.Column("done", ID, nullable=False),
        sa.Column("on_pace", ID, nullable=False),
        sa.Column("behind", ID, nullable=False),
        sa.Column("overdue", ID, nullable=False),
        sa.Column("silent", ID, nullable=False),
        sa.Column("not_due", ID, nullable=False),
        sa.Column("completion", QUANTITY, nullable=True),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_rollup_clause_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_rollup_organisation_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_rollup_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup")),
        sa.UniqueConstraint(
            "plan_id",
            "month",
            "organisation_id",
            "clause_id",
            "revision",
            name=op.f("uq_rollup_plan_id_month_organisation_id_clause_id_revision"),
        ),
    )
    op.create_index(
        op.f("ix_rollup_plan_id_month_recorded_at"), "rollup", ["plan_id", "month", "recorded_at"], unique=False
    )


def _sentence() -> None:
    op.create_table(
        "sentence",
        sa.Column("id", ID, nullable=False),
        sa.Column("clause_id", ID, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("sort", ID, nullable=False),
        sa.Column("gist_zh", sa.Text(), nullable=False),
        sa.Column("gist_en", sa.Text(), nullable=False),
        sa.Column("waived_zh", sa.Text(), nullable=False),
        sa.Column("waived_en", sa.Text(), nullable=False),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_sentence_clause_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sentence")),
        sa.UniqueConstraint("clause_id", "code", name=op.f("uq_sentence_clause_id_code")),
    )


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("clause_id", ID, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("sort", ID, nullable=False),
        sa.Column("title_zh", sa.String(length=160), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("short_zh", sa.String(length=60), nullable=False),
        sa.Column("short_en", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("due_rule", JSON, nullable=False),
        sa.Column("season_code", sa.String(length=60), nullable=False),
        sa.Column("comparator", sa.String(length=8), nullable=False),
        sa.Column("target_min", QUANTITY, nullable=True),
        sa.Column("target_max", QUANTITY, nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("basically", sa.Boolean(), nullable=False),
        sa.Column("measure_kind", sa.String(length=12), nullable=False),
        sa.Column("tolerance_zh", sa.Text(), nullable=False),
        sa.Column("tolerance_en", sa.Text(), nullable=False),
        sa.Column("evidence_zh", sa.Text(), nullable=False),
        sa.Column("evidence_en", sa.Text(), nullable=False),
        sa.Column("note_zh", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.CheckConstraint("comparator IN ('>=', '>', '=', '<=', '<', 'between')", name=op.f("ck_task_comparator")),
        sa.CheckConstraint(
            "kind IN ('milestone', 'quantity', 'seasonal_cap', 'standing', 'recurring_report')",
            name=op.f("ck_task_kind"),
        ),
        sa.CheckConstraint("measure_kind IN ('cumulative', 'level')", name=op.f("ck_task_measure_kind")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_task_clause_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_task_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_task_plan_id_code")),
    )
    op.create_index(op.f("ix_task_clause_id"), "task", ["clause_id"], unique=False)


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("clause_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("nominal_due", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("claimed", QUANTITY, nullable=True),
        sa.Column("verified", QUANTITY, nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("last_update_at", INSTANT, nullable=True),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("first_done_at", INSTANT, nullable=True),
        sa.Column("not_applicable_from", sa.Date(), nullable=True),
        sa.Column("light", sa.String(length=8), nullable=False),
        sa.Column("light_label", sa.String(length=16), nullable=False),
        sa.Column("light_until", sa.Date(), nullable=True),
        sa.Column("silent_months", ID, nullable=False),
        sa.Column("pace", QUANTITY, nullable=True),
        sa.Column("completion", QUANTITY, nullable=True),
        sa.Column("version", ID, nullable=False),
        sa.CheckConstraint("light IN ('green', 'yellow', 'red', 'grey')", name=op.f("ck_assignment_light")),
        sa.CheckConstraint(
            "light_label IN ('on_pace', 'behind', 'overdue', 'not_started', 'standing', 'not_applicable', 'done', 'done_late', 'awaiting')",
            name=op.f("ck_assignment_light_label"),
        ),
        sa.CheckConstraint(
            "status IN ('not_started', 'in_progress', 'claimed', 'returned', 'verified', 'na_claimed', 'not_applicable')",
            name=op.f("ck_assignment_status"),
        ),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_assignment_clause_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_assignment_organisation_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["assignment.id"], name=op.f("fk_assignment_parent_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_assignment_plan_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_assignment_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("task_id", "organisation_id", name=op.f("uq_assignment_task_id_organisation_id")),
    )
    op.create_index(
        op.f("ix_assignment_clause_id_organisation_id"), "assignment", ["clause_id", "organisation_id"], unique=False
    )
    op.create_index(op.f("ix_assignment_due"), "assignment", ["due"], unique=False)
    op.create_index(op.f("ix_assignment_light_until"), "assignment", ["light_until"], unique=False)
    op.create_index(
        op.f("ix_assignment_organisation_id_status"), "assignment", ["organisation_id", "status"], unique=False
    )
    op.create_index(
        "ix_assignment_overview",
        "assignment",
        ["organisation_id", "clause_id", "light", "light_label", "status", "due", "completion", "plan_id"],
        unique=False,
    )
    op.create_index(op.f("ix_assignment_parent_id"), "assignment", ["parent_id"], unique=False)


def _task_sentence() -> None:
    op.create_table(
        "task_sentence",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("sentence_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["sentence_id"], ["sentence.id"], name=op.f("fk_task_sentence_sentence_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_sentence_task_id")),
        sa.PrimaryKeyConstraint("task_id", "sentence_id", name=op.f("pk_task_sentence")),
    )
    op.create_index(op.f("ix_task_sentence_sentence_id"), "task_sentence", ["sentence_id"], unique=False)


def _assignment_part() -> None:
    op.create_table(
        "assignment_part",
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("part", sa.String(length=12), nullable=False),
        sa.CheckConstraint("part IN ('lead', 'supporting')", name=op.f("ck_assignment_part_part")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_assignment_part_assignment_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_assignment_part_organisation_id")
        ),
        sa.PrimaryKeyConstraint("assignment_id", "organisation_id", name=op.f("pk_assignment_part")),
    )
    op.create_index(op.f("ix_assignment_part_organisation_id"), "assignment_part", ["organisation_id"], unique=False)


def _due_date() -> None:
    op.create_table(
        "due_date",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.Column("decided_by_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_due_date_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_date")),
        sa.UniqueConstraint("assignment_id", "revision", name=op.f("uq_due_date_assignment_id_revision")),
    )


def _monthly_node() -> None:
    op.create_table(
        "monthly_node",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("share", QUANTITY, nullable=False),
        sa.Column("recorded_by", ID, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("share >= 0 AND share <= 10000", name=op.f("ck_monthly_node_share")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_monthly_node_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_node")),
        sa.UniqueConstraint(
            "assignment_id", "revision", "month", name=op.f("uq_monthly_node_assignment_id_revision_month")
        ),
    )


def _progress_update() -> None:
    op.create_table(
        "progress_update",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("quantity", QUANTITY, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status_after", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "kind IN ('progress', 'no_change', 'claim', 'na_claim', 'withdraw')", name=op.f("ck_progress_update_kind")
        ),
        sa.CheckConstraint("quantity IS NULL OR quantity >= 0", name=op.f("ck_progress_update_quantity")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_progress_update_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_update")),
    )
    op.create_index(
        op.f("ix_progress_update_assignment_id_recorded_at"),
        "progress_update",
        ["assignment_id", "recorded_at"],
        unique=False,
    )
    op.create_index(op.f("ix_progress_update_recorded_at"), "progress_update", ["recorded_at"], unique=False)


def _review_decision() -> None:
    op.create_table(
        "review_decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("update_id", ID, nullable=True),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("quantity", QUANTITY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor_label", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("status_after", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "decision IN ('verify', 'return', 'na_accept', 'na_refuse', 'reopen')",
            name=op.f("ck_review_decision_decision"),
        ),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_review_decision_assignment_id")),
        sa.ForeignKeyConstraint(["update_id"], ["progress_update.id"], name=op.f("fk_review_decision_update_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    op.create_index(
        op.f("ix_review_decision_assignment_id_recorded_at"),
        "review_decision",
        ["assignment_id", "recorded_at"],
        unique=False,
    )


def _update_evidence() -> None:
    op.create_table(
        "update_evidence",
        sa.Column("update_id", ID, nullable=False),
        sa.Column("evidence_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence_file.id"], name=op.f("fk_update_evidence_evidence_id")),
        sa.ForeignKeyConstraint(["update_id"], ["progress_update.id"], name=op.f("fk_update_evidence_update_id")),
        sa.PrimaryKeyConstraint("update_id", "evidence_id", name=op.f("pk_update_evidence")),
    )
    op.create_index(op.f("ix_update_evidence_evidence_id"), "update_evidence", ["evidence_id"], unique=False)


TABLES = (
    _address_flag,
    _audit_event,
    _instance,
    _job_schedule,
    _job_slot,
    _login_throttle,
    _organisation,
    _outbox,
    _person,
    _request_key,
    _evidence_file,
    _membership,
    _plan,
    _reminder,
    _clause,
    _monthly_report,
    _reporter,
    _season,
    _report_decision,
    _report_revision,
    _rollup,
    _sentence,
    _task,
    _assignment,
    _task_sentence,
    _assignment_part,
    _due_date,
    _monthly_node,
    _progress_update,
    _review_decision,
    _update_evidence,
)


def upgrade() -> None:
    """Create all tables, then the triggers of those that only grow."""
    for create in TABLES:
        create()
    for table in APPEND_ONLY:
        _refuse_change(table)


def downgrade() -> None:
    """Drop all tables, and on PostgreSQL the functions behind their triggers."""
    for create in reversed(TABLES):
        op.drop_table(create.__name__.removeprefix("_"))
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")
