"""A pack's reminder rules, asked the same questions as those an administrator types in."""

from collections.abc import Iterator

from seed.pack import Pack
from seed.problems import Problem
from seed.yamlsource import Path_, dotted
from webapp.i18n import use_locale
from webapp.reminders.ladder import RuleProblem, RulesError, rules_from


def reminder_problems(pack: Pack) -> list[Problem]:
    """What the rules themselves refuse, each at its line, and ladders of tasks the pack does not have."""
    with use_locale("en"):
        try:
            rules = rules_from(pack.plan.reminders.as_data())
        except RulesError as error:
            return [_problem(pack, _path(each), str(each)) for each in error.problems]
    return list(_unknown_tasks(pack, rules.ladders_of_tasks()))


def _unknown_tasks(pack: Pack, ladders: dict[str, str]) -> Iterator[Problem]:
    known = {task.code for task in pack.tasks}
    for task, ladder in ladders.items():
        if task not in known:
            path = ("reminders", "ladders", ladder, "tasks")
            yield _problem(pack, path, f"unknown task {task}; see tasks/*.yaml")


def _path(each: RuleProblem) -> Path_:
    if not each.ladder:
        return "reminders", each.field
    place: Path_ = ("reminders", "ladders", each.ladder)
    return (*place, "rungs", each.rung - 1, each.field) if each.rung else (*place, each.field)


def _problem(pack: Pack, path: Path_, message: str) -> Problem:
    source, _ = pack.places["plan", ""]
    return Problem(source.file, source.line(path), dotted(path), message)
