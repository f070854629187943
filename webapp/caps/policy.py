"""The pack's caps as the product reads them from the plan's row: sectors, caps, how statements are judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from webapp.caps.facts import ONE, Binds, Cap, Limit, Limits, Window


@dataclass(frozen=True, slots=True)
class Sector:
    """A trade; `data` holds its names, notes and units in both languages, to be picked from."""

    code: str
    data: Mapping[str, Any]

    @property
    def name_zh(self) -> str:
        """Its Chinese name."""
        return str(self.data["name_zh"])

    @property
    def name_en(self) -> str:
        """Its English name."""
        return str(self.data["name_en"])

    @property
    def capacity(self) -> Mapping[str, Any]:
        """Unit and basis of capacity, in both languages."""
        found: Mapping[str, Any] = self.data["capacity"]
        return found

    @property
    def parts(self) -> bool:
        """Whether a share of a line may stand still."""
        return bool(self.capacity["parts"])

    @property
    def each(self) -> Decimal | None:
        """What every line has, where capacity is a number of lines."""
        value = self.capacity["each"]
        return None if value is None else Decimal(str(value))

    @property
    def kinds(self) -> Mapping[str, Mapping[str, Any]]:
        """Kinds of lines by code."""
        return {kind["code"]: kind for kind in self.data["kinds"]}

    @property
    def needs_meter(self) -> bool:
        """Whether a month's statement must carry the electricity."""
        return bool(self.data["electricity"] == "required")

    @property
    def tells_limits(self) -> bool:
        """Whether enterprises say if they meet the special limits."""
        return bool(self.data["limits"])

    @property
    def grounds(self) -> Sequence[str]:
        """On which grounds a line may be exempt."""
        found: Sequence[str] = self.data["exempt"]
        return found

    def counts(self, kind: str) -> bool:
        """Whether the plan speaks of this kind of line."""
        return bool(self.kinds.get(kind, {}).get("counted"))


@dataclass(frozen=True, slots=True)
class CapRule:
    """A cap of the plan: the task it answers to, the part of a sector it binds, and how much it asks."""

    code: str
    task: str
    sector: str
    limits: Limits
    feeds: bool
    starts_on: date | None
    cap: Cap
    data: Mapping[str, Any]

    @property
    def by_day(self) -> bool:
        """Whether the task's figure is what stands still on the day, not over the season."""
        return bool(self.data.get("counts") == "day")

    def binds_limits(self, meets: bool | None) -> bool:
        """Whether it binds an enterprise that meets the special limits, does not, or has not said (which is: not)."""
        return self.limits == "any" or (self.limits == "meets") == bool(meets)


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it."""

    season: str
    limit: Limit
    livelihood_by: date
    sectors: Mapping[str, Sector]
    rules: tuple[CapRule, ...]
    choices: Sequence[Mapping[str, Any]]

    def of_sector(self, sector: str) -> tuple[CapRule, ...]:
        """The caps on a sector."""
        return tuple(rule for rule in self.rules if rule.sector == sector)

    def rule_for(self, sector: str, meets: bool | None) -> CapRule | None:
        """The cap on an enterprise."""
        return next((rule for rule in self.of_sector(sector) if rule.binds_limits(meets)), None)

    def window(self, sector: str, season: Window) -> Window:
        """The days on which a sector is held to its cap: the season's, unless the pack begins it on another."""
        starts = [rule.starts_on for rule in self.of_sector(sector) if rule.starts_on]
        return Window(min(starts), season.last) if starts else season


def policy_of(rules: Mapping[str, Any]) -> Policy | None:
    """The caps of a plan (`Plan.rules`); None where the plan has none."""
    data = rules.get("caps")
    if not data:
        return None
    return Policy(
        season=data["season"],
        limit=Limit.from_data(data["judging"]),
        livelihood_by=date.fromisoformat(data["judging"]["livelihood_by"]),
        sectors={each["code"]: Sector(each["code"], each) for each in data["sectors"]},
        rules=tuple(_rule(each) for each in data["caps"]),
        choices=data["choices"],
    )


def _rule(data: Mapping[str, Any]) -> CapRule:
    binds: Binds = data["binds"]
    most = data["most"]
    cap = Cap(Decimal(data["least"]) if data["least"] else ONE, Decimal(most) if most else None, binds)
    starts = data["starts_on"]
    return CapRule(
        data["code"], data["task"], data["sector"], data["limits"], data["feeds"],
        date.fromisoformat(starts) if starts else None, cap, data,
    )  # fmt: skip
