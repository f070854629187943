"""Group robots: a group chat's address that is told what an organisation's people are told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, one_of

ROBOT_KINDS = ("wecom", "dingtalk")


class GroupRobot(Base):
    """A group chat's robot that is told each working morning what the people of its organisation are told.

    `url` holds a key and `secret` signs (DingTalk): neither is ever shown again after it was saved.
    """

    __tablename__ = "group_robot"
    __table_args__ = (one_of("kind", ROBOT_KINDS), Index(None, "organisation_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(200), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
