"""What a saved view may hold, decided without a database: which words of an address belong to which list."""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

LONGEST_NAME = 40
LONGEST_QUERY = 1000
LONGEST_VALUE = 100
# So many views a person may keep of one list.
MOST_VIEWS = 20

# The lists, each with the words of its address that narrow, sort or choose columns. Never the page, never the plan.
WORDS: Mapping[str, tuple[str, ...]] = {
    "assignments": (
        "organisation", "task", "kind", "status", "light", "label", "measure", "text", "due_after", "due_before",
        "silent", "unfinished", "order", "columns",
    ),
    "reports": ("month", "state", "timeliness", "province", "order", "columns"),
    "ledger": ("q", "state", "county", "order", "columns"),
    "people": ("q", "organisation", "role", "state", "duty", "order", "columns"),
}  # fmt: skip
PAGES = tuple(WORDS)
# The word that opens a list without the person's default view.
PLAIN = "all"


def kept(page: str, given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The words of an address that belong to a list, each once, in the list's order; empty ones narrow nothing."""
    found = {name: value.strip()[:LONGEST_VALUE] for name, value in given}
    return [(name, found[name]) for name in WORDS[page] if found.get(name)]


def query_of(page: str, given: Iterable[tuple[str, str]]) -> str:
    """The same as the query of an address."""
    return urlencode(kept(page, given))


def checked(page: str, query: str) -> dict[str, str]:
    """A stored or sent query as arguments; what the list does not know is left out."""
    return dict(kept(page, parse_qsl(query[:LONGEST_QUERY])))
