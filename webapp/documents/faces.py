"""The forms a document is handed out in: one table for the command line, the pages and the mails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from webapp.documents.model import Document
from webapp.documents.pdf import pdf
from webapp.documents.sheet import xlsx
from webapp.documents.word import docx


@dataclass(frozen=True, slots=True)
class Face:
    """A form: how it is made, what it is called on the wire, and what its file's name ends in (no dot)."""

    make: Callable[[Document], bytes]
    content_type: str
    extension: str


FACES: Mapping[str, Face] = MappingProxyType(
    {
        "pdf": Face(pdf, "application/pdf", "pdf"),
        "docx": Face(docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        "xlsx": Face(xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    }
)
