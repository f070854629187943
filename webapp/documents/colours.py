"""Colours of lights and of the parts of a bar: the same on paper, in Word, in a workbook and on the page.

Each stands beside its word or its figure, never alone.
"""

from collections.abc import Iterable

# The deep blue of figures that are no light, then the lights; paler and darker shades for further parts of one tone.
SHADES = {
    "": ("#3f74ad", "#9dbfe0", "#07427a", "#cfe0f0"),
    "green": ("#2f9457", "#93cfa9", "#14602d", "#cbe8d5"),
    "yellow": ("#eba937", "#f8dca0", "#a86a05", "#fbeccb"),
    "red": ("#cf3a32", "#ef9f99", "#8a1610", "#f8d2cf"),
    "grey": ("#8496a8", "#cbd4de", "#546374", "#e6ebf0"),
}
DARK, LIGHT = "#16222f", "#ffffff"
# Above this a colour counts as bright, and dark letters are read better on it.
BRIGHT = 150


def colour(tone: str) -> str:
    """The colour of a light as #rrggbb."""
    return SHADES[tone][0]


def pale(tone: str) -> str:
    """A light's colour as a ground that dark letters stand on."""
    return SHADES[tone][-1]


def shades(parts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A colour for each label of (label, tone) pairs; labels of one tone get different shades, as they come."""
    chosen: dict[str, str] = {}
    used: dict[str, int] = {}
    for label, tone in parts:
        if label not in chosen:
            number = used.get(tone, 0)
            chosen[label] = SHADES[tone][number % len(SHADES[tone])]
            used[tone] = number + 1
    return chosen


def ink(background: str) -> str:
    """The colour of letters that can be read on a background."""
    red, green, blue = (int(background[start : start + 2], 16) for start in (1, 3, 5))
    return DARK if 0.299 * red + 0.587 * green + 0.114 * blue > BRIGHT else LIGHT
