"""Small pieces: what is long is hard to read, to review and to test."""

from statistics import median

from tests.support.repository import functions, production_modules, short

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
MEDIAN_FUNCTION = 11


def test_no_function_is_long() -> None:
    long = [
        f"{short(path)}: {name} has {length} lines"
        for path in production_modules()
        for name, length in functions(path)
        if length > LONGEST_FUNCTION and "versions" not in path.parts
    ]
    assert not long


def test_functions_are_short_as_a_rule() -> None:
    lengths = [length for path in production_modules() for _, length in functions(path)]
    assert median(lengths) <= MEDIAN_FUNCTION


def test_no_file_is_long() -> None:
    lines = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in production_modules()}
    long = {name: count for name, count in lines.items() if count > LONGEST_FILE and "/versions/" not in name}
    assert not long
