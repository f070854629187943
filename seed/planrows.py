"""What a pack says, as rows of the plan's tables. Pure: a pack and ids in, plain mappings out."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from seed.models import Season as PackSeason
from seed.pack import Pack
from seed.taskmodel import Task as PackTask
from webapp.reminders.ladder import rules_from

Ids = Mapping[str, int]
Row = dict[str, Any]


def plan(pack: Pack, organisations: Ids) -> Row:
    """The plan's row without its hash. `rules` keeps reporting, thresholds and, written out in full, reminders."""
    source = pack.plan
    texts = {name: getattr(source, name) or "" for name in _both("title", "short", "note")}
    return {
        "code": source.code,
        **texts,
        "published_on": source.published_on,
        "starts_on": source.starts_on,
        "ends_on": source.ends_on,
        "region_id": organisations[source.region],
        "rules": source.model_dump(mode="json", include={"reporting", "thresholds"}, by_alias=True)
        | {"reminders": rules_from(source.reminders.as_data()).as_data()}
        | ({"ledgers": [each.model_dump(mode="json") for each in pack.ledgers]} if pack.ledgers else {})
        | ({"caps": pack.caps.as_data(pack.tasks)} if pack.caps else {})
        | ({"ranking": pack.ranking.model_dump(mode="json")} if pack.ranking else {}),
    }


def reporters(pack: Pack, plan_id: int, organisations: Ids) -> list[Row]:
    """Who files the monthly report, and on which months: see `pack.reporters`."""
    reporting = pack.plan.reporting
    terms = {code: term for term in reporting.terms for code in pack.members(term.orgs)}
    rows = []
    for code, light in pack.reporters().items():
        term = terms.get(code)
        last = (term and term.last_month) or reporting.last_month
        rows.append(
            {
                "plan_id": plan_id,
                "organisation_id": organisations[code],
                "first_month": _month((term and term.first_month) or reporting.first_month),
                "last_month": _month(last) if last else None,
                "light": light,
            }
        )
    return rows


def seasons(pack: Pack, plan_id: int, organisations: Ids) -> list[Row]:
    """The plan's seasons, and a row for each organisation that keeps days of its own."""
    rows: list[Row] = []
    for season in pack.plan.seasons:
        rows.append(_season(season, plan_id, None, season.starts_on, season.ends_on))
        for override in season.overrides:
            rows += [
                _season(season, plan_id, organisations[code], override.starts_on, override.ends_on)
                for code in pack.members(override.orgs)
            ]
    return rows


def _season(season: PackSeason, plan_id: int, organisation_id: int | None, first: date, last: date) -> Row:
    return {
        "plan_id": plan_id,
        "code": season.code,
        "organisation_id": organisation_id,
        **{name: getattr(season, name) for name in _both("name", "note")},
        "starts_on": first,
        "ends_on": last,
    }


def clauses(pack: Pack, plan_id: int) -> list[Row]:
    """The clauses in the pack's order."""
    return [
        {
            "plan_id": plan_id,
            "code": clause.id,
            "title_zh": clause.title_zh,
            "title_en": clause.title_en,
            "measure": clause.measure,
            "sort": clause.sort,
        }
        for clause in pack.clauses
    ]


def sentences(pack: Pack, clause_ids: Ids) -> list[Row]:
    """All sentences with their gists; a text an operator attached is not among the columns and so stays."""
    return [
        {
            "clause_id": clause_ids[clause.id],
            "code": sentence.id,
            "sort": number,
            "gist_zh": sentence.gist_zh,
            "gist_en": sentence.gist_en,
            "waived_zh": sentence.waive.reason_zh if sentence.waive else "",
            "waived_en": sentence.waive.reason_en if sentence.waive else "",
        }
        for clause in pack.clauses
        for number, sentence in enumerate(clause.sentences, start=1)
    ]


def tasks(pack: Pack, plan_id: int, clause_ids: Ids) -> list[Row]:
    """The tasks, sorted as the plan reads: by clause, then by the first sentence they answer to."""
    sorts = {clause.id: clause.sort for clause in pack.clauses}
    places = {code: index for index, code in enumerate(pack.sentences())}
    ordered = sorted(pack.tasks, key=lambda task: (sorts[task.clause], min(places[code] for code in task.sentences)))
    return [
        _task(pack, task, sort) | {"plan_id": plan_id, "clause_id": clause_ids[task.clause]}
        for sort, task in enumerate(ordered)
    ]


def _task(pack: Pack, task: PackTask, sort: int) -> Row:
    rule = pack.due_rule(task)
    return {
        "code": task.code,
        "sort": sort,
        **{name: getattr(task, name) or "" for name in _both("title", "short", "evidence", "note", "tolerance")},
        "kind": task.kind,
        "due_rule": rule.as_data() if rule else {},
        "season_code": rule.season if rule else "",
        "comparator": task.comparator,
        "target_min": task.target_min,
        "target_max": task.target_max,
        "unit": task.unit,
        "basically": task.basically,
        "measure_kind": task.measure_kind,
        "named": task.named,
        "ledger": task.ledger.model_dump(mode="json") if task.ledger else None,
    }


def _both(*names: str) -> list[str]:
    return [f"{name}_{language}" for name in names for language in ("zh", "en")]


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
