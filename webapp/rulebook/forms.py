"""The form of reminder rules: the whole on one page, rows for rungs; what was typed as the data `rules_from` reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)  # fmt: skip
from wtforms.fields import Field
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.reminders import ladder as limits
from webapp.reminders.ladder import KNOWN_LADDERS, WITHIN_LADDERS, RuleProblem, Rules
from webapp.reminders.rungs import Ladder, Tell, Unit
from webapp.rulebook.words import LANGUAGES, SETTINGS, UNITS, ladder_name
from webapp.web import GuardedForm

BLANK_ROWS = 2
MOST_LADDERS = 40
STEPS = {"before": "days_before", "after": "workdays_after"}
BOUNDS = {
    "days_before": (0, limits.MOST_BEFORE), "workdays_after": (1, limits.MOST_AFTER),
    "within": (1, limits.MOST_WITHIN), "most_items": (1, limits.MOST_ITEMS),
}  # fmt: skip
# The fields of faults in the general settings.
GENERAL = {
    "send_at": "send_at", "most_items": "most_items", "language": "language", "quiet": "quiet_from",
    "quiet_rest_days": "quiet_rest_days",
}  # fmt: skip
_HALF_HOURS = (time(hour, minute) for hour in range(24) for minute in (0, 30))
HOURS = [f"{each:%H:%M}" for each in _HALF_HOURS if limits.EARLIEST <= each <= limits.LATEST]


class RungForm(Form):
    """One rung. A row without a unit is not one."""

    unit = SelectField(
        _l("何时"), validate_choice=False,
        choices=[SelectChoice("", _l("（不用）")), *(SelectChoice(unit, words) for unit, words in UNITS.items())],
    )  # fmt: skip
    number = StringField(_l("天数"))
    tell = SelectMultipleField(
        _l("告知"), choices=[SelectChoice(str(each), str(each)) for each in Tell], validate_choice=False,
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip
    remove = BooleanField(_l("删去"))

    @property
    def blank(self) -> bool:
        """Whether nothing was put in."""
        return not (self.unit.data or (self.number.data or "").strip() or self.tell.data)

    @property
    def rank(self) -> tuple[int, int]:
        """Where the row stands among the others: as the rungs pass."""
        units, number = list(Unit), _number(self.number.data)
        place = units.index(Unit(self.unit.data)) if self.unit.data in list(Unit) else len(units)
        days = number if isinstance(number, int) else 0
        return place, -days if place == 0 else days

    def wanted(self) -> dict[str, Any]:
        """The rung as the rules write it."""
        told = {"tell": [str(each) for each in self.tell.data or []]}
        if self.unit.data == Unit.WEEKS_AFTER:
            return {"weekly": True, **told}
        step = STEPS.get(self.unit.data or "")
        return {step: _number(self.number.data), **told} if step else told


class LadderForm(Form):
    """One ladder; `off` says that such things are not reminded of."""

    name = StringField(_l("代码"))
    off = BooleanField(_l("不提醒"))
    shift = BooleanField(_l("到期前的提醒遇休息日提前到上一个工作日，每周的顺延到下一个工作日"))
    delivery = SelectField(
        SETTINGS["delivery"], validate_choice=False,
        choices=[SelectChoice("digest", _l("并入每日汇总")), SelectChoice("at_once", _l("单独发送"))],
    )  # fmt: skip
    within = StringField(SETTINGS["within"])
    tasks = SelectMultipleField(SETTINGS["tasks"], validate_choice=False)
    rungs = FieldList(FormField(RungForm), max_entries=limits.MOST_RUNGS + BLANK_ROWS)

    @property
    def title(self) -> str:
        """The ladder in words; the page's new one has no name yet."""
        return ladder_name(self.name.data) if self.name.data else _("新阶梯")

    @property
    def blank(self) -> bool:
        """Whether nothing was put in: the row for a new ladder."""
        return not ((self.name.data or "").strip() or self.tasks.data or self.rows())

    @property
    def faulty(self) -> bool:
        """Whether something in it was refused."""
        rows = [field for row in self.rungs for field in row.form]
        return any(field.errors for field in (*rows, *self) if field is not self.rungs)

    def rows(self) -> list[RungForm]:
        """The rungs that are to be, in the order in which they pass."""
        rows = [row.form for row in self.rungs if not (row.form.blank or row.form.remove.data)]
        return sorted(rows, key=lambda row: row.rank)

    def wanted(self, rows: Iterable[RungForm]) -> dict[str, Any]:
        """The ladder as the rules write it."""
        name = (self.name.data or "").strip()
        data: dict[str, Any] = {
            "rungs": [row.wanted() for row in rows],
            "shift": bool(self.shift.data),
            "delivery": self.delivery.data,
        }
        if name in WITHIN_LADDERS:
            data["within"] = _number(self.within.data)
        return data if name in KNOWN_LADDERS else data | {"tasks": list(self.tasks.data or [])}

    def more_rows(self) -> None:
        """End with some empty rows."""
        empty = 0
        for row in reversed(self.rungs.entries):
            if not row.form.blank:
                break
            empty += 1
        for _row in range(min(BLANK_ROWS - empty, self.rungs.max_entries - len(self.rungs))):
            self.rungs.append_entry()


