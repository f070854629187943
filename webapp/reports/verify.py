"""Checking a downloaded revision: read the file with suspicion, take its digest again, say where it differs.

Pure. The file may come from anybody: nothing of it is believed but what its digest proves.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.reports.content import READABLE
from webapp.reports.rules import RECEIPT_LENGTH, canonical, digest

# The largest report, of a province with hundreds of lines, stays below one megabyte.
LARGEST_FILE = 16 * 1024 * 1024
MOST_DIFFERENCES = 20
LONGEST_VALUE = 80
RECEIPT = re.compile(rf"[0-9A-Z][0-9A-Z_-]{{0,{RECEIPT_LENGTH - 1}}}")


class NotReadable(ValueError):
    """The file is no report; the message says why, in words for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that has the form of a report: its content, its digest, and the receipt it claims."""

    content: Mapping[str, Any]
    sha256: str
    receipt: str
    byte_for_byte: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the file says something else than the database: `lines[3].cumulative (m04-boilers-all)`."""

    place: str
    file: str
    database: str


def read_report(raw: bytes) -> Downloaded:
    """A downloaded revision of any format. Raises NotReadable."""
    content = read_json(raw)
    if content.get("format") not in READABLE:
        raise NotReadable(f"the file is no report of a known format ({', '.join(sorted(READABLE))})")
    receipt = content.get("receipt")
    if not isinstance(receipt, str) or not RECEIPT.fullmatch(receipt):
        raise NotReadable("the file carries no receipt number")
    return downloaded(content, receipt, raw)


def read_json(raw: bytes) -> Mapping[str, Any]:
    """The object a downloaded file holds, of whatever format. Raises NotReadable."""
    if len(raw) > LARGEST_FILE:
        raise NotReadable(f"the file is larger than {LARGEST_FILE // 1024 // 1024} MB; no report is")
    content = _parsed(raw)
    if not isinstance(content, dict):
        raise NotReadable("the file is JSON, but no report")
    return content


def downloaded(content: Mapping[str, Any], receipt: str, raw: bytes) -> Downloaded:
    """A content with its digest, taken anew. Raises NotReadable."""
    try:
        return Downloaded(content, digest(content), receipt, canonical(content).encode() == raw)
    except (UnicodeEncodeError, RecursionError):
        raise NotReadable("the file holds text that no report can hold") from None


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode(), object_pairs_hook=_without_doubles, parse_constant=_refused)
    except UnicodeDecodeError:
        raise NotReadable("the file is not UTF-8 text") from None
    except RecursionError:
        raise NotReadable("the file is nested too deeply; no report is") from None
    except NotReadable:
        raise
    except ValueError as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise NotReadable(f"the file is not JSON{place}") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different: of two equal ones, two readers could each believe another."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise NotReadable("the file names the same field twice")
    return made


def _refused(name: str) -> None:
    raise NotReadable(f"the file holds {name}, which is no figure")


def differences(file: Mapping[str, Any], stored: Mapping[str, Any]) -> list[Difference]:
    """Where a file differs from the stored content, in the content's order; at most MOST_DIFFERENCES."""
    found = []
    for each in _compare("", file, stored, ""):
        found.append(each)
        if len(found) == MOST_DIFFERENCES:
            break
    return found


def _compare(place: str, file: Any, stored: Any, about: str) -> Iterator[Difference]:
    if isinstance(file, dict) and isinstance(stored, dict):
        inside = str(stored.get("task") or about)
        for name in [*stored, *(name for name in file if name not in stored)]:
            yield from _compare(f"{place}.{name}".lstrip("."), file.get(name, _NONE), stored.get(name, _NONE), inside)
    elif isinstance(file, list) and isinstance(stored, list):
        for number in range(max(len(file), len(stored))):
            here = [each[number] if number < len(each) else _NONE for each in (file, stored)]
            yield from _compare(f"{place}[{number}]", here[0], here[1], about)
    elif type(file) is not type(stored) or file != stored:
        yield Difference(printable(place) + (f" ({about})" if about else ""), _value(file), _value(stored))


_NONE = object()


def _value(value: Any) -> str:
    return "nothing" if value is _NONE else printable(json.dumps(value, ensure_ascii=False))


def printable(text: str) -> str:
    """A text of a stranger for a terminal: one line, no control characters, not too long."""
    short = text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in short)
