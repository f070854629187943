"""The shape of a plan pack's files: every field, its type and its bounds. Unknown fields are refused.

The files are `plan.yaml`, `organisations.yaml`, `clauses.yaml` and `tasks/*.yaml`; tasks have a module of their own.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator


def _whole_number_as_text(value: Any) -> Any:
    """GB/T 2260 codes look like numbers: accept `110000` without quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _whole_number_as_decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(longest: int, pattern: str | None = None) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest, pattern=pattern)


Slug = Annotated[str, _text(60, r"^[a-z0-9][a-z0-9_-]*$")]
Code = Annotated[str, BeforeValidator(_whole_number_as_text), _text(40, r"^[a-z0-9][a-z0-9_-]*$")]
ClauseId = Annotated[str, _text(40, r"^[a-z][a-z0-9-]*$")]
SentenceId = Annotated[str, _text(48, r"^[a-z][a-z0-9-]*\.[1-9]\d{0,2}$")]
Month = Annotated[str, _text(7, r"^20\d\d-(0[1-9]|1[0-2])$")]
Short = Annotated[str, _text(40)]
Title = Annotated[str, _text(160)]
Note = Annotated[str, _text(1_200)]
Date = Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=dt.date(2099, 12, 31))]
Number = Annotated[Decimal, BeforeValidator(_whole_number_as_decimal), Field(ge=0, le=10**12, decimal_places=4)]
Share = Annotated[Decimal, BeforeValidator(_whole_number_as_decimal), Field(ge=0, le=1, decimal_places=4)]

Kind = Literal["region", "province", "municipality", "city", "ministry", "enterprise"]


class Strict(BaseModel):
    """No unknown fields, no silent conversions, no later change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Who(Strict):
    """Organisations by name of a group or by code; `except` takes some out again."""

    of: list[Code] = Field(min_length=1, max_length=400)
    except_: list[Code] = Field(default=[], alias="except", max_length=400)


def _who(value: Any) -> Any:
    """`who: all_cities` and `who: [110000, 120000]` are short for `who: {of: [...]}`."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return {"of": [value]}
    return {"of": value} if isinstance(value, list) else value


WhoField = Annotated[Who, BeforeValidator(_who)]


class Selector(Strict):
    """A named group: all of some kinds, below some organisation, and/or a list of codes, less some."""

    kinds: list[Kind] = []
    within: list[Code] = Field(default=[], max_length=100)
    orgs: list[Code] = Field(default=[], max_length=400)
    except_: list[Code] = Field(default=[], alias="except", max_length=400)

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.kinds and not self.orgs:
            raise ValueError("names nobody; give `kinds` or `orgs`")
        return self


class Internal(Strict):
    """How long before the legal date the level above wants the report itself."""

    working_days_before: Annotated[int, Field(ge=0, le=20)]


class Term(Strict):
    """Organisations that report on fewer months than the plan asks for: they joined later, or left."""

    orgs: WhoField
    first_month: Month | None = None
    last_month: Month | None = None


class Upward(Strict):
    """The report to the level above the region: every quarter, and every month that the named season touches."""

    monthly_in: Slug | None = None


class Reporting(Strict):
    """The monthly report: day of the following month, first and last month reported on, who files it.

    `light_orgs` file a light report, those of them at least that were given a task. `terms` shorten the months of some.
    Without `upward` the region reports to nobody.
    """

    day: Annotated[int, Field(ge=1, le=28)]
    first_month: Month
    last_month: Month | None = None
    shift: Literal["next_working_day", "none"]
    internal: Internal
    orgs: WhoField
    light_orgs: WhoField | None = None
    terms: list[Term] = Field(default=[], max_length=100)
    upward: Upward | None = None


class SeasonOverride(Strict):
    """Other first and last days of a season for some organisations."""

    orgs: WhoField
    starts_on: Date
    ends_on: Date


