"""Counting rows, telling them apart, and samples: pure, so that every figure can be worked out by hand.

Shares are rounded down to four places, as everywhere: what is short of all of it never reads as 100 %.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from webapp.ledgers.kinds import By, SampleRule, Use
from webapp.ledgers.typed import COMPANY

ZERO, ONE, PLACES = Decimal(0), Decimal(1), Decimal("0.0001")
DONE_STATES = frozenset({"done", "verified"})

# GB 32100-2015: the 31 signs of a unified social credit code (no I, O, S, V, Z) and the weights of its first 17 places.
CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

# What a copied name may have or lack without being another one.
NOISE = re.compile(r"[\s\W_]+")


def credit_code_is_sound(code: str) -> bool:
    """Whether the last sign of an 18-sign credit code follows from the others."""
    if len(code) != 18 or any(sign not in CREDIT_SIGNS for sign in code):
        return False
    total = sum(CREDIT_SIGNS.index(sign) * weight for sign, weight in zip(code, CREDIT_WEIGHTS, strict=False))
    return CREDIT_SIGNS[-total % 31] == code[17]


# --- telling rows apart


def plain(text: Any) -> str:
    """A text without the differences that copying makes: width, case, blanks, punctuation."""
    return NOISE.sub("", unicodedata.normalize("NFKC", str(text))).casefold()


def identity_of(values: Mapping[str, Any], fields: Sequence[str]) -> str:
    """What tells a row apart from all others of its ledger, as 64 hexadecimal signs."""
    return _digest(plain(values.get(name, "")) for name in fields)


def likeness_of(values: Mapping[str, Any]) -> str:
    """The same for rows of the same name (the form of company aside) at the same place, whatever else they say."""
    name = COMPANY.sub("", plain(values.get("name", "")))
    return _digest([name, *(plain(values.get(part, "")) for part in ("county", "township"))])


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


# --- counting


@dataclass(frozen=True, slots=True)
class Row:
    """What counting needs to know of a row."""

    state: str
    quantity: Decimal
    listed_on: date
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sums:
    """Rows and their quantity together."""

    rows: int = 0
    quantity: Decimal = ZERO

    def by(self, by: By) -> Decimal:
        """The figure asked for."""
        return self.quantity if by == "quantity" else Decimal(self.rows)


@dataclass(frozen=True, slots=True)
class Counts:
    """A ledger in figures. `base` is what is to be done; `removed` left it; `late` came after the survey's end."""

    base: Sums = Sums()
    done: Sums = Sums()
    verified: Sums = Sums()
    removed: Sums = Sums()
    late: Sums = Sums()

    @property
    def opened(self) -> bool:
        """Whether there is, or was, a row."""
        return bool(self.base.rows or self.removed.rows)

    @property
    def ever(self) -> int:
        """How many rows were ever listed: the baseline before it shrank."""
        return self.base.rows + self.removed.rows

    def share(self, by: By = "count") -> Decimal | None:
        """Done of all, None of an empty list."""
        return share(self.done.by(by), self.base.by(by))

    def verified_share(self, by: By = "count") -> Decimal | None:
        """Verified of all."""
        return share(self.verified.by(by), self.base.by(by))


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share of a whole, rounded down; None of nothing."""
    return (part / whole).quantize(PLACES, rounding=ROUND_DOWN) if whole else None


def concerns(use: Use, values: Mapping[str, Any]) -> bool:
    """Whether a task counts a row with these values. A yes-or-no field that was left empty is a no."""
    return all(values.get(name, False) in wanted for name, wanted in use.where)


def is_done(use: Use, row: Row) -> bool:
    """Whether a row counts as done for a task: by the fields it names, where it names any, else by the row's state."""
    if use.done:
        return all(row.values.get(name) is True for name in use.done)
    return row.state in DONE_STATES


def count(use: Use, rows: Iterable[Row], survey_until: date | None = None) -> Counts:
    """The figures of the rows a task counts."""
    groups: dict[str, list[Row]] = {name: [] for name in ("base", "done", "verified", "removed", "late")}
    for row in rows:
        if not concerns(use, row.values):
            continue
        if row.state == "removed":
            groups["removed"].append(row)
            continue
        groups["base"].append(row)
        if is_done(use, row):
            groups["done"].append(row)
            groups["verified"] += [row] if row.state == "verified" else []
        if survey_until and row.listed_on > survey_until:
            groups["late"].append(row)
    return Counts(**{name: _sums(found) for name, found in groups.items()})


def _sums(rows: Sequence[Row]) -> Sums:
    return Sums(len(rows), sum((row.quantity for row in rows), ZERO))


def undo(values: dict[str, Any], changed: Mapping[str, Sequence[Any]]) -> None:
    """Bring what a row says back to before an event that changed it, each field given as [old, new]."""
    for name, (old, _new) in changed.items():
        if old is None:
            values.pop(name, None)
        else:
            values[name] = old


def figure(use: Use, counts: Counts, unit: str) -> Decimal | None:
    """An assignment's figure in its task's unit; None where nothing is counted. A share of nothing left is 0."""
    if use.by == "listed" or not counts.opened:
        return None
    if unit == "share":
        return counts.share(use.by) or ZERO
    return counts.done.by(use.by)


def verified_figure(use: Use, counts: Counts, unit: str) -> Decimal:
    """How much of an assignment's figure is verified row by row, in its task's unit."""
    if unit == "share":
        return counts.verified_share(use.by) or ZERO
    return counts.verified.by(use.by)


# --- samples


def sample_size(rule: SampleRule, population: int) -> int:
    """How many rows of a population are looked at; all of a small one."""
    step = next(each for each in rule.steps if each.up_to is None or population <= each.up_to)
    return min(population, step.size)


def draw(population: Iterable[int], seed: str, size: int) -> list[int]:
    """The rows drawn, in the order drawn: the same for the same seed and population, in whatever order it is given."""
    return sorted(population, key=lambda row: hashlib.sha256(f"{seed}:{row}".encode()).digest())[:size]


def sample_fails(failed: int, size: int, limit: Decimal) -> bool:
    """Whether more rows failed than the limit allows; exactly the limit is allowed."""
    return size > 0 and Decimal(failed) > limit * size
