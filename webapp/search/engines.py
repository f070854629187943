"""How each database matches tokens and weighs what it found: FTS5 with bm25, tsvector with ts_rank."""

from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, bindparam, case, cast, column, func, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from webapp.search.models import SearchEntry
from webapp.search.rules import Scopes, Terms, as_fts5, as_tsquery

Selected = Select[*tuple[Any, ...]]


class Engine(Protocol):
    """What a database can do."""

    def matching(self, terms: Terms, scopes: Scopes, *columns: Any) -> Selected:
        """The texts in which every term occurs, and of every scope a mark."""

    def other(self, name: str) -> ColumnElement[int]:
        """0 where a whole title or code is what was typed, otherwise 1."""

    def rank(self, terms: Terms) -> ColumnElement[Any]:
        """The smaller, the better."""


class Sqlite:
    """FTS5 beside the table."""

    def matching(self, terms: Terms, scopes: Scopes, *columns: Any) -> Selected:
        """The rows the full-text table names."""
        words = table("search_words", column("rowid"))
        joined = words.join(SearchEntry, SearchEntry.id == words.c.rowid)
        return select(*columns).select_from(joined).where(_match(as_fts5(terms, scopes)))

    def other(self, name: str) -> ColumnElement[int]:
        """Asked of the full-text table once more."""
        named: Select[Any] = (
            select(literal_column("rowid")).select_from(table("search_words")).where(_match(f'"{name}"'))
        )
        return case((SearchEntry.id.in_(named), 0), else_=1)

    def rank(self, terms: Terms) -> ColumnElement[Any]:
        """bm25, which FTS5 gives as a negative number."""
        return literal_column("search_words.rank")


def _match(text: str) -> ColumnElement[bool]:
    return literal_column("search_words").op("MATCH", is_comparison=True)(bindparam(None, text, unique=True))


class Postgres:
    """A tsvector in the row itself."""

    def matching(self, terms: Terms, scopes: Scopes, *columns: Any) -> Selected:
        """The rows whose vector matches, by the GIN index."""
        return select(*columns).select_from(SearchEntry).where(_at_at(as_tsquery(terms, scopes)))

    def other(self, name: str) -> ColumnElement[int]:
        """Asked of the vector, which is at hand."""
        return case((_at_at(f"'{name}'"), 0), else_=1)

    def rank(self, terms: Terms) -> ColumnElement[Any]:
        """How often and how densely the words occur; what limits them is no merit."""
        return -func.ts_rank(SearchEntry.words, _tsquery(as_tsquery(terms)))


def _tsquery(text: str) -> ColumnElement[Any]:
    # The tokens are made already: a cast takes them as they are, where to_tsquery would take them apart once more.
    return cast(bindparam(None, text, unique=True), TSQUERY)


def _at_at(text: str) -> ColumnElement[bool]:
    return SearchEntry.words.op("@@", is_comparison=True)(_tsquery(text))


def engine_of(session: Session) -> Engine:
    """The one that fits a session's database."""
    return Sqlite() if session.get_bind().dialect.name == "sqlite" else Postgres()
