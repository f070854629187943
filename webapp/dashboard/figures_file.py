"""The overview's figures and what moved since a past day, as files: their columns, and their rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webapp.dashboard.moved import Moved, Step
from webapp.dashboard.overview import Figures
from webapp.dashboard.pictures import Line
from webapp.dashboard.wording import CAUSE_WORDS, light_words
from webapp.i18n import pick
from webapp.lists.files import Field, Share
from webapp.progress.letters import WHOLE
from webapp.rollups.tally import Cell, Tally

LABELS = ("overdue", "behind", "awaiting", "on_pace", "not_started", "done", "done_late", "standing", "not_applicable")


@dataclass(frozen=True, slots=True)
class Row:
    """A cell of the matrix as a line: who, which clause, the counts of the day, and those of now where it is past."""

    place: Line
    clause: Line
    then: Tally
    now: Tally | None


def figure_rows(found: Figures) -> Iterator[Row]:
    """A line for each cell, in the order of the matrix."""
    present = found.present
    for place, clause in ((place, clause) for place in found.rows for clause in found.clauses):
        then = found.board.cells.get((place.id, clause.id))
        now = present.get((place.id, clause.id)) if present is not None else None
        if then or now:
            yield Row(place, clause, _tally(then), None if present is None else _tally(now))


def _tally(cell: Cell | None) -> Tally:
    return Tally(cell.lights, cell.progress) if cell else Tally()


def figure_fields(day: date, *, past: bool) -> list[Field]:
    """The columns: place, clause, how many show which light, shares; of a past day, the same of now behind them."""
    words = light_words()
    fields = [
        Field(_("数据截至"), lambda _row: day),
        Field(_("单位代码"), lambda row: row.place.code),
        Field(_("单位"), lambda row: pick(row.place, "short")),
        Field(_("条款"), lambda row: row.clause.code),
        Field(_("条款名称"), lambda row: pick(row.clause, "title"), 24),
        Field(_("任务事项数"), lambda row: row.then.total),
    ]
    fields += [Field(words[label], _counting("then", label)) for label in LABELS]
    fields.append(Field(_("平均完成比例"), lambda row: _share(row.then)))
    if past:
        now = _("当前")
        fields += [Field(f"{now}：{words[label]}", _counting("now", label)) for label in LABELS]
        fields.append(Field(f"{now}：" + _("平均完成比例"), lambda row: _share(row.now)))
    return fields


def _counting(side: str, label: str) -> Callable[[Any], int]:
    return lambda row: int(getattr(row, side).count(label))


def _share(tally: Tally) -> Share | None:
    return None if tally.average is None else Share(Decimal(tally.average) / WHOLE)


def moved_fields() -> list[Field]:
    """The columns of what moved: who and what, how it stood and stands, and each change between."""
    words = light_words()

    def word(light: tuple[str, str] | None) -> str:
        return words[light[1]] if light else ""

    return [
        Field(_("单位代码"), lambda each: each.row.organisation_code),
        Field(_("单位"), lambda each: pick(each.row, "organisation")),
        Field(_("条款"), lambda each: each.row.clause_code),
        Field(_("任务代码"), lambda each: each.row.task_code, 24),
        Field(_("任务"), lambda each: pick(each.row, "title"), 40),
        Field(_("当时亮灯"), lambda each: word(each.before)),
        Field(_("当前亮灯"), lambda each: word(each.after)),
        Field(_("当时期限"), lambda each: each.row.due_before),
        Field(_("现行期限"), lambda each: each.row.due),
        Field(_("变化及原因"), lambda each: _told(each, words), 60),
    ]


def _told(each: Moved, words: dict[str, str]) -> str:
    return "; ".join(_step(step, words) for step in each.steps)


def _step(step: Step, words: dict[str, str]) -> str:
    lights = [words[light[1]] for light in (step.before, step.after) if light]
    return f"{step.day.isoformat()} {CAUSE_WORDS[step.cause]} " + " → ".join(dict.fromkeys(lights))
