"""Checking office files: the zipped ones (docx, xlsx, pptx) and the older compound ones (doc, xls)."""

import zipfile
import zlib
from typing import BinaryIO

from webapp.evidence.refusals import BOMB, BROKEN, ENCRYPTED, MACROS, OTHER_CONTENT, Refused

MACRO_EXTENSIONS = frozenset({"docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm", "ppsm"})
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
CONTENT_TYPES = "[Content_Types].xml"
# The part without which a file of this kind is none.
MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
MAIN_STREAMS = {"doc": ("WordDocument",), "xls": ("Workbook", "Book")}
ENTRIES = 5_000
EXPANDED = 100 * 1024 * 1024
CHUNK = 1024 * 1024
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def check_zipped(stream: BinaryIO, head: bytes, extension: str) -> None:
    """Raise Refused unless this is a sound docx, xlsx or pptx without macros or password."""
    if head.startswith(COMPOUND):
        # One with a password is wrapped into a compound file.
        raise Refused(ENCRYPTED if _name("EncryptedPackage") in _everything(stream) else OTHER_CONTENT)
    if not head.startswith(b"PK\x03\x04"):
        raise Refused(OTHER_CONTENT)
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_directory(archive.infolist(), extension)
            _check_parts(archive)
    except ZIP_ERRORS:
        raise Refused(BROKEN) from None


def _check_directory(entries: list[zipfile.ZipInfo], extension: str) -> None:
    if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > EXPANDED:
        raise Refused(BOMB)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(ENCRYPTED)
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names) or any(_leads_outside(name) for name in names):
        raise Refused(BROKEN)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(MACROS)
    if not {CONTENT_TYPES, MAIN_PART[extension]} <= set(names):
        raise Refused(OTHER_CONTENT)


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Read every part to its end: one that lies about its size or its checksum raises BadZipFile."""
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while part.read(CHUNK):
                pass
    if b"macroenabled" in archive.read(CONTENT_TYPES).lower():
        raise Refused(MACROS)


def _leads_outside(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name


def check_compound(stream: BinaryIO, head: bytes, extension: str) -> None:
    """Raise Refused unless this is a doc or xls without macros or password."""
    if not head.startswith(COMPOUND):
        raise Refused(OTHER_CONTENT)
    content = _everything(stream)
    if _name("EncryptedPackage") in content:
        raise Refused(ENCRYPTED)
    if _name("_VBA_PROJECT") in content:
        raise Refused(MACROS)
    if not any(_name(each) in content for each in MAIN_STREAMS[extension]):
        raise Refused(OTHER_CONTENT)


def _everything(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read()


def _name(stream_name: str) -> bytes:
    """A stream's name as a compound file's directory holds it."""
    return stream_name.encode("utf-16-le")
