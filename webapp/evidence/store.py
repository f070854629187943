"""Where the bytes of evidence lie: under their SHA-256, written once, never changed."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from flask_babel import lazy_gettext as _l

from webapp.errors import NotFound

CHUNK = 1024 * 1024


class EvidenceStore(Protocol):
    """What a store can do. Putting the same bytes twice keeps one object."""

    def put(self, stream: BinaryIO) -> tuple[str, int]:
        """Keep a stream's bytes for good; their SHA-256 (hexadecimal) and their number."""

    def open(self, sha256: str) -> BinaryIO:
        """The bytes kept under a hash, to be closed by the caller. Raises NotFound."""

    def exists(self, sha256: str) -> bool:
        """Whether bytes are kept under a hash."""


class LocalStore:
    """A folder: ab/cd/abcd…, each file written beside its place, made durable, then renamed into it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, stream: BinaryIO) -> tuple[str, int]:
        """Keep a stream from its start. A crash leaves either the whole file in its place or none."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._unfinished() as (name, target):
            digest, size = _copy(stream, target)
            place = self._place(digest)
            if place.exists():
                return digest, size
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            name.replace(place)
            for folder in (place.parent, place.parent.parent, self.root):
                _make_durable(folder)
        return digest, size

    @contextmanager
    def _unfinished(self) -> Iterator[tuple[Path, BinaryIO]]:
        handle, name = tempfile.mkstemp(prefix=".part-", dir=self.root)
        try:
            with os.fdopen(handle, "wb") as target:
                yield Path(name), target
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()

    def open(self, sha256: str) -> BinaryIO:
        """The file of a hash, open for reading."""
        try:
            return self._place(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound(_l("文件不在存储中，请联系管理员。")) from None

    def exists(self, sha256: str) -> bool:
        """Whether the folder holds a hash."""
        return self._place(sha256).exists()

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256")
        return self.root / sha256[:2] / sha256[2:4] / sha256


def _copy(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest(), size


def _make_durable(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
