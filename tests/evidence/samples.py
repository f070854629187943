"""Files for the tests: honest ones, and ones that pretend."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1" + b"\x00" * 64
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
TYPES = "[Content_Types].xml"


@dataclass
class Sent:
    """A file as a form brings it."""

    filename: str | None
    stream: BinaryIO


def sent(name: str, content: bytes) -> Sent:
    """A file with a name and content."""
    return Sent(name, io.BytesIO(content))


def picture(kind: str, size: tuple[int, int] = (8, 6)) -> bytes:
    """A small picture of a kind Pillow writes."""
    out = io.BytesIO()
    Image.new("RGB", size, "skyblue").save(out, kind)
    return out.getvalue()


def zipped(parts: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of some parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def office(extension: str, **more: bytes) -> bytes:
    """A zipped office file with little in it; further parts by name, slashes written as two underscores."""
    further = {name.replace("__", "/").replace("DOT", "."): content for name, content in more.items()}
    return zipped({TYPES: b"<Types/>", MAIN[extension]: b"<x/>", **further})


def compound(*streams: str) -> bytes:
    """Something like an older office file with streams of these names in its directory."""
    return COMPOUND + b"\x00" * 504 + b"".join(name.encode("utf-16-le") + b"\x00\x00" for name in streams)


def with_flag(archive: bytes, flag: int = 1) -> bytes:
    """An archive whose entries claim to be encrypted."""
    changed = bytearray(archive)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + place] |= flag
            at = changed.find(mark, at + 4)
    return bytes(changed)
