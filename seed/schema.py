"""Load a plan pack from a folder: `load_pack(path)` gives a checked `Pack` or a `PackError` listing every fault.

A folder holds `plan.yaml`, `organisations.yaml`, `clauses.yaml` and one or more `tasks/*.yaml`, and may hold
`ledgers.yaml`, `caps.yaml` and `ranking.yaml`. A task reads:

    - code: m04-boilers-all
      clause: measure-4
      sentences: [measure-4.1, measure-4.2]
      title_zh: 行政区域内基本淘汰小燃煤锅炉
      title_en: Retire practically all small coal boilers in the whole territory
      short_zh: 小锅炉淘汰（全域）
      short_en: Small boilers, whole territory
      kind: quantity                    # milestone, quantity, seasonal_cap, standing, recurring_report
      who: boiler_seven                 # a group or code, a list of them, or {of: [...], except: [...]}
      supporting: [mep]
      due: {end_of_month: 2017-10}      # {on: DATE}, {season: heating}, {monthly: {day: 8, first_month: 2017-02}},
                                        # {quarterly: {...}}; leave out (or `none`) for duties without a date
      comparator: ">="                  # >=, >, =, <=, <, between (then target: [least, most])
      target: 1.0
      unit: share
      basically: true
      evidence_zh: ...
      evidence_en: ...
      ledger: {type: boilers, by: count, where: {what: boiler}}     # leave out where figures are typed
"""

import os
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from seed.capmodel import Caps
from seed.ledgermodel import LedgerType
from seed.models import Clause, Organisation, Plan
from seed.pack import Pack, Places
from seed.problems import PackError, Problem
from seed.rankingmodel import Ranking
from seed.references import reference_problems
from seed.taskmodel import Task
from seed.yamlsource import Path_, Source, dotted, read_source

MAX_TASK_FILES = 100
MAX_ROWS = 5_000

_PLAN = TypeAdapter(Plan)
_ORGANISATIONS = TypeAdapter(list[Organisation])
_CLAUSES = TypeAdapter(list[Clause])
_TASKS = TypeAdapter(list[Task])
_LEDGERS = TypeAdapter(list[LedgerType])
_CAPS = TypeAdapter(Caps)
_RANKING = TypeAdapter(Ranking)
LEDGERS = "ledgers.yaml"
CAPS = "caps.yaml"
RANKING = "ranking.yaml"

__all__ = ["Pack", "PackError", "Problem", "load_pack"]


