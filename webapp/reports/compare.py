"""Two revisions of a report side by side: which texts and figures changed, which lines came or went. Pure.

Works on the frozen contents alone, of any format: what an older format does not have reads as empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

Content = Mapping[str, Any]
Line = Mapping[str, Any]

# What a reader compares, in the order it is shown. Figures have a difference, words and states have none.
FIGURES = ("cumulative", "this", "last", "verified", "target_min", "target_max", "completion", "pace")
WORDS = ("problem", "next_step", "reason")
STATES = ("due", "status", "silent_months", "title_zh")
TEXTS = ("problems", "remark", "missing_reason")
PEOPLE = ("filler", "checker", "signatory")
# Sections of the content, what tells their entries apart, and what is compared of one: paths into it.
LEDGER = (
    "rows.listed", "rows.late", "rows.removed", "rows.done", "rows.verified", "share", "verified_share",
)  # fmt: skip
CAP = ("works", "lines", "month.stopped", "month.planned", "counted", "suspects", "exempt")
SECTIONS = (("ledgers", "type", LEDGER), ("caps", "code", CAP))


class Fate(StrEnum):
    """What became of a line between two revisions."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs; `difference` is new less old where both are figures."""

    field: str
    old: Any
    new: Any
    difference: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line of either revision and what changed in it; `line` is the newer one where there is one."""

    fate: Fate
    line: Line
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two contents: texts and people, cities, entries of sections, and every line of either."""

    texts: tuple[Change, ...]
    people: tuple[Change, ...]
    cities: tuple[tuple[Content, Change], ...]
    lines: tuple[LineChange, ...]
    sections: tuple[tuple[Content, tuple[Change, ...]], ...] = ()

    @property
    def changed(self) -> list[LineChange]:
        """The lines that are not the same."""
        return [each for each in self.lines if each.fate is not Fate.SAME]

    @property
    def same(self) -> list[LineChange]:
        """The lines that are the same."""
        return [each for each in self.lines if each.fate is Fate.SAME]


def compare(old: Content, new: Content) -> Comparison:
    """What the newer content says otherwise than the older one; lines are matched by their task."""
    return Comparison(
        texts=tuple(_texts(old, new, TEXTS)),
        people=tuple(_people(old, new)),
        cities=tuple(_cities(old, new)),
        lines=tuple(_lines(old, new)),
        sections=tuple(_sections(old, new)),
    )


def _texts(old: Content, new: Content, names: tuple[str, ...]) -> Iterator[Change]:
    for name in names:
        before, after = old.get(name) or "", new.get(name) or ""
        if before != after:
            yield Change(name, before, after)


def _people(old: Content, new: Content) -> Iterator[Change]:
    before, after = old.get("people") or {}, new.get("people") or {}
    for part in PEOPLE:
        was, is_ = (_named(people.get(part)) for people in (before, after))
        if was != is_:
            yield Change(part, was, is_)


def _named(person: Content | None) -> str:
    return " ".join(filter(None, (person["name"], person.get("phone")))) if person else ""


def _cities(old: Content, new: Content) -> Iterator[tuple[Content, Change]]:
    before = {each["code"]: each for each in old.get("cities") or ()}
    after = {each["code"]: each for each in new.get("cities") or ()}
    for code, city in (before | after).items():
        was, is_ = before.get(code, {}), after.get(code, {})
        for name in ("revision", "state"):
            if was.get(name) != is_.get(name):
                yield city, Change(name, was.get(name), is_.get(name))


def _sections(old: Content, new: Content) -> Iterator[tuple[Content, tuple[Change, ...]]]:
    """Ledgers and sectors that differ. Where one content has no such section, nothing can be held against it."""
    for name, key, paths in SECTIONS:
        if name not in old or name not in new:
            continue
        before, after = ({each[key]: each for each in content[name]} for content in (old, new))
        for code, entry in (before | after).items():
            was, is_ = before.get(code, {}), after.get(code, {})
            pairs = [(path, _at(was, path), _at(is_, path)) for path in paths] + [("light", _lit(was), _lit(is_))]
            if changes := tuple(Change(path, a, b) for path, a, b in pairs if a != b):
                yield entry, changes


def _lit(entry: Content) -> tuple[str, str] | None:
    return (entry["label"], entry["light"]) if "light" in entry else None


def _at(entry: Content, path: str) -> Any:
    """What stands at a path of names; None where nothing does."""
    found: Any = entry
    for name in path.split("."):
        found = (found or {}).get(name)
    return found


def _lines(old: Content, new: Content) -> Iterator[LineChange]:
    """The newer revision's lines in its order, then those it no longer has."""
    before = {line["task"]: line for line in old["lines"]}
    for line in new["lines"]:
        was = before.pop(line["task"], None)
        if was is None:
            yield LineChange(Fate.ADDED, line)
        else:
            changes = tuple(_changes(was, line))
            yield LineChange(Fate.CHANGED if changes else Fate.SAME, line, changes)
    yield from (LineChange(Fate.REMOVED, line) for line in before.values())


def _changes(old: Line, new: Line) -> Iterator[Change]:
    for name in FIGURES:
        before, after = _figure(old.get(name)), _figure(new.get(name))
        if before != after:
            both = before is not None and after is not None
            yield Change(name, before, after, after - before if both else None)  # type: ignore[operator]
    for name in (*WORDS, *STATES):
        was, is_ = old.get(name) or "", new.get(name) or ""
        if was != is_:
            yield Change(name, was, is_)
    lit, now_lit = (old["label"], old["light"]), (new["label"], new["light"])
    if lit != now_lit:
        yield Change("light", lit, now_lit)


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
