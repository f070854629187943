"""The styles of a DOCX: named as Word names them, with a Chinese and a Latin font each, so that they can be edited."""

from dataclasses import dataclass, replace
from typing import Any

from webapp.documents.word_xml import POINT, element

LATIN = "Times New Roman"
INK, RED, FAINT = "16222F", "D0021B", "5D6B7B"
# What a program may take where the fonts of official documents are missing: Windows brings these.
FALLBACKS = {
    "仿宋_GB2312": "仿宋;FangSong",
    "楷体_GB2312": "楷体;KaiTi",
    "方正小标宋简体": "宋体;SimSun",
    "宋体": "SimSun",
    "黑体": "SimHei",
}


# Letters of a compact document, in points.
SMALLEST = 9


@dataclass(frozen=True, slots=True)
class Look:
    """A style: Chinese font, size in points, and what else differs from running text. Spaces are points."""

    name: str
    font: str
    size: float
    bold: bool = False
    colour: str = INK
    align: str = "left"
    before: float = 0
    after: float = 0
    # Space between lines: points where it is exact, as official documents have it; else a line as high as its letters.
    line: float = 0
    indent: bool = False
    keep: bool = False


CHINESE = (
    Look("Normal", "仿宋_GB2312", 16, line=28, align="both"),
    Look("Issuer", "方正小标宋简体", 32, colour=RED, align="center", bold=True),
    Look("Number", "仿宋_GB2312", 16, align="center", before=12, after=4),
    Look("Title", "方正小标宋简体", 22, align="center", before=28, after=22, line=34),
    Look("Body Text", "仿宋_GB2312", 16, line=28, align="both", indent=True),
    Look("Heading 1", "黑体", 16, line=28, indent=True, keep=True, before=6),
    Look("Heading 2", "楷体_GB2312", 16, line=28, indent=True, keep=True),
    Look("List Number", "仿宋_GB2312", 16, line=28, align="both"),
    Look("Caption", "黑体", 12, align="center", before=12, after=4, keep=True),
    Look("Table Text", "宋体", 9.5),
    # A chart stays on one page with its caption, as far as it fits.
    Look("Chart Text", "宋体", 9.5, keep=True),
    Look("Table Note", "宋体", 9, colour=FAINT, before=3, after=10),
    Look("Signature", "仿宋_GB2312", 16, line=28, align="right"),
    Look("Small Print", "宋体", 9, colour=FAINT, before=3),
    Look("Header", "黑体", 12, bold=True, colour=RED, align="right"),
    Look("Footer", "宋体", 10.5, align="center"),
)
ENGLISH = (
    Look("Normal", "宋体", 11.5, line=17),
    Look("Issuer", "黑体", 24, colour=RED, align="center", bold=True),
    Look("Number", "宋体", 11.5, align="center", before=8, after=4),
    Look("Title", "黑体", 18, align="center", before=22, after=16, bold=True),
    Look("Body Text", "宋体", 11.5, line=17, after=7),
    Look("Heading 1", "黑体", 14, before=14, after=5, bold=True, keep=True),
    Look("Heading 2", "黑体", 12, before=9, after=4, bold=True, keep=True),
    Look("List Number", "宋体", 11.5, line=17, after=4),
    Look("Caption", "黑体", 10.5, align="center", before=12, after=4, bold=True, keep=True),
    Look("Table Text", "宋体", 9),
    Look("Chart Text", "宋体", 9, keep=True),
    Look("Table Note", "宋体", 8.5, colour=FAINT, before=3, after=10),
    Look("Signature", "宋体", 11.5, line=17, align="right"),
    Look("Small Print", "宋体", 8.5, colour=FAINT, before=3),
    Look("Header", "黑体", 11, bold=True, colour=RED, align="right"),
    Look("Footer", "宋体", 9.5, align="center"),
)


# Points: where the text of a list begins, and how far before it its number stands.
LISTS = {"zh": (56, 24), "en": (28, 18)}


def set_styles(document: Any, language: str, *, compact: bool = False) -> None:
    """Write all styles into a document of python-docx, those it lacks included; `compact` sets running text small."""
    from docx.enum.style import WD_STYLE_TYPE

    _set_defaults(document, language)
    present = {style.name for style in document.styles}
    for usual in CHINESE if language == "zh" else ENGLISH:
        look = _smaller(usual) if compact else usual
        if look.name not in present:
            document.styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH)
        _apply(document.styles[look.name].element, look)
    _name_fallbacks(document)


def _smaller(look: Look) -> Look:
    """A style for what has to stand on one page: smaller letters and lines; what is small stays readable."""
    size = max(look.size * 0.72, min(look.size, SMALLEST))
    return replace(look, size=round(size * 2) / 2, line=look.line * 0.68, before=look.before / 2, after=look.after / 2)


def _set_defaults(document: Any, language: str) -> None:
    defaults = document.styles.element.find(".//{*}docDefaults")
    for old in (*defaults.iter("{*}spacing"), *defaults.iter("{*}rFonts"), *defaults.iter("{*}lang")):
        old.getparent().remove(old)
    properties = defaults.find(".//{*}rPr")
    properties.insert(0, _fonts("宋体"))
    properties.append(element("w:lang", val="en-GB", eastAsia="zh-CN" if language == "zh" else "en-GB", bidi="ar-SA"))


def _fonts(chinese: str) -> Any:
    return element("w:rFonts", ascii=LATIN, hAnsi=LATIN, eastAsia=chinese, cs=LATIN)


def _apply(style: Any, look: Look) -> None:
    """Replace a style's looks; its place in lists and outlines stays."""
    for old in [*style.findall("{*}rPr")]:
        style.remove(old)
    paragraph = style.find("{*}pPr")
    kept = [] if paragraph is None else [part for part in paragraph if part.tag.endswith(("}numPr", "}outlineLvl"))]
    if paragraph is not None:
        style.remove(paragraph)
    style.extend([_paragraph(look, kept), _letters(look)])


def _paragraph(look: Look, kept: list[Any]) -> Any:
    """The properties in the order the schema wants them."""
    made = element("w:pPr")
    if look.keep:
        made.extend([element("w:keepNext"), element("w:keepLines")])
    made.extend(part for part in kept if part.tag.endswith("}numPr"))
    made.append(_spacing(look))
    if look.indent:
        # Two characters, whatever their size.
        made.append(element("w:ind", firstLineChars=200, firstLine=round(look.size * 2 * POINT)))
    made.append(element("w:jc", val=look.align))
    made.extend(part for part in kept if part.tag.endswith("}outlineLvl"))
    return made


def _spacing(look: Look) -> Any:
    line, rule = (round(look.line * POINT), "atLeast") if look.line else (240, "auto")
    before, after = round(look.before * POINT), round(look.after * POINT)
    return element("w:spacing", before=before, after=after, line=line, lineRule=rule)


def _letters(look: Look) -> Any:
    made = element("w:rPr", [_fonts(look.font)])
    made.extend([element("w:b", val=int(look.bold)), element("w:bCs", val=int(look.bold))])
    half_points = round(look.size * 2)
    made.extend(
        [element("w:color", val=look.colour), element("w:sz", val=half_points), element("w:szCs", val=half_points)]
    )
    return made


def _name_fallbacks(document: Any) -> None:
    """Say in the table of fonts which others may stand in."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.oxml import serialize_part_xml
    from docx.oxml.parser import parse_xml

    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    table = parse_xml(part.blob)
    for name, others in FALLBACKS.items():
        table.append(element("w:font", [element("w:altName", val=others), element("w:charset", val="86")], name=name))
    part._blob = serialize_part_xml(table)
