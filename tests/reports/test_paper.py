"""A frozen report as a file: in every form and both languages, the same bytes each time, for whoever may see it."""

import io
import zipfile
from typing import Any

import pytest

from tests.bulletins.made import content, line
from tests.reports.test_pages import number
from tests.reports.test_release import world
from tests.support.site import Site
from webapp.documents.faces import FACES
from webapp.documents.model import Heading, Paragraph, Table
from webapp.documents.tongue import Language
from webapp.reports.draft import count
from webapp.reports.paper import paper

__all__ = ["world"]
SHA = "a" * 64


def frozen(**values: Any) -> dict[str, Any]:
    """A report of two clauses."""
    lines = [line("done", this="5"), line("overdue", clause="m-2", problem="=1+1", next_step="x")]
    usual = {"revision": 1, "counts": count(lines), "submitted_by": "赵文博", "missing": []}
    return content(lines, **usual | values)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_has_the_parts_that_there_are(language: Language) -> None:
    plain = paper(frozen(), language, SHA, accepted=True)
    headings = [each.text for each in plain.blocks if isinstance(each, Heading)]
    assert [each[:1] for each in headings] == (["一", "二", "三"] if language == "zh" else ["1", "2", "3"])
    (table,) = (each for each in plain.blocks if isinstance(each, Table))
    assert [row.strong for row in table.rows] == [True, False, True, False]
    assert SHA in plain.notes[1]
    assert paper(frozen(), language, SHA, accepted=False).draft != ""


def test_a_correction_says_why_and_a_province_whom_it_does_not_wait_for() -> None:
    cities = [{"code": "east", "name_zh": "东市", "name_en": "East City", "revision": None, "sha256": None}]
    told = paper(
        frozen(correction_reason="漏报", cities=cities, missing=["east"], missing_reason="已多次催报"),
        "en",
        SHA,
        accepted=True,
    )
    leads = {each.lead: each.text for each in told.blocks if isinstance(each, Paragraph) and each.lead}
    assert leads["Reason of the correction:"] == "漏报"
    assert "已多次催报" in leads.values()
    (_lines, table) = (each for each in told.blocks if isinstance(each, Table))
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["East City", "Missing", "—"]]


@pytest.mark.parametrize("form", sorted(FACES))
def test_the_same_bytes_and_nothing_a_spreadsheet_would_run(form: str) -> None:
    first, second = (FACES[form].make(paper(frozen(), "zh", SHA, accepted=True)) for _ in range(2))
    assert first == second
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(first)) as book:
            assert not [name for name in book.namelist() if b"<f>" in book.read(name)]


def test_it_is_taken_from_the_revisions_page(world: Site) -> None:
    officer, stranger = (world.client(who) for who in (world.people.officer, world.people.stranger))
    place = f"/reports/{number(world)}/revisions/2"
    assert f"{place}/file.docx" in officer.get(place).text
    answer = officer.get(f"{place}/file.docx?language=en")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith('-en.docx"')
    assert [officer.get(f"{place}/file.{form}").status_code for form in ("json", "exe")] == [404, 404]
    assert stranger.get(f"{place}/file.docx").status_code == 404
