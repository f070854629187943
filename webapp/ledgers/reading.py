"""A file that is to become a ledger, as rows of cells: XLSX or CSV, checked before it is parsed.

CSV may be UTF-8, with or without its mark, or GB18030. Everything is bounded: bytes, rows, columns, texts;
what is wrong is named by row and column.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.documents.words import FORMULA_STARTS
from webapp.errors import Text
from webapp.evidence import tables
from webapp.evidence.refusals import BROKEN, EMPTY, ENCRYPTED
from webapp.evidence.tables import Refusal, Wrong
from webapp.evidence.workbook import Bounds, Fault, Sheet
from webapp.i18n import pick
from webapp.ledgers.headers import known
from webapp.ledgers.kinds import Kind
from webapp.ledgers.rules import plain

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
MOST_ROWS = 20_000
# Titles and remarks that people put above the header, and a few lines below the table.
HEADER_WITHIN, AROUND = 20, 200
COLUMNS = 80
BOUNDS = Bounds(
    largest=LARGEST, expanded=80 * MEGABYTE, rows=MOST_ROWS + AROUND, columns=COLUMNS, elements=6_000_000,
    text=200_000_000,
)  # fmt: skip
DELIMITERS = (",", "\t", ";")
ZIPPED = (b"PK\x03\x04", bytes.fromhex("d0cf11e0"))
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

TOO_LARGE = _l("文件超过 %(n)s MB，请分成几个文件，或删去表格以外的内容。", n=LARGEST // MEGABYTE)
TOO_FAR = _l("表格过大（最多 %(rows)s 行、%(columns)s 列），请分成几个文件。", rows=MOST_ROWS, columns=COLUMNS)
TOO_MUCH = _l("文件解压后过大，请删去表格以外的内容，或分成几个文件。")
WRONG_KIND = _l("请上传 .xlsx 或 .csv 格式的表格。用其他格式保存的，请另存为“Excel 工作簿（.xlsx）”后再上传。")
WRONG_CODE = _l("文件的文字编码无法识别。请另存为 .xlsx，或以 UTF-8（或 GB18030）编码保存为 .csv 后再上传。")
NO_HEADER = _l("找不到标题行。前 %(n)s 行中应有一行写着“%(name)s”“%(county)s”等列名，请下载模板对照。")
MISSING = _l("缺少必填的列：%(names)s。请对照模板补上列名。")
TWICE = _l("标题行里有两列“%(name)s”，请删去多余的一列。")
TWO_TABLES = _l("文件里有 %(n)s 张表（%(names)s）都像台账，无法判断以哪一张为准。请只保留一张。")
NOTHING = _l("标题行下面没有内容。")
BROKEN_LINE = _l("第 %(n)s 行不是完整的 CSV，可能有多余的引号。")

REFUSALS: Mapping[Fault, Text] = {
    "large": TOO_LARGE, "empty": EMPTY, "kind": WRONG_KIND, "encrypted": ENCRYPTED, "broken": BROKEN, "far": TOO_FAR,
    "much": TOO_MUCH,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below the header: (number as the spreadsheet shows it, cells by field); columns nobody knows."""

    columns: Mapping[str, int]
    titles: Mapping[str, str]
    rows: Sequence[tuple[int, Mapping[str, Any]]]
    wrong: Sequence[Wrong]
    ignored: Sequence[str]


def read_table(data: bytes, kind: Kind) -> Table:
    """The table of a file. Raises Refusal."""
    if len(data) > LARGEST:
        raise Refusal(TOO_LARGE)
    if not data.strip():
        raise Refusal(EMPTY)
    found = tables.read(data, BOUNDS, REFUSALS) if data.startswith(ZIPPED) else [Sheet("", _csv(data), (), {})]
    places = [(sheet, row) for sheet in found if (row := _header(sheet.rows, kind)) is not None]
    if not places:
        name, county = kind.by_code["name"], kind.by_code["county"]
        raise Refusal(NO_HEADER % {"n": HEADER_WITHIN, "name": pick(name, "label"), "county": pick(county, "label")})
    if len(places) > 1:
        names = "、".join(sheet.name for sheet, _row in places)
        raise Refusal(TWO_TABLES % {"n": len(places), "names": names})
    return _table(*places[0], kind)


def _csv(data: bytes) -> list[list[str]]:
    words = _decoded(data)
    delimiter = max(DELIMITERS, key=words[:5_000].count)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if len(rows) >= BOUNDS.rows or len(row) > COLUMNS:
                raise Refusal(TOO_FAR)
            rows.append([_armed(cell) for cell in row])
    except csv.Error:
        raise Refusal(BROKEN_LINE % {"n": reader.line_num}) from None
    return rows


def _armed(cell: str) -> str:
    """A cell as it was before it was disarmed for spreadsheets (see `documents.words.disarmed`)."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _decoded(data: bytes) -> str:
    if data.startswith(UTF_16):
        raise Refusal(WRONG_CODE)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            words = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(sign in words for sign in ("\x00", "\x01", "\x1a")):
            raise Refusal(WRONG_KIND)
        return words
    raise Refusal(WRONG_CODE)


def _header(rows: Sequence[Sequence[Any]], kind: Kind) -> int | None:
    """The first row that names the ledger's name and at least one more of its columns."""
    names = known(kind)
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        found = {names.get(plain(cell)) for cell in row if isinstance(cell, str)} - {None}
        if "name" in found and len(found) > 1:
            return number
    return None


def _table(sheet: Sheet, header: int, kind: Kind) -> Table:
    columns, titles, ignored = _columns(sheet.rows[header], kind)
    rows = list(tables.below(sheet.rows, header, columns))
    if not rows:
        raise Refusal(NOTHING)
    if len(rows) > MOST_ROWS:
        raise Refusal(TOO_FAR)
    return Table(columns, titles, rows, tables.unreadable(sheet, header, columns, titles), ignored)


def _columns(header: Sequence[Any], kind: Kind) -> tuple[dict[str, int], dict[str, str], list[str]]:
    names = known(kind)
    columns: dict[str, int] = {}
    titles: dict[str, str] = {}
    ignored = []
    for place, cell in enumerate(header):
        title, code = str(cell).strip()[:60], names.get(plain(cell))
        if code in columns:
            raise Refusal(TWICE % {"name": title})
        if code:
            columns[code], titles[code] = place, title
        elif title:
            ignored.append(title)
    missing = [pick(field, "label") for field in kind.fields if field.required and field.code not in columns]
    if missing:
        raise Refusal(MISSING % {"names": "、".join(missing)})
    return columns, titles, ignored
