"""Texts as every face can bear them: what XML forbids is replaced, line ends are alike."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from webapp.documents.model import Document

# What XML 1.0 cannot hold at all, not even escaped; a tab is a space in print, and ends of lines are kept.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")
REPLACEMENT = "□"
# What a spreadsheet would take for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Value = TypeVar("Value")


def clean(text: str) -> str:
    """A text without characters that files cannot hold (each becomes an empty square), its lines ended by a newline."""
    return _FORBIDDEN.sub(REPLACEMENT, _LINE_ENDS.sub("\n", text)).replace("\t", " ")


def cleaned(document: Document) -> Document:
    """The document with every text of it clean; equal to the given one where nothing had to be mended."""
    return _cleaned(document)


def _cleaned(value: Value) -> Value:
    changed: Any = value
    if isinstance(value, str):
        changed = clean(value)
    elif isinstance(value, tuple):
        changed = tuple(_cleaned(part) for part in value)
    elif is_dataclass(value) and not isinstance(value, type):
        changed = replace(value, **{field.name: _cleaned(getattr(value, field.name)) for field in fields(value)})
    return changed  # type: ignore[no-any-return]


def disarmed(text: str) -> str:
    """A text no spreadsheet takes for a formula: an apostrophe goes before = + - @ tab or carriage return."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
