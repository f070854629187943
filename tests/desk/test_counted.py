"""A figure that is counted leads to what it is counted from: on the assignment's page and on Today."""

import re

from tests.ledgers.test_pages import listed
from tests.support.lived_in import BAODING
from tests.support.plans import assignment, assignment_id
from tests.support.site import Site

BOILERS = "m04-boilers-all"


def test_the_figure_opens_the_rows_behind_it(own_site: Site) -> None:
    officer = own_site.client(own_site.people.officer)
    with own_site.database.reading() as session:
        number = assignment_id(session, BOILERS, BAODING)
    ledger = f"/assignments/{number}/ledger"
    listed(officer, number, 1, 2)
    page = officer.get(f"/assignments/{number}").text
    for state in ("", "done", "verified"):
        assert f'href="{ledger}?state={state}"' in page
        assert officer.get(f"{ledger}?state={state}").status_code == 200
    today = officer.get("/today").text
    assert re.search(rf'href="{ledger}">打开台账', today)


def test_a_cap_opens_the_register_with_the_lights_of_its_works(own_site: Site) -> None:
    """The duty's page and Today lead to the city's register in one step."""
    officer = own_site.client(own_site.people.officer)
    with own_site.database.transaction() as session:
        steel = assignment(session, "m10-steel-cap", "130200")
        other = assignment(session, BOILERS, BAODING)
        assert not steel.counted
        other.counted = True
        other.task.ledger = None
    page = officer.get("/today").text
    assert f'href="/caps/cities/{BAODING}">打开台账' in page
