"""Lights as letters, `a` for the most urgent: what counting, sorting and packing them is done with."""

from decimal import Decimal
from functools import cache
from string import ascii_lowercase

Light = tuple[str, str]

WHOLE = 10_000

# The worst first: what is late, what is behind, what waits for somebody, what runs, what is over.
URGENCY: tuple[Light, ...] = (
    ("red", "overdue"),
    ("red", "behind"),
    ("yellow", "behind"),
    ("yellow", "awaiting"),
    ("green", "awaiting"),
    ("grey", "awaiting"),
    ("green", "on_pace"),
    ("grey", "not_started"),
    ("green", "done_late"),
    ("green", "done"),
    ("grey", "standing"),
    ("grey", "not_applicable"),
)
LETTERS: dict[Light, str] = dict(zip(URGENCY, ascii_lowercase, strict=False))
LIGHTS = {letter: light for light, letter in LETTERS.items()}
DONE = ("done", "done_late")
LEFT_OUT = "not_applicable"
STANDING = "standing"
NOT_AVERAGED = (LEFT_OUT, STANDING)


@cache
def letters_of(*labels: str) -> str:
    """The letters of the lights with one of the labels, whatever the colour."""
    return "".join(letter for (_, label), letter in LETTERS.items() if label in labels)


def averaged_share(label: str, completion: Decimal | None) -> int:
    """What an assignment adds to an average, in ten-thousandths: at most the whole; no figure adds nothing.

    Closed out is the whole. Duties without a date and those agreed to be not applicable are not averaged.
    """
    if label in NOT_AVERAGED:
        return 0
    if label in DONE:
        return WHOLE
    return min(WHOLE, int((completion or Decimal(0)) * WHOLE))
