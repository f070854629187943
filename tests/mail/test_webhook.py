"""Group robots over real HTTP: formats, signature, limits, every kind of answer; addresses that are not called."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event

import pytest

from tests.support.robots import KEY, SECRET, TOKEN, Chat, group_chat
from webapp.clock import real_now
from webapp.mail.channels import Outcome
from webapp.mail.message import Prepared, Rendered
from webapp.mail.rules import Fate
from webapp.mail.webhook import Hook, Webhook, cut
from webapp.mail.webhook_address import AddressRefusedError, checked, masked
from webapp.settings import SettingsError, load

MESSAGE = Rendered("蓝天提醒：2 项", "### 蓝天提醒\n■ 逾期 小燃煤锅炉淘汰\n共 2 项", "")


@pytest.fixture
def chat() -> Iterator[Chat]:
    """The services' side."""
    with group_chat() as running:
        yield running


@dataclass
class Way:
    """To the test's server, as the deliverer goes it."""

    hosts: tuple[str, ...]
    timeout: float = 5

    def send(self, hook: Hook, message: Rendered) -> Outcome:
        with Webhook({"robot:1": hook}.get, self.hosts, timeout=self.timeout) as channel:
            return channel.send(Prepared(message, "<1@lantian.internal>", real_now()), "robot:1")


def way(chat: Chat, timeout: float = 5) -> Way:
    return Way((chat.host,), timeout)


def said(code: int, words: str = "x") -> bytes:
    return json.dumps({"errcode": code, "errmsg": words}).encode()


# --- formats


def test_wecom_takes_markdown(chat: Chat) -> None:
    assert way(chat).send(Hook("wecom", chat.wecom()), MESSAGE).fate is Fate.SENT
    assert chat.received == [{"msgtype": "markdown", "markdown": {"content": MESSAGE.text}}]


def test_dingtalk_takes_a_title_and_lines_that_stay_apart(chat: Chat) -> None:
    assert way(chat).send(Hook("dingtalk", chat.dingtalk()), MESSAGE).fate is Fate.SENT
    assert chat.received == [
        {"msgtype": "markdown", "markdown": {"title": MESSAGE.subject, "text": MESSAGE.text.replace("\n", "  \n")}}
    ]


def test_a_signed_robot_wants_its_secret(chat: Chat) -> None:
    chat.secret = SECRET
    assert way(chat).send(Hook("dingtalk", chat.dingtalk(), SECRET), MESSAGE).fate is Fate.SENT
    for secret in ("", "SECanother"):
        outcome = way(chat).send(Hook("dingtalk", chat.dingtalk(), secret), MESSAGE)
        assert outcome.fate is Fate.ADDRESS_REFUSED
        assert "310000: sign not match" in outcome.answer


def test_a_keyword_that_is_missing_is_the_robots_trouble(chat: Chat) -> None:
    chat.keyword = "大气"
    outcome = way(chat).send(Hook("dingtalk", chat.dingtalk()), MESSAGE)
    assert (outcome.fate, outcome.answer) == (Fate.ADDRESS_REFUSED, "200 errcode 310000: keywords not in content")


@pytest.mark.parametrize("kind", ["wecom", "dingtalk"])
def test_a_long_text_is_cut_at_a_line_end_and_keeps_its_last_line(chat: Chat, kind: str) -> None:
    lines = [f"■ 逾期 第 {number} 项小燃煤锅炉淘汰" for number in range(1, 2000)]
    last = "共 1999 项 [打开](https://lantian.example.cn/)"
    hook = Hook(kind, getattr(chat, kind)())
    assert way(chat).send(hook, Rendered("蓝天", "\n".join([*lines, last]), "")).fate is Fate.SENT
    content = chat.received[0]["markdown"]
    shown = [line.strip() for line in (content.get("content") or content["text"]).split("\n")]
    assert shown[-1] == "……" + last
    assert shown[:-1] == lines[: len(shown) - 1]
    assert len(shown) > (50 if kind == "wecom" else 300)


@pytest.mark.parametrize("limit", range(1, 40))
def test_however_little_room_there_is_a_character_is_never_halved(limit: int) -> None:
    assert len(cut("一二三\n四五六\n七八九", limit).encode()) <= limit


def test_what_fits_is_left_alone() -> None:
    assert cut("一\n二\n", 9) == "一\n二\n"


# --- answers


