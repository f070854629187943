"""The few words that the faces themselves say, in the document's language and not in that of whoever asks for it."""

from collections.abc import Mapping
from datetime import date

# Before, between and after the number of a page and that of all pages.
PAGES: Mapping[str, tuple[str, str, str]] = {"zh": ("第 ", " 页 共 ", " 页"), "en": ("Page ", " of ", "")}
COLONS: Mapping[str, str] = {"zh": "：", "en": ":"}
# Said in a PDF whose font lacks a character of the text.
LACKING: Mapping[str, str] = {
    "zh": "注：个别字符不在本文件的字库中，以方框代替，原文见网页版或 DOCX 版。",
    "en": "Some characters are not in this file's font and stand as boxes; the page and the DOCX show them.",
}
# Names of sheets and of columns in a workbook, and where the first sheet points to another.
SHEETS: Mapping[str, Mapping[str, str]] = {
    "zh": {"text": "正文", "chart": "图", "table": "表", "item": "名称", "told": "说明", "see": "（见工作表“{name}”）"},
    "en": {
        "text": "Text",
        "chart": "Chart",
        "table": "Table",
        "item": "Name",
        "told": "Notes",
        "see": " (see sheet “{name}”)",
    },
}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def day(when: date, language: str) -> str:
    """A date in full: 2017年10月12日, 12 October 2017."""
    if language == "zh":
        return f"{when.year}年{when.month}月{when.day}日"
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def addressed(to: str, language: str) -> str:
    """The line that names whom a document is for, with the colon its language ends it by."""
    return to if not to or to.endswith(tuple(COLONS.values())) else to + COLONS[language]
