"""What the index keeps of one record, and how it becomes a row of either database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from webapp.search.rules import as_vector, name_token, tokens

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A record with the texts by which it can be found. `area` is the path of its organisation, '' for the plan's own.

    `names` are the titles and codes of which a whole one is an exact hit; `more` is found but not shown.
    """

    source: str
    subject_id: int
    kind: str
    stamp: int = 0
    plan_id: int | None = None
    organisation_id: int | None = None
    area: str = ""
    assignment_id: int | None = None
    report_id: int | None = None
    code: str = ""
    said_at: datetime | None = None
    title_zh: str = ""
    title_en: str = ""
    body_zh: str = ""
    body_en: str = ""
    names: tuple[str, ...] = ()
    more: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to find."""
        return not (self.title_zh or self.body_zh)


def stamp_of(*parts: object) -> int:
    """A number that changes with what a record says, for records that carry no version."""
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:7], "big")


def kind_mark(kind: str) -> str:
    """The token all texts of a kind have."""
    return f"@k{kind}"


def plan_mark(plan_id: int) -> str:
    """The token all texts of a plan have."""
    return f"@p{plan_id}"


def area_mark(code: str) -> str:
    """The token of whatever lies at or below the organisation with a code."""
    return f"@a{''.join(each if each.isalnum() else f'={ord(each):x}=' for each in code.lower())}"


def marks(found: Found) -> list[str]:
    """What a text is limited by: its kind, its plan, every organisation on its path; and its whole names."""
    scope = [kind_mark(found.kind), *(area_mark(code) for code in found.area.split("/") if code)]
    if found.plan_id is not None:
        scope.append(plan_mark(found.plan_id))
    return scope + list(dict.fromkeys(name for each in found.names if (name := name_token(each))))


def words_of(found: Found, *, vector: bool) -> str:
    """The tokens of a record as its database keeps them; titles count twice."""
    titles = tokens(found.title_zh, found.title_en)
    words = titles + titles + tokens(found.body_zh, found.body_en, *found.more)
    return as_vector(words, marks(found)) if vector else " ".join([*marks(found), *words])


def row_of(found: Found, *, vector: bool) -> Mapping[str, Any]:
    """A record as a row of the index."""
    return {
        "source": found.source,
        "subject_id": found.subject_id,
        "kind": found.kind,
        "stamp": found.stamp,
        "plan_id": found.plan_id,
        "organisation_id": found.organisation_id,
        "area": found.area,
        "assignment_id": found.assignment_id,
        "report_id": found.report_id,
        "code": found.code,
        "title_zh": found.title_zh[:LONGEST_TITLE],
        "title_en": found.title_en[:LONGEST_TITLE],
        "body_zh": found.body_zh.replace("\x00", ""),
        "body_en": found.body_en.replace("\x00", ""),
        "said_at": found.said_at,
        "words": words_of(found, vector=vector),
    }
