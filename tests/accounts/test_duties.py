"""Who fills in, checks and signs a monthly report: set on the people's pages and by a command, held at once."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.accounts.test_administration import act, actor, the_role
from tests.accounts.test_people_pages import forms, press, role
from tests.support.people import People
from tests.support.site import Site
from webapp.accounts import administration as admin
from webapp.accounts.duties import Duties
from webapp.audit.models import AuditEvent
from webapp.db import Database
from webapp.errors import Conflict, NotFound, Stale
from webapp.organisations.models import Organisation

TODAY = date(2017, 10, 20)
NOTHING = Duties(fill=False, check=False, sign=False)


def test_duties_are_set_recorded_and_held_at_once(db: Database, people: People) -> None:
    chief = actor(db, people.admin)
    held = the_role(db, people.officer)
    wish = Duties(fill=True, check=False, sign=False)
    assert act(db, admin.set_duties, people.officer, held.id, wish=wish, today=TODAY, by=chief) == []
    (grant,) = actor(db, people.officer).grants
    assert (grant.may_fill, grant.may_check, grant.may_sign) == (True, False, False)
    with db.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "account.duties")).one()
    assert event.facts == {"organisation": "130600", "role": "officer", "may": ["fill"]}


def test_what_nobody_is_left_for_is_said(db: Database, people: People) -> None:
    chief = actor(db, people.admin)
    act(db, admin.set_duties, people.officer, the_role(db, people.officer).id, wish=NOTHING, today=TODAY, by=chief)
    wish = Duties(fill=True, check=True, sign=False)
    held = the_role(db, people.colleague)
    assert act(db, admin.set_duties, people.colleague, held.id, wish=wish, today=TODAY, by=chief) == ["may_sign"]


def test_a_light_report_needs_no_checker(db: Database, people: People) -> None:
    chief = actor(db, people.admin)
    with db.transaction() as session:
        place = session.get_one(Organisation, the_role(db, people.officer).organisation_id)
        place.kind = "ministry"
    wish = Duties(fill=True, check=False, sign=False)
    act(db, admin.set_duties, people.colleague, the_role(db, people.colleague).id, wish=wish, today=TODAY, by=chief)
    held = the_role(db, people.officer)
    assert act(db, admin.set_duties, people.officer, held.id, wish=wish, today=TODAY, by=chief) == ["may_sign"]


def test_other_roles_other_areas_and_older_pages_are_refused(db: Database, people: People) -> None:
    chief = actor(db, people.admin)
    held = the_role(db, people.officer)
    with pytest.raises(Conflict):
        act(db, admin.set_duties, people.reader, the_role(db, people.reader).id, wish=NOTHING, today=TODAY, by=chief)
    with pytest.raises(NotFound):
        act(db, admin.set_duties, people.reader, held.id, wish=NOTHING, today=TODAY, by=chief)
    by = actor(db, people.coordinator)
    with pytest.raises(NotFound):
        act(db, admin.set_duties, people.officer, held.id, wish=NOTHING, today=TODAY, by=by)
    with pytest.raises(Stale):
        act(db, admin.set_duties, people.officer, held.id, wish=NOTHING, today=TODAY, by=chief, version=0)
    (grant,) = actor(db, people.officer).grants
    assert grant.may_sign


def test_the_page_of_a_person_shows_and_sets_them(web: Site) -> None:
    chief, who = web.client(web.people.admin), web.people.colleague.id
    held = role(web, who).id
    assert chief.get(f"/people/{who}").text.count(" checked>") == 3
    assert press(chief, who, f"roles/{held}/duties", may_fill="y").status_code == 303
    after = role(web, who)
    assert (after.may_fill, after.may_check, after.may_sign) == (True, False, False)
    page = chief.get(f"/people/{who}").text
    assert "月报分工已保存" in page
    assert "该单位现在没有" not in page
    press(chief, web.people.officer.id, f"roles/{role(web, web.people.officer.id).id}/duties", may_fill="y")
    assert "该单位现在没有审核人、签发人" in chief.get(f"/people/{web.people.officer.id}").text


def test_readers_and_administrators_have_none(web: Site) -> None:
    chief = web.client(web.people.admin)
    page = chief.get(f"/people/{web.people.reader.id}")
    assert forms(page, f"/people/{web.people.reader.id}/roles/{role(web, web.people.reader.id).id}/duties") == []
    path = f"/people/{web.people.officer.id}/roles/{role(web, web.people.officer.id).id}/duties"
    assert web.client(web.people.officer).post(path, data={}).status_code == 403
