"""The project's own files, as the house-rule tests read them."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = ("webapp", "tasks", "seed", "migrations")
IGNORED_FOLDERS = {".git", ".venv", "node_modules", "var", "build", "shots", "vendor", "__pycache__"}


@cache
def committed_files() -> list[Path]:
    """Every file git knows or would add; without git, every file outside the ignored folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        found = (path for path in ROOT.rglob("*") if not IGNORED_FOLDERS & set(path.relative_to(ROOT).parts))
        return sorted(path for path in found if path.is_file())
    return sorted(path for name in set(listed.split("\0")) if name and (path := ROOT / name).is_file())


def production_modules() -> list[Path]:
    """Python files of the product, without its tests."""
    wanted = [ROOT / folder for folder in PRODUCTION]
    return [path for path in committed_files() if path.suffix == ".py" and set(wanted) & set(path.parents)]


def templates() -> list[Path]:
    """Jinja templates of the product, pages and mails."""
    return [path for path in committed_files() if "templates" in path.parts and path.suffix in {".html", ".txt"}]


def short(path: Path) -> str:
    """A path as a person names it."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=short(path))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function of a module, decorators left out."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def run(*command: str) -> str:
    """Run a program of the virtual environment in the project's folder; what it printed is the failure's text."""
    program = Path(sys.executable).parent / command[0]
    result = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}{result.stderr}"
    return result.stdout
