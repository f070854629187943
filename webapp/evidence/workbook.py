"""Looking into a workbook before it is parsed: what it unpacks to, how far its cells reach, what its formulas hold.

The reader that follows makes a dense table of whatever range a sheet claims and copies a shared text for each cell that
names it, so that a few kilobytes can cost gigabytes. Here every part is walked through as a stream, within bounds.
"""

import io
import posixpath
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.parsers import expat

from webapp.evidence.content import check
from webapp.evidence.office import COMPOUND
from webapp.evidence.refusals import BROKEN, ENCRYPTED, Refused

XML = (".xml", ".rels", ".vml")
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"

Cell = tuple[int, int]
# A formula whose result was not stored, or one that failed.
Hollow = Literal["formula", "fault"]
Fault = Literal["large", "empty", "kind", "encrypted", "broken", "far", "much"]


class Unfit(Exception):
    """A workbook is not read at all: large, empty, no xlsx, locked, broken, reaching too far, unpacking to too much."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read: bytes, bytes unpacked, rows, columns, XML elements, and what all texts may come to.

    `text` is counted as if each cell held a copy of the longest shared text: in characters.
    """

    largest: int
    expanded: int
    rows: int
    columns: int
    elements: int
    text: int


@dataclass(slots=True)
class Part:
    """What was found in one part: cells without a usable value, counts, the longest shared text."""

    hollow: dict[Cell, Hollow] = field(default_factory=dict)
    cells: int = 0
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its cells from the first row and column on, merged ranges, cells without a value to read."""

    name: str
    rows: Sequence[Sequence[Any]]
    merged: Sequence[tuple[Cell, Cell]]
    hollow: Mapping[Cell, Hollow]


def sheets(data: bytes, bounds: Bounds) -> list[Sheet]:
    """The sheets of a workbook. Raises Unfit."""
    from python_calamine import CalamineError, CalamineWorkbook

    hollow = look_into(data, bounds)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return [_sheet(book.get_sheet_by_name(name), hollow.get(name, {})) for name in book.sheet_names]
    except (CalamineError, ValueError, OSError):
        raise Unfit("broken") from None
    except BaseException as error:
        # The reader gives up on some broken files with an exception that is none of the usual ones.
        if type(error).__name__ != "PanicException":
            raise
        raise Unfit("broken") from None


def _sheet(sheet: Any, hollow: Mapping[Cell, Hollow]) -> Sheet:
    return Sheet(sheet.name, sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or (), hollow)


def look_into(data: bytes, bounds: Bounds) -> dict[str, dict[Cell, Hollow]]:
    """By sheet name, the cells (row and column from 0) that hold no value to read. Raises Unfit."""
    if len(data) > bounds.largest:
        raise Unfit("large")
    if not data:
        raise Unfit("empty")
    if not data.startswith((b"PK\x03\x04", COMPOUND)):
        raise Unfit("kind")
    try:
        check(io.BytesIO(data), "xlsx")
    except Refused as refused:
        told: dict[int, Fault] = {id(ENCRYPTED): "encrypted", id(BROKEN): "broken"}
        raise Unfit(told.get(id(refused.reason), "kind")) from None
    return _walk(data, bounds)


def _walk(data: bytes, bounds: Bounds) -> dict[str, dict[Cell, Hollow]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > bounds.expanded:
            raise Unfit("much")
        contents = {
            entry.filename.lower(): archive.read(entry)
            for entry in archive.infolist()
            if entry.filename.lower().endswith(XML)
        }
    parts = {name: _scan(content, bounds) for name, content in contents.items()}
    cells, longest = sum(each.cells for each in parts.values()), max(each.longest for each in parts.values())
    if cells * longest > bounds.text:
        raise Unfit("much")
    return {sheet: parts[path].hollow for sheet, path in _places(contents, parts).items()}


def _places(contents: Mapping[str, bytes], parts: Mapping[str, Part]) -> dict[str, str]:
    """Where each sheet lies. Every one must have been walked through: what was not could be anything."""
    targets = {
        each["Id"]: posixpath.normpath(posixpath.join("xl", each["Target"])).lstrip("/").lower()
        for each in _attributes(contents.get(RELATIONS, b""), "Relationship")
        if "Id" in each and "Target" in each
    }
    sheets = [(each.get("name", ""), _relation(each)) for each in _attributes(contents.get(WORKBOOK, b""), "sheet")]
    found = {name: targets.get(relation, "") for name, relation in sheets}
    if not found or any(path not in parts for path in found.values()):
        raise Unfit("broken")
    return found


def _relation(attributes: Mapping[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")


def _attributes(content: bytes, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == wanted:
            found.append(attributes)

    parser = _parser()
    parser.StartElementHandler = start
    _parse(parser, content)
    return found


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_arguments: Any) -> None:
    raise Unfit("broken")


def _parse(parser: Any, content: bytes) -> None:
    """Only UTF-8: in another encoding two readers could see two different documents."""
    try:
        content.decode("utf-8-sig")
        if b"encoding" in content[:200] and b"utf-8" not in content[:200].lower():
            raise Unfit("broken")
        parser.Parse(content, True)
    except (UnicodeDecodeError, expat.ExpatError):
        raise Unfit("broken") from None


def _scan(content: bytes, bounds: Bounds) -> Part:
    """Walk through one part. Raises Unfit for what is no sound XML or reaches too far."""
    walk = _Walk(bounds)
    parser = _parser()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    parser.buffer_text = True
    _parse(parser, content)
    return walk.part


class _Walk:
    """The handlers of one part; cells without a place of their own follow the one before, as readers have it."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.part = Part()
        self.elements = self.length = 0
        self.row = self.column = -1
        self.formula = self.value = self.inside = self.fault = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.elements += 1
        if self.elements > self.bounds.elements:
            raise Unfit("far")
        local = _local(name)
        if local == "row":
            self.row = _number(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif local == "c":
            self._start_cell(attributes)
        elif local == "f":
            self.formula = True
        elif local in ("v", "is"):
            self.inside = True
        elif local == "si":
            self.length = 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.formula = self.value = self.inside = False
        self.fault = attributes.get("t") == "e"
        self.column += 1
        if "r" in attributes:
            self.row, self.column = place(attributes["r"])

    def text(self, words: str) -> None:
        """Characters inside an element."""
        self.length += len(words)
        if self.inside and words:
            self.value = True

    def end(self, name: str) -> None:
        """An element ends."""
        local = _local(name)
        if local == "si":
            self.part.longest = max(self.part.longest, self.length)
        elif local in ("v", "is"):
            self.inside = False
        elif local == "c" and (self.value or self.formula):
            self._end_cell()

    def _end_cell(self) -> None:
        if not (0 <= self.row < self.bounds.rows and 0 <= self.column < self.bounds.columns):
            raise Unfit("far")
        self.part.cells += 1
        if self.fault or not self.value:
            self.part.hollow[self.row, self.column] = "fault" if self.fault else "formula"


def place(reference: str) -> Cell:
    """Row and column from 0 of "C12". Raises Unfit for anything else."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise Unfit("broken")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return _number(digits) - 1, column - 1


def _number(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 7):
        raise Unfit("broken")
    return int(digits)
