"""A page as its reader's browser sees its structure: enough of HTML to hold every page to the house rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
UNSEEN = frozenset({"script", "style", "template"})
SPOKEN = ("alt", "aria-label", "placeholder", "title", "data-confirm", "data-counts", "data-remove", "data-too-large")


@dataclass
class Element:
    """A tag with its attributes, what it stands in and what stands in it."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element]" = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def all(self, *tags: str) -> "Iterator[Element]":
        """The elements of some kinds below this one, or all of them, in order."""
        for child in self.children:
            if not tags or child.tag in tags:
                yield child
            yield from child.all(*tags)

    def inside(self, tag: str) -> "Element | None":
        """The nearest element of a kind this one stands in."""
        found = self.parent
        while found is not None and found.tag != tag:
            found = found.parent
        return found

    @property
    def text(self) -> str:
        """All text below, without scripts."""
        return "".join(self.texts) + "".join(child.text for child in self.children if child.tag not in UNSEEN)

    def get(self, name: str) -> str:
        """An attribute; empty when it is not there."""
        return self.attributes.get(name, "")


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#root", {})
        self._at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.children.append(element)
        if tag not in VOID:
            self._at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        element: Element | None = self._at
        while element is not None and element.tag != tag:
            element = element.parent
        if element is not None and element.parent is not None:
            self._at = element.parent

    def handle_data(self, data: str) -> None:
        self._at.texts.append(data)


def parse(page: str) -> Element:
    """The root of a page."""
    builder = _Builder()
    builder.feed(page)
    return builder.root


def own_links(root: Element) -> set[str]:
    """The addresses of this site a page links to, without fragments."""
    found = (link.get("href").split("#")[0] for link in root.all("a"))
    return {address for address in found if address.startswith("/")}


def spoken(root: Element) -> Iterator[str]:
    """Every piece of text a reader sees or hears, attributes too; what is marked as of another language left out."""
    for element in root.all():
        if element.tag not in UNSEEN and not _foreign(element):
            yield from (text for text in element.texts if text.strip())
            yield from (element.get(name) for name in SPOKEN if element.get(name))


def _foreign(element: Element | None) -> bool:
    while element is not None and element.tag != "html":
        if element.get("lang"):
            return True
        element = element.parent
    return False


def faults(root: Element) -> list[str]:
    """What is wrong with a page by the house rules, in words."""
    return [*_frame(root), *_attributes(root), *_forms(root), *_fields(root)]


def _frame(root: Element) -> Iterator[str]:
    heads = [each.text.strip() for each in root.all("h1")]
    if len(heads) != 1 or not heads[0]:
        yield f"headings of the first level: {heads}"
    titles = [each.text.strip() for each in root.all("title") if each.inside("svg") is None]
    if len(titles) != 1 or len(titles[0]) < 4:
        yield f"titles: {titles}"
    if not any(each.get("lang") for each in root.all("html")):
        yield "the page does not say its language"


def _attributes(root: Element) -> Iterator[str]:
    seen: set[str] = set()
    for element in root.all():
        if "id" in element.attributes:
            if element.get("id") in seen:
                yield f"id twice: {element.get('id')}"
            seen.add(element.get("id"))
        for name in element.attributes:
            if name == "style" or name.startswith("on"):
                yield f"<{element.tag} {name}=…>"
    if any(element.texts and "".join(element.texts).strip() for element in root.all("script", "style")):
        yield "a script or style within the page"
    for element in root.all():
        targets = f"{element.get('aria-labelledby')} {element.get('aria-describedby')} {element.get('for')}".split()
        yield from (f"<{element.tag}> points to {each!r}, which is not there" for each in targets if each not in seen)


def _forms(root: Element) -> Iterator[str]:
    for form in root.all("form"):
        names = {each.get("name") for each in form.all("input")}
        if form.get("method").lower() == "post" and "csrf_token" not in names:
            yield f"form without a token: {form.get('action')}"
        if form.get("method").lower() != "post" and "csrf_token" in names:
            yield f"a token in an address: {form.get('action')}"


def _fields(root: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.all("label")}
    for each in root.all("input", "select", "textarea"):
        if each.get("type") in ("hidden", "submit", "button") or "hidden" in each.attributes:
            continue
        named = each.get("aria-label") or each.get("aria-labelledby") or each.get("id") in labelled
        if not named and each.inside("label") is None:
            yield f"<{each.tag} name={each.get('name')!r}> has no label"
    for button in root.all("button"):
        if not (button.text.strip() or button.get("aria-label") or any(i.get("alt") for i in button.all("img"))):
            yield "a button without words"
