"""Only `webapp/clock.py` reads the time: everything else is told what time it is, and so can live in 2017."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.repository import ROOT, parsed, production_modules, short

CLOCK = ROOT / "webapp" / "clock.py"
READINGS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime",
    "time.gmtime", "func.now", "func.current_timestamp", "func.current_date", "func.localtimestamp",
}  # fmt: skip
DATABASE_CLOCK = re.compile(r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|datetime\('now'|strftime\([^)]*'now')", re.IGNORECASE)


def readings(path: Path) -> Iterator[str]:
    """Places of a module where it asks the machine or the database what time it is."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = ".".join(ast.unparse(node.func).split(".")[-2:])
            if name in READINGS:
                yield f"{short(path)}:{node.lineno}: {name}()"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and DATABASE_CLOCK.search(node.value):
            yield f"{short(path)}:{node.lineno}: {DATABASE_CLOCK.search(node.value)}"


def test_only_the_clock_reads_the_time() -> None:
    assert not [place for path in production_modules() if path != CLOCK for place in readings(path)]