class _Collector:
    """Reads files one by one, keeping problems instead of stopping at the first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.places: Places = {}

    def read(self, file: str, adapter: TypeAdapter[Any]) -> tuple[Source, Any]:
        try:
            source = read_source(self.root / file, file)
        except PackError as error:
            self.problems += error.problems
            return Source(file), None
        if isinstance(source.value, list) and len(source.value) > MAX_ROWS:
            self.problems.append(Problem(file, 0, "(file)", f"more than {MAX_ROWS} entries; split it"))
            return source, None
        try:
            return source, adapter.validate_python(source.value)
        except ValidationError as error:
            self.problems += [_as_problem(source, fault) for fault in error.errors(include_url=False)]
            return source, None

    def place(self, kind: str, code: str, source: Source, path: Path_) -> None:
        self.places[(kind, code)] = (source, path)


def load_pack(path: str | Path) -> Pack:
    """The pack in folder `path`, its shape checked and its names resolved.

    Raises PackError with one problem per fault, each `file:line: field: what is wrong and what to do`.
    Whether it is complete (every sentence mapped or waived) is `seed.check.check_pack`'s question.
    """
    root = Path(path)
    if not os.path.isdir(root):  # noqa: PTH112 - Path.is_dir raises where a folder above may not be entered
        raise PackError([Problem(root.name, 0, "(folder)", "not a folder; give the folder that holds plan.yaml")])
    collector = _Collector(root)
    plan = _read_plan(collector)
    organisations = _read_organisations(collector)
    clauses = _read_clauses(collector)
    tasks = _read_tasks(collector)
    ledgers, caps, ranking = _read_ledgers(collector), _read_caps(collector), _read_ranking(collector)
    if collector.problems or plan is None:
        raise PackError(collector.problems)
    pack = Pack(plan, organisations, clauses, tasks, collector.places, ledgers, caps, ranking)
    if problems := reference_problems(pack):
        raise PackError(problems)
    return pack


def _read_plan(collector: _Collector) -> Plan | None:
    plan: Plan | None
    source, plan = collector.read("plan.yaml", _PLAN)
    if plan is not None:
        collector.place("plan", "", source, ())
        for index, season in enumerate(plan.seasons):
            collector.place("season", season.code, source, ("seasons", index))
    return plan


def _read_organisations(collector: _Collector) -> list[Organisation]:
    rows: list[Organisation] | None
    source, rows = collector.read("organisations.yaml", _ORGANISATIONS)
    for index, org in enumerate(rows or []):
        collector.place("organisation", org.code, source, (index,))
    return rows or []


def _read_clauses(collector: _Collector) -> list[Clause]:
    rows: list[Clause] | None
    source, rows = collector.read("clauses.yaml", _CLAUSES)
    for index, clause in enumerate(rows or []):
        collector.place("clause", clause.id, source, (index,))
        for number, sentence in enumerate(clause.sentences):
            collector.place("sentence", sentence.id, source, (index, "sentences", number))
    return rows or []


def _read_tasks(collector: _Collector) -> list[Task]:
    files = sorted(found.name for found in (collector.root / "tasks").glob("*.yaml"))
    if not files or len(files) > MAX_TASK_FILES:
        message = f"1 to {MAX_TASK_FILES} files of tasks are expected, {len(files)} found"
        collector.problems.append(Problem("tasks/", 0, "(folder)", message))
        return []
    tasks: list[Task] = []
    rows: list[Task] | None
    for name in files:
        source, rows = collector.read(f"tasks/{name}", _TASKS)
        for index, task in enumerate(rows or []):
            collector.place("task", task.code, source, (index,))
        tasks += rows or []
    return tasks


def _read_ledgers(collector: _Collector) -> list[LedgerType]:
    """The ledgers; a plan without any has no such file."""
    rows: list[LedgerType] | None
    if not os.path.lexists(collector.root / LEDGERS):
        return []
    source, rows = collector.read(LEDGERS, _LEDGERS)
    for index, ledger in enumerate(rows or []):
        collector.place("ledger", ledger.code, source, (index,))
    return rows or []


def _read_caps(collector: _Collector) -> Caps | None:
    """The seasonal caps; a plan without any has no such file."""
    caps: Caps | None
    if not os.path.lexists(collector.root / CAPS):
        return None
    source, caps = collector.read(CAPS, _CAPS)
    collector.place("caps", "", source, ())
    return caps


def _read_ranking(collector: _Collector) -> Ranking | None:
    """The formula of the ranking; a plan without one has no such file, and its organisations are not ranked."""
    ranking: Ranking | None
    if not os.path.lexists(collector.root / RANKING):
        return None
    source, ranking = collector.read(RANKING, _RANKING)
    collector.place("ranking", "", source, ())
    return ranking


_ADVICE = {
    "missing": "is missing; write it",
    "extra_forbidden": "is not a field of this file; remove it or mend its spelling",
}


def _as_problem(source: Source, fault: Any) -> Problem:
    path: Path_ = tuple("except" if part == "except_" else part for part in fault["loc"])
    message = _ADVICE.get(fault["type"])
    if message is None:
        message = str(fault["msg"]).removeprefix("Value error, ")
        given = repr(fault["input"]) if isinstance(fault["input"], str | int) else type(fault["input"]).__name__
        message = f"{message} (given: {given[:80]})"
    return Problem(source.file, source.line(path), dotted(path), message)
