"""Which characters a TrueType font has: what it lacks is printed as an empty box, and the reader is told so."""

import struct
import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path

# The subtable that maps all of Unicode: groups of first character, last character, first glyph.
FULL_REPERTOIRE = 12
# Marks that direct the setting and are never seen themselves.
UNSEEN = {"Cc", "Cf", "Mn", "Zs", "Zl", "Zp"}


def lacking(text: str, font: Path) -> bool:
    """Whether a text has a character that the font cannot show."""
    starts, ends = _ranges(font)
    for letter in set(text):
        at = bisect_right(starts, ord(letter)) - 1
        if (at < 0 or ends[at] < ord(letter)) and unicodedata.category(letter) not in UNSEEN:
            return True
    return False


@cache
def _ranges(font: Path) -> tuple[list[int], list[int]]:
    """First and last characters of the runs a font covers; only that table is read."""
    with font.open("rb") as file:
        (tables,) = struct.unpack(">4xH6x", file.read(12))
        places = [struct.unpack(">4s4xII", file.read(16)) for _ in range(tables)]
        offset, length = next((offset, length) for tag, offset, length in places if tag == b"cmap")
        file.seek(offset)
        table = file.read(length)
    (count,) = struct.unpack_from(">2xH", table)
    starts = [struct.unpack_from(">4xI", table, 4 + 8 * number)[0] for number in range(count)]
    full = next(at for at in starts if struct.unpack_from(">H", table, at)[0] == FULL_REPERTOIRE)
    (groups,) = struct.unpack_from(">12xI", table, full)
    runs = sorted(struct.unpack_from(">III", table, full + 16 + 12 * number)[:2] for number in range(groups))
    return [first for first, _ in runs], [last for _, last in runs]
