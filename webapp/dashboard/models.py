"""What the overview remembers of a person: up to which day they have seen it."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base


class OverviewVisit(Base):
    """The last day whose state of affairs a person said to have seen; changes are told from then on."""

    __tablename__ = "overview_visit"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    day: Mapped[date]
