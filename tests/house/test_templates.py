"""Templates: sound HTML, nothing a strict content policy refuses, only icons that exist."""

import re
from pathlib import Path

import pytest

from tests.support.repository import production_modules, run, short, templates
from webapp.assets import ICONS

# Mails carry their style inside, as mail programs want it; the strict policy is for pages.
PAGES = [
    path
    for path in templates()
    if path.suffix == ".html" and not path.name.startswith("mail_") and path.parent.name != "mail"
]
FORBIDDEN = {
    "inline style": r"\sstyle\s*=",
    "event handler": r"\son[a-z]+\s*=\s*[\"']",
    "inline style sheet": r"<style\b",
    "inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "javascript address": r"javascript:",
}


def without_comments(path: Path) -> str:
    """A template's text, its Jinja comments emptied and its line numbers kept."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\{#.*?#\}", lambda match: "\n" * match.group().count("\n"), text, flags=re.DOTALL)


def test_djlint_finds_nothing() -> None:
    run("djlint", "--lint", "--quiet", "webapp")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_pages_hold_nothing_the_content_policy_refuses(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    offenders = [
        f"{short(path)}:{number}: {line.strip()}"
        for path in PAGES
        for number, line in enumerate(without_comments(path).splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not offenders


def test_every_icon_used_is_in_the_sprite() -> None:
    written = re.compile(r"\bicon\s*[=(:]\s*['\"]([a-z0-9-]+)['\"]|\bEntry\([^\n]*?\), \"([a-z0-9-]+)\"")
    used = {
        ("".join(found), short(path))
        for path in [*templates(), *production_modules()]
        for found in written.findall(path.read_text(encoding="utf-8"))
    }
    assert not [f"{where}: {name}" for name, where in sorted(used) if name not in ICONS]
