"""Good passwords and safe ways back."""

from datetime import timedelta

import pytest

from tests.support.people import NOW
from webapp.accounts.rules import check_password, is_email, minutes_left, normalise_email, safe_path
from webapp.errors import Invalid


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "三台锅炉一台没有留下来",
        "Qx7-ridge-lantern",
        "x" + "aB3-" * 31 + "abc",
    ],
)
def test_good_passwords(password: str) -> None:
    check_password(password, email="li.min@baoding.example.cn", name="李敏")


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("short-pw9", id="nine characters"),
        pytest.param("ab3-" * 32 + "x", id="129 characters"),
        pytest.param("1234567890", id="counting"),
        pytest.param("20171031123", id="digits only"),
        pytest.param("aaaaaaaaaaaa", id="one letter"),
        pytest.param("abababababab", id="two letters"),
        pytest.param("qwertyuiop12", id="a keyboard row"),
        pytest.param("1qaz2wsx3edc", id="keyboard columns"),
        pytest.param("password2017", id="common with a year"),
        pytest.param("woaini1314520", id="I love you, in numbers"),
        pytest.param("Zhongguo@123", id="pinyin"),
        pytest.param("Huanbaoju#2017", id="the office's own name"),
        pytest.param("li.min@baoding.example.cn", id="own address"),
        pytest.param("boiler-li.min-9", id="part of own address"),
        pytest.param("Li.Min-2017-ok", id="own account in other letters"),
        pytest.param("我是李敏我是李敏呀", id="own name, too short as well"),
        pytest.param("我就是李敏本人没有错啊", id="own name"),
    ],
)
def test_passwords_that_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_password(password, email="li.min@baoding.example.cn", name="李敏")
    assert [problem.field for problem in caught.value.problems] == ["password"]


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        ("/assignments/12", True),
        ("/assignments?light=red&page=2", True),
        ("/", True),
        ("", False),
        (None, False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/a\\..\\b", False),
        ("https://evil.example/", False),
        ("javascript:alert(1)", False),
        ("assignments/12", False),
        ("/x\r\nSet-Cookie: a=b", False),
        ("/\t/evil.example", False),
        (" /assignments", False),
        ("/sign-in?next=/", False),
        ("/sign-out", False),
    ],
)
def test_safe_path(target: str | None, safe: bool) -> None:
    assert safe_path(target) == (target if safe else None)


def test_addresses() -> None:
    assert normalise_email("  Li.Min@Baoding.Example.CN ") == "li.min@baoding.example.cn"
    assert is_email("li.min@baoding.example.cn")
    for wrong in ("", "li.min", "a@b", "a b@c.cn", "a@b@c.cn", "<a@b.cn>", "x" * 250 + "@b.cn"):
        assert not is_email(wrong)


def test_minutes_left_are_rounded_up() -> None:
    assert minutes_left(NOW, NOW) == 15
    assert minutes_left(NOW, NOW + timedelta(minutes=14, seconds=30)) == 1
    assert minutes_left(NOW, NOW + timedelta(minutes=20)) == 1
