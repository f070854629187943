"""The shape of `ledgers.yaml`: the lists tasks are counted from, their fields and checks, and how they are sampled."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from seed.models import Code, Date, Note, Number, Share, Short, Slug, Strict

FieldKind = Literal["text", "number", "date", "choice", "bool", "credit_code"]
FieldCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Label = Annotated[str, Field(min_length=1, max_length=60)]
Unit = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_/]*$", max_length=40)]
# What every ledger has: a row is found by its name and place, and is planned for a day.
STANDARD: dict[str, FieldKind] = {"name": "text", "county": "text", "township": "text", "planned_on": "date"}
MOST_FIELDS = 40


class Option(Strict):
    """One thing a choice offers."""

    code: Code
    label_zh: Label
    label_en: Label


class LedgerField(Strict):
    """One column of a ledger. `least` and `most` bound a number, `longest` a text; `whole` numbers have no decimals."""

    code: FieldCode
    label_zh: Label
    label_en: Label
    kind: FieldKind = "text"
    unit: Unit | None = None
    options: list[Option] = Field(default=[], max_length=60)
    required: bool = False
    least: Number | None = None
    most: Number | None = None
    whole: bool = False
    longest: Annotated[int, Field(ge=1, le=500)] = 100

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("`options` go with kind choice, and a choice needs them")
        if len({option.code for option in self.options}) < len(self.options):
            raise ValueError("options: every code must be its own")
        if self.kind != "number" and {"unit", "least", "most", "whole"} & self.model_fields_set:
            raise ValueError("unit, least, most and whole go with kind number")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("least must not be more than most")
        return self


class Step(Strict):
    """Of a population `up_to` so many rows, `size` are looked at; the last step has no bound."""

    up_to: Annotated[int, Field(ge=1, le=10**6)] | None = None
    size: Annotated[int, Field(ge=1, le=1000)]


class SampleRule(Strict):
    """How many rows the level above looks at, and from which share of failures on all of it goes back."""

    limit: Share
    steps: list[Step] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        bounds = [step.up_to for step in self.steps[:-1]]
        if self.steps[-1].up_to is not None or any(bound is None for bound in bounds):
            raise ValueError("steps: all but the last have `up_to`, the last has none")
        if bounds != sorted({bound for bound in bounds if bound is not None}):
            raise ValueError("steps: `up_to` must rise")
        return self


class LedgerType(Strict):
    """One kind of list: what stands in a row, what tells rows apart, what is counted.

    `unit` is the unit of one row, `quantity` the number field to be summed; `checks` are the yes-or-no fields that make
    a row done once all of them hold. Rows listed after `survey_until` are shown as such.
    """

    code: Slug
    name_zh: Short
    name_en: Annotated[str, Field(min_length=1, max_length=60)]
    done_zh: Label
    done_en: Label
    unit: Unit
    fields: list[LedgerField] = Field(min_length=2, max_length=MOST_FIELDS)
    identity: list[FieldCode] = Field(min_length=1, max_length=6)
    quantity: FieldCode | None = None
    checks: list[FieldCode] = Field(default=[], max_length=12)
    survey_until: Date | None = None
    sample: SampleRule
    note_zh: Note
    note_en: Note

    @model_validator(mode="after")
    def _has_the_standard_fields(self) -> Self:
        kinds = {each.code: each.kind for each in self.fields}
        if len(kinds) < len(self.fields):
            raise ValueError("fields: every code must be its own")
        wrong = [code for code, kind in STANDARD.items() if kinds.get(code) != kind]
        if wrong:
            raise ValueError(f"fields: every ledger has {', '.join(wrong)} (text, planned_on is a date)")
        if not self.field("name").required:
            raise ValueError("fields: name must be required")
        return self

    @model_validator(mode="after")
    def _names_its_fields(self) -> Self:
        kinds = {each.code: each.kind for each in self.fields}
        if unknown := [code for code in self.identity if code not in kinds or kinds[code] in ("number", "bool")]:
            raise ValueError(f"identity: {unknown[0]} is no text, code, choice or date of this ledger")
        if not any(self.field(code).required for code in self.identity):
            raise ValueError("identity: at least one of its fields must be required")
        if self.quantity is not None and kinds.get(self.quantity) != "number":
            raise ValueError(f"quantity: {self.quantity} is no number of this ledger")
        if unknown := [code for code in self.checks if kinds.get(code) != "bool"]:
            raise ValueError(f"checks: {unknown[0]} is no yes-or-no field of this ledger")
        return self

    def field(self, code: str) -> LedgerField:
        """The field with a code. Raises StopIteration for none."""
        return next(each for each in self.fields if each.code == code)


def _values_as_list(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: given if isinstance(given, list) else [given] for name, given in value.items()}


Where = Annotated[dict[FieldCode, list[Code | bool]], BeforeValidator(_values_as_list)]


class TaskLedger(Strict):
    """How a task is counted: from which ledger, by rows or by their quantity, which rows, and what makes one done.

    `by: listed` counts nothing: the list itself is the duty, and its completion is stated. `where` keeps rows whose
    choice or yes-or-no field has one of the values; with `done` a row is done when these fields hold, whatever
    its state.
    """

    type: Slug
    by: Literal["count", "quantity", "listed"] = "count"
    where: Where = Field(default={}, max_length=6)
    done: list[FieldCode] = Field(default=[], max_length=12)


def problems_of(use: TaskLedger, ledger: LedgerType, task_unit: str) -> list[tuple[str, str]]:
    """What does not fit between a task and the ledger it names: (field, message)."""
    kinds = {each.code: each for each in ledger.fields}
    found = []
    for name, values in use.where.items():
        field = kinds.get(name)
        if field is None or field.kind not in ("choice", "bool"):
            found.append((f"ledger.where.{name}", f"{name} is no choice or yes-or-no field of {ledger.code}"))
            continue
        known: set[Any] = {True, False} if field.kind == "bool" else {option.code for option in field.options}
        found += [(f"ledger.where.{name}", f"{value} is none of its values") for value in values if value not in known]
    for name in use.done:
        if name not in ledger.checks:
            found.append(("ledger.done", f"{name} is not among the checks of {ledger.code}"))
    return [*found, *_unit_problems(use, ledger, task_unit)]


def _unit_problems(use: TaskLedger, ledger: LedgerType, task_unit: str) -> list[tuple[str, str]]:
    if use.by == "listed":
        return [] if task_unit == "milestone" else [("ledger.by", "`listed` goes with a milestone alone")]
    if use.by == "quantity" and ledger.quantity is None:
        return [("ledger.by", f"{ledger.code} has no quantity")]
    counted = ledger.field(ledger.quantity).unit if use.by == "quantity" and ledger.quantity else ledger.unit
    if task_unit not in ("share", counted):
        return [("ledger.by", f"counts {counted}, but the task is measured in {task_unit}")]
    return []
