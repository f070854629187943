"""A document as DOCX, to be edited further: real styles, real lists, real tables, page numbers as fields.

Fonts are named, not embedded: those of official Chinese documents, which an office has, with others to stand in. A
chart is a table whose shaded cells are as wide as their parts, figures inside and beside: it needs no picture and can
be edited. The same bytes for the same document: dates are the document's own, members of the file carry a fixed one.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from webapp.documents import words
from webapp.documents.model import Bars, Block, Document, Heading, Items, Paragraph, Table
from webapp.documents.sayings import PAGES
from webapp.documents.word_styles import LISTS, RED, set_styles
from webapp.documents.word_tables import bars_parts, table_parts
from webapp.documents.word_xml import CENTIMETRE, POINT, element, field, paragraph, run

# Lengths in centimetres: the sheet, then left and right, top and bottom.
SHORT, LONG, SIDE, TOP = 21.0, 29.7, 2.6, 2.6
# The zip format knows no earlier date.
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
# What the core properties hold at most.
LONGEST_PROPERTY = 255
# Points: the red head of a Chinese document as its style has it, and the smallest one.
HEAD, SMALLEST_HEAD = 32, 18


def docx(document: Document) -> bytes:
    """The document as DOCX."""
    import docx as library

    clean = words.cleaned(document)
    made = library.Document()
    set_styles(made, clean.language, compact=clean.compact)
    _set_properties(made.core_properties, clean)
    _set_page(made, clean)
    body = made.element.body
    for part in _parts(clean, made):
        body.insert(len(body) - 1, part)
    buffer = io.BytesIO()
    made.save(buffer)
    return _with_fixed_times(buffer.getvalue())


def _set_properties(properties: Any, document: Document) -> None:
    day = datetime(document.issued.year, document.issued.month, document.issued.day, tzinfo=UTC)
    properties.title = document.title[:LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = document.issuer[:LONGEST_PROPERTY]
    properties.language = "zh-CN" if document.language == "zh" else "en-GB"
    properties.created = properties.modified = day
    properties.comments, properties.revision = "", 1


def _set_page(made: Any, document: Document) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section = made.sections[0]
    section.page_width, section.page_height = Cm(SHORT), Cm(LONG)
    if document.landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(LONG), Cm(SHORT)
    section.left_margin = section.right_margin = Cm(SIDE)
    section.top_margin = section.bottom_margin = Cm(TOP)
    before, between, after = PAGES[document.language]
    runs = [run(before), *field("PAGE"), run(between), *field("NUMPAGES"), run(after)]
    section.footer.paragraphs[0]._p.extend(runs)
    if document.draft:
        section.header.paragraphs[0]._p.append(run(document.draft))


def _parts(document: Document, made: Any) -> Iterator[Any]:
    """What the body holds, from the red head to the small print."""
    width = round((LONG if document.landscape else SHORT) * CENTIMETRE - 2 * SIDE * CENTIMETRE)
    head = paragraph([run(document.issuer, size=_head_size(document, width))], style="Issuer")
    number = paragraph([run(document.number)], style="Number")
    if document.number:
        yield head
    yield _ruled(number if document.number else head)
    yield paragraph([run(document.title)], style="Title")
    if document.to:
        yield paragraph([run(document.addressed)])
    for block in document.blocks:
        yield from _block_parts(block, made, width, document.language)
    gap = 160 if document.compact else 480
    yield _spaced(paragraph([run(document.issuer)], style="Signature"), gap)
    yield paragraph([run(document.day)], style="Signature")
    for number, note in enumerate(document.notes):
        small = paragraph([run(note)], style="SmallPrint")
        yield small if number else _spaced(small, gap)


def _head_size(document: Document, width: int) -> float:
    """Points at which the issuer's name stands on one line, within reason; 0 for its style's own."""
    if document.language == "en" or len(document.issuer) * HEAD * POINT <= width:
        return 0
    return max(SMALLEST_HEAD, width // (len(document.issuer) * POINT))


def _block_parts(block: Block, made: Any, width: int, language: str) -> Iterator[Any]:
    match block:
        case Heading():
            yield paragraph([run(block.text)], style=f"Heading{block.level}")
        case Paragraph():
            between = " " if language == "en" else ""
            lead = [run(block.lead + between, bold=True)] if block.lead else []
            yield paragraph([*lead, run(block.text)], style="BodyText")
        case Items():
            number = _new_list(made, language)
            yield from (_listed(text, number) for text in block.texts)
        case Table():
            yield from table_parts(block, width)
        case Bars():
            yield from bars_parts(block, width)


def _new_list(made: Any, language: str) -> int:
    """A list of its own, counted from one; the number Word knows it by."""
    numbering = made.part.numbering_part.element
    (known,) = made.styles["List Number"].element.xpath(".//w:numId/@w:val")
    (abstract,) = numbering.xpath(f"w:num[@w:numId='{known}']/w:abstractNumId/@w:val")
    (indent,) = numbering.xpath(f"w:abstractNum[@w:abstractNumId='{abstract}']/w:lvl/w:pPr/w:ind")
    left, hanging = (points * POINT for points in LISTS[language])
    indent.getparent().replace(indent, element("w:ind", left=left, hanging=hanging))
    fresh = numbering.add_num(int(abstract))
    fresh.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(fresh.numId)


def _listed(text: str, number: int) -> Any:
    made = paragraph([run(text)], style="ListNumber")
    made[0].append(element("w:numPr", [element("w:ilvl", val=0), element("w:numId", val=number)]))
    return made


def _ruled(made: Any) -> Any:
    """A paragraph with the red rule of an official head below it."""
    rule = element("w:bottom", val="single", sz=18, space=6, color=RED)
    made[0].append(element("w:pBdr", [rule]))
    return made


def _spaced(made: Any, gap: int) -> Any:
    made[0].append(element("w:spacing", before=gap))
    return made


def _with_fixed_times(made: bytes) -> bytes:
    """The same file, its members dated alike; the template's own thumbnail stays out of it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, FIXED_TIME)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            target.writestr(info, source.read(name))
    return buffer.getvalue()
