"""A pack in memory: its parts, the lookups others need, and where each part was written."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from seed.capmodel import Caps
from seed.ledgermodel import LedgerType
from seed.models import Clause, Organisation, Plan, Selector, Sentence, Who
from seed.problems import Problem
from seed.rankingmodel import Ranking
from seed.taskmodel import Task
from seed.yamlsource import Path_, Source, dotted
from webapp.plans.rules import DueRule, Season, SeasonWindow

Places = dict[tuple[str, str], tuple[Source, Path_]]


@dataclass(frozen=True)
class Pack:
    """Everything a plan pack says. `places` maps ("task", code) and the like to where it is written."""

    plan: Plan
    organisations: list[Organisation]
    clauses: list[Clause]
    tasks: list[Task]
    places: Places = field(default_factory=dict)
    ledgers: list[LedgerType] = field(default_factory=list)
    caps: Caps | None = None
    ranking: Ranking | None = None

    def organisation(self, code: str) -> Organisation | None:
        """The organisation with this code, if the pack has it."""
        return next((org for org in self.organisations if org.code == code), None)

    def ledger(self, code: str) -> LedgerType | None:
        """The ledger with this code, if the pack has it."""
        return next((each for each in self.ledgers if each.code == code), None)

    def sentences(self) -> dict[str, Sentence]:
        """All sentences by id, in the order of the plan."""
        return {sentence.id: sentence for clause in self.clauses for sentence in clause.sentences}

    def path(self, code: str) -> str:
        """The organisation's place in the tree: `jjj/130000/130600/`. Unknown or circular parents end it."""
        parents = {org.code: org.parent for org in self.organisations}
        chain: list[str] = []
        current: str | None = code
        while current is not None and current in parents and current not in chain:
            chain.insert(0, current)
            current = parents[current]
        return "".join(f"{part}/" for part in chain)

    def members(self, who: Who) -> list[str]:
        """Codes of the organisations `who` means, each once, in the order of organisations.yaml."""
        wanted = self._expand(who.of, ()) - self._expand(who.except_, ())
        return [org.code for org in self.organisations if org.code in wanted]

    def selector_members(self, name: str) -> list[str]:
        """Codes of the organisations in the named group."""
        return self.members(Who(of=[name]))

    def reporters(self) -> dict[str, bool]:
        """Who files the monthly report, and whether a light one, in the order of organisations.yaml.

        Whom the pack names and the cities below, which report to them; light, those named so who were given a task.
        """
        reporting = self.plan.reporting
        named = set(self.members(reporting.orgs))
        light = set(self.members(reporting.light_orgs)) if reporting.light_orgs else set()
        light &= {code for task in self.tasks for code in self.members(task.who)} if light else set()
        found = {}
        for org in self.organisations:
            full = org.code in named or (org.kind == "city" and named & set(self.path(org.code).split("/")))
            if full or org.code in light:
                found[org.code] = not full
        return found

    def season(self, code: str) -> Season | None:
        """The season with its overrides worked out to organisation codes, ready for the due rules."""
        for found in self.plan.seasons:
            if found.code == code:
                windows = {
                    org: SeasonWindow(override.starts_on, override.ends_on)
                    for override in found.overrides
                    for org in self.members(override.orgs)
                }
                return Season(found.code, SeasonWindow(found.starts_on, found.ends_on), windows)
        return None

    def seasons(self) -> dict[str, Season]:
        """All seasons by code, for `webapp.plans.rules.nominal_due`."""
        found = {season.code: self.season(season.code) for season in self.plan.seasons}
        return {code: season for code, season in found.items() if season is not None}

    def due_rule(self, task: Task) -> DueRule | None:
        """The task's due rule as the product keeps it; None for duties without a date."""
        return DueRule.from_data(task.due.model_dump(mode="json", exclude_none=True)) if task.due else None

    def problem(self, kind: str, code: str, field_name: str, message: str) -> Problem:
        """A fault of the named part, placed at the line of its field, or of the part where it has no such field."""
        if (kind, code) not in self.places:
            return Problem("(pack)", 0, field_name, message)
        source, path = self.places[(kind, code)]
        place: Path_ = tuple(int(part) if part.isdigit() else part for part in field_name.split("."))
        return Problem(source.file, source.line((*path, *place)), dotted(place), message)

    def with_tasks(self, tasks: Iterable[Task]) -> "Pack":
        """The same pack holding other tasks (tests mutate packs with it)."""
        return replace(self, tasks=list(tasks))

    def _expand(self, names: list[str], seen: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        for name in names:
            selector = self.plan.selectors.get(name)
            if selector is not None and name not in seen:
                found |= self.select(selector, (*seen, name))
            elif self.organisation(name):
                found.add(name)
        return found

    def select(self, selector: Selector, seen: tuple[str, ...] = ()) -> set[str]:
        """Codes in a group; `seen` are the groups being worked out, so that none is entered twice."""
        chosen = {org.code for org in self.organisations if org.kind in selector.kinds}
        if selector.within:
            chosen = {code for code in chosen if set(self.path(code).split("/")) & set(selector.within)}
        return (chosen | self._expand(selector.orgs, seen)) - self._expand(selector.except_, seen)


def names_in(who: Who | Selector) -> Iterable[tuple[str, Any]]:
    """Every name a group mentions, with the field it stands in, for reference checks."""
    for field_name in ("of", "within", "orgs", "except_"):
        for name in getattr(who, field_name, []):
            yield field_name.rstrip("_"), name
