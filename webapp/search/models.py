"""The index: for each text its tokens and where it belongs. It holds nothing that cannot be made again.

On SQLite an FTS5 table reads the tokens, kept in step by triggers; on PostgreSQL they are a tsvector with a GIN index.
Both take the tokens as they are: neither database's own idea of a word comes into play.
"""

from datetime import datetime

from sqlalchemy import DDL, CheckConstraint, Index, String, Table, Text, UniqueConstraint, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, one_of

KINDS = ("clause", "task", "organisation", "note", "row")
SOURCES = (
    "clause", "task", "organisation", "update", "decision", "report", "report_note", "report_decision", "ledger_row",
)  # fmt: skip


class SearchEntry(Base):
    """One text that can be found: from which record (`source`, `subject_id`), of whom (`area`: a path, '' the plan's).

    `stamp` is the record's version when it was read. Titles of notes are not kept: they are those of the assignment or
    report the note is about.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        UniqueConstraint("source", "subject_id"),
        one_of("source", SOURCES),
        one_of("kind", KINDS),
        Index("ix_search_entry_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}).ddl_if(
            dialect="postgresql"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    stamp: Mapped[int]
    plan_id: Mapped[int | None]
    organisation_id: Mapped[int | None]
    area: Mapped[str] = mapped_column(String(200))
    assignment_id: Mapped[int | None]
    report_id: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(60))
    title_zh: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    body_zh: Mapped[str] = mapped_column(Text)
    body_en: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR, "postgresql"))


class SearchState(Base):
    """The one row that says up to which instant everything recorded has been read into the index."""

    __tablename__ = "search_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    indexed_at: Mapped[datetime]


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

_table = SearchEntry.__table__
assert isinstance(_table, Table)
for _statement in FTS5:
    event.listen(_table, "after_create", DDL(_statement).execute_if(dialect="sqlite"))
