"""The tables of saved views."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, one_of
from webapp.lists.rules import LONGEST_NAME, LONGEST_QUERY, PAGES


class SavedView(Base):
    """An address' query under a name. With an organisation, its people see the view too; only the owner changes it.

    `about` narrows a view to lists of one sort: the kind of a ledger, else empty.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("person_id", "page", "about", "name"),
        Index(None, "organisation_id", "page"),
        one_of("page", PAGES),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    page: Mapped[str] = mapped_column(String(12))
    about: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY))
    created_at: Mapped[datetime]


class DefaultView(Base):
    """The view with which a list opens for a person: one a list."""

    __tablename__ = "default_view"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(12), primary_key=True)
    about: Mapped[str] = mapped_column(String(40), primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"), index=True)