@pytest.mark.parametrize(("status", "body", "fate"), [
    (200, said(0, "ok"), Fate.SENT),
    (200, said(45009, "api freq out of limit"), Fate.TRY_AGAIN),
    (200, said(130101, "send too fast, exceed 20 times per minute"), Fate.TRY_AGAIN),
    (200, said(410100, "发送速度太快而限流"), Fate.TRY_AGAIN),
    (200, said(660026), Fate.TRY_AGAIN),
    (200, said(-1, "系统繁忙"), Fate.TRY_AGAIN),
    (200, said(300001, "send too fast"), Fate.TRY_AGAIN),
    (200, said(93000, "invalid webhook url"), Fate.ADDRESS_REFUSED),
    (403, said(93000, "invalid webhook url"), Fate.ADDRESS_REFUSED),
    (200, said(300001, "token is not exist"), Fate.ADDRESS_REFUSED),
    (200, said(400102, "机器人已停用"), Fate.ADDRESS_REFUSED),
    (200, said(310000, "ip 1.2.3.4 not in whitelist"), Fate.ADDRESS_REFUSED),
    (200, said(40058, "invalid Request Parameter"), Fate.REFUSED),
    (200, said(987654, "nobody knows"), Fate.TRY_AGAIN),
    (500, said(0, "ok"), Fate.TRY_AGAIN),
    (502, b"<html>Bad gateway", Fate.TRY_AGAIN),
    (429, b"", Fate.TRY_AGAIN),
    (404, b"", Fate.ADDRESS_REFUSED),
    (413, b"", Fate.REFUSED),
    (201, said(0, "ok"), Fate.TRY_AGAIN),
    # Garbage: a proxy's page, half an answer, other types, too much of anything.
    (200, b"<html>please sign in</html>", Fate.TRY_AGAIN),
    (200, b'{"errcode": 0', Fate.TRY_AGAIN),
    (200, b"", Fate.TRY_AGAIN),
    (200, b"[0]", Fate.TRY_AGAIN),
    (200, b"null", Fate.TRY_AGAIN),
    (200, b'{"errcode": "0"}', Fate.TRY_AGAIN),
    (200, b'{"errcode": false}', Fate.TRY_AGAIN),
    (200, b'{"errmsg": "ok"}', Fate.TRY_AGAIN),
    (200, b"\xff\xfe\x00", Fate.TRY_AGAIN),
    (200, b"[" * 60_000, Fate.TRY_AGAIN),
    (200, b" " * 70_000 + said(0, "ok"), Fate.TRY_AGAIN),
])  # fmt: skip
def test_what_an_answer_means(chat: Chat, status: int, body: bytes, fate: Fate) -> None:
    chat.scripted = [(status, body)]
    outcome = way(chat).send(Hook("wecom", chat.wecom()), MESSAGE)
    assert outcome.fate is fate
    assert outcome.answer.startswith(f"{status} ")
    assert len(outcome.answer) < 400


def test_a_redirect_is_not_followed(chat: Chat) -> None:
    chat.scripted, chat.headers = [(302, b"")], {"Location": chat.dingtalk()}
    assert way(chat).send(Hook("wecom", chat.wecom()), MESSAGE).fate is Fate.ADDRESS_REFUSED
    assert len(chat.asked) == 1
    assert not chat.received


def test_a_slow_server_is_given_up(chat: Chat) -> None:
    chat.hold = Event()
    outcome = way(chat, 0.2).send(Hook("wecom", chat.wecom()), MESSAGE)
    assert outcome.fate is Fate.TRY_AGAIN


def test_a_server_that_answers_drop_by_drop_is_given_up(chat: Chat) -> None:
    chat.scripted, chat.trickle = [(200, b" " * 200 + said(0))], True
    assert way(chat, 0.5).send(Hook("wecom", chat.wecom()), MESSAGE).fate is Fate.TRY_AGAIN


def test_a_server_that_is_away_is_tried_again(chat: Chat) -> None:
    address = "http://127.0.0.1:1/cgi-bin/webhook/send?key=" + KEY
    outcome = Way(("127.0.0.1:1",)).send(Hook("wecom", address), MESSAGE)
    assert (outcome.fate, outcome.away) == (Fate.TRY_AGAIN, True)


def test_a_robot_that_was_switched_off_is_not_called(chat: Chat) -> None:
    with Webhook(lambda _address: None, (chat.host,)) as channel:
        outcome = channel.send(Prepared(MESSAGE, "<1@lantian.internal>", real_now()), "robot:1")
    assert outcome.fate is Fate.REFUSED
    assert not chat.asked


def test_a_certificate_is_wanted_and_checked(chat: Chat) -> None:
    # The same port asked for HTTPS: what answers cannot prove who it is.
    address = chat.wecom().replace("http://", "https://")
    outcome = way(chat, 2).send(Hook("wecom", address), MESSAGE)
    assert outcome.fate is Fate.TRY_AGAIN
    assert outcome.trouble
    assert "SSL" in outcome.answer
    assert not chat.asked


def test_no_answer_repeats_a_key_or_a_secret(chat: Chat) -> None:
    for words in (f"bad token {TOKEN}", f"secret {SECRET}"):
        chat.scripted = [(200, said(300001, words))]
        hook = Hook("dingtalk", chat.dingtalk(), SECRET)
        outcome = way(chat).send(hook, MESSAGE)
        for secret in (TOKEN, SECRET):
            assert secret not in outcome.answer
            assert secret not in repr(hook)


# --- addresses

WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"


