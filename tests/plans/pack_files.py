"""A pack folder to spoil: a copy of the invented plan, and short ways to change one file of it."""

import shutil
from pathlib import Path

from seed.schema import Pack, PackError, load_pack

INVENTED = Path(__file__).parents[1] / "packs" / "delta-2019"
SHIPPED = Path(__file__).parents[2] / "seed" / "jjj-2017"


class PackFolder:
    """A copy of the invented pack in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = shutil.copytree(INVENTED, root / "pack")

    def replace(self, file: str, old: str, new: str) -> None:
        """Change the first `old` in a file; it must be there."""
        text = (self.root / file).read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        (self.root / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    def append(self, file: str, text: str) -> None:
        """Add text at the end of a file."""
        with (self.root / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    def load(self) -> Pack:
        """The pack as it now is."""
        return load_pack(self.root)

    def problems(self) -> list[str]:
        """What `load_pack` finds wrong, as the author reads it; empty when it loads."""
        try:
            load_pack(self.root)
        except PackError as error:
            return [str(problem) for problem in error.problems]
        return []
