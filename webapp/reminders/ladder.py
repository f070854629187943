"""A plan's reminder rules: data of the pack, or as an administrator saved them, read and checked here. Pure.

`rules_from` refuses what it does not understand, naming every fault at once; `Rules.as_data` gives the same data back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.reminders.defaults import DEFAULT_DATA
from webapp.reminders.rungs import ESCALATIONS, Audience, Delivery, Ladder, Rung, Tell, Unit
from webapp.reminders.words import ladder_name
from webapp.workdays.quiet import NIGHT, Quiet

__all__ = [
    "DEFAULTS",
    "DEFAULT_DATA",
    "ESCALATIONS",
    "KNOWN_LADDERS",
    "WITHIN_LADDERS",
    "Audience",
    "Delivery",
    "Ladder",
    "Quiet",
    "RuleProblem",
    "Rules",
    "RulesError",
    "Rung",
    "Tell",
    "Unit",
    "rules_from",
    "stored_rules",
]

Language = Literal["person", "zh", "en"]
LANGUAGES = ("person", "zh", "en")
DELIVERIES = ("digest", "at_once")
WITHIN_LADDERS = ("review", "na_claim", "returned")
KNOWN_LADDERS = ("assignment", "report", *WITHIN_LADDERS, "silence", "season_start", "cap_check")
EARLIEST, LATEST = time(7), time(20)
MOST_BEFORE, MOST_AFTER, MOST_RUNGS, MOST_WITHIN, MOST_ITEMS = 60, 120, 30, 30, 100
_FIELDS = {"send_at", "most_items", "language", "quiet", "quiet_rest_days", "ladders"}
_LADDER_FIELDS = {"rungs", "shift", "delivery", "within", "tasks"}
_COUNTED = {
    "days_before": (Unit.DAYS_BEFORE, (0, MOST_BEFORE)),
    "workdays_after": (Unit.WORKDAYS_AFTER, (1, MOST_AFTER)),
}
_STEPS = (*_COUNTED, "weekly")


# What no plan decides: that the calendar lacks a year is told on the first working morning of each month.
# The name is none that a plan can give.
FIXED = {"system:calendar": Ladder((Rung(Unit.DAYS_BEFORE, 0, (Tell.OFFICER,)),))}


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One fault of the rules: on which ladder and which of its rungs (from 1; 0 for the ladder itself), what to do."""

    field: str
    text: Any
    ladder: str = ""
    rung: int = 0

    def __str__(self) -> str:
        """The whole message, in the language being spoken."""
        if not self.ladder:
            return str(self.text)
        name = ladder_name(self.ladder)
        if not self.rung:
            return _("提醒阶梯“%(ladder)s”：%(text)s", ladder=name, text=self.text)
        return _("提醒阶梯“%(ladder)s”第 %(rung)s 级：%(text)s", ladder=name, rung=self.rung, text=self.text)


