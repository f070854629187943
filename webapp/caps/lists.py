"""Lists of the register narrowed by their address: cities under each cap, enterprises, and what still has to be done.

Addresses narrow what was loaded within the actor's area; nonsense does not narrow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from webapp.caps.policy import Policy
from webapp.caps.standings import CapStanding, EntryStanding
from webapp.organisations.models import Organisation

COLOURS = ("red", "yellow", "green", "grey")
UNPLANNED, UNSTATED, SUSPECT = SHOWS = ("unplanned", "unstated", "suspect")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by. `show` is something still to be done; `month` the month of what is not stated."""

    city: str = ""
    sector: str = ""
    colour: str = ""
    text: str = ""
    show: str = ""
    month: date | None = None


@dataclass(frozen=True, slots=True)
class City:
    """A city with where it stands under each cap."""

    organisation: Organisation
    caps: list[CapStanding]


@dataclass(frozen=True, slots=True)
class Row:
    """An enterprise in a list."""

    city: Organisation
    cap: CapStanding
    found: EntryStanding


def filter_of(args: Mapping[str, str], policy: Policy) -> Filter:
    """The filter of an address."""
    colour, show, sector = args.get("light", ""), args.get("show", ""), args.get("sector", "")
    return Filter(
        city=args.get("city", "")[:20],
        sector=sector if sector in policy.sectors else "",
        colour=colour if colour in COLOURS else "",
        text=args.get("q", "").strip()[:100],
        show=show if show in SHOWS else "",
        month=_month(args.get("month", "")),
    )


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def cities(found: Iterable[City], where: Filter) -> list[City]:
    """Cities with those of their caps that the filter lets through."""
    narrowed = ((city, [cap for cap in city.caps if _shows_cap(cap, where)]) for city in found)
    return [City(city.organisation, caps) for city, caps in narrowed if caps and _shows_city(city, where)]


def _shows_city(city: City, where: Filter) -> bool:
    return where.city in ("", city.organisation.code)


def _shows_cap(cap: CapStanding, where: Filter) -> bool:
    return where.sector in ("", cap.rule.sector) and where.colour in ("", cap.light.colour)


def enterprises(found: Iterable[City], where: Filter) -> list[Row]:
    """The enterprises that the filter lets through, city by city, in the caps' order."""
    rows = (
        Row(city.organisation, cap, each)
        for city in found
        if _shows_city(city, where)
        for cap in city.caps
        if where.sector in ("", cap.rule.sector)
        for each in cap.entries
    )
    return [row for row in rows if _shows(row.found, where)]


def _shows(found: EntryStanding, where: Filter) -> bool:
    enterprise = found.entry.enterprise
    told = f"{enterprise.name} {enterprise.county} {enterprise.credit_code}".casefold()
    if where.colour not in ("", found.light.colour) or where.text.casefold() not in told:
        return False
    if where.show == UNPLANNED:
        return is_unplanned(found)
    if where.show == UNSTATED:
        return is_unstated(found, where.month)
    return where.show != SUSPECT or found.standing.suspects > 0


def is_unplanned(found: EntryStanding) -> bool:
    """Whether something is asked of it and no plan was filed."""
    return bool(found.standing.whole.base) and not found.standing.planned


def is_unstated(found: EntryStanding, month: date | None) -> bool:
    """Whether days of a month (without one: of a month whose statement is due) are not stated."""
    months = found.standing.months
    if month is None:
        return any(each.missing for each in months)
    return any(each.unstated and each.window.first.replace(day=1) == month for each in months)