class Season(Strict):
    """A stretch of days that tasks may refer to, such as the heating season; both days included."""

    code: Slug
    name_zh: Short
    name_en: Short
    starts_on: Date
    ends_on: Date
    note_zh: Note
    note_en: Note
    overrides: list[SeasonOverride] = Field(default=[], max_length=100)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        windows = [(self.starts_on, self.ends_on), *((other.starts_on, other.ends_on) for other in self.overrides)]
        for first, last in windows:
            if last < first:
                raise ValueError("ends before it starts; exchange `starts_on` and `ends_on`")
        return self


class Thresholds(Strict):
    """When a light turns: shares of the required pace, days before the due date, months of silence."""

    red_below: Share
    yellow_days: Annotated[int, Field(ge=0, le=60)]
    yellow_under: Share
    silent_months: Annotated[int, Field(ge=1, le=12)]


Tell = Literal["officer", "deputy", "coordinator", "region"]
Hour = Annotated[str, _text(5, r"^([01]\d|2[0-3]):[0-5]\d$")]


class Rung(Strict):
    """One step of a ladder: exactly one of calendar days before, working days after, or every week from there on."""

    days_before: int | None = None
    workdays_after: int | None = None
    weekly: Literal[True] | None = None
    tell: list[Tell] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_step(self) -> Self:
        if [self.days_before, self.workdays_after, self.weekly].count(None) != 2:
            raise ValueError("give exactly one of `days_before`, `workdays_after` and `weekly`")
        return self


class Ladder(Strict):
    """The rungs of one kind of subject; `tasks` climb a ladder of the pack's own naming."""

    rungs: list[Rung] = Field(min_length=1, max_length=30)
    shift: bool = True
    delivery: Literal["digest", "at_once"] = "digest"
    within: int | None = None
    tasks: list[Slug] | None = Field(default=None, max_length=100)


class Quiet(Strict):
    """The hours in which nothing is sent at once."""

    from_: Hour = Field(alias="from")
    until: Hour


class Reminders(Strict):
    """Who is reminded of what, and when; a ladder that is left out means: not of this. See `seed.reminding`."""

    send_at: Hour = "08:30"
    most_items: int = 20
    language: Literal["person", "zh", "en"] = "person"
    quiet: Quiet | None = Quiet(**{"from": "21:00", "until": "07:00"})
    quiet_rest_days: bool = False
    ladders: dict[Slug, Ladder] = Field(max_length=40)

    def as_data(self) -> dict[str, Any]:
        """The rules as the product reads them."""
        data = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return data | ({"quiet": None} if self.quiet is None else {})


class Plan(Strict):
    """The published document as a whole."""

    code: Slug
    title_zh: Title
    title_en: Title
    short_zh: Short
    short_en: Short
    note_zh: Note | None = None
    note_en: Note | None = None
    published_on: Date
    starts_on: Date
    ends_on: Date
    region: Code
    reporting: Reporting
    seasons: list[Season] = Field(default=[], max_length=10)
    thresholds: Thresholds
    reminders: Reminders
    selectors: dict[Slug, Selector] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("ends before it starts; exchange `starts_on` and `ends_on`")
        return self


class Organisation(Strict):
    """A government, ministry or enterprise; `pinyin` sorts it, `grid` is its column and row on the tile map."""

    code: Code
    kind: Kind
    parent: Code | None = None
    name_zh: Title
    name_en: Title
    short_zh: Short
    short_en: Short
    pinyin: Annotated[str, _text(80, r"^[a-z][a-z ]*$")]
    grid: Annotated[list[Annotated[int, Field(ge=0, le=60)]], Field(min_length=2, max_length=2)] | None = None


class Waive(Strict):
    """Why a sentence imposes nothing that could be tracked."""

    reason_zh: Note
    reason_en: Note


class Sentence(Strict):
    """One sentence of the source by its id, its gist in our own words."""

    id: SentenceId
    gist_zh: Note
    gist_en: Note
    waive: Waive | None = None


class Clause(Strict):
    """A numbered place of the plan; `measure` clauses are columns of the dashboard, in the order of `sort`."""

    id: ClauseId
    title_zh: Short
    title_en: Annotated[str, _text(60)]
    measure: bool = False
    sort: Annotated[int, Field(ge=0, le=9_999)]
    sentences: list[Sentence] = Field(min_length=1, max_length=200)
