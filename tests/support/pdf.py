"""Reads a PDF that typst has made: its fonts and the text of its pages. No general reader: just what such files use."""

import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"^(\d+) 0 obj\s*(.*?)(?:\bstream\r?\n|\bendobj)", re.DOTALL | re.MULTILINE)
# A string in brackets or in hexadecimal; a font chosen, several strings shown, or one.
_LITERAL = rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]+>"
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\[((?:" + _LITERAL + rb"|[-\d. ])*)\]TJ|(" + _LITERAL + rb")Tj", re.DOTALL)
_STRING = re.compile(_LITERAL, re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Pdf:
    """Fonts by name, and whether all are embedded; the text of each page in the order it is set."""

    fonts: frozenset[str]
    embedded: bool
    pages: tuple[str, ...]
    sizes: tuple[str, ...]

    @property
    def text(self) -> str:
        """All pages, without the spaces and line ends by which text was set apart."""
        return re.sub(r"\s", "", "".join(self.pages))


def read(data: bytes) -> Pdf:
    """What a PDF says."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(data)}
    streams = {int(found[1]): _stream(data, found) for found in _OBJECT.finditer(data) if b"/Length" in found[2]}
    pages = [body for body in objects.values() if re.search(rb"/Type/Page\b(?!s)", body)]
    fonts = re.findall(rb"/FontDescriptor/FontName/\w+\+([\w-]+)", data)
    return Pdf(
        frozenset(name.decode() for name in fonts),
        data.count(b"/FontFile") == len(fonts),
        tuple(_page(body, objects, streams) for body in pages),
        tuple(found.decode() for found in re.findall(rb"/MediaBox\[([^\]]*)\]", b"".join(pages))),
    )


def _stream(data: bytes, found: re.Match[bytes]) -> bytes:
    length = re.search(rb"/Length (\d+)", found[2])
    assert length
    raw = data[found.end() : found.end() + int(length[1])]
    return zlib.decompress(raw) if b"FlateDecode" in found[2] else raw


def _page(body: bytes, objects: dict[int, bytes], streams: dict[int, bytes]) -> str:
    resources = objects[_reference(body, b"Resources")]
    fonts = {name: _letters(objects[int(at)], streams) for name, at in re.findall(rb"/(f\d+) (\d+) 0 R", resources)}
    text, letters = [], dict[int, str]()
    for font, several, one in _SHOWN.findall(streams[_reference(body, b"Contents")]):
        if font:
            letters = fonts[font]
            text.append("\n")
        text.extend(_decoded(string, letters) for string in _STRING.findall(several or one))
    return "".join(text)


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found
    return int(found[1])


def _letters(font: bytes, streams: dict[int, bytes]) -> dict[int, str]:
    pairs = re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", streams[_reference(font, b"ToUnicode")], re.MULTILINE)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _decoded(string: bytes, letters: dict[int, str]) -> str:
    raw = bytes.fromhex(string[1:-1].decode()) if string[:1] == b"<" else _ESCAPE.sub(_escaped, string[1:-1])
    return "".join(letters.get(int.from_bytes(raw[at : at + 2]), "") for at in range(0, len(raw), 2))


def _escaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if found[1].isdigit() else _NAMED.get(found[1], found[1])
