"""What can be wrong with a plan pack, told so that its author can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_AT_MOST = 200


@dataclass(frozen=True, order=True)
class Problem:
    """One fault: the file (relative to the pack), its line (0 when the whole file is meant), the field, what to do."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}"


class PackError(Exception):
    """A pack that cannot be used; `problems` lists every fault found, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))[:SHOWN_AT_MOST]
        super().__init__("\n".join(str(problem) for problem in self.problems))
