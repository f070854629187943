"""No list, file, act or saved view shows or touches what lies in another area: the same walk for every list.

The stranger coordinates Shandong; everything asked for belongs to Hebei and its cities. What a page of one's own area
says is told apart from it by names that occur nowhere else.
"""

import io
from collections.abc import Iterator

import pytest
import python_calamine
from flask.testing import FlaskClient

from tests.site.subjects import Subjects
from tests.support.lived_in import BAODING
from tests.support.people import add_person
from tests.support.site import Site
from webapp.permissions import Role

HEBEI_NAMES = ("保定", "石家庄", "130600", "Baoding")
FORMATS = ("csv", "xlsx")


@pytest.fixture(scope="module")
def lists(subjects: Subjects) -> dict[str, str]:
    """Where each list stands, and its file without the ending."""
    return {
        "/overview/assignments": "/overview/assignments",
        "/reports": "/reports/list",
        f"/assignments/{subjects.ledger}/ledger": f"/assignments/{subjects.ledger}/ledger/list",
        "/people": "/people/list",
    }


@pytest.fixture
def strangers(own_site: Site) -> list[FlaskClient]:
    """A coordinator and an administrator of another province."""
    with own_site.database.transaction() as session:
        people = [
            add_person(session, f"away-{role.value}", "370000", role) for role in (Role.COORDINATOR, Role.ADMINISTRATOR)
        ]
    return [own_site.client(person) for person in people]


def text_of(browser: FlaskClient, address: str) -> tuple[int, str]:
    """The status of an answer, and everything it says: a workbook's cells, or the text."""
    answer = browser.get(address, buffered=True)
    if answer.status_code == 200 and address.split("?", maxsplit=1)[0].endswith(".xlsx"):
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0)
        return 200, "\n".join(str(cell) for row in sheet.to_python() for cell in row)
    return answer.status_code, answer.text if answer.status_code == 200 else ""


def addresses(lists: dict[str, str]) -> Iterator[str]:
    """Every list and file, plain, narrowed to a place of Hebei, and with every column there is."""
    for page, file in lists.items():
        for target in (page, *(f"{file}.{fmt}" for fmt in FORMATS)):
            yield target
            for word in ("organisation", "province", "county", "q", "text"):
                yield f"{target}?{word}={BAODING}&order=-due&columns=organisation,email,roles,phone,claimed"


def test_no_list_and_no_file_says_anything_of_another_area(strangers: list[FlaskClient], lists: dict[str, str]) -> None:
    for browser in strangers:
        for address in addresses(lists):
            told, words = text_of(browser, address)
            assert told in (200, 403, 404), (address, told)
            # What was typed stands in the search field; the place itself must not.
            shown = words.replace(BAODING, "") if "?" in address else words
            assert not [name for name in HEBEI_NAMES if name in shown], address


def test_the_area_itself_is_in_every_list_and_file(shared_site: Site, lists: dict[str, str]) -> None:
    for who, left in (("coordinator", "/people"), ("admin", "")):
        browser = shared_site.client(getattr(shared_site.people, who))
        for page, file in lists.items():
            if page == left:
                continue
            found = [text_of(browser, target) for target in (page, f"{file}.csv", f"{file}.xlsx")]
            assert [status for status, _words in found] == [200, 200, 200], page
            assert "ledger" in page or all("保定" in words for _status, words in found), page


def test_a_view_of_another_area_shows_nothing_of_it(own_site: Site, strangers: list[FlaskClient]) -> None:
    coordinator = own_site.client(own_site.people.coordinator)
    saved = {"name": "保定的任务", "query": f"organisation={BAODING}", "shared": "y"}
    assert coordinator.post("/views/assignments", data=saved).status_code == 303
    for browser in strangers:
        assert "保定的任务" not in browser.get("/overview/assignments?all=1").text
        assert browser.get(f"/overview/assignments?organisation={BAODING}").status_code == 404
        kept = browser.post("/views/assignments", data=saved | {"name": "mine", "default": "y"})
        assert kept.status_code == 303
        assert browser.get("/overview/assignments").status_code == 200


def test_an_act_reaches_no_row_of_another_area(strangers: list[FlaskClient], subjects: Subjects) -> None:
    coordinator, administrator = strangers
    for act in ("verify", "return", "remind"):
        address = f"/overview/assignments/act?act={act}&scope=chosen&id={subjects.claimed}&id={subjects.assignment}"
        page = coordinator.get(address)
        assert page.status_code == 200
        assert "保定" not in page.text
        assert administrator.get(address).status_code == 403
        sent = {"act": act, "rows": f"{subjects.claimed}:1 {subjects.assignment}:1", "reason": "理由"}
        answer = coordinator.post("/overview/assignments/act", data=sent)
        told = coordinator.get(answer.location).text
        assert "2 项已不存在，或者不在您的管辖范围内" in told
        assert "保定" not in told
