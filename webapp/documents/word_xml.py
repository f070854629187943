"""Small pieces of WordprocessingML: elements with attributes, runs of text, fields, shading."""

from collections.abc import Iterable
from typing import Any

# Word's lengths: twentieths of a point; 567 of them are a centimetre.
POINT, CENTIMETRE = 20, 567
SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")


def element(tag: str, children: Iterable[Any] = (), **attributes: str | int) -> Any:
    """An element such as `element("w:jc", val="center")`; attributes are of the w: namespace."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    made.extend(children)
    return made


def run(text: str, *, bold: bool = False, colour: str = "", size: float = 0) -> Any:
    """A run of text, `size` in points where its style's is not wanted; its newlines become line breaks."""
    properties = element("w:rPr")
    if bold:
        properties.extend([element("w:b"), element("w:bCs")])
    if colour:
        properties.append(element("w:color", val=colour))
    if size:
        properties.extend(element(tag, val=round(size * 2)) for tag in ("w:sz", "w:szCs"))
    made = element("w:r", [properties] if len(properties) else ())
    for number, line in enumerate(text.split("\n")):
        if number:
            made.append(element("w:br"))
        made.append(_text(line))
    return made


def _text(line: str) -> Any:
    made = element("w:t")
    made.text = line
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return made


def field(code: str) -> list[Any]:
    """The runs of a field such as PAGE; programs that work fields out replace the 1."""
    parts = [
        element("w:fldChar", fldCharType="begin"),
        element("w:instrText"),
        element("w:fldChar", fldCharType="separate"),
    ]
    parts[1].text = f" {code} "
    runs = [element("w:r", [part]) for part in parts]
    return [*runs, run("1"), element("w:r", [element("w:fldChar", fldCharType="end")])]


def paragraph(runs: Iterable[Any], *, style: str = "", align: str = "", left: int = 0, right: int = 0) -> Any:
    """A paragraph of runs in a style, given by its id; `left` and `right` are indents."""
    properties = element("w:pPr")
    if style:
        properties.append(element("w:pStyle", val=style))
    if left or right:
        properties.append(element("w:ind", left=left, right=right))
    if align:
        properties.append(element("w:jc", val=align))
    return element("w:p", [properties, *runs])


def cell(content: Any, width: int, *, fill: str = "", span: int = 1) -> Any:
    """A table's cell with one paragraph, centred from top to bottom."""
    properties = element("w:tcPr", [element("w:tcW", w=width, type="dxa")])
    if span > 1:
        properties.append(element("w:gridSpan", val=span))
    if fill:
        properties.append(element("w:shd", val="clear", color="auto", fill=fill.lstrip("#")))
    properties.append(element("w:vAlign", val="center"))
    return element("w:tc", [properties, content])


def row(cells: Iterable[Any], *, head: bool = False, whole: bool = True) -> Any:
    """A row, as a rule not split between pages; a head is repeated on each."""
    properties = element("w:trPr", [element("w:cantSplit")] if whole else ())
    if head:
        properties.append(element("w:tblHeader"))
    return element("w:tr", [properties, *cells])


def table(widths: Iterable[int], rows: Iterable[Any], *, description: str, ruled: bool = True) -> Any:
    """A table with fixed columns; without rules it has no space in its cells either."""
    columns = list(widths)
    properties = [
        element("w:tblStyle", val="TableGrid" if ruled else "TableNormal"),
        element("w:tblW", w=sum(columns), type="dxa"),
        element("w:jc", val="center"),
        element("w:tblBorders", [_rule(side) for side in SIDES]) if ruled else None,
        element("w:tblLayout", type="fixed"),
        element("w:tblCellMar", [_margin(side, ruled=ruled) for side in SIDES[:4]]),
        element("w:tblLook", val="0420", firstRow=int(ruled), noVBand=1),
        element("w:tblCaption", val=description[:250]),
    ]
    grid = element("w:tblGrid", [element("w:gridCol", w=column) for column in columns])
    return element("w:tbl", [element("w:tblPr", [part for part in properties if part is not None]), grid, *rows])


def _rule(side: str) -> Any:
    return element(f"w:{side}", val="single", sz=4, space=0, color="8592A1")


def _margin(side: str, *, ruled: bool) -> Any:
    width = (70 if side in {"left", "right"} else 30) if ruled else 0
    return element(f"w:{side}", w=width, type="dxa")
