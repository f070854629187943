"""A ranking as plain values: places and points for everybody, and behind each the rows it came from."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from webapp.clock import local
from webapp.organisations.models import CITY_KINDS, PROVINCE_KINDS
from webapp.plans.models import Clause, Plan
from webapp.ranking.queries import Known
from webapp.ranking.rules import (
    Checked,
    Facts,
    Formula,
    Paced,
    Score,
    earned_by_reports,
    placed,
    rounded,
    score,
    together,
)

FORMAT = "lantian-ranking-1"
TABLES = {"city": CITY_KINDS, "province": PROVINCE_KINDS}
PACED = ("done", "on_pace", "behind", "overdue", "not_due")
Content = dict[str, Any]


def content(plan: Plan, month: date, known_on: date, found: Sequence[Known], clauses: Mapping[str, Clause]) -> Content:
    """Everything that is published. The formula is copied too, so that an old ranking explains itself."""
    formula = Formula.from_data(plan.rules["ranking"])
    below = {each.organisation.code: _with_cities(each, found) for each in found}
    return {
        "format": FORMAT,
        "plan": {"code": plan.code, "title_zh": plan.title_zh, "title_en": plan.title_en},
        "month": f"{month:%Y-%m}",
        "known_on": known_on.isoformat(),
        "formula": plan.rules["ranking"],
        "tables": {table: _table(table, found, below, formula) for table in TABLES},
        "rows": {
            table: {
                each.organisation.code: _rows(each, below[each.organisation.code], table, clauses)
                for each in found
                if each.organisation.kind in kinds
            }
            for table, kinds in TABLES.items()
        },
    }


def _with_cities(one: Known, found: Iterable[Known]) -> list[Known]:
    path = one.organisation.path
    return [each for each in found if each.organisation.path.startswith(path)]


def _table(
    table: str, found: Sequence[Known], below: Mapping[str, Sequence[Known]], formula: Formula
) -> list[dict[str, Any]]:
    """The lines of a table by place, those of one place in the tree's order, those without any last."""
    members = [each for each in found if each.organisation.kind in TABLES[table]]
    facts = [_facts(each, below[each.organisation.code], table) for each in members]
    scores = placed([score(each, formula) for each in facts])
    lines = [_line(*each, formula) for each in zip(members, facts, scores, strict=True)]
    return sorted(lines, key=lambda line: (line["place"] is None, line["place"] or 0))


def _facts(one: Known, below: Sequence[Known], table: str) -> Facts:
    return together(each.facts for each in below) if table == "province" else one.facts


def _line(one: Known, facts: Facts, found: Score, formula: Formula) -> dict[str, Any]:
    organisation = one.organisation
    return {
        "code": organisation.code,
        "path": organisation.path,
        "name_zh": organisation.short_zh,
        "name_en": organisation.short_en,
        "place": found.place,
        "total": _text(found.total),
        "points": {code: _text(points) for code, points in found.points.items()},
        "facts": {
            "pace": _paced(facts.paced),
            "reports": _reports(facts, formula),
            "verified": _checked(facts.checked),
        },
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _paced(paced: Paced) -> dict[str, int]:
    return {name: getattr(paced, name) for name in PACED} | {"base": paced.base}


def _checked(checked: Checked) -> dict[str, int]:
    return {"verified": checked.verified, "waiting": checked.waiting}


def _reports(facts: Facts, formula: Formula) -> dict[str, Any]:
    states = [each.state for each in facts.reported]
    earned = earned_by_reports(facts, formula)
    return {state: states.count(state) for state in ("on_time", "late", "missing", "pending")} | {
        "days": sum(each.days_late for each in facts.reported),
        "due": len(states) - states.count("pending"),
        "earned": str(rounded(earned, 4).normalize() + 0),
    }


# --- the rows behind


def _rows(one: Known, below: Sequence[Known], table: str, clauses: Mapping[str, Clause]) -> dict[str, Any]:
    """By clause for a city, by organisation for a province; reports one by one."""
    if table == "province":
        paced = [_named(each) | _paced(each.facts.paced) for each in below]
        checked = [_named(each) | _checked(each.facts.checked) for each in below]
    else:
        paced = [_clause(clauses[code]) | _paced(counts) for code, counts in one.paced.items()]
        checked = [_clause(clauses[code]) | _checked(counts) for code, counts in one.checked.items()]
    reports = [_report(each) for each in (below if table == "province" else [one]) if each.reported]
    return {"pace": paced, "reports": reports, "verified": checked}


def _named(one: Known) -> dict[str, Any]:
    return {
        "code": one.organisation.code, "name_zh": one.organisation.short_zh, "name_en": one.organisation.short_en,
    }  # fmt: skip


def _clause(clause: Clause) -> dict[str, Any]:
    return {"code": clause.code, "name_zh": clause.title_zh, "name_en": clause.title_en}


def _report(one: Known) -> dict[str, Any]:
    assert one.report is not None
    assert one.reported is not None
    stamp = one.report.first_submitted_at if one.reported.state in ("on_time", "late") else None
    return _named(one) | {
        "report": one.report.id,
        "due": one.report.due.isoformat(),
        "filed": f"{local(stamp):%Y-%m-%d %H:%M}" if stamp else None,
        "state": one.reported.state,
        "days_late": one.reported.days_late,
    }
