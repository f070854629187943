"""Who may enter where: every address of the product, tried as everybody it is not for."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule

from tests.site.subjects import Subjects
from tests.support.site import Site, opened
from webapp.accounts.models import Person
from webapp.permissions import GRANTS, Permission, Role

EVERYBODY = "officer coordinator administrator reader"
ONLOOKERS = "coordinator administrator reader"
FILERS = "officer coordinator"
PUBLIC = "public"

# Every address and the roles that may open it. A new view needs a row here.
WHO = {
    "home": EVERYBODY,
    "static": PUBLIC,
    "accounts.sign_in": PUBLIC,
    "accounts.sign_in_post": PUBLIC,
    "accounts.sign_in_demo": PUBLIC,
    "accounts.sign_out": PUBLIC,
    "accounts.language": PUBLIC,
    "accounts.account": EVERYBODY,
    "accounts.account_post": EVERYBODY,
    "accounts.change_password": EVERYBODY,
    "accounts.mail_topics": EVERYBODY,
    "accounts.unsubscribe": PUBLIC,
    "accounts.one_click": PUBLIC,
    "accounts.unsubscribe_choice": PUBLIC,
    "desk.today": EVERYBODY,
    "desk.assignments": EVERYBODY,
    "desk.export": EVERYBODY,
    "desk.assignment": EVERYBODY,
    "search.index": EVERYBODY,
    "ranking.index": EVERYBODY,
    "ranking.issue": EVERYBODY,
    "ranking.rows": EVERYBODY,
    "ranking.file": EVERYBODY,
    "ranking.draft": "coordinator",
    "ranking.publish": "coordinator",
    "desk.messages": EVERYBODY,
    "desk.message": EVERYBODY,
    "desk.message_html": EVERYBODY,
    "desk.newest_messages": EVERYBODY,
    "desk.read_message": EVERYBODY,
    "desk.read_all_messages": EVERYBODY,
    "desk.update_form": FILERS,
    "desk.update": FILERS,
    "desk.no_change": FILERS,
    "desk.claim": FILERS,
    "desk.withdraw": FILERS,
    "desk.not_applicable_form": FILERS,
    "desk.not_applicable": FILERS,
    "desk.nodes_form": FILERS,
    "desk.file_nodes": FILERS,
    "desk.extend_form": "coordinator",
    "desk.extend": "coordinator",
    "desk.reopen_form": "coordinator",
    "desk.reopen": "coordinator",
    "evidence.download": EVERYBODY,
    "ledgers.ledger": EVERYBODY,
    "ledgers.export": EVERYBODY,
    "ledgers.list_file": EVERYBODY,
    "ledgers.sheets": EVERYBODY,
    "ledgers.template": FILERS,
    "ledgers.row": EVERYBODY,
    "ledgers.finish": FILERS,
    "ledgers.act": EVERYBODY,
    "ledgers.new_row": FILERS,
    "ledgers.add_row": FILERS,
    "ledgers.edit_form": FILERS,
    "ledgers.edit_row": FILERS,
    "ledgers.import_form": FILERS,
    "ledgers.preview": FILERS,
    "ledgers.confirm_import": FILERS,
    "ledgers.samples": EVERYBODY,
    "ledgers.sample": EVERYBODY,
    "ledgers.draw_sample": "coordinator",
    "ledgers.check_row": "coordinator",
    "ledgers.close_sample": "coordinator",
    "ledgers.withdraw_sample": "coordinator",
    "plans.clauses": EVERYBODY,
    "plans.clause": EVERYBODY,
    "plans.task": EVERYBODY,
    "plans.choose": EVERYBODY,
    "dashboard.burn_ups": ONLOOKERS,
    "dashboard.changes": ONLOOKERS,
    "dashboard.changes_sheet": ONLOOKERS,
    "dashboard.overview": ONLOOKERS,
    "dashboard.overview_sheet": ONLOOKERS,
    "dashboard.visit": ONLOOKERS,
    "dashboard.assignments": ONLOOKERS,
    "dashboard.assignments_sheet": ONLOOKERS,
    "lists.manage": EVERYBODY,
    "lists.save": EVERYBODY,
    "lists.rename": EVERYBODY,
    "lists.change": EVERYBODY,
    "bulk.choose": "coordinator",
    "bulk.act_on_all": "coordinator",
    "bulk.result": "coordinator",
    "dashboard.review": "coordinator",
    "dashboard.claim": "coordinator",
    "dashboard.decide_claim": "coordinator",
    "caps.index": EVERYBODY,
    "caps.export": EVERYBODY,
    "caps.enterprises": EVERYBODY,
    "caps.export_enterprises": EVERYBODY,
    "caps.city": EVERYBODY,
    "caps.enterprise": EVERYBODY,
    "caps.register_file": EVERYBODY,
    "caps.month_file": EVERYBODY,
    "caps.register_sheet_form": FILERS,
    "caps.register_preview": FILERS,
    "caps.register_confirm": FILERS,
    "caps.month_sheet_form": FILERS,
    "caps.month_preview": FILERS,
    "caps.month_confirm": FILERS,
    "caps.new_enterprise": FILERS,
    "caps.add_enterprise": FILERS,
    "caps.edit_enterprise": FILERS,
    "caps.change_enterprise": FILERS,
    "caps.new_line": FILERS,
    "caps.add_line": FILERS,
    "caps.edit_line": FILERS,
    "caps.change_line": FILERS,
    "caps.plan_form": FILERS,
    "caps.file_plan": FILERS,
    "caps.month_form": FILERS,
    "caps.state_month": FILERS,
    "caps.new_exemption": FILERS,
    "caps.add_exemption": FILERS,
    "caps.end_form": FILERS,
    "caps.end_exemption": FILERS,
    "caps.verdict_form": EVERYBODY,
    "caps.decide": "coordinator",
    "reports.index": EVERYBODY,
    "reports.month_sheet": ONLOOKERS,
    "reports.report": EVERYBODY,
    "reports.receipt": EVERYBODY,
    "reports.revision": EVERYBODY,
    "reports.download": EVERYBODY,
    "reports.file": EVERYBODY,
    "reports.compare_revisions": EVERYBODY,
    "reports.printed": EVERYBODY,
    "reports.add_scan": FILERS,
    "reports.timeliness": EVERYBODY,
    "reports.timeliness_sheet": EVERYBODY,
    "reports.check": FILERS,
    "reports.save": FILERS,
    "reports.submit": FILERS,
    "reports.note": FILERS,
    "reports.figure": FILERS,
    "reports.restate": FILERS,
    "reports.no_change": FILERS,
    "reports.drop": FILERS,
    "reports.confirm": FILERS,
    "reports.unconfirm": FILERS,
    "reports.spreadsheet": FILERS,
    "reports.spreadsheet_file": FILERS,
    "reports.spreadsheet_preview": FILERS,
    "reports.spreadsheet_confirm": FILERS,
    "reports.correct": FILERS,
    "reports.decide": "coordinator",
    "bulletins.index": EVERYBODY,
    "bulletins.upward_index": ONLOOKERS,
    "bulletins.newest": EVERYBODY,
    "bulletins.issue": EVERYBODY,
    "bulletins.issue_file": EVERYBODY,
    "bulletins.report_briefing": EVERYBODY,
    "bulletins.draft": "coordinator",
    "bulletins.draft_file": "coordinator",
    "bulletins.save_remarks": "coordinator",
    "bulletins.confirm": "coordinator",
    "bulletins.publish": "coordinator",
    "oversight.alive": PUBLIC,
    "oversight.health": PUBLIC,
    "oversight.metrics": PUBLIC,
    "desk.make_calendar_link": EVERYBODY,
    "desk.revoke_calendar_link": EVERYBODY,
    "desk.calendar_feed": PUBLIC,
    "accounts.people_list": "administrator",
    "accounts.people_sheet": "administrator",
    "accounts.new_person": "administrator",
    "accounts.add_person": "administrator",
    "accounts.person": "administrator",
    "accounts.give_role": "administrator",
    "accounts.end_role": "administrator",
    "accounts.mark_deputy": "administrator",
    "accounts.set_duties": "administrator",
    "accounts.correct_address": "administrator",
    "accounts.switch_person": "administrator",
    "accounts.renew_password": "administrator",
    "oversight.jobs": "administrator",
    "oversight.audit": "administrator",
    "rules.index": EVERYBODY,
    "rules.version": EVERYBODY,
    "rules.edit": "administrator",
    "rules.save": "administrator",
    "rules.restore": "administrator",
    "robots.index": "administrator",
    "robots.new": "administrator",
    "robots.add": "administrator",
    "robots.edit": "administrator",
    "robots.change": "administrator",
    "robots.switch": "administrator",
    "robots.send_test": "administrator",
    "oversight.resend_mail": "administrator",
    "demo.advance": EVERYBODY,
    "demo.mailbox": EVERYBODY,
    "demo.mail": EVERYBODY,
    "demo.mail_html": EVERYBODY,
}
# What a person does to their own session or account, and the demo's day: no one's record is touched.
PERSONAL = {
    "accounts.sign_in_post", "accounts.sign_in_demo", "accounts.sign_out", "accounts.language", "accounts.account_post",
    "accounts.change_password", "accounts.mail_topics", "accounts.one_click", "accounts.unsubscribe_choice",
    "desk.read_message", "desk.read_all_messages", "plans.choose", "demo.advance",
}  # fmt: skip
# Public, but shown to administrators and those who bring a token; for everybody else they do not exist.
FOR_WATCHDOGS = {"oversight.metrics": {200, 404}}
# Addresses that name something which belongs to an organisation.
OWNED = ("assignment_id", "report_id", "evidence_id", "enterprise_id")


def rules(app: Flask, method: str) -> Iterator[Rule]:
    """The addresses that take a method."""
    return (rule for rule in app.url_map.iter_rules() if method in (rule.methods or set()))


def address(site: Site, subjects: Subjects, rule: Rule) -> str:
    """An address with the ids of Baoding's things."""
    values = {name: value for name, value in subjects.values(rule.endpoint).items() if name in rule.arguments}
    with site.app.test_request_context():
        return str(site.app.url_map.bind("localhost").build(rule.endpoint, values, append_unknown=False))


