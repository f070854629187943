"""Who may import whom (contracts in pyproject.toml), and what is declared against what is used."""

import ast

from tests.support.repository import ROOT, parsed, production_modules, run, short


def test_rooms_import_only_what_they_may() -> None:
    run("lint-imports", "--no-cache")


def test_every_imported_package_is_declared_and_every_declared_one_used() -> None:
    run("deptry", ".")


def test_migrations_never_import_the_product() -> None:
    """A migration must mean the same in five years; models move on. Only `env.py` may look at them."""
    offenders = []
    for path in production_modules():
        if not path.is_relative_to(ROOT / "migrations") or path.name == "env.py":
            continue
        for node in ast.walk(parsed(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            offenders += [
                f"{short(path)}: {name}" for name in names if name.split(".")[0] in {"webapp", "tasks", "seed"}
            ]
    assert not offenders
