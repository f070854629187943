"""A code on paper: its drawing is the symbol, module by module, with the quiet zone around it."""

import re

import pytest
import segno

from webapp.ledgers.codes import drawing


def modules(path: str) -> set[tuple[int, int]]:
    """The dark places of a path: (row, column) of the symbol."""
    found = set()
    for y, strokes in re.findall(r"M2 (\d+)\.5((?:h\d+|m\d+ 0)*)", path):
        x = 0
        for kind, length in re.findall(r"([hm])(\d+)", strokes):
            if kind == "h":
                found |= {(int(y) - 2, x + step) for step in range(int(length))}
            x += int(length)
    return found


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/assignments/331/ledger/7", "https://例子.cn/" + "9" * 80])
def test_a_drawing_is_the_symbol(address: str) -> None:
    code, drawn = segno.make(address, error="m", micro=False), drawing(address)
    dark = {(y, x) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module}
    assert modules(drawn.path) == dark
    assert drawn.side == len(code.matrix) + 4
