"""What is missing from a draft or contradicts itself: errors stand in the way of submission, warnings do not.

Pure: it looks at lines as `draft` makes them and as accepted revisions keep them. Words and links are in `mending`.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from webapp.progress.facts import OPEN_STATUSES

Level = Literal["error", "warning"]
Code = Literal["below_accepted", "verified_above_claimed", "missing_due", "no_evidence", "jump", "silent"]
Line = Mapping[str, Any]

MILESTONE = "milestone"
# From how many times last month's figure on a growing one looks like a slip of the finger.
JUMP_TIMES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at; `params` are the figures and dates its sentence needs, as the line has them."""

    level: Level
    code: Code
    assignment: int
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def findings(
    lines: Iterable[Line],
    *,
    last_accepted: Mapping[str, Line],
    month_end: date,
    bare_claims: Collection[int] = frozenset(),
    later: Collection[int] = frozenset(),
) -> list[Finding]:
    """Everything to look at in a draft, errors first, each level in the lines' order.

    `last_accepted` are the lines of the newest accepted revision on an earlier month, by task; `bare_claims` the
    assignments whose completion was claimed in the month without a file; `later` those already spoken of for days after
    the month: what nobody can state any more is no error.
    """
    found = [
        each
        for line in lines
        for each in (
            *_unstated(line, month_end, mendable=line["assignment"] not in later),
            *_contradictions(line, last_accepted.get(line["task"])),
            *_warnings(line, line["assignment"] in bare_claims),
        )
    ]
    return sorted(found, key=lambda each: each.level != "error")


def _unstated(line: Line, month_end: date, *, mendable: bool) -> Iterator[Finding]:
    if _is_unstated(line) and line["due"] and line["due"] <= month_end.isoformat():
        params = {"due": line["due"], "milestone": line["unit"] == MILESTONE}
        yield Finding("error" if mendable else "warning", "missing_due", line["assignment"], params)


def _contradictions(line: Line, accepted: Line | None) -> Iterator[Finding]:
    number, done, verified = line["assignment"], _figure(line["cumulative"]), _figure(line["verified"])
    if not _grows(line) or done is None:
        return
    before = accepted["cumulative"] if accepted else None
    if before is not None and done < Decimal(before) and not line.get("reason"):
        yield Finding("error", "below_accepted", number, {"now": line["cumulative"], "before": before})
    if verified is not None and verified > done:
        yield Finding(
            "error", "verified_above_claimed", number, {"now": line["cumulative"], "verified": line["verified"]}
        )


def _is_unstated(line: Line) -> bool:
    """Whether nothing was ever said of an unfinished task: no figure, of a milestone not a word."""
    if line["status"] not in OPEN_STATUSES or line["cumulative"] is not None:
        return False
    return line["unit"] != MILESTONE or line["updated_on"] is None


def _warnings(line: Line, is_bare: bool) -> Iterator[Finding]:
    number, last, done = line["assignment"], _figure(line["last"]), _figure(line["cumulative"])
    if is_bare:
        yield Finding("warning", "no_evidence", number)
    if last and done is not None and _grows(line) and done > JUMP_TIMES * last and not line.get("reason"):
        yield Finding("warning", "jump", number, {"now": line["cumulative"], "before": line["last"]})
    if line["silent_months"] > 0:
        yield Finding("warning", "silent", number, {"months": line["silent_months"]})


def _grows(line: Line) -> bool:
    """Whether the figure only ever grows: no level, no ceiling."""
    return line["measure_kind"] == "cumulative" and line["comparator"] not in ("<", "<=")


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def errors(found: Iterable[Finding]) -> list[Finding]:
    """Those that stand in the way of submission."""
    return [each for each in found if each.level == "error"]
