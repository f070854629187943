"""The overview and the lists behind its figures, as those who look over an area get them."""

import re

import pytest

from tests.support.site import Site


@pytest.mark.parametrize("name", ["coordinator", "overseer", "reader", "admin"])
@pytest.mark.parametrize("address", ["/overview", "/overview?side=others", "/overview/assignments"])
def test_those_who_look_over_an_area_see_it(shared_site: Site, name: str, address: str) -> None:
    assert shared_site.client(getattr(shared_site.people, name)).get(address).status_code == 200


@pytest.mark.parametrize("address", ["/overview", "/overview/assignments", "/overview/assignments.csv", "/review"])
def test_officers_have_a_face_of_their_own(shared_site: Site, address: str) -> None:
    assert shared_site.client(shared_site.people.officer).get(address).status_code == 403


def test_every_headline_figure_opens_as_many_rows_as_it_says(shared_site: Site) -> None:
    client = shared_site.client(shared_site.people.coordinator)
    page = client.get("/overview").text
    tiles = re.findall(
        r'<a class="lt-figure[^>]*href="(/overview/assignments[^"]*)".*?lt-num">([\d,]+)<', page, re.DOTALL
    )
    assert len(tiles) >= 4
    for address, number in tiles:
        assert f"共{number}项" in client.get(address.replace("&amp;", "&")).text.replace("\n", "")


def test_a_cell_opens_its_list(shared_site: Site) -> None:
    client = shared_site.client(shared_site.people.overseer)
    page = client.get("/overview").text
    assert "/overview/assignments?organisation=130600&amp;measure=measure-4" in page
    rows = client.get("/overview/assignments?organisation=130600&measure=measure-4").text
    assert "保定" in rows
    assert "唐山</td>" not in rows


def test_the_list_keeps_its_filters_from_page_to_page(shared_site: Site) -> None:
    page = shared_site.client(shared_site.people.overseer).get("/overview/assignments?kind=standing&page=2").text
    assert "kind=standing&amp;page=1" in page


def test_the_sheet_is_a_download(shared_site: Site) -> None:
    answer = shared_site.client(shared_site.people.reader).get("/overview/assignments.csv?measure=measure-4")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert all("measure-4" in line for line in answer.text.splitlines()[1:])
