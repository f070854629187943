"""A ledger's kind as the pack describes it: fields, what tells rows apart, what is counted, how it is sampled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

FieldKind = Literal["text", "number", "date", "choice", "bool", "credit_code"]
By = Literal["count", "quantity", "listed"]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a choice offers."""

    code: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a ledger, with its bounds."""

    code: str
    label_zh: str
    label_en: str
    kind: FieldKind = "text"
    unit: str = ""
    options: tuple[Option, ...] = ()
    required: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    whole: bool = False
    longest: int = 100

    def option(self, code: str) -> Option | None:
        """The option with a code."""
        return next((each for each in self.options if each.code == code), None)


@dataclass(frozen=True, slots=True)
class Step:
    """Of a population up to so many rows (None: any), so many are looked at."""

    up_to: int | None
    size: int


@dataclass(frozen=True, slots=True)
class SampleRule:
    """How many rows are drawn, and above which share of failures everything goes back."""

    limit: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Kind:
    """One kind of ledger. `checks` are yes-or-no fields; rows listed after `survey_until` are marked."""

    code: str
    name_zh: str
    name_en: str
    done_zh: str
    done_en: str
    unit: str
    fields: tuple[Field, ...]
    identity: tuple[str, ...]
    sample: SampleRule
    quantity: str = ""
    checks: tuple[str, ...] = ()
    survey_until: date | None = None
    note_zh: str = ""
    note_en: str = ""
    by_code: Mapping[str, Field] = field(default_factory=dict, compare=False)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Kind":
        """A kind as the plan's row keeps it."""
        fields = tuple(_field(each) for each in data["fields"])
        plain = {name: data[name] for name in ("code", "name_zh", "name_en", "done_zh", "done_en", "unit")}
        return cls(
            **plain,
            fields=fields,
            identity=tuple(data["identity"]),
            sample=_sample(data["sample"]),
            quantity=data.get("quantity") or "",
            checks=tuple(data.get("checks", ())),
            survey_until=date.fromisoformat(data["survey_until"]) if data.get("survey_until") else None,
            note_zh=data.get("note_zh", ""),
            note_en=data.get("note_en", ""),
            by_code={each.code: each for each in fields},
        )


def _field(data: Mapping[str, Any]) -> Field:
    return Field(
        **{name: data[name] for name in ("code", "label_zh", "label_en", "kind", "required", "whole", "longest")},
        unit=data.get("unit") or "",
        options=tuple(Option(**each) for each in data.get("options", ())),
        least=_decimal(data.get("least")),
        most=_decimal(data.get("most")),
    )


def _decimal(text: Any) -> Decimal | None:
    return None if text is None else Decimal(str(text))


def _sample(data: Mapping[str, Any]) -> SampleRule:
    steps = tuple(Step(each.get("up_to"), each["size"]) for each in data["steps"])
    return SampleRule(Decimal(str(data["limit"])), steps)


@dataclass(frozen=True, slots=True)
class Use:
    """How a task is counted from a ledger: by rows or their quantity, which rows, what makes one done."""

    type: str
    by: By = "count"
    where: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    done: tuple[str, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Use":
        """A task's use as its row keeps it."""
        where = tuple((name, tuple(values)) for name, values in data.get("where", {}).items())
        return cls(data["type"], data.get("by", "count"), where, tuple(data.get("done", ())))


def kinds_of(rules: Mapping[str, Any]) -> Sequence[Kind]:
    """All kinds of a plan, from its rules."""
    return [Kind.from_data(each) for each in rules.get("ledgers", ())]


def kind_of(rules: Mapping[str, Any], code: str) -> Kind | None:
    """The kind with a code."""
    found = next((each for each in rules.get("ledgers", ()) if each["code"] == code), None)
    return None if found is None else Kind.from_data(found)
