"""The index of texts that can be searched, and up to when it was filled."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
KINDS = "kind IN ('clause', 'task', 'organisation', 'note', 'row')"
SOURCES = "source IN ('clause', 'task', 'organisation', 'update', 'decision', 'report', 'report_note', 'report_decision', 'ledger_row')"
# What marks belong to is told from words by a sign that no word holds.
FTS5 = (
    (
        "CREATE VIRTUAL TABLE search_words USING fts5(words, content=search_entry, content_rowid=id, "
        "tokenize=\"unicode61 remove_diacritics 0 tokenchars '@='\")"
    ),
    (
        "CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry "
        "BEGIN INSERT INTO search_words (rowid, words) VALUES (new.id, new.words); END"
    ),
    (
        "CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry "
        "BEGIN INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', old.id, old.words); END"
    ),
)


def upgrade() -> None:
    """Make the index; the job fills it."""
    op.create_table(
        "search_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("stamp", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=True),
        sa.Column("organisation_id", ID, nullable=True),
        sa.Column("area", sa.String(200), nullable=False),
        sa.Column("assignment_id", ID, nullable=True),
        sa.Column("report_id", ID, nullable=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("title_zh", sa.String(200), nullable=False),
        sa.Column("title_en", sa.String(200), nullable=False),
        sa.Column("body_zh", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("said_at", INSTANT, nullable=True),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.CheckConstraint(SOURCES, name=op.f("ck_search_entry_source")),
        sa.CheckConstraint(KINDS, name=op.f("ck_search_entry_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("source", "subject_id", name=op.f("uq_search_entry_source_subject_id")),
    )
    op.create_table(
        "search_state",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.Column("indexed_at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_search_state_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in FTS5:
            op.execute(statement)
    else:
        op.execute("CREATE INDEX ix_search_entry_words ON search_entry USING gin (words) WITH (fastupdate = off)")


def downgrade() -> None:
    """Take it away; nothing is lost that cannot be read again."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entry")
    op.drop_table("search_state")
