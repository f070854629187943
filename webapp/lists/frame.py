"""The head every list shares: its views, its columns, its sorting, and its files; all of it from the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from flask import request

from webapp import web
from webapp.lists import queries, rules
from webapp.lists.queries import Listed
from webapp.lists.rules import COLUMNS, ORDER, PLAIN, Column, Head


@dataclass(frozen=True)
class Frame:
    """One list as the address asks for it. `order` is the one that holds, also where the address names none."""

    page: str
    about: str
    path: str
    words: dict[str, str]
    order: str
    columns: Sequence[Column]
    shown: tuple[Column, ...]
    views: Sequence[Listed]
    at: int | None = None

    @cached_property
    def codes(self) -> frozenset[str]:
        """The columns that are shown, by their words."""
        return frozenset(each.code for each in self.shown)

    @cached_property
    def query(self) -> str:
        """What the address asks for, without the page."""
        return urlencode(self.words)

    @cached_property
    def heads(self) -> list[Head]:
        """The heads of the shown columns."""
        return rules.heads(self.shown, self.order)

    @cached_property
    def sorting(self) -> str:
        """The list's address up to the order's value, which a head adds."""
        rest = {name: value for name, value in self._kept.items() if name != ORDER}
        return f"{self.path}?{urlencode({**rest, ORDER: ''})}"

    @cached_property
    def _kept(self) -> dict[str, str]:
        plan = request.args.get("plan", "")
        return {**self.words, **({"plan": plan} if plan else {})}

    def keep(self, *left_out: str) -> dict[str, str]:
        """The words of the address for a form's hidden fields or a link, some left out."""
        return {name: value for name, value in self._kept.items() if name not in left_out}

    @property
    def but_columns(self) -> dict[str, str]:
        """What the form that chooses columns keeps."""
        return self.keep(COLUMNS)

    @cached_property
    def open_now(self) -> Listed | None:
        """The view that is exactly what the address asks for."""
        return next((each for each in self.views if rules.checked(self.page, each.query) == self.words), None)

    @cached_property
    def plain(self) -> str:
        """The list without any condition, the default view's included."""
        return f"{self.path}?{PLAIN}=1" if self.default else self.path

    @cached_property
    def default(self) -> Listed | None:
        """The view the list opens with."""
        return next((each for each in self.views if each.default), None)

    def opened(self, view: Listed) -> str:
        """The address a view stands for; a plain list where it narrows nothing."""
        words = rules.checked(self.page, view.query)
        return f"{self.path}?{urlencode(words)}" if words else self.plain

    @property
    def instead(self) -> str | None:
        """Where an address that asks for nothing leads, for a person whose list opens with a view."""
        if request.args or self.default is None or not rules.checked(self.page, self.default.query):
            return None
        return self.opened(self.default)


def frame(
    page: str, path: str, columns: Sequence[Column], order: str, *, about: str = "", at: int | None = None
) -> Frame:
    """The frame of a list for whoever asks: one statement."""
    words = rules.kept(page, request.args.items(multi=True))
    shown = rules.shown(columns, words.get(COLUMNS, ""))
    found = queries.views(web.reading(), page, about, web.actor())
    return Frame(page, about, path, words, order, columns, shown, found, at)
