"""People, their dated roles, and the throttle of sign-in attempts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, one_of
from webapp.organisations.models import Organisation
from webapp.permissions import Role

LOCALES = ("zh", "en")


class Person(Base):
    """Somebody who signs in. `auth_version` grows with each new password and ends all earlier sessions."""

    __tablename__ = "person"
    __table_args__ = (one_of("locale", LOCALES), CheckConstraint("email = lower(email)", name="email_lower"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(40), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    password_hash: Mapped[str] = mapped_column(String(200))
    auth_version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    memberships: Mapped[list["Membership"]] = relationship(back_populates="person", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Membership(Base):
    """A role somebody holds at an organisation from a day until (and including) another, or for good.

    A `deputy` may do what the role may, but is reminded only at the rungs that name deputies, or when nobody else is
    there.
    """

    __tablename__ = "membership"
    __table_args__ = (
        one_of("role", tuple(Role)),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="valid"),
        Index(None, "organisation_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    deputy: Mapped[bool] = mapped_column(default=False)
    # What the holder may be in the organisation's monthly report: 填报人, 审核人, 签发人.
    may_fill: Mapped[bool] = mapped_column(default=True)
    may_check: Mapped[bool] = mapped_column(default=True)
    may_sign: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person] = relationship(back_populates="memberships", lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class LoginThrottle(Base):
    """Failed sign-ins of one address or one network host in the present window."""

    __tablename__ = "login_throttle"

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    window_started_at: Mapped[datetime]
    failures: Mapped[int]


class CalendarLink(Base):
    """A person's secret address of a calendar feed. Only its hash is kept, so it is shown once, when it is made."""

    __tablename__ = "calendar_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
