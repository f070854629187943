"""How wide the columns of a table are set: as asked for, but a word is not broken while another column has room."""

import re
from collections.abc import Sequence

from webapp.documents.model import Table

# Widths in ems: a Chinese character is one, a Latin letter or a figure (bold, in a head) over half of one.
LATIN = 0.6
# Longer words may be broken; six characters of Chinese are kept together.
LONGEST_WORD = 14.0
PADDING = 1.0
LIGHT, INDENT = 1.3, 1.2
_WORD = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]+|[\u2e80-\u9fff]{1,6}")


def fitted(table: Table, width: float, sizes: Sequence[float]) -> tuple[float, list[float]]:
    """The first of some sizes of letters at which no word is broken (the last where none is), and the columns' shares.

    Width and sizes are in points; the shares add up to one.
    """
    needs = [_need(table, at) for at in range(len(table.columns))]
    size = next((size for size in sizes if sum(needs) * size <= width), sizes[-1])
    room = width / size
    if sum(needs) >= room:
        return size, [need / sum(needs) for need in needs]
    return size, _lifted([max(column.width, 0.01) for column in table.columns], [need / room for need in needs])


def _lifted(asked: list[float], needs: list[float]) -> list[float]:
    """Shares in the proportions asked for, none below its need; what is lifted is taken from the others."""
    fixed: set[int] = set()
    while True:
        free = [at for at in range(len(asked)) if at not in fixed]
        left = 1 - sum(needs[at] for at in fixed)
        whole = sum(asked[at] for at in free) or 1
        short = {at for at in free if asked[at] / whole * left < needs[at]}
        if not short:
            return [needs[at] if at in fixed else asked[at] / whole * left for at in range(len(asked))]
        fixed |= short


def _need(table: Table, at: int) -> float:
    """What the longest word of a column takes, in ems."""
    texts = [table.columns[at].label] + [row.cells[at].text for row in table.rows]
    words = {word for text in texts for word in _WORD.findall(text[:2000])}
    longest = min(max((_width(word) for word in words), default=1.0), LONGEST_WORD)
    light = LIGHT if any(row.cells[at].tone for row in table.rows) else 0
    indent = INDENT if at == 0 and any(row.indent for row in table.rows) else 0
    return longest + PADDING + light + indent


def _width(word: str) -> float:
    return sum(1.0 if ord(letter) >= 0x2E80 else LATIN for letter in word)
