"""What differs between two versions of reminder rules, rung by rung. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from webapp.reminders.ladder import Rules
from webapp.reminders.rungs import Ladder, Rung, Tell

_OF_LADDER = ("shift", "delivery", "within", "tasks")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that was given another value."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RungPair:
    """A rung that stands in either version, and whom it told and tells; None where the version has no such rung."""

    rung: Rung
    before: tuple[Tell, ...] | None
    after: tuple[Tell, ...] | None

    @property
    def changed(self) -> bool:
        """Whether the versions differ here."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class LadderPair:
    """A ladder that stands in either version, with what differs."""

    name: str
    before: Ladder | None
    after: Ladder | None
    settings: tuple[Setting, ...]
    rungs: tuple[RungPair, ...]

    @property
    def changed(self) -> bool:
        """Whether the versions differ here."""
        return bool(self.settings) or any(each.changed for each in self.rungs)


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that differs: general settings, and the ladders that do."""

    settings: tuple[Setting, ...]
    ladders: tuple[LadderPair, ...]

    def __bool__(self) -> bool:
        return bool(self.settings or self.ladders)

    def codes(self) -> list[str]:
        """The differences in short, for the audit record: "send_at", "report: -before-5", "review: within"."""
        return [each.name for each in self.settings] + [code for each in self.ladders for code in _codes(each)]


def compare(before: Rules, after: Rules) -> Differences:
    """What differs from one version to another."""
    names = [*before.ladders, *(name for name in after.ladders if name not in before.ladders)]
    pairs = (_ladder(name, before.ladder(name), after.ladder(name)) for name in names)
    return Differences(
        tuple(_settings(_general(before), _general(after))), tuple(pair for pair in pairs if pair.changed)
    )  # fmt: skip


def _general(rules: Rules) -> dict[str, Any]:
    data = rules.as_data()
    hours = data["quiet"]
    quiet = "" if hours["from"] == hours["until"] else f"{hours['from']}–{hours['until']}"
    return {
        "send_at": rules.send_at, "quiet": quiet or None, "quiet_rest_days": rules.quiet.rest_days,
        "most_items": rules.most_items, "language": rules.language,
    }  # fmt: skip


def _settings(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Setting]:
    return (Setting(name, before[name], after[name]) for name in before if before[name] != after[name])


def _ladder(name: str, before: Ladder | None, after: Ladder | None) -> LadderPair:
    values = [{each: getattr(ladder, each, None) or None for each in _OF_LADDER} for ladder in (before, after)]
    told = [{rung.code: rung for rung in ladder.rungs} if ladder else {} for ladder in (before, after)]
    rungs = sorted((told[0] | told[1]).values(), key=lambda rung: rung.rank)
    pairs = (
        RungPair(rung, *(found[rung.code].tell if rung.code in found else None for found in told)) for rung in rungs
    )
    both = before is not None and after is not None
    return LadderPair(name, before, after, tuple(_settings(*values)) if both else (), tuple(pairs))


def _codes(pair: LadderPair) -> Iterator[str]:
    if pair.before is None or pair.after is None:
        yield f"{'+' if pair.before is None else '-'}{pair.name}"
        return
    yield from (f"{pair.name}: {each.name}" for each in pair.settings)
    for each in pair.rungs:
        if each.changed:
            sign = "+" if each.before is None else "-" if each.after is None else "~"
            yield f"{pair.name}: {sign}{each.rung.code}"
