"""The lines of a mail as facts: what is read about an intent once it is to be shown, in batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from webapp.plans.models import Assignment, Task
from webapp.reminders.facts import Gathered, GatheredKey
from webapp.reminders.rules import Intent
from webapp.reminders.subjects import Place
from webapp.reports.models import MonthlyReport

BATCH = 5_000
T = TypeVar("T")
_TEXTS = ("light", "label", "title_zh", "title_en")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a mail. A report is named by its `month`; `count` is that of an organisation's assignments."""

    kind: str
    id: int
    plan: int
    audience: str
    rung: str
    due: date
    days: int
    org_code: str
    org_zh: str
    org_en: str
    province_zh: str = ""
    province_en: str = ""
    light: str = ""
    label: str = ""
    title_zh: str = ""
    title_en: str = ""
    month: date | None = None
    count: int = 0

    def as_data(self) -> dict[str, Any]:
        """The line as the outbox keeps it."""
        data = {name: getattr(self, name) for name in _FIELDS}
        return data | {"due": self.due.isoformat(), "month": self.month.isoformat() if self.month else None}


_FIELDS = tuple(each.name for each in fields(Line))


def _spelt_out(ids: Sequence[int]) -> BindParameter[int]:
    """Numbers written into the statement: to take thousands of parameters apart costs more than to look them up."""
    return bindparam("ids", ids, expanding=True, literal_execute=True)


class Lines:
    """Makes lines of intents, with what was read about their objects."""

    def __init__(self, places: Mapping[int, Place], gathered: Mapping[GatheredKey, Gathered]) -> None:
        self._places, self._gathered = places, gathered
        self._by_path = {place.path: place for place in places.values()}
        self._assignments: dict[int, tuple[str, ...]] = {}
        self._months: dict[int, date] = {}
        self._known: dict[str, str] = {}

    def read(self, session: Session, intents: Iterable[Intent]) -> None:
        """Read what the lines of these intents say of assignments and reports."""
        wanted: dict[str, set[int]] = {"assignment": set(), "report": set()}
        for intent in intents:
            _, kind, subject_id = intent.object
            if kind in wanted:
                wanted[kind].add(subject_id)
        for ids in batches(sorted(wanted["assignment"]), BATCH):
            self._read_assignments(session, ids)
        for ids in batches(sorted(wanted["report"]), BATCH):
            row = MonthlyReport
            for found in session.execute(select(row.id, row.month).where(row.id.in_(_spelt_out(ids)))):
                self._months[found.id] = found.month

    def _read_assignments(self, session: Session, ids: Sequence[int]) -> None:
        row = Assignment
        statement = (
            select(row.id, row.light, row.light_label, Task.title_zh, Task.title_en)
            .join(Task, Task.id == row.task_id)
            .where(row.id.in_(_spelt_out(ids)))
        )
        for subject_id, *texts in session.execute(statement):
            # The same few titles again and again: one copy of each is kept.
            self._assignments[subject_id] = tuple(self._known.setdefault(text, text) for text in texts)

    def line(self, intent: Intent) -> Line:
        """An intent's line."""
        kind, subject_id = intent.subject
        place = self._by_path[intent.group]
        province = self._places.get(place.province_id or 0)
        return Line(
            kind, subject_id, intent.plan, str(intent.audience), intent.rung, intent.due, intent.days,
            place.code, place.name_zh, place.name_en,
            province_zh=province.name_zh if province else "",
            province_en=province.name_en if province else "",
            **self._said_of(intent),
        )  # fmt: skip

    def _said_of(self, intent: Intent) -> dict[str, Any]:
        _, about, object_id = intent.object
        if about == "assignment":
            return dict(zip(_TEXTS, self._assignments[object_id], strict=True))
        if about == "report":
            return {"month": self._months[object_id]}
        told = self._gathered[intent.plan, about, object_id, intent.due]
        return {"title_zh": told.name_zh, "title_en": told.name_en, "count": told.many}
