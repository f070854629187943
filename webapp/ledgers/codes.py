"""A row's address as a QR code: the lines of an inline drawing, without any style of its own."""

from dataclasses import dataclass

# On one page: drawing a code takes some milliseconds.
MOST = 200


@dataclass(frozen=True, slots=True)
class Drawing:
    """A square of so many units, and the path of its dark parts."""

    side: int
    path: str


def drawing(address: str) -> Drawing:
    """An address as a code that survives a crease or a stain."""
    import segno

    code = segno.make(address, error="m", micro=False)
    rows = [f"M2 {y + 2.5}{_strokes(row)}" for y, row in enumerate(code.matrix) if any(row)]
    return Drawing(len(code.matrix) + 4, "".join(rows))


def _strokes(row: bytes | bytearray) -> str:
    """The dark stretches of a line, one after the other, as steps to the right."""
    parts, dark, length = [], 0, 0
    for module in [*row, 2]:
        if module == dark:
            length += 1
            continue
        if length:
            parts.append(f"h{length}" if dark else f"m{length} 0")
        dark, length = module, 1
    return "".join(parts)
