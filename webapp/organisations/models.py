"""The organisation table: a tree with its path written out, so that "within an area" is a prefix."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, one_of

KINDS = ("region", "province", "municipality", "city", "county", "township", "department", "ministry", "enterprise")
CITY_KINDS = ("city", "municipality")
PROVINCE_KINDS = ("province", "municipality")


class Organisation(Base):
    """One organisation. Beijing and Tianjin are one row each: city and province at once (`municipality`)."""

    __tablename__ = "organisation"
    __table_args__ = (
        one_of("kind", KINDS),
        Index(None, "kind"),
        # What lies below a path, whatever order of letters the database keeps.
        Index("ix_organisation_below", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    path: Mapped[str] = mapped_column(String(200), unique=True)
    name_zh: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    short_zh: Mapped[str] = mapped_column(String(40))
    short_en: Mapped[str] = mapped_column(String(60))
    pinyin: Mapped[str] = mapped_column(String(100))
    grid_col: Mapped[int | None]
    grid_row: Mapped[int | None]
    sort: Mapped[int]

    parent: Mapped["Organisation | None"] = relationship(remote_side=[id], lazy="raise")