class RulesForm(GuardedForm):
    """All rules of a plan, why they are changed, and of which month a preview is wanted."""

    plan = HiddenField()
    send_at = SelectField(
        SETTINGS["send_at"], validate_choice=False, choices=[SelectChoice(each, each) for each in HOURS]
    )
    most_items = StringField(SETTINGS["most_items"])
    language = SelectField(
        SETTINGS["language"], validate_choice=False, choices=[SelectChoice(*each) for each in LANGUAGES.items()]
    )
    quiet_from = StringField(_l("免打扰开始"))
    quiet_until = StringField(_l("免打扰结束"))
    quiet_rest_days = BooleanField(_l("休息日全天免打扰"))
    ladders = FieldList(FormField(LadderForm), max_entries=MOST_LADDERS)
    note = TextAreaField(_l("修改原因"))
    month = SelectField(_l("预览月份"), validate_choice=False)
    area = SelectField(_l("预览范围"), validate_choice=False)
    day = SelectField(_l("日期"), validate_choice=False)
    person = SelectField(_l("人员"), validate_choice=False)

    def wanted(self) -> "Wanted":
        """What was typed, as data, and where each of its rungs stands on the page."""
        found = Wanted(self)
        quiet = {"from": (self.quiet_from.data or "")[:5], "until": (self.quiet_until.data or "")[:5]}
        found.data = {
            "send_at": self.send_at.data,
            "most_items": _number(self.most_items.data),
            "language": self.language.data,
            "quiet": quiet if any(quiet.values()) else None,
            "quiet_rest_days": bool(self.quiet_rest_days.data),
            "ladders": {},
        }
        for entry in self.ladders:
            if not (entry.form.off.data or entry.form.blank):
                found.add(entry.form)
        return found

    def offer(self, tasks: Mapping[str, str]) -> None:
        """Fill in what may be chosen, and end with empty rows and an empty ladder."""
        if not any(entry.form.blank for entry in self.ladders) and len(self.ladders) < MOST_LADDERS:
            self.ladders.append_entry({"shift": True})
        for entry in self.ladders:
            entry.form.tasks.choices = [SelectChoice(*each) for each in tasks.items()]
            entry.form.more_rows()


class RestoreForm(GuardedForm):
    """Back to what the plan came with, and why."""

    plan = HiddenField()
    reason = StringField(_l("恢复原因"))


