"""The search page. What is looked for stands in the address, so that a search can be shared and gone back to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, render_template, request, url_for

from webapp import web
from webapp.permissions import Permission, can_anywhere
from webapp.plans.views import plan_in_view
from webapp.search import pages, queries, service
from webapp.search.models import KINDS
from webapp.search.queries import MOST, Reach
from webapp.search.rules import LONGEST_QUERY, Query, read

blueprint = Blueprint("search", __name__, template_folder="templates")

FEW, PAGE = 5, 20
# Of a longer address nothing is read.
LONGEST_TYPED = 4 * LONGEST_QUERY


@dataclass(frozen=True, slots=True)
class Result:
    """What was found: counts by kind, hits in groups, and whether the one kind that is shown goes on."""

    counts: Mapping[str, int] = field(default_factory=dict)
    groups: list[pages.Group] = field(default_factory=list)
    more: bool = False

    @property
    def total(self) -> int:
        """All together."""
        return sum(self.counts.values())


@blueprint.get("/search")
@web.requires(Permission.SEE)
def index() -> str:
    """What is found in the reader's area for the words in the address; of one kind, page by page, if it names one."""
    query = read(request.args.get("q", "")[:LONGEST_TYPED])
    kind = request.args.get("kind", "")
    kind, page = kind if kind in KINDS else "", min(web.page_number(), MOST // PAGE)
    found = _result(query, kind, page) if query.terms else Result()
    return render_template(
        "search/index.html",
        query=query,
        kind=kind,
        page=page,
        found=found,
        tabs=_tabs(query, kind, found.counts),
        indexed_at=service.indexed_at(web.reading()),
        LONGEST_QUERY=LONGEST_QUERY,
    )


def _result(query: Query, kind: str, page: int) -> Result:
    session, plan = web.reading(), plan_in_view()
    reach = Reach(web.actor(), plan.id if plan else 0)
    counts = queries.counts(session, query, reach)
    rows = queries.best(
        session, query, reach, [kind] if kind else KINDS, size=PAGE if kind else FEW, page=page if kind else 1
    )
    lists = "dashboard.assignments" if can_anywhere(reach.actor, Permission.OVERVIEW) else "desk.assignments"
    more = bool(kind) and min(counts[kind], MOST) > page * PAGE
    return Result(counts, pages.groups(rows, counts, query.terms, lists), more)


def _tabs(query: Query, kind: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The kinds in which something was found, each with its number; the one that is looked at is among them."""
    return [
        {
            "url": url_for("search.index", q=query.text, kind=name),
            "label": pages.KIND_WORDS[name],
            "active": name == kind,
            "count": pages.counted(counts[name]),
        }
        for name in KINDS
        if counts.get(name) or (counts and name == kind)
    ]
