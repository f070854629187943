"""The plan's measures (its clauses) over all provinces and cities: how far each is, and where it is behind. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.bulletins.figures import figures
from webapp.reports.rules import WORRYING

Lines = Sequence[Mapping[str, Any]]


def behind_pace(
    reports: Sequence[tuple[str, Lines]], order: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Every measure in the plan's order with its counts and the places behind; and the titles of the tasks named.

    `reports` are (organisation code, lines); a clause that `order` does not know stands last.
    """
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for code, lines in reports:
        for line in lines:
            found.setdefault(line["clause"], []).append((code, line))
    place = {code: number for number, code in enumerate(order)}
    clauses = sorted(found, key=lambda code: (place.get(code, len(place)), code))
    measures = [_measure(code, found[code]) for code in clauses]
    tasks = {
        line["task"]: {"title_zh": line["title_zh"], "title_en": line["title_en"]}
        for inside in found.values()
        for _code, line in inside
        if line["label"] in WORRYING
    }
    return measures, tasks


def _measure(code: str, inside: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    worrying = [(place, line) for place, line in inside if line["label"] in WORRYING]
    places: dict[str, list[dict[str, Any]]] = {}
    for place, line in worrying:
        places.setdefault(place, []).append(_task(line))
    one = inside[0][1]
    return {
        "clause": code,
        "title_zh": one["clause_zh"],
        "title_en": one["clause_en"],
        "figures": figures([[line for _place, line in inside]]),
        "concerned": len({place for place, _line in inside}),
        "places": [{"code": place, "tasks": tasks} for place, tasks in places.items()],
    }


def _task(line: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: line.get(name, "") for name in ("problem", "next_step")}
    return {name: line[name] for name in ("task", "label", "light", "due", "completion", "pace")} | said
