"""Two revisions of a report side by side: which texts and figures changed, which lines came or went. Pure.

Works on the frozen contents alone, of either format: what the older format does not have reads as empty.
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
    """What differs between two contents: texts and people, cities, and every line of either."""

    texts: tuple[Change, ...]
    people: tuple[Change, ...]
    cities: tuple[tuple[Content, Change], ...]
    lines: tuple[LineChange, ...]

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
