"""One's own account: profile and password."""

import pytest

from tests.support.people import PASSWORD
from tests.support.site import Site
from webapp.accounts.models import Person

NEW = "quiet river at dawn 7"
PROFILE = {
    "name_zh": "李敏敏",
    "name_en": "Li Minmin",
    "phone": "0312-5550000",
    "locale": "en",
    "version": "1",
    "request_key": "profile-key-0001",
}
CHANGE = {"current": PASSWORD, "password": NEW, "repeated": NEW}


def officer(web: Site) -> Person:
    """The officer's row as it is now."""
    with web.database.reading() as session:
        return session.get_one(Person, web.people.officer.id)


def test_a_profile_is_saved_and_speaks_the_language_chosen(web: Site) -> None:
    browser = web.client(web.people.officer)
    answer = browser.post("/account", data=PROFILE)
    assert (answer.status_code, answer.location) == (303, "/account")
    saved = officer(web)
    assert (saved.name_zh, saved.name_en, saved.phone, saved.locale) == ("李敏敏", "Li Minmin", "0312-5550000", "en")
    assert '<html lang="en"' in browser.get("/account").text


def test_a_double_click_is_harmless_and_a_stale_form_is_refused(web: Site) -> None:
    browser = web.client(web.people.officer)
    assert browser.post("/account", data=PROFILE).status_code == 303
    assert browser.post("/account", data=PROFILE).status_code == 303
    assert officer(web).version == 2
    stale = {**PROFILE, "phone": "1", "request_key": "profile-key-0002"}
    assert browser.post("/account", data=stale).status_code == 409
    assert officer(web).phone == "0312-5550000"


@pytest.mark.parametrize(
    "change", [{"name_zh": " "}, {"name_zh": "长" * 61}, {"phone": "1" * 41}, {"locale": "fr"}, {"locale": ""}]
)
def test_a_bad_profile_keeps_what_was_typed(web: Site, change: dict[str, str]) -> None:
    answer = web.client(web.people.officer).post("/account", data={**PROFILE, **change})
    assert answer.status_code == 422
    assert "Li Minmin" in answer.text
    assert officer(web).name_zh == "李敏"


def test_a_new_password_ends_other_sessions_and_keeps_this_one(web: Site) -> None:
    here, elsewhere = web.client(web.people.officer), web.client(web.people.officer)
    answer = here.post("/account/password", data=CHANGE)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "密码已修改" in here.get("/account").text
    assert elsewhere.get("/account").status_code == 303
    again = web.client()
    assert again.post("/sign-in", data={"email": "officer@example.cn", "password": PASSWORD}).status_code == 422
    assert again.post("/sign-in", data={"email": "officer@example.cn", "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"current": "not it at all"}, "当前密码不正确"),
        ({"repeated": NEW + "x"}, "两次输入的新密码不一致"),
        ({"password": "short", "repeated": "short"}, "至少 10 位"),
        ({"password": "officer-2017-x", "repeated": "officer-2017-x"}, "不能包含您的姓名"),
        ({"current": ""}, "请填写此项"),
    ],
)
def test_a_password_is_not_changed(web: Site, change: dict[str, str], words: str) -> None:
    answer = web.client(web.people.officer).post("/account/password", data={**CHANGE, **change})
    assert answer.status_code == 422
    assert words in answer.text
    assert NEW not in answer.text
    assert officer(web).auth_version == 1


def test_the_present_password_cannot_be_guessed_for_ever(web: Site) -> None:
    browser = web.client(web.people.officer)
    answers = [browser.post("/account/password", data={**CHANGE, "current": "guess"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


@pytest.mark.parametrize("path", ["/account", "/account/password"])
def test_strangers_are_sent_to_sign_in(web: Site, path: str) -> None:
    answer = web.client().post(path, data={})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
