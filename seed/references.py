"""Does everything a pack mentions exist, once? Without this a pack cannot be loaded at all."""

from collections import Counter
from collections.abc import Iterable, Iterator

from seed import capmodel, rankingmodel
from seed.ledgermodel import problems_of
from seed.models import Selector, Who
from seed.pack import Pack, names_in
from seed.problems import Problem
from seed.reminding import reminder_problems
from seed.taskmodel import Task


def reference_problems(pack: Pack) -> list[Problem]:
    """Duplicate codes, and names of organisations, groups, clauses, sentences or seasons that do not exist."""
    return [
        *_duplicates(pack),
        *_tree(pack),
        *_plan(pack),
        *reminder_problems(pack),
        *_caps(pack),
        *_ranking(pack),
        *(problem for task in pack.tasks for problem in _task(pack, task)),
    ]


def _duplicates(pack: Pack) -> Iterator[Problem]:
    sentences = [sentence.id for clause in pack.clauses for sentence in clause.sentences]
    named: dict[str, list[str]] = {
        "organisation": [org.code for org in pack.organisations],
        "clause": [clause.id for clause in pack.clauses],
        "sentence": sentences,
        "task": [task.code for task in pack.tasks],
        "season": [season.code for season in pack.plan.seasons],
        "ledger": [ledger.code for ledger in pack.ledgers],
    }
    for kind, codes in named.items():
        for code, count in Counter(codes).items():
            if count > 1:
                yield pack.problem(kind, code, "code", f"{code} is used {count} times; every code must be its own")
    for name in set(named["organisation"]) & set(pack.plan.selectors):
        yield pack.problem("plan", "", f"selectors.{name}", "a group may not have an organisation's code; rename it")


def _tree(pack: Pack) -> Iterator[Problem]:
    known = {org.code for org in pack.organisations}
    region = pack.organisation(pack.plan.region)
    if region is None or region.kind != "region":
        yield pack.problem("plan", "", "region", f"{pack.plan.region} is not an organisation of kind region")
    for org in pack.organisations:
        if org.parent is not None and org.parent not in known:
            yield pack.problem("organisation", org.code, "parent", f"unknown organisation {org.parent}")
        elif org.kind != "region" and not pack.path(org.code).startswith(f"{pack.plan.region}/"):
            yield pack.problem("organisation", org.code, "parent", "does not lead up to the region; mend the parents")
        elif org.kind == "region" and org.parent is not None:
            yield pack.problem("organisation", org.code, "parent", "a region has no parent; remove it")


def _plan(pack: Pack) -> Iterator[Problem]:
    names, reporting = list(pack.plan.selectors), pack.plan.reporting
    groups = [("reporting.orgs", reporting.orgs, names)]
    groups += [("reporting.light_orgs", reporting.light_orgs, names)] if reporting.light_orgs else []
    groups += [(f"reporting.terms.{index}.orgs", term.orgs, names) for index, term in enumerate(reporting.terms)]
    groups += [
        (f"seasons.{season.code}.overrides.orgs", override.orgs, names)
        for season in pack.plan.seasons
        for override in season.overrides
    ]
    for where, who, known in groups:
        yield from _group(pack, ("plan", ""), where, who, known)
    season = reporting.upward and reporting.upward.monthly_in
    if season and season not in {each.code for each in pack.plan.seasons}:
        yield pack.problem("plan", "", "reporting.upward.monthly_in", f"unknown season {season}; define it or mend it")
    for index, (name, selector) in enumerate(pack.plan.selectors.items()):
        yield from _group(pack, ("plan", ""), f"selectors.{name}", selector, names[:index])


def _caps(pack: Pack) -> Iterator[Problem]:
    seasons = {season.code for season in pack.plan.seasons}
    for where, message in capmodel.problems_of(pack.caps, pack.tasks, seasons) if pack.caps else ():
        yield pack.problem("caps", "", where, message)


def _ranking(pack: Pack) -> Iterator[Problem]:
    for where, message in rankingmodel.problems_of(pack.ranking) if pack.ranking else ():
        yield pack.problem("ranking", "", where, message)


def _group(pack: Pack, place: tuple[str, str], where: str, who: Who | Selector, known: Iterable[str]) -> list[Problem]:
    wrong = [(part, name) for part, name in names_in(who) if name not in known and pack.organisation(name) is None]
    problems = [
        pack.problem(*place, f"{where}.{part}", f"{name} is neither an organisation nor a group defined above; mend it")
        for part, name in wrong
    ]
    members = pack.select(who) if isinstance(who, Selector) else pack.members(who)
    if not problems and not members:
        problems.append(pack.problem(*place, where, "means nobody; name at least one organisation"))
    return problems


def _task(pack: Pack, task: Task) -> Iterator[Problem]:
    place = ("task", task.code)
    yield from _group(pack, place, "who", task.who, pack.plan.selectors)
    for field_name, codes in (("lead", task.lead), ("supporting", task.supporting)):
        for code in codes:
            if pack.organisation(code) is None and code not in pack.plan.selectors:
                yield pack.problem(*place, field_name, f"unknown organisation or group {code}")
    if task.clause not in {clause.id for clause in pack.clauses}:
        yield pack.problem(*place, "clause", f"unknown clause {task.clause}; see clauses.yaml")
    known = pack.sentences()
    for sentence in task.sentences:
        if sentence not in known:
            yield pack.problem(*place, "sentences", f"unknown sentence {sentence}; see clauses.yaml")
    if task.due and task.due.season and task.due.season not in {season.code for season in pack.plan.seasons}:
        yield pack.problem(*place, "due.season", f"unknown season {task.due.season}; see plan.yaml")
    yield from _ledger_of(pack, task)


def _ledger_of(pack: Pack, task: Task) -> Iterator[Problem]:
    if task.ledger is None:
        return
    ledger = pack.ledger(task.ledger.type)
    if ledger is None:
        found = [("ledger.type", f"unknown ledger {task.ledger.type}; see ledgers.yaml")]
    else:
        found = problems_of(task.ledger, ledger, task.unit)
    for where, message in found:
        yield pack.problem("task", task.code, where, message)
