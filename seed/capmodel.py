"""The shape of `caps.yaml`: sectors that stand still in a season, in which measure, who is bound, and how it is judged.

How much is asked stands in the tasks alone (`target`); a cap names its task, so that one figure is written once.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from seed.models import Code, Date, Note, Number, Share, Short, Slug, Strict, Title
from seed.taskmodel import Task

# The kind of task whose figure is counted in each way.
KINDS = {"season": "seasonal_cap", "day": "quantity"}

Days = Annotated[int, Field(ge=1, le=366)]
Ground = Literal["livelihood", "approval"]


class LineKind(Strict):
    """A kind of line of a sector; the plan speaks of those that are `counted`."""

    code: Code
    name_zh: Short
    name_en: Title
    counted: bool = True


class Capacity(Strict):
    """What a capacity counts: its unit, the basis the plan prescribes. `parts`: a share of a line may stand still.

    `each`: every line has exactly this much ("by production line" makes each line one).
    """

    unit_zh: Short
    unit_en: Title
    basis_zh: Note
    basis_en: Note
    parts: bool = False
    each: Annotated[Number, Field(gt=0)] | None = None


class Sector(Strict):
    """A trade whose enterprises are registered. `electricity`: whether a month's statement must carry the meter."""

    code: Code
    name_zh: Short
    name_en: Title
    capacity: Capacity
    kinds: list[LineKind] = Field(min_length=1, max_length=20)
    exempt: list[Ground] = Field(default=[], max_length=2)
    limits: bool = False
    electricity: Literal["required", "optional"] = "optional"
    note_zh: Note
    note_en: Note

    @model_validator(mode="after")
    def _kinds_differ(self) -> Self:
        if len({kind.code for kind in self.kinds}) < len(self.kinds):
            raise ValueError("kinds: every code must be its own")
        return self


class CapRule(Strict):
    """A cap: the task it answers to, the sector, and of it the enterprises that meet the special limits, or do not.

    `feeds`: whether the task's figure is counted from the register. `counts`: over the season, or, where the source
    asks for a stop by a day, what stands still on the day of counting. `starts_on` takes the place of the season's
    first day.
    """

    code: Code
    task: Code
    sector: Code
    limits: Literal["any", "meets", "fails"] = "any"
    binds: Literal["city", "enterprise"]
    feeds: bool = True
    counts: Literal["season", "day"] = "season"
    starts_on: Date | None = None
    note_zh: Note
    note_en: Note


class Power(Strict):
    """What a line may draw, as shares of what it draws on a running day; beyond it, statement and meter disagree."""

    standing: Share
    running: Annotated[Number, Field(ge=1, le=3)]
    load: Annotated[Number, Field(ge=1, le=3)]


class Judging(Strict):
    """When lights turn and what is compared with what."""

    red_below: Share
    plan_ahead_days: Days
    stated_by_day: Annotated[int, Field(ge=1, le=28)]
    forecast_days: Days
    electricity: Power
    livelihood_by: Date


class Choice(Strict):
    """Something the source leaves open, decided here; shown on the page's help."""

    code: Slug
    title_zh: Short
    title_en: Title
    text_zh: Note
    text_en: Note


class Caps(Strict):
    """The whole file."""

    season: Slug
    judging: Judging
    sectors: list[Sector] = Field(min_length=1, max_length=40)
    caps: list[CapRule] = Field(min_length=1, max_length=60)
    choices: list[Choice] = Field(default=[], max_length=40)

    def sector(self, code: str) -> Sector | None:
        """The sector with this code."""
        return next((each for each in self.sectors if each.code == code), None)

    def as_data(self, tasks: list[Task]) -> dict[str, Any]:
        """The rules as the product reads them, each cap with what its task asks for (`least`, `most`)."""
        data = self.model_dump(mode="json")
        targets = {task.code: task for task in tasks}
        for cap in data["caps"]:
            task = targets[cap["task"]]
            cap |= {"least": _plain(task.target_min), "most": _plain(task.target_max if _bounded(task) else None)}
        return data


def _bounded(task: Task) -> bool:
    """Only "between" has an upper end: more than "=" or ">=" asks for is no fault."""
    return task.comparator == "between"


def _plain(figure: Decimal | None) -> str | None:
    return None if figure is None else str(figure)


def problems_of(caps: Caps, tasks: list[Task], seasons: set[str]) -> Iterator[tuple[str, str]]:
    """What is wrong between the file and the rest of the pack: (field, message)."""
    known = {task.code: task for task in tasks}
    if caps.season not in seasons:
        yield "season", f"unknown season {caps.season}; see plan.yaml"
    for name, codes in (("sectors", [each.code for each in caps.sectors]), ("caps", [each.code for each in caps.caps])):
        for code, count in Counter(codes).items():
            if count > 1:
                yield name, f"{code} is used {count} times; every code must be its own"
    fed = Counter(cap.task for cap in caps.caps if cap.feeds)
    for index, cap in enumerate(caps.caps):
        yield from ((f"caps.{index}.{field}", message) for field, message in _cap(caps, cap, known.get(cap.task)))
        if fed[cap.task] > 1:
            yield f"caps.{index}.task", f"{cap.task} is counted by {fed[cap.task]} caps; only one may feed it"


def _cap(caps: Caps, cap: CapRule, task: Task | None) -> Iterator[tuple[str, str]]:
    sector = caps.sector(cap.sector)
    if sector is None:
        yield "sector", f"unknown sector {cap.sector}; define it above or mend it"
    elif cap.limits != "any" and not sector.limits:
        yield "limits", f"the sector {cap.sector} does not tell special limits; set `limits: true` there"
    if task is None:
        yield "task", f"unknown task {cap.task}; see tasks/*.yaml"
    elif task.unit != "share" or task.target_min is None:
        yield "task", f"{cap.task} does not ask for a share that stands still"
    elif cap.feeds and (task.kind != KINDS[cap.counts] or task.ledger is not None):
        yield "task", f"{cap.task} is not a {KINDS[cap.counts]} without a ledger; only such a figure comes from here"
