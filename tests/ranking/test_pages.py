"""Who sees what of a ranking, the files, and publishing on the page."""

import csv
import io
import re

import pytest
from python_calamine import CalamineWorkbook

from tests.ranking.restating import restate
from tests.support.site import Site

HEBEI, BAODING, JINAN = "130000", "130600", "370100"
ROWS = "/ranking/2017-08/city/"


def test_the_list_is_for_all_members_and_the_rows_for_ones_own_area(shared_site: Site) -> None:
    people = shared_site.people
    for person, opened in (
        (people.officer, {BAODING}), (people.coordinator, {BAODING, HEBEI}), (people.overseer, {BAODING, JINAN, HEBEI}),
        (people.stranger, {JINAN}),
    ):  # fmt: skip
        client = shared_site.client(person)
        page = client.get("/ranking/2017-08").text
        assert all(f">{name}" in page for name in ("保定", "济南", "太原", "山东"))
        links = set(re.findall(r'href="/ranking/2017-08/(?:city|province)/(\d+)#', page))
        assert links & {BAODING, JINAN, HEBEI} == opened
        for table, code in (("city", BAODING), ("city", JINAN), ("province", HEBEI)):
            answer = client.get(f"/ranking/2017-08/{table}/{code}")
            assert answer.status_code == (200 if code in opened else 404)


@pytest.mark.parametrize(
    ("address", "officer", "overseer"),
    [("/ranking/2017-08?draft=1", 403, 200), ("/ranking/2017-08/draft", 403, 200), (f"{ROWS}{JINAN}?draft=1", 403, 200),
     ("/ranking/2017-08/file.csv?draft=1", 403, 200), ("/ranking/2017-09", 404, 404), ("/ranking/2017-99", 404, 404),
     ("/ranking/x", 404, 404), ("/ranking/2017-08?revision=2", 404, 404), ("/ranking/2017-08?revision=x", 200, 200),
     (f"{ROWS}999999", 404, 404), (f"/ranking/2017-08/province/{BAODING}", 404, 404)],
)  # fmt: skip
def test_what_is_not_there_or_not_for_everybody(shared_site: Site, address: str, officer: int, overseer: int) -> None:
    people = shared_site.people
    found = [shared_site.client(person).get(address).status_code for person in (people.officer, people.overseer)]
    assert found == [officer, overseer]


def test_files_say_what_the_page_says(shared_site: Site) -> None:
    client = shared_site.client(shared_site.people.officer)
    text = client.get("/ranking/2017-08/file.csv").get_data(as_text=True)
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(table) == 2 + 28 + 6
    places = [line[1] for line in table[1:29]]
    assert places == sorted(places, key=lambda place: (not place, int(place or 0)))
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/ranking/2017-08/file.xlsx").data))
    sheet = book.get_sheet_by_name("城市排名").to_python()
    assert [row[1] for row in sheet if row[1] in {"保定", "济南"}] == [
        line[2] for line in table[1:29] if line[2] in {"保定", "济南"}
    ]


def publish(site: Site, **typed: str) -> tuple[int, str]:
    client = site.client(site.people.overseer)
    page = client.get("/ranking/2017-08/draft").text
    seen = re.search(r'name="sha256" value="(\w+)"', page)
    answer = client.post("/ranking/2017-08/publish", data={"sha256": seen[1] if seen else "", **typed})
    return answer.status_code, answer.get_data(as_text=True)


def test_publishing_a_correction_asks_for_its_reason_and_keeps_what_was_typed(own_site: Site) -> None:
    restate(own_site)
    assert publish(own_site)[0] == 422
    status, page = publish(own_site, reason="改" * 501)
    assert status == 422
    assert "改" * 501 in page
    status, page = publish(own_site, reason="济南补报", sha256="0" * 64)
    assert (status, "济南补报" in page) == (409, True)
    assert publish(own_site, reason="济南补报")[0] == 303
    client = own_site.client(own_site.people.officer)
    assert "更正原因：济南补报" in client.get("/ranking/2017-08").text
    assert "之后已有更正" in client.get("/ranking/2017-08?revision=1").text
    assert "没有差别" in own_site.client(own_site.people.overseer).get("/ranking/2017-08/draft").text
