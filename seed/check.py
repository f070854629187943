"""Is a pack complete and does it make sense? Every sentence answered, every figure fit to be compared.

`load_pack` has already refused what cannot be loaded; what is found here can be loaded but would mislead.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from seed.pack import Pack
from seed.problems import Problem
from seed.references import reference_problems
from seed.taskmodel import Task
from webapp.plans.rules import nominal_due, occurrences

_SHARE_UNIT = "share"


def check_pack(pack: Pack) -> list[Problem]:
    """Every fault of the pack, in the order of files and lines; an empty list means it may be published."""
    return sorted(
        {
            *reference_problems(pack),
            *_coverage(pack),
            *_organisations(pack),
            *_clauses(pack),
            *_plan(pack),
            *(problem for task in pack.tasks for problem in _task(pack, task)),
        }
    )


def coverage(pack: Pack) -> dict[str, list[str]]:
    """Each sentence id in the order of the plan, with the codes of the tasks that answer it."""
    tasks: dict[str, list[str]] = {sentence: [] for sentence in pack.sentences()}
    for task in pack.tasks:
        for sentence in task.sentences:
            tasks.setdefault(sentence, []).append(task.code)
    return tasks


def _coverage(pack: Pack) -> Iterator[Problem]:
    answered = coverage(pack)
    for sentence in pack.sentences().values():
        tasks = answered[sentence.id]
        if not tasks and sentence.waive is None:
            message = f"{sentence.id} is neither mapped to a task nor waived; cite it in a task or give a reason"
            yield pack.problem("sentence", sentence.id, "waive", message)
        elif tasks and sentence.waive is not None:
            message = f"{sentence.id} is waived although {', '.join(tasks)} cites it; keep one of the two"
            yield pack.problem("sentence", sentence.id, "waive", message)


def _organisations(pack: Pack) -> Iterator[Problem]:
    tiles: dict[tuple[int, ...], str] = {}
    for org in pack.organisations:
        if org.kind in ("city", "municipality") and org.grid is None:
            yield pack.problem("organisation", org.code, "grid", "a city needs its column and row on the tile map")
        if org.grid is None:
            continue
        other = tiles.setdefault(tuple(org.grid), org.code)
        if other != org.code:
            yield pack.problem("organisation", org.code, "grid", f"{org.grid} is already the tile of {other}")
    yield from _parents(pack)


def _parents(pack: Pack) -> Iterator[Problem]:
    above = {"province": ("region",), "municipality": ("region",), "city": ("province",)}
    for org in pack.organisations:
        parent = pack.organisation(org.parent) if org.parent else None
        allowed = above.get(org.kind)
        if allowed and parent and parent.kind not in allowed:
            yield pack.problem("organisation", org.code, "parent", f"a {org.kind} belongs under a {allowed[0]}")


def _clauses(pack: Pack) -> Iterator[Problem]:
    sorts: dict[int, str] = {}
    for clause in pack.clauses:
        other = sorts.setdefault(clause.sort, clause.id)
        if other != clause.id:
            yield pack.problem("clause", clause.id, "sort", f"{clause.sort} is already the place of {other}")
        for number, sentence in enumerate(clause.sentences, start=1):
            if sentence.id != f"{clause.id}.{number}":
                message = (
                    f"{sentence.id} stands where {clause.id}.{number} is expected; sentences are numbered in order"
                )
                yield pack.problem("sentence", sentence.id, "id", message)


def _plan(pack: Pack) -> Iterator[Problem]:
    plan = pack.plan
    if not plan.published_on <= plan.ends_on:
        yield pack.problem("plan", "", "published_on", "lies after the plan's end; correct it")
    last = plan.reporting.last_month
    if last is not None and last < plan.reporting.first_month:
        yield pack.problem("plan", "", "reporting.last_month", "lies before first_month; correct it")
    yield from _terms(pack)
    if plan.thresholds.red_below > plan.thresholds.yellow_under:
        yield pack.problem("plan", "", "thresholds.red_below", "must not be above yellow_under")
    for season in plan.seasons:
        if not _within(pack, season.starts_on) or not _within(pack, season.ends_on):
            yield pack.problem("season", season.code, "starts_on", "reaches beyond the plan's own days")


def _terms(pack: Pack) -> Iterator[Problem]:
    reporting, reporters = pack.plan.reporting, pack.reporters()
    for index, term in enumerate(reporting.terms):
        first, last = term.first_month or reporting.first_month, term.last_month or reporting.last_month
        where = f"reporting.terms.{index}"
        if first < reporting.first_month or (last and last < first):
            yield pack.problem("plan", "", where, "does not lie within the months reported on; correct it")
        if strangers := [code for code in pack.members(term.orgs) if code not in reporters]:
            yield pack.problem("plan", "", where, f"{strangers[0]} files no report; take it out")


def _within(pack: Pack, day: date) -> bool:
    return pack.plan.starts_on <= day <= pack.plan.ends_on


def _task(pack: Pack, task: Task) -> Iterator[Problem]:
    for field_name, message in (*_when(pack, task), *_figures(task), *_citations(pack, task)):
        yield pack.problem("task", task.code, field_name, message)


def _when(pack: Pack, task: Task) -> Iterator[tuple[str, str]]:
    if task.kind == "standing" and task.due is not None:
        yield "due", "a standing duty has no date; leave due out or choose another kind"
    if task.kind == "seasonal_cap" and (task.due is None or task.due.season is None):
        yield "due", "a seasonal cap is due with its season; write due: {season: ...}"
    if task.kind in ("milestone", "quantity") and task.due is None:
        yield "due", f"a {task.kind} needs a date; without one it is a standing duty"
    if (task.kind == "recurring_report") != (task.due is not None and task.due.recurring):
        yield "due", "monthly and quarterly belong to recurring_report, and to nothing else"
    yield from _dates(pack, task)


def _dates(pack: Pack, task: Task) -> Iterator[tuple[str, str]]:
    rule = pack.due_rule(task)
    seasons = pack.seasons()
    if rule is None or (rule.season and rule.season not in seasons):
        return
    for code in pack.members(task.who):
        due = nominal_due(rule, seasons, code)
        if due is not None and not _within(pack, due):
            yield "due", f"{due} lies outside the plan ({pack.plan.starts_on} to {pack.plan.ends_on})"
            return
    if rule.recurring and not any(_within(pack, turn.due) for turn in occurrences(rule, f"{pack.plan.ends_on:%Y-%m}")):
        yield "due", "none of its turns falls into the plan; mend first_month or last_month"


def _figures(task: Task) -> Iterator[tuple[str, str]]:
    if task.unit == _SHARE_UNIT and any(number > 1 for number in task.target):
        yield "target", "a share is a fraction: write 0.5 for 50 %"
    if task.basically and (task.unit != _SHARE_UNIT or task.target != [Decimal(1)]):
        yield "basically", "practically all is target 1.0 with unit share, marked basically: true"
    if task.comparator == ">=" and task.target == [Decimal(0)]:
        yield "target", "at least 0 is always met; give a figure"
    if task.comparator == "between" and task.tolerance_zh is None and task.note_zh is None:
        yield "tolerance_zh", "say where the two bounds come from (tolerance_zh and tolerance_en, or a note)"


def _citations(pack: Pack, task: Task) -> Iterator[tuple[str, str]]:
    clauses = pack.sentences()
    for sentence in task.sentences:
        if sentence in clauses and sentence.rsplit(".", 1)[0] != task.clause:
            yield "sentences", f"{sentence} is not a sentence of {task.clause}"
    for code, count in Counter((*task.lead, *task.supporting)).items():
        if count > 1:
            yield "supporting", f"{code} is named {count} times; once is enough"
