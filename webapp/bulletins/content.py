"""What a bulletin or a report upward says: a plain value made of frozen reports alone, the same for the same ones.

Pure. Format "lantian-bulletin-1": figures and dates as text, counts as whole numbers, names in both languages. A
report counts with its accepted revision, else with its newest, which is said; a report that was never filed has no
figures and is in no sum of figures. Shares are kept with what they are a share of.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from webapp.bulletins import counted
from webapp.bulletins.figures import PLACES, figures
from webapp.bulletins.measures import behind_pace
from webapp.bulletins.rules import Period
from webapp.reports.content import instant
from webapp.reports.rules import Timeliness, completeness, digest, share_text
from webapp.reports.timeliness import HOLDER_KINDS

FORMAT = "lantian-bulletin-1"
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A report on one month of the period with the revision that counts.

    `content` is None where nothing was filed, and for all months but the last, which gives the figures.

    `state` is accepted, submitted, returned or missing; `days_late` that of the first submission, None before it;
    `first` the counts of the first submission; `at` when the revision was last submitted or decided on.
    """

    code: str
    kind: str
    parent: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    light: bool
    month: date
    due: date
    state: str
    days_late: int | None = None
    revision: int | None = None
    receipt: str = ""
    sha256: str = ""
    content: Mapping[str, Any] | None = None
    first: Mapping[str, int] | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """An accepted revision that took the place of an accepted one: whose, of which month, and why."""

    code: str
    name_zh: str
    name_en: str
    month: date
    revision: int
    replaced: int
    reason: str
    receipt: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document is made of. `sources` stand in the tree's order; `told` holds receipts of corrections."""

    plan: Mapping[str, str]
    issuer: Mapping[str, str]
    period: Period
    sources: Sequence[Source]
    corrections: Sequence[Correction] = ()
    told: frozenset[str] = frozenset()
    clauses: Sequence[str] = field(default=())


def body(facts: Facts) -> Content:
    """The figures of a period, without remarks and without what publishing adds."""
    last = [source for source in facts.sources if source.month == facts.period.last]
    areas, others = [each for each in last if not _is_other(each)], [each for each in last if _is_other(each)]
    measures, tasks = behind_pace([(each.code, each.content["lines"]) for each in areas if each.content], facts.clauses)
    return {
        "format": FORMAT,
        "kind": facts.period.kind,
        "period": facts.period.code,
        "months": [f"{month:%Y-%m}" for month in facts.period.months],
        "cutoff": facts.period.ends_on.isoformat(),
        "as_of": _as_of(facts.sources),
        "plan": dict(facts.plan),
        "issuer": dict(facts.issuer),
        "organisations": _organisations(facts),
        "filing": [_filing(facts.sources, month) for month in facts.period.months],
        "groups": _groups(areas, facts.sources),
        "totals": {"areas": _sum(areas, facts.sources), "others": _sum(others, facts.sources)},
        "measures": measures,
        "tasks": tasks,
        "corrections": [_correction(each) for each in facts.corrections if each.receipt not in facts.told],
        **counted.sections([(each.code, each.content) for each in areas if each.content]),
    }


def _is_other(source: Source) -> bool:
    """Ministries and enterprises, which are counted apart from provinces and cities."""
    return source.kind in HOLDER_KINDS


def _as_of(sources: Iterable[Source]) -> str | None:
    """The last thing that happened to what is counted: the document's day until it is published."""
    moments = [source.at for source in sources if source.at]
    return instant(max(moments)) if moments else None


# --- organisations


def _organisations(facts: Facts) -> list[Content]:
    """Each organisation that had to report in the period: its reports, and the figures of the last month."""
    reports: dict[str, list[Source]] = {}
    for source in facts.sources:
        reports.setdefault(source.code, []).append(source)
    return [_organisation(mine, facts.period.last) for mine in reports.values()]


def _organisation(mine: Sequence[Source], last: date) -> Content:
    one = mine[-1]
    final = next((source for source in mine if source.month == last), None)
    lines = final.content["lines"] if final and final.content else None
    return {
        "code": one.code,
        "kind": one.kind,
        "parent": one.parent,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "short_zh": one.short_zh,
        "short_en": one.short_en,
        "light": one.light,
        "reports": [_report(source) for source in mine],
        "completeness": _completeness(mine),
        "figures": None if lines is None else figures([lines]),
    }


def _report(source: Source) -> Content:
    share = completeness(source.first) if source.first else None
    return {
        "month": f"{source.month:%Y-%m}",
        "due": source.due.isoformat(),
        "timeliness": timeliness(source).value,
        "days_late": source.days_late or 0,
        "state": source.state,
        "revision": source.revision,
        "receipt": source.receipt,
        "sha256": source.sha256,
        "completeness": share_text(share),
    }