@pytest.mark.parametrize(("kind", "url"), [
    ("wecom", WECOM), ("wecom", WECOM.replace(".com", ".com:443")), ("wecom", WECOM.replace("qyapi", "QYAPI")),
    ("dingtalk", DINGTALK), ("wecom", WECOM.replace("qyapi.weixin.qq.com", "proxy.example.cn")),
    ("wecom", WECOM.replace("qyapi.weixin.qq.com/cgi-bin", "proxy.example.cn/wecom")),
    ("dingtalk", f"http://127.0.0.1:8999/robot/send?access_token={TOKEN}"),
    ("dingtalk", f"http://[::1]:8999/robot/send?access_token={TOKEN}"),
])  # fmt: skip
def test_addresses_that_are_called(kind: str, url: str) -> None:
    target = checked(kind, url, ("proxy.example.cn", "127.0.0.1:8999", "[::1]:8999"))
    assert target.key in (KEY, TOKEN)


HOSTILE = [
    # another host, in many dresses
    "https://evil.example/cgi-bin/webhook/send?key=" + KEY,
    f"https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send?key={KEY}",
    f"https://evil.example\\@qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    f"https://qyapi.weixin.qq.com\\.evil.example/cgi-bin/webhook/send?key={KEY}",
    f"https://user:word@qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    f"https://@qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    f"https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key={KEY}",
    f"https://qyapi.weixin.qq.com./cgi-bin/webhook/send?key={KEY}",
    f"https://evilqyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    f"https://qyapi%2eweixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    f"https://ｑｙａｐｉ.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    f"https://qyapi.weixin.qq。com/cgi-bin/webhook/send?key={KEY}",
    f"https://qyаpi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    f"https://xn--qypi-43d.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    # this machine, the office network, the cloud's own addresses
    *(f"{scheme}://{host}/cgi-bin/webhook/send?key={KEY}" for scheme in ("http", "https") for host in (
        "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "localhost", "10.0.0.1", "192.168.1.1",
        "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]", "127.0.0.1:22", "127.0.0.1:9000",
    )),
    # other ports and schemes
    WECOM.replace("https", "http"), WECOM.replace(".com", ".com:80"), WECOM.replace(".com", ".com:8443"),
    WECOM.replace(".com", ".com:99999"), WECOM.replace(".com", ".com:4a3"), WECOM.replace(".com", ".com:0"),
    WECOM.replace("https", "ftp"), WECOM.replace("https", "file"), WECOM.replace("https", "gopher"),
    WECOM.removeprefix("https:"), WECOM.removeprefix("https://"), "javascript:alert(1)", "", "https://", "https:///x",
    f"http://proxy.example.cn/robot?key={KEY}", f"http://proxy.example.cn:443/robot?key={KEY}",
    # other doors of the right house
    WECOM.replace("webhook/send", "gettoken"), WECOM.replace("webhook", "webhook/../message"),
    WECOM.replace("/send", "/send/"), WECOM.replace("/send", "//send"), WECOM.replace("webhook", "%77ebhook"),
    # no key, two keys, more than a key
    WECOM.partition("?")[0], WECOM.partition("key=")[0] + "key=", WECOM + "&key=" + KEY, WECOM + "&debug=1",
    WECOM.replace("key=", "token="), WECOM + "%0d%0aHost:evil", WECOM + "#x", WECOM + "%00",
    # what a parser would quietly drop
    " " + WECOM, WECOM + "\n", WECOM.replace("qyapi", "qy\tapi"), WECOM.replace("/send", "/se\r\nnd"), WECOM + "\x00",
    WECOM + "&x=" + "a" * 600,
    DINGTALK,
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_addresses_that_are_not_called(url: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        checked("wecom", url, ("proxy.example.cn", "127.0.0.1:8999"))
    assert KEY not in str(refused.value)
    assert KEY not in str(refused.value.why)
    outcome = Way(("proxy.example.cn", "127.0.0.1:8999")).send(Hook("wecom", url), MESSAGE)
    assert outcome.fate is Fate.ADDRESS_REFUSED
    assert KEY not in outcome.answer


def test_an_address_is_shown_without_its_key() -> None:
    assert masked(WECOM) == "qyapi.weixin.qq.com…5aaa"


# --- the setting


def test_hosts_are_read_from_the_setting() -> None:
    assert load({}).webhook_hosts == ()
    read = load({"LANTIAN_WEBHOOK_HOSTS": "Proxy.example.cn, 127.0.0.1:8999,[::1]:80,"})
    assert read.webhook_hosts == ("proxy.example.cn", "127.0.0.1:8999", "[::1]:80")


@pytest.mark.parametrize(
    "text", ["https://proxy.example.cn", "a b", "host/path", "host:", "host:99999", "u@host", "[1:]", "代理.cn", "*"]
)
def test_hosts_that_are_none_are_refused_at_start(text: str) -> None:
    with pytest.raises(SettingsError, match="LANTIAN_WEBHOOK_HOSTS"):
        load({"LANTIAN_WEBHOOK_HOSTS": text})