@dataclass(slots=True)
class Wanted:
    """Rules as typed: data for `rules_from`, and the rows its faults belong to."""

    form: RulesForm
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[RuleProblem] = field(default_factory=list)
    ladders: dict[str, tuple[LadderForm, list[RungForm]]] = field(default_factory=dict)

    def add(self, ladder: LadderForm) -> None:
        """Take one ladder in; a second one of the same name is a fault."""
        name, rows = (ladder.name.data or "").strip(), ladder.rows()
        if name in self.ladders:
            self.problems.append(RuleProblem("name", _l("这个代码已经有一条阶梯，请换一个。"), name))
            return
        self.ladders[name] = ladder, rows
        self.data["ladders"][name] = ladder.wanted(rows)

    def show(self, problems: Iterable[RuleProblem]) -> list[tuple[str, str]]:
        """Put faults at their fields; all of them as (id of the field, message) for the top of the page."""
        told = []
        for each in sorted(problems, key=self._place):
            at, words = self._at(each), self._words(each)
            at.errors = [*at.errors, words]
            told.append((at.id, self._named(each, at, words)))
        return told

    def _place(self, each: RuleProblem) -> tuple[int, int]:
        """Where on the page the fault is: the ladder (from 1; 0 for the general settings), and the row of it."""
        if each.field in GENERAL or each.ladder not in self.ladders:
            return 0, 0
        ladder, rows = self.ladders[each.ladder]
        shown = [entry.form for entry in ladder.rungs]
        return list(self.ladders).index(each.ladder) + 1, shown.index(rows[each.rung - 1]) + 1 if each.rung else 0

    def _named(self, each: RuleProblem, at: Field, words: str) -> str:
        """The fault for the top of the page: where it is, and what to do."""
        in_ladder, row = self._place(each)
        name = (ladder_name(each.ladder) or _("新阶梯")) if in_ladder else at.label.text
        if row:
            return _("%(ladder)s第 %(n)s 行：%(text)s", ladder=name, n=row, text=words)
        return _("%(ladder)s：%(text)s", ladder=name, text=words)

    def _at(self, each: RuleProblem) -> Field:
        if each.field in GENERAL or each.ladder not in self.ladders:
            return self.form._fields.get(GENERAL.get(each.field, each.field), self.form.note)
        ladder, rows = self.ladders[each.ladder]
        if each.rung:
            row = rows[each.rung - 1]
            return row.tell if each.field == "tell" else row.number if each.field in STEPS.values() else row.unit
        if each.field in ("within", "delivery", "shift", "tasks", "name"):
            return ladder._fields[each.field]
        return ladder.rungs.entries[0].form.unit if ladder.rungs.entries else ladder.off

    def _words(self, each: RuleProblem) -> str:
        """A fault in the words of the page: `rules_from` speaks to who writes a pack."""
        if each.field in BOUNDS:
            least, most = BOUNDS[each.field]
            return _("请填 %(least)s 至 %(most)s 的整数。", least=least, most=most)
        ladder = self.data["ladders"].get(each.ladder, {})
        words = {"tell": _("请至少勾选一个告知对象。")}
        words["quiet"] = _("请写明起止时刻，例如 21:00 和 07:00；都留空表示没有免打扰时段。")
        if not ladder.get("tasks"):
            words["tasks"] = _("请选择适用任务。")
        if each.field == "rungs" and each.rung == 0:
            words["rungs"] = _("请填写 1 至 %(most)s 级提醒；不需要提醒时请勾选“不提醒”。", most=limits.MOST_RUNGS)
        elif each.field == "rungs" and ladder["rungs"][each.rung - 1].keys() == {"tell"}:
            words["rungs"] = _("请选择提醒的时间，不用的行请清空。")
        return words.get(each.field, str(each.text))


def form_data(rules: Rules, spare: Mapping[str, Ladder]) -> dict[str, Any]:
    """The fields of rules; ladders that are not among them (`spare`) are offered, switched off."""
    unused = {name: ladder for name, ladder in spare.items() if name not in rules.ladders}
    quiet = rules.quiet if rules.quiet.begins != rules.quiet.ends else None
    return {
        "send_at": f"{rules.send_at:%H:%M}",
        "most_items": str(rules.most_items),
        "language": rules.language,
        "quiet_from": f"{quiet.begins:%H:%M}" if quiet else "",
        "quiet_until": f"{quiet.ends:%H:%M}" if quiet else "",
        "quiet_rest_days": rules.quiet.rest_days,
        "ladders": [
            *(_ladder_data(name, ladder, off=False) for name, ladder in rules.ladders.items()),
            *(_ladder_data(name, ladder, off=True) for name, ladder in unused.items()),
        ],
    }


def _ladder_data(name: str, ladder: Ladder, *, off: bool) -> dict[str, Any]:
    rungs = [
        {
            "unit": str(rung.unit),
            "number": "" if rung.unit is Unit.WEEKS_AFTER else str(rung.offset),
            "tell": [str(each) for each in rung.tell],
        }
        for rung in ladder.rungs
    ]
    within = "" if ladder.within is None else str(ladder.within)
    settings = {"shift": ladder.shift, "delivery": ladder.delivery, "within": within, "tasks": list(ladder.tasks)}
    return {"name": name, "off": off, "rungs": rungs, **settings}


def _number(text: str | None) -> Any:
    """A typed number; what is none stays as it was typed, for the rules to refuse."""
    typed = (text or "").strip()
    return int(typed) if typed.isdecimal() and len(typed) < 10 else typed