def timeliness(source: Source) -> Timeliness:
    """How a report stood against its legal date: only what the first submission settled, never today's date."""
    if source.days_late is None:
        return Timeliness.MISSING
    return Timeliness.LATE if source.days_late else Timeliness.ON_TIME


# --- sums


def _filing(every: Iterable[Source], month: date) -> Content:
    """How the reports on one month came in, of all organisations."""
    return {"month": f"{month:%Y-%m}", **_reports([source for source in every if source.month == month])}


def _reports(reports: Sequence[Source]) -> Content:
    punctual = Counter(timeliness(source).value for source in reports)
    states = Counter(source.state for source in reports)
    return {
        "reports": len(reports),
        "filed": len(reports) - states["missing"],
        **{name: punctual[name] for name in ("on_time", "late", "missing")},
        **{name: states[name] for name in ("accepted", "submitted", "returned")},
        "completeness": _completeness(reports),
    }


def _completeness(reports: Iterable[Source]) -> str | None:
    """The plain average of the reports that were filed and have lines."""
    shares = [share for source in reports if source.first and (share := completeness(source.first)) is not None]
    return share_text((sum(shares, Decimal(0)) / len(shares)).quantize(PLACES)) if shares else None


def _sum(members: Sequence[Source], every: Iterable[Source]) -> Content:
    """Reports and figures of some organisations together; figures of those alone that filed the last month."""
    codes = {member.code for member in members}
    filed = [source.content["lines"] for source in members if source.content]
    return {
        "organisations": len(members),
        **_reports([source for source in every if source.code in codes]),
        "counted": len(filed),
        "figures": figures(filed),
    }


def _groups(areas: Sequence[Source], every: Sequence[Source]) -> list[Content]:
    """Provinces with their cities; a municipality is a group of its own."""
    members: dict[str, list[Source]] = {}
    tops = {source.code for source in areas if source.kind != "city"}
    for source in areas:
        top = source.parent if source.parent in tops else source.code
        members.setdefault(top, []).append(source)
    return [
        {"code": code, "members": [each.code for each in inside], "sum": _sum(inside, every)}
        for code, inside in members.items()
    ]


def _correction(each: Correction) -> Content:
    return {
        "code": each.code,
        "name_zh": each.name_zh,
        "name_en": each.name_en,
        "month": f"{each.month:%Y-%m}",
        "revision": each.revision,
        "replaced": each.replaced,
        "reason": each.reason,
        "receipt": each.receipt,
        "accepted_on": instant(each.accepted_at)[:10],
    }


# --- what publishing adds


@dataclass(frozen=True, slots=True)
class Release:
    """An issue's place: the how manieth of its period, its number within the year, who published it and when."""

    issue: int
    year: int
    number: int
    at: datetime
    by: str


def draft(figures_: Content, remarks_zh: str, remarks_en: str, before: Content | None = None) -> Content:
    """A document that is not published yet; `before` is the newest published one of the same period."""
    return figures_ | {
        "remarks": {"zh": remarks_zh, "en": remarks_en},
        "issue": None,
        "amends": amends(before, figures_) if before else None,
    }


def published(prepared: Content, release: Release) -> Content:
    """A draft with what publishing adds."""
    issue = {
        "issue": release.issue,
        "year": release.year,
        "number": release.number,
        "published_at": instant(release.at),
        "published_by": release.by,
    }
    return prepared | {"issue": issue}


def amends(before: Content, figures_: Content) -> Content:
    """Which issue a further one amends, and whose reports count with another revision since."""
    old, new = _revisions(before), _revisions(figures_)
    changed = [
        {"code": code, "month": month, "from": old.get((code, month)), "to": new.get((code, month))}
        for code, month in sorted(old.keys() | new.keys())
        if old.get((code, month)) != new.get((code, month))
    ]
    issue = before["issue"]
    kept = {name: issue[name] for name in ("issue", "year", "number", "published_at")}
    return {**kept, "sha256": digest(before), "changed": changed}


def _revisions(content: Content) -> dict[tuple[str, str], int | None]:
    return {
        (org["code"], each["month"]): each["revision"] for org in content["organisations"] for each in org["reports"]
    }


def says_the_same(before: Content, prepared: Content) -> bool:
    """Whether a further issue would repeat the last one word for word."""
    apart = ("issue", "amends")
    first, second = ({name: value for name, value in each.items() if name not in apart} for each in (before, prepared))
    return bool(first == second)
