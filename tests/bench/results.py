"""What `make bench` found, in words: a line while it runs, and docs/speed.md with the goals one by one."""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.plans.models import Assignment

if TYPE_CHECKING:
    from tests.bench.bench import Measured

FLOORS = {"posting an update": "floor's update"}
LISTS = ("list, 50 rows", "list, three filters")
GROWING = (*LISTS, "assignment", "posting an update", "overview with the matrix")
INTRODUCTION = """# Speed

Written by `make bench`: over HTTP on loopback, signed in, one process of waitress with eight threads, the database
(PostgreSQL with fsync on) and the askers on the same {cpus} processors. The data is the 2017 plan as it is lived in,
and the same grown to 280 and 2,800 counties below its cities, with a year of figures
([`tests/bench/grown.py`](../tests/bench/grown.py)). The floor is a bare Flask page of 50 rows from one query, and a
bare update, on the same server in the same run, without session, frame or permissions. Milliseconds belong to the
machine and to what else ran on it; the server's processor time suffers least from neighbours. Statements include BEGIN
on SQLite.
"""


def count_assignments(session: Session) -> int:
    """How large a database is."""
    return session.scalar(select(func.count()).select_from(Assignment)) or 0


def told(found: "Measured") -> str:
    """One database's figures as plain lines."""
    alone = (
        f"{line.name:28} {line.median:8.1f} ms  p95 {line.p95:8.1f}  x{_ratio(found, line.name):6.1f}"
        f"  CPU {line.cpu:7.1f}  {line.statements:3} statements"
        for line in found.lines.values()
    )
    eight = (
        f"8 clients: {line.name:28} {line.rate:8.1f}/s  median {line.median:7.1f}  p95 {line.p95:7.1f}"
        for line in found.eight.values()
    )
    facts = (f"{name}: {value:.2f}" for name, value in found.facts.items())
    return "\n".join([f"== {found.engine} {found.size}x: {found.assignments:,} assignments", *alone, *eight, *facts])


def _ratio(found: "Measured", name: str) -> float:
    return found.lines[name].median / found.lines[FLOORS.get(name, "floor")].median


# --- the document


def document(found: "Sequence[Measured]") -> str:
    """The first part of docs/speed.md."""
    by = {(each.engine, each.size): each for each in found}
    parts = [INTRODUCTION.format(cpus=os.cpu_count())]
    for engine, name in (("postgresql", "PostgreSQL"), ("sqlite", "SQLite")):
        own = [by[engine, size] for size in (1, 10, 100)]
        parts += [f"**{name}**, one client", _alone(own), f"**{name}**, eight clients", _eight(own), _facts(own)]
    return "\n\n".join([*parts, "**Goals**, on PostgreSQL", _goals(by)])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _alone(own: "Sequence[Measured]") -> str:
    one, ten, hundred = own
    head = ["", "ms", "p95", "× floor", "CPU ms", "statements", f"10x: {ten.assignments:,}",
            f"100x: {hundred.assignments:,}", "100x ÷ 1x"]  # fmt: skip
    rows = []
    for name, line in one.lines.items():
        grown = hundred.lines[name].median / line.median
        figures = [line.median, line.p95, _ratio(one, name), line.cpu]
        more = [f"{ten.lines[name].median:.1f}", f"{hundred.lines[name].median:.1f}", f"{grown:.1f}"]
        rows.append([name, *(f"{each:.1f}" for each in figures), str(line.statements), *more])
    return _table(head, rows)


def _eight(own: "Sequence[Measured]") -> str:
    head = ["", "answers a second", "÷ floor's", "median ms", "p95 ms", "p95 ÷ median", "100x: a second"]
    rows = []
    for name, line in own[0].eight.items():
        share = own[0].eight["floor"].rate / line.rate
        more = [line.median, line.p95, line.p95 / line.median, own[2].eight[name].rate]
        rows.append([name, f"{line.rate:.0f}", f"1/{share:.1f}", *(f"{each:.1f}" for each in more)])
    return _table(head, rows)


def _facts(own: "Sequence[Measured]") -> str:
    names = dict.fromkeys(name for each in own for name in each.facts)
    rows = [[name, *(_said(each.facts.get(name)) for each in own)] for name in names]
    return _table(["", *(f"{each.size}x" for each in own)], rows)


def _said(value: float | None) -> str:
    if value is None:
        return "—"
    return "over 150" if math.isinf(value) else f"{value:.2f}"


# --- goals


def _goals(by: "Mapping[tuple[str, int], Measured]") -> str:
    rows = [[name, f"{wanted:g}", _said(value), "met" if value <= wanted else "**missed**"]
            for name, wanted, value in _measured_goals(by["postgresql", 1], by["postgresql", 100])]  # fmt: skip
    return _table(["", "at most", "measured", ""], rows)


def _measured_goals(one: "Measured", hundred: "Measured") -> Iterator[tuple[str, float, float]]:
    for name in GROWING:
        yield f"{name}, × floor", 6, _ratio(one, name)
    for name in ("list, 50 rows", "assignment", "overview with the matrix"):
        line = one.eight[name]
        yield f"{name}, 8 clients: floor's rate ÷ its rate", 6, one.eight["floor"].rate / line.rate
        yield f"{name}, 8 clients: p95 ÷ median", 3, line.p95 / line.median
    for name in GROWING:
        yield f"{name}, 100x ÷ 1x", 1.5, hundred.lines[name].median / one.lines[name].median
    yield f"CSV of {hundred.assignments:,} rows, seconds", 3, hundred.facts["csv s"]
    yield "CSV, MB of the process", 150, hundred.facts["csv process MB"]
    yield f"roll-up of {hundred.assignments:,} assignments, seconds", 15, hundred.facts["roll-up s"]
    yield "a web process starts, seconds", 1, one.facts["start s"]
    yield "a web process after the run, MB", 120, one.facts["memory MB"]