def status(site: Site, subjects: Subjects, rule: Rule, person: Person | None, method: str) -> int:
    """What somebody is told."""
    return site.client(person).open(address(site, subjects, rule), method=method, buffered=True).status_code


def role_of(name: str) -> Role:
    return {"officer": Role.OFFICER, "coordinator": Role.COORDINATOR, "admin": Role.ADMINISTRATOR}.get(
        name, Role.READER
    )


# --- the table


def test_every_address_has_a_row_and_every_row_an_address(shared_site: Site) -> None:
    assert set(shared_site.app.view_functions) == set(WHO)


@pytest.mark.parametrize("endpoint", WHO)
def test_the_table_of_addresses_agrees_with_the_table_of_permissions(shared_site: Site, endpoint: str) -> None:
    access = getattr(shared_site.app.view_functions[endpoint], "access", None)
    if WHO[endpoint] == PUBLIC:
        assert isinstance(access, str)
        assert not isinstance(access, Permission)
    else:
        assert isinstance(access, Permission)
        assert set(GRANTS[access]) == set(WHO[endpoint].split())


# --- everybody an address is not for


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(shared_site: Site, subjects: Subjects, method: str) -> None:
    for rule in rules(shared_site.app, method):
        if WHO[rule.endpoint] == PUBLIC:
            continue
        answer = shared_site.client().open(address(shared_site, subjects, rule), method=method)
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in"), rule.endpoint


