"""How much of a workbook that comes back is read, and in which words the rest is refused (see `evidence.workbook`)."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from webapp.errors import Text
from webapp.evidence import tables
from webapp.evidence.refusals import BROKEN, EMPTY, ENCRYPTED
from webapp.evidence.workbook import Bounds, Cell, Fault, Hollow, Sheet

__all__ = ["LARGEST", "Cell", "Hollow", "Sheet", "sheets"]

LARGEST = 2 * 1024 * 1024
ROWS = 2_000
COLUMNS = 100
BOUNDS = Bounds(
    largest=LARGEST, expanded=8 * 1024 * 1024, rows=ROWS, columns=COLUMNS, elements=300_000, text=24 * 1024 * 1024
)

TOO_LARGE = _l("表格超过 %(n)s MB，请用下载的原表填写，不要放入图片和其他内容。", n=LARGEST // 1024 // 1024)
TOO_FAR = _l("表格内容过多（最多 %(rows)s 行、%(columns)s 列），请用下载的原表填写。", rows=ROWS, columns=COLUMNS)
TOO_MUCH = _l("表格展开后过大，请用下载的原表填写，不要放入图片和其他内容。")
WRONG_KIND = _l("请上传 .xlsx 格式的表格。用其他格式保存的，请另存为“Excel 工作簿（.xlsx）”后再上传。")
REFUSALS: Mapping[Fault, Text] = {
    "large": TOO_LARGE, "empty": EMPTY, "kind": WRONG_KIND, "encrypted": ENCRYPTED, "broken": BROKEN, "far": TOO_FAR,
    "much": TOO_MUCH,
}  # fmt: skip


def sheets(data: bytes) -> list[Sheet]:
    """The sheets of a file that was uploaded. Raises Refusal."""
    return tables.read(data, BOUNDS, REFUSALS)
