"""The shape of `ranking.yaml`: how a month's points come about. The formula is data; its version stands beside them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from seed.models import Code, Note, Share, Short, Strict, Title

Points = Annotated[int, Field(ge=1, le=100)]


class Part(Strict):
    """A part of the points: `weight` of a hundred. Without a `required` part an organisation is given no place."""

    code: Literal["pace", "reports", "verified"]
    name_zh: Short
    name_en: Title
    weight: Points
    required: bool = False
    how_zh: Note
    how_en: Note


class Ranking(Strict):
    """The formula. `behind`: what a task behind pace earns of one on pace; `late_day`: what a day's delay costs.

    Points are rounded to `places` decimals, half up, part by part; the sum of the rounded parts decides.
    """

    version: Code
    places: Annotated[int, Field(ge=0, le=2)]
    behind: Share
    late_day: Share
    parts: list[Part] = Field(min_length=1, max_length=3)
    note_zh: Note
    note_en: Note


def problems_of(ranking: Ranking) -> Iterator[tuple[str, str]]:
    """What would mislead: (field, what is wrong and what to do)."""
    total = sum(part.weight for part in ranking.parts)
    if total != 100:
        yield "parts", f"the weights add up to {total}; they must add up to 100"
    seen: set[str] = set()
    for index, part in enumerate(ranking.parts):
        if part.code in seen:
            yield f"parts.{index}.code", f"{part.code} is there twice; keep one of the two"
        seen.add(part.code)
    if not any(part.required for part in ranking.parts):
        yield "parts", "no part is required, so that an organisation without any figure would be ranked; require one"
