"""Types: mypy in strict mode over the whole product."""

from tests.support.repository import run


def test_mypy_finds_nothing() -> None:
    run("mypy", "--no-error-summary", "webapp", "tasks", "seed")