def test_somebody_of_another_province_is_told_that_it_does_not_exist(shared_site: Site, subjects: Subjects) -> None:
    found = defaultdict(set)
    for method in ("GET", "POST"):
        for rule in rules(shared_site.app, method):
            if set(OWNED) & rule.arguments:
                allowed = Role.OFFICER in WHO[rule.endpoint].split()
                told = status(shared_site, subjects, rule, shared_site.people.stranger, method)
                found[allowed, told].add(rule.endpoint)
    assert set(found) <= {(True, 404), (False, 403)}, dict(found)


@pytest.mark.parametrize("name", ["officer", "coordinator", "reader", "admin"])
def test_a_page_opens_for_the_roles_of_its_row_only(shared_site: Site, subjects: Subjects, name: str) -> None:
    person, role = getattr(shared_site.people, name), role_of(name)
    for rule in rules(shared_site.app, "GET"):
        told = status(shared_site, subjects, rule, person, "GET")
        if WHO[rule.endpoint] == PUBLIC:
            assert told in FOR_WATCHDOGS.get(rule.endpoint, {200, 303}), rule.endpoint
        elif role not in WHO[rule.endpoint].split():
            assert told == 403, rule.endpoint
        else:
            # Inside the area a role may still be the wrong one for this very thing: never an error, never a stranger.
            assert told in (200, 302, 303, 403, 404, 409), (rule.endpoint, told)


@pytest.mark.parametrize("name", ["reader", "admin"])
def test_who_only_looks_changes_nothing(own_site: Site, subjects: Subjects, name: str) -> None:
    for rule in rules(own_site.app, "POST"):
        if rule.endpoint not in PERSONAL and role_of(name) not in WHO[rule.endpoint].split():
            assert status(own_site, subjects, rule, getattr(own_site.people, name), "POST") == 403, rule.endpoint


def test_an_empty_form_is_refused_and_never_an_error(own_site: Site, subjects: Subjects) -> None:
    for name in ("officer", "coordinator", "overseer", "admin", "reader"):
        for rule in rules(own_site.app, "POST"):
            told = status(own_site, subjects, rule, getattr(own_site.people, name), "POST")
            assert told < 500, (name, rule.endpoint)


def test_no_form_is_taken_without_its_token(own_site: Site, subjects: Subjects) -> None:
    guarded = opened(own_site.database, own_site.settings, own_site.people, csrf=True)
    for person in (None, guarded.people.officer, guarded.people.admin):
        for rule in rules(guarded.app, "POST"):
            assert status(guarded, subjects, rule, person, "POST") == 400, rule.endpoint


def test_an_address_answers_to_its_own_methods_only(shared_site: Site, subjects: Subjects) -> None:
    methods: dict[str, set[str]] = defaultdict(set)
    paths: dict[str, str] = {}
    for rule in shared_site.app.url_map.iter_rules():
        methods[rule.rule] |= rule.methods or set()
        paths[rule.rule] = address(shared_site, subjects, rule)
    methods["/plan/choose"].add("GET")  # also looks like the address of a clause
    browser = shared_site.client(shared_site.people.officer)
    for shape, allowed in methods.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
            assert browser.open(paths[shape], method=method).status_code == 405, (method, shape)


def test_a_role_that_has_ended_opens_nothing(own_site: Site) -> None:
    browser = own_site.client(own_site.people.officer)
    assert browser.get("/today").status_code == 200
    with own_site.database.transaction() as session:
        row = {"id": own_site.people.officer.id}
        session.execute(text("UPDATE membership SET valid_until = '2017-10-19' WHERE person_id = :id"), row)
    assert browser.get("/today").status_code == 303
