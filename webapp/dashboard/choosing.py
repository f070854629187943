"""What the address of an overview asks for; what is nonsense there does not narrow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from webapp.plans.models import LABELS

CITIES, OTHERS = "cities", "others"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Province and measure by code, a light's label, due dates, a past day; `side`: whom the matrix shows."""

    province: str = ""
    measure: str = ""
    side: str = CITIES
    label: str = ""
    due_after: date | None = None
    due_before: date | None = None
    on: date | None = None
    wall: bool = False

    @property
    def kept(self) -> dict[str, str]:
        """What stays the same where a link changes one thing, as the address has it."""
        values = {"province": self.province, "measure": self.measure, "label": self.label}
        days = {"due_after": self.due_after, "due_before": self.due_before, "on": self.on}
        found = values | {name: day.isoformat() for name, day in days.items() if day}
        return {name: value for name, value in found.items() if value}


def chosen_of(args: Mapping[str, str], today: date) -> Chosen:
    """The choices of an address; a day that is not over yet is no past day."""
    label, on = args.get("label", ""), day_of(args.get("on", ""))
    return Chosen(
        province=args.get("province", "").strip(),
        measure=args.get("measure", "").strip(),
        side=OTHERS if args.get("side") == OTHERS else CITIES,
        label=label if label in LABELS else "",
        due_after=day_of(args.get("due_after", "")),
        due_before=day_of(args.get("due_before", "")),
        on=on if on and on < today else None,
        wall=bool(args.get("wall")),
    )


def day_of(text: str) -> date | None:
    """A date as an address has it; None for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
