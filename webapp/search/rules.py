"""Texts as tokens, and a query as what is looked for among them. The same on both databases; no SQL here.

Chinese has no spaces and most words have two characters: a run of it becomes its pairs (锅炉房: 锅炉, 炉房) and its
last character alone, so that a word of any length is found as neighbouring pairs, and one as a beginning. Other words
and whole numbers stay whole; the last word of a query is found by its beginning.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST_QUERY = 100
LONGEST_WORD = 40
LONGEST_NAME = 60
MOST_TOKENS = 3_000
# A snippet does not begin inside a word that ends so near.
LONGEST_STEP = 16
# 々 and 〇 stand in words like any character; kana are written without spaces too.
_SIGNS = "々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_PAIRED = re.compile(f"[{_SIGNS}]")
_RUNS = re.compile(f"[{_SIGNS}]+|[^ {_SIGNS}]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    """One character as it is compared: NFKC, case and accents folded; a space where it is part of no word."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    kept = "".join(each for each in folded if unicodedata.category(each) != "Mn")
    kept = unicodedata.normalize("NFC", kept)
    return "".join(each if unicodedata.category(each)[0] in "LN" else "," if each == "," else " " for each in kept)


def folded(text: str) -> tuple[str, list[int]]:
    """A text as it is compared, and for each of its characters the place in the text it comes from."""
    parts = [_plain(char) for char in text]
    places = [place for place, part in enumerate(parts) for _each in part]
    plain = "".join(parts)
    commas = {each.start() for each in _THOUSANDS.finditer(plain)}
    kept = [place for place in range(len(plain)) if place not in commas]
    return "".join(plain[place] for place in kept).replace(",", " "), [places[place] for place in kept]


def _runs(text: str) -> list[str]:
    plain = "".join([_plain(char) for char in text])
    return _RUNS.findall(_THOUSANDS.sub("", plain).replace(",", " "))


def is_paired(run: str) -> bool:
    """Whether a run is written without spaces, and so becomes pairs."""
    return bool(_PAIRED.match(run))


def safe(token: str) -> str:
    """A token of which no database takes a letter for a space: letters younger than theirs are written as numbers."""
    if token.isascii():
        return token
    old = unicodedata.ucd_3_2_0.category
    return "".join(each if old(each)[0] in "LN" else f"u{ord(each):x}" for each in token)


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run))]


def tokens(*texts: str) -> list[str]:
    """The tokens of some texts, in their order."""
    found: list[str] = []
    for text in texts:
        for run in _runs(text):
            found += [safe(pair) for pair in _pairs(run)] if is_paired(run) else [safe(run[:LONGEST_WORD])]
    return found[:MOST_TOKENS]


def name_token(text: str) -> str:
    """A whole title or code as one token, by which an exact hit is known; empty for a text without letters."""
    whole = "".join(_runs(text))[:LONGEST_NAME]
    return f"={safe(whole)}" if whole else ""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must occur: tokens right after one another, the last perhaps only begun. `text` is for marking."""

    text: str
    tokens: tuple[str, ...]
    begun: bool = False


Terms = tuple[Term, ...]
Scopes = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for. Every term must occur. `short`: only single letters; `cut`: longer than is read."""

    text: str
    terms: Terms = ()
    name: str = ""
    short: bool = False
    cut: bool = False


def read(typed: str) -> Query:
    """A query from what was typed."""
    text = " ".join(typed.replace("\x00", " ").split())
    shown = text[:LONGEST_QUERY]
    runs = list(dict.fromkeys(_runs(shown)))
    short = bool(runs) and all(len(run) == 1 and not is_paired(run) for run in runs)
    terms = () if short else tuple(_term(run, run == runs[-1]) for run in runs)
    return Query(shown, terms, name_token(shown), short, len(text) > LONGEST_QUERY)


def _term(run: str, last: bool) -> Term:
    if not is_paired(run):
        return Term(run, (safe(run[:LONGEST_WORD]),), begun=last and len(run) > 1)
    if len(run) == 1:
        return Term(run, (safe(run),), begun=True)
    return Term(run, tuple(safe(pair) for pair in _pairs(run)[:-1]))


# --- the query in the words of a database; tokens hold neither quotes nor operators


def as_fts5(terms: Terms, scopes: Scopes = ()) -> str:
    """For SQLite: every term, and of each scope one token."""
    said = [f'"{" ".join(term.tokens)}"{" *" if term.begun else ""}' for term in terms]
    within = [f"({' OR '.join(_quoted(each) for each in scope)})" for scope in scopes]
    return " AND ".join([*within, *said])


def _quoted(token: str) -> str:
    return f'"{token}"'


def as_tsquery(terms: Terms, scopes: Scopes = ()) -> str:
    """For PostgreSQL: the same, as the text of a tsquery."""
    said = ["<->".join(f"'{each}'" for each in term.tokens) + (":*" if term.begun else "") for term in terms]
    within = [f"({'|'.join(_single(each) for each in scope)})" for scope in scopes]
    return " & ".join([*within, *(f"({each})" for each in said)])


def _single(token: str) -> str:
    return f"'{token}'"


def as_vector(words: list[str], marks: list[str]) -> str:
    """For PostgreSQL: tokens with their places, and marks (scope, names) that have none, as the text of a tsvector."""
    return " ".join([*(f"'{mark}'" for mark in marks), *(f"'{word}':{at}" for at, word in enumerate(words, 1))])


# --- showing what was found


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, marked where it is what was looked for."""

    text: str
    marked: bool = False


def pieces(text: str, terms: Terms, width: int = 0) -> list[Piece]:
    """A text with the terms marked; with a `width`, only so much of it, around the first."""
    spans = _spans(text, terms)
    first, last = _window(text, spans, width)
    found = [Piece("…")] if first else []
    at = first
    for begin, end in ((max(begin, first), min(end, last)) for begin, end in spans):
        if begin < end:
            found += [Piece(text[at:begin]), Piece(text[begin:end], marked=True)]
            at = end
    found += [Piece(text[at:last]), Piece("…" if last < len(text) else "")]
    return [each for each in found if each.text]


def _window(text: str, spans: list[tuple[int, int]], width: int) -> tuple[int, int]:
    """From where to where a text is shown: a little before the first span, at a word's beginning if one is near."""
    if not width or len(text) <= width:
        return 0, len(text)
    middle = spans[0][0] if spans else 0
    first = max(0, min(middle - width // 4, len(text) - width))
    word = text.find(" ", first, min(first + LONGEST_STEP, middle)) + 1 if first else 0
    first = word or first
    return first, min(len(text), first + width)


def _spans(text: str, terms: Terms) -> list[tuple[int, int]]:
    """Where the terms stand in a text, in order, those that touch put together."""
    plain, places = folded(text)
    found = sorted(
        (places[each.start()], places[each.end() - 1] + 1) for term in terms for each in _pattern(term).finditer(plain)
    )
    merged: list[tuple[int, int]] = []
    for begin, end in found:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


@lru_cache(maxsize=256)
def _pattern(term: Term) -> re.Pattern[str]:
    if is_paired(term.text):
        return re.compile(re.escape(term.text))
    own = f"[^ {_SIGNS}]"
    return re.compile(f"(?<!{own}){re.escape(term.text)}" + ("" if term.begun else f"(?!{own})"))
