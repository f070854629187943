"""What takes long to make is made once a test run: the worker that needs it first makes it, the others wait."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def made_once(base: Path, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `make` filled, for all workers of this run; `base` is pytest's own. Copy it, never write to it."""
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