class RulesError(ValueError):
    """Rules that cannot be used; `problems` holds every fault found."""

    def __init__(self, problems: Iterable[RuleProblem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(str(each) for each in self.problems))


@dataclass(frozen=True, slots=True)
class Rules:
    """A plan's reminder rules: a ladder for each kind of subject, and how and when people are written to."""

    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    send_at: time = time(8, 30)
    most_items: int = 20
    language: Language = "person"
    quiet: Quiet = field(default_factory=Quiet)

    def ladder(self, name: str) -> Ladder | None:
        """A ladder by name; None means that such subjects are not reminded of."""
        return self.ladders.get(name) or FIXED.get(name)

    def within(self, name: str) -> int | None:
        """How many working days a decision or correction may take; None where the ladder is missing."""
        found = self.ladders.get(name)
        return found.within if found else None

    def ladders_of_tasks(self) -> dict[str, str]:
        """The tasks that climb a ladder of the plan's own instead of `assignment`: ladder names by task code."""
        return {task: name for name, ladder in self.ladders.items() for task in ladder.tasks}

    def as_data(self) -> dict[str, Any]:
        """The rules as the pack writes them, complete and in JSON's types."""
        quiet = {"from": f"{self.quiet.begins:%H:%M}", "until": f"{self.quiet.ends:%H:%M}"}
        return {
            "send_at": f"{self.send_at:%H:%M}",
            "most_items": self.most_items,
            "language": self.language,
            "quiet": quiet,
            "quiet_rest_days": self.quiet.rest_days,
            "ladders": {name: ladder.as_data() for name, ladder in self.ladders.items()},
        }


def rules_from(data: Mapping[str, Any]) -> Rules:
    """The rules from their data; what is left out keeps its default. Raises RulesError with every fault at once."""
    reader = _Reader()
    rules = reader.rules(data)
    if reader.problems:
        raise RulesError(reader.problems)
    return rules


def stored_rules(data: Mapping[str, Any]) -> Rules:
    """The rules of a plan that is loaded already. Rules of an earlier release's form count as the defaults."""
    return rules_from(data) if "ladders" in data else DEFAULTS


class _Reader:
    """Reads rules, keeping the faults instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[RuleProblem] = []

    def wrong(self, name: str, text: Any, ladder: str = "", rung: int = 0) -> None:
        self.problems.append(RuleProblem(name, text, ladder, rung))

    def rules(self, data: Mapping[str, Any]) -> Rules:
        self._unknown(data, _FIELDS)
        language = data.get("language", "person")
        if language not in LANGUAGES:
            self.wrong("language", _l("邮件语言只能是 person（按收件人）、zh 或 en。"))
        return Rules(
            self._ladders(data.get("ladders", DEFAULT_DATA["ladders"])),
            self._send_at(data.get("send_at", "08:30")),
            self._number("most_items", data.get("most_items", 20), (1, MOST_ITEMS)),
            language,
            self._quiet(data),
        )

    def _unknown(self, data: Mapping[str, Any], known: set[str], ladder: str = "", rung: int = 0) -> None:
        for name in data:
            if name not in known:
                self.wrong(str(name), _l("没有“%(field)s”这一项，请删去或改正写法。", field=name), ladder, rung)

    def _number(self, name: str, value: Any, bounds: tuple[int, int], ladder: str = "", rung: int = 0) -> int:
        least, most = bounds
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        text = _l("“%(field)s”应为 %(least)s 至 %(most)s 的整数。", field=name, least=least, most=most)
        self.wrong(name, text, ladder, rung)
        return least

    def _flag(self, name: str, value: Any, ladder: str = "") -> bool:
        if not isinstance(value, bool):
            self.wrong(name, _l("“%(field)s”只能是 true 或 false。", field=name), ladder)
        return bool(value)

    def _send_at(self, value: Any) -> time:
        at = _clock(value)
        if at is None or at.minute not in (0, 30) or not EARLIEST <= at <= LATEST:
            self.wrong("send_at", _l("发送时间应为 07:00 至 20:00 之间的整点或半点，例如 08:30。"))
        return at or EARLIEST

    def _quiet(self, data: Mapping[str, Any]) -> Quiet:
        rest_days = self._flag("quiet_rest_days", data.get("quiet_rest_days", False))
        hours = data.get("quiet", {"from": f"{NIGHT[0]:%H:%M}", "until": f"{NIGHT[1]:%H:%M}"})
        if hours is None:
            return Quiet(time(), time(), rest_days)
        begins = _clock(hours.get("from")) if isinstance(hours, Mapping) else None
        ends = _clock(hours.get("until")) if isinstance(hours, Mapping) else None
        if begins is None or ends is None:
            self.wrong("quiet", _l("免打扰时段请写明起止时刻，例如 from 21:00、until 07:00；不需要时写 null。"))
        return Quiet(begins or time(), ends or time(), rest_days)

    def _ladders(self, data: Any) -> dict[str, Ladder]:
        if not isinstance(data, Mapping):
            self.wrong("ladders", _l("提醒阶梯应按名称逐条列出。"))
            return {}
        found = {str(name): self._ladder(str(name), each) for name, each in data.items()}
        self._tasks_named_twice(found)
        return found

    def _tasks_named_twice(self, ladders: Mapping[str, Ladder]) -> None:
        seen: dict[str, str] = {}
        for name, ladder in ladders.items():
            for task in ladder.tasks:
                if task in seen:
                    text = _l("任务 %(task)s 已归入阶梯“%(other)s”，只能保留一处。", task=task, other=seen[task])
                    self.wrong("tasks", text, name)
                seen[task] = name

    def _ladder(self, name: str, data: Any) -> Ladder:
        if not isinstance(data, Mapping):
            self.wrong("ladders", _l("请写明各级提醒（rungs）。"), name)
            return Ladder(())
        self._unknown(data, _LADDER_FIELDS, name)
        delivery = data.get("delivery", "digest")
        if delivery not in DELIVERIES:
            self.wrong("delivery", _l("发送方式只能是 digest（每日汇总）或 at_once（单独发送）。"), name)
        shift = self._flag("shift", data.get("shift", True), name)
        return Ladder(self._rungs(name, data), shift, delivery, self._within(name, data), self._tasks(name, data))

    def _within(self, name: str, data: Mapping[str, Any]) -> int | None:
        value = data.get("within")
        if name in WITHIN_LADDERS:
            return self._number("within", value, (1, MOST_WITHIN), name)
        if value is not None:
            self.wrong("within", _l("只有审核、不涉及申请和退回整改的阶梯规定办理工作日数（within），请删去。"), name)
        return None

    def _tasks(self, name: str, data: Mapping[str, Any]) -> tuple[str, ...]:
        value, own = data.get("tasks"), name not in KNOWN_LADDERS
        if not own:
            if value is not None:
                self.wrong("tasks", _l("只有自行命名的阶梯列出任务（tasks），请删去。"), name)
            return ()
        codes = value if isinstance(value, list | tuple) else ()
        if not codes or not all(isinstance(code, str) and code for code in codes):
            self.wrong("tasks", _l("自行命名的阶梯须列出适用任务的代码（tasks）。"), name)
            return ()
        return tuple(codes)

    def _rungs(self, name: str, data: Mapping[str, Any]) -> tuple[Rung, ...]:
        rows = data.get("rungs")
        if not isinstance(rows, list | tuple) or not 1 <= len(rows) <= MOST_RUNGS:
            self.wrong("rungs", _l("请写明 1 至 %(most)s 级提醒（rungs）。", most=MOST_RUNGS), name)
            return ()
        read = [self._rung(name, place, row) for place, row in enumerate(rows, start=1)]
        self._order(name, read)
        return tuple(sorted((rung for rung in read if rung), key=lambda rung: rung.rank))

    def _order(self, name: str, rungs: list[Rung | None]) -> None:
        seen: set[str] = set()
        for place, rung in enumerate(rungs, start=1):
            if rung and rung.code in seen:
                self.wrong("rungs", _l("与前面某一级的日期相同，请删去一级。"), name, place)
            if rung:
                seen.add(rung.code)
            if rung and rung.unit is Unit.WEEKS_AFTER:
                if place != len(rungs):
                    self.wrong("weekly", _l("每周重复的一级须放在最后。"), name, place)
                if all(rungs) and not any(other and other.unit is Unit.WORKDAYS_AFTER for other in rungs):
                    self.wrong("weekly", _l("每周重复的一级之前至少要有一级“到期后若干工作日”。"), name, place)

    def _rung(self, name: str, place: int, data: Any) -> Rung | None:
        data = data if isinstance(data, Mapping) else {}
        self._unknown(data, {*_STEPS, "tell"}, name, place)
        tell = self._tell(name, place, data.get("tell"))
        given = [step for step in _STEPS if data.get(step) is not None]
        if len(given) != 1:
            self.wrong("rungs", _l("days_before、workdays_after、weekly 三项须写且只写一项。"), name, place)
            return None
        step, value = given[0], data[given[0]]
        if step in _COUNTED:
            unit, bounds = _COUNTED[step]
            known, offset = len(self.problems), self._number(step, value, bounds, name, place)
            # A number that cannot be used stands for no day, so that nothing more is said of it.
            return Rung(unit, offset, tell) if len(self.problems) == known else None
        if value is not True:
            self.wrong(step, _l("每周重复请写 weekly: true，不重复则删去这一级。"), name, place)
        return Rung(Unit.WEEKS_AFTER, 0, tell)

    def _tell(self, name: str, place: int, value: Any) -> tuple[Tell, ...]:
        given = list(value) if isinstance(value, list | tuple) else []
        if not given or any(each not in list(Tell) for each in given):
            text = _l("请写明告知谁（tell）：officer、deputy、coordinator、region 中的一个或几个。")
            self.wrong("tell", text, name, place)
        return tuple(each for each in Tell if each in given)


def _clock(value: Any) -> time | None:
    """A wall time written "HH:MM"; None for anything else."""
    if not isinstance(value, str) or len(value) != len("00:00"):
        return None
    try:
        return time.fromisoformat(value)
    except ValueError:
        return None


DEFAULTS = rules_from(DEFAULT_DATA)
