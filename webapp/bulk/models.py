"""The table of acts on many rows: what was wanted, and what came of each row."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.bulk.rules import ACTS
from webapp.db import Base, append_only, one_of


class BulkRun(Base):
    """One act on many assignments, shown to whoever did it; `key` is its form's, so that it can exist once.

    `outcome` has a row for each assignment: its id, whether it was done, and why not in both languages. `listed` is the
    query of the list it was chosen from.
    """

    __tablename__ = "bulk_run"
    __table_args__ = (one_of("act", ACTS),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    act: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    listed: Mapped[str] = mapped_column(String(1000))
    mails: Mapped[int]
    recorded_at: Mapped[datetime]
    outcome: Mapped[list[Any]]


append_only(BulkRun)
