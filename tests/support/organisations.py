"""Organisations as a pack would say them, for tests that need a tree of their own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """An organisation as a pack would say it."""

    code: str
    parent: str | None = None
    kind: str = "city"
    name_zh: str = "某市"
    name_en: str = "Some City"
    short_zh: str = "某"
    short_en: str = "Some"
    pinyin: str = "mou"
    grid: list[int] | None = None
