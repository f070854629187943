"""A page's form as a browser would send it, to be changed field by field."""

from collections.abc import Iterator

from tests.support.html import Element, parse

Fields = dict[str, list[str]]


def form_fields(html: str, action: str) -> Fields:
    """What the form that goes to an address would send if nobody touched it, buttons left out."""
    (form,) = (each for each in parse(html).all("form") if each.get("action") == action)
    fields: Fields = {}
    for name, value in _sent(form):
        fields.setdefault(name, []).append(value)
    return fields


def _sent(form: Element) -> Iterator[tuple[str, str]]:
    for each in form.all("input", "select", "textarea"):
        if each.tag == "select":
            yield from ((each.get("name"), value) for value in _chosen(each))
        elif each.tag == "textarea":
            yield each.get("name"), each.text.strip()
        elif each.get("type") not in ("checkbox", "radio") or "checked" in each.attributes:
            yield each.get("name"), each.get("value")


def _chosen(select: Element) -> list[str]:
    options = list(select.all("option"))
    chosen = [each.get("value") for each in options if "selected" in each.attributes]
    return chosen if chosen or "multiple" in select.attributes else [each.get("value") for each in options[:1]]
