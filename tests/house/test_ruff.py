"""Style: ruff's rules (chosen in pyproject.toml, each exception with its reason) and its formatting."""

from tests.support.repository import run


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", "--quiet", ".")


def test_the_code_is_formatted() -> None:
    run("ruff", "format", "--check", "--quiet", "--diff", ".")
