"""The shape of one task in `tasks/*.yaml`, and the figures that follow from how it is written."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from seed.ledgermodel import TaskLedger
from seed.models import ClauseId, Code, Date, Month, Note, Number, SentenceId, Short, Slug, Strict, Title, WhoField

TaskKind = Literal["milestone", "quantity", "seasonal_cap", "standing", "recurring_report"]
Comparator = Literal[">=", ">", "=", "<=", "<", "between"]
MILESTONE_UNIT = "milestone"


class Recurring(Strict):
    """Every month or quarter: the day of the following month; 31 stands for that month's last day."""

    day: Annotated[int, Field(ge=1, le=31)]
    first_month: Month
    last_month: Month | None = None


class Due(Strict):
    """When: exactly one of a day, the end of a month, the end of a season, or every month or quarter."""

    on: Date | None = None
    end_of_month: Month | None = None
    season: Slug | None = None
    monthly: Recurring | None = None
    quarterly: Recurring | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1 or all(getattr(self, name) is None for name in self.model_fields_set):
            raise ValueError("give exactly one of on, end_of_month, season, monthly, quarterly")
        return self

    @model_validator(mode="after")
    def _quarters_begin(self) -> Self:
        if self.quarterly is not None and int(self.quarterly.first_month[-2:]) % 3 != 1:
            raise ValueError("quarterly.first_month is a quarter's first month: January, April, July or October")
        return self

    @property
    def recurring(self) -> bool:
        """Whether it comes back rather than once."""
        return self.monthly is not None or self.quarterly is not None


def _none_as_absent(value: Any) -> Any:
    return None if value == "none" else value


def _target_as_list(value: Any) -> Any:
    return value if value is None or isinstance(value, list) else [value]


Target = Annotated[list[Number], BeforeValidator(_target_as_list), Field(min_length=1, max_length=2)]
Due_ = Annotated[Due | None, BeforeValidator(_none_as_absent)]


class Task(Strict):
    """One duty a clause imposes: who, by when, how much, and what proves it.

    `target` is one number, or `[least, most]` with `between`. A milestone, standing duty or report may leave
    comparator, target and unit out: it then reads `=` 1 milestone.
    """

    code: Slug
    clause: ClauseId
    sentences: list[SentenceId] = Field(min_length=1, max_length=30)
    title_zh: Title
    title_en: Title
    short_zh: Short
    short_en: Annotated[str, Field(min_length=1, max_length=60)]
    kind: TaskKind
    who: WhoField
    lead: list[Code] = Field(default=[], max_length=20)
    supporting: list[Code] = Field(default=[], max_length=40)
    due: Due_ = None
    comparator: Comparator = "="
    target: Target = Field(default=[Decimal(1)])
    unit: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_/]*$", max_length=40)] = MILESTONE_UNIT
    basically: bool = False
    measure_kind: Literal["cumulative", "level"] = "cumulative"
    tolerance_zh: Note | None = None
    tolerance_en: Note | None = None
    evidence_zh: Note
    evidence_en: Note
    note_zh: Note | None = None
    note_en: Note | None = None
    named: bool = False
    ledger: TaskLedger | None = None

    @model_validator(mode="after")
    def _target_fits(self) -> Self:
        if (self.comparator == "between") != (len(self.target) == 2):
            raise ValueError("`between` needs target: [least, most]; every other comparator needs one number")
        if len(self.target) == 2 and self.target[0] >= self.target[1]:
            raise ValueError("target: the least must be smaller than the most")
        return self

    @model_validator(mode="after")
    def _figures_are_said(self) -> Self:
        figures = {"comparator", "target", "unit"}
        if self.kind in ("quantity", "seasonal_cap") and not figures <= self.model_fields_set:
            raise ValueError("a quantity or a cap must say comparator, target and unit")
        if self.unit == MILESTONE_UNIT and (self.comparator != "=" or self.target != [Decimal(1)]):
            raise ValueError("unit milestone goes with comparator = and target 1 (or leave all three out)")
        return self

    @model_validator(mode="after")
    def _both_languages(self) -> Self:
        for name in ("tolerance", "note"):
            if (getattr(self, f"{name}_zh") is None) != (getattr(self, f"{name}_en") is None):
                raise ValueError(f"write both {name}_zh and {name}_en, or neither")
        return self

    @property
    def target_min(self) -> Decimal | None:
        """The least that is enough; None where only a most is set (`<`, `<=`)."""
        return None if self.comparator in ("<", "<=") else self.target[0]

    @property
    def target_max(self) -> Decimal | None:
        """The most that is allowed; None where only a least is set (`>`, `>=`)."""
        return None if self.comparator in (">", ">=") else self.target[-1]
