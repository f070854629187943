"""Both languages are complete: every text a person sees is translatable, and its English is there and fits."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.support.repository import ROOT, parsed, production_modules, short, templates

ENGLISH = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
GETTEXT = {
    "_", "_l", "gettext", "ngettext", "pgettext", "npgettext", "lazy_gettext", "lazy_ngettext", "lazy_pgettext",
    "lazy_npgettext",
}  # fmt: skip
# Chinese that is data or a proper name rather than a text of the interface: file -> why.
CHINESE_IN_CODE = {
    "webapp/workdays/calendar.py": "the official names of the holidays, beside their English ones",
    "webapp/workdays/rules.py": "the sentences stored with a legal date, in both languages at once",
    "webapp/workdays/wording.py": "dates and weekdays in words, for the same sentences",
    "webapp/ledgers/typed.py": "words and dates as people type them into ledgers, to be understood in any language",
    "webapp/caps/sheets.py": "columns of tables that go out and come in, in both languages side by side",
    "webapp/search/rules.py": "which characters are Chinese",
    "webapp/documents/sayings.py": "the words of a document's faces, in the document's own language",
    "webapp/documents/word_styles.py": "Word's fonts go by their Chinese names",
    "webapp/i18n.py": "each language is named in its own words",
    "webapp/bulletins/rules.py": "the number of an issue, in both languages",
    "webapp/documents/tongue.py": "months, dates and quarters in words, for documents in both languages",
    "webapp/reports/section_tables.py": "the texts of a report's sections, in both languages side by side",
    "webapp/bulletins/counted.py": "the same over many places, in both languages side by side",
    "webapp/reports/paper.py": "the texts of a report as a document, in both languages side by side",
    "webapp/bulletins/tables.py": "the texts of documents, in both languages side by side",
    "webapp/bulletins/document.py": "the texts of the bulletin, in both languages side by side",
    "webapp/bulletins/upward.py": "the texts of the report upward, in both languages side by side",
    "webapp/bulletins/briefing.py": "the texts of the briefing, in both languages side by side",
    "tasks/schedule.py": "the jobs' titles, in both languages side by side",
}
JINJA = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<!--.*?-->", re.DOTALL)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The texts the code holds now, collected by the same command that `make translations` uses."""
    path = tmp_path_factory.mktemp("texts") / "messages.pot"
    subprocess.run(["make", "-s", "extract", f"POT={path}"], cwd=ROOT, check=True)
    return catalogue(path)


def catalogue(path: Path) -> Catalog:
    """A catalogue file, read."""
    with path.open("rb") as lines:
        return read_po(lines, locale="en")


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """A text's forms: one, or several where it counts something."""
    return [text] if isinstance(text, str) else list(text)


def texts(messages: Catalog) -> list[Message]:
    """All entries but the header."""
    return [message for message in messages if message.id]


def test_every_text_has_its_english(extracted: Catalog) -> None:
    english = catalogue(ENGLISH)
    incomplete = []
    for message in texts(extracted):
        entry = english.get(forms(message.id)[0], context=message.context)
        if entry is None or entry.fuzzy or not all(forms(entry.string)):
            incomplete.append(message.id)
    assert not incomplete, f"{len(incomplete)} texts without English (make translations): {incomplete[:40]}"


def test_english_keeps_the_placeholders() -> None:
    wrong = []
    for message in texts(catalogue(ENGLISH)):
        wanted = set(PLACEHOLDER.findall(forms(message.id)[0]))
        for translation in forms(message.string):
            found = set(PLACEHOLDER.findall(translation))
            if translation and (found - wanted or (wanted - found and isinstance(message.id, str))):
                wrong.append((message.id, translation))
    assert not wrong


def test_english_holds_no_chinese() -> None:
    mixed = [message.id for message in texts(catalogue(ENGLISH)) if HAN.search("".join(forms(message.string)))]
    assert not mixed


def test_texts_are_written_in_chinese(extracted: Catalog) -> None:
    """An English source text would show as English on a Chinese page."""
    neutral = re.compile(r"^(%\(\w+\)[a-z]|[^A-Za-z])*$")
    strange = [message.id for message in texts(extracted) if not HAN.search("".join(forms(message.id)))]
    assert not [text for text in strange if not neutral.match("".join(forms(text)))]


def test_templates_hold_no_untranslated_chinese() -> None:
    offenders = []
    for path in templates():
        plain = JINJA.sub(lambda match: "\n" * match.group().count("\n"), path.read_text(encoding="utf-8"))
        for number, line in enumerate(plain.splitlines(), start=1):
            if HAN.search(line):
                offenders.append(f"{short(path)}:{number}: {line.strip()}")
    assert not offenders


def untranslated(path: Path) -> Iterator[str]:
    """Chinese string literals of a module that no translation function takes and that are no docstring."""
    allowed: set[int] = set()
    for node in ast.walk(parsed(path)):
        called = node.func if isinstance(node, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
        if name in GETTEXT or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            allowed |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(parsed(path)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if literal and id(node) not in allowed and HAN.search(node.value):
            yield f"{short(path)}:{node.lineno}: {node.value}"


def test_code_holds_no_untranslated_chinese() -> None:
    modules = [path for path in production_modules() if path.is_relative_to(ROOT / "webapp")]
    modules += [path for path in production_modules() if path.is_relative_to(ROOT / "tasks")]
    assert not [found for path in modules if short(path) not in CHINESE_IN_CODE for found in untranslated(path)]
