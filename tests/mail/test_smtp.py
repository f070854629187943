"""One connection to a real SMTP server: what each of its answers means, and that the next mail goes on."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from tests.mail.letters import LI, WANG, prepared
from tests.support.smtp import DROP, SLOW, PostOffice, free_port
from webapp.mail.message import Prepared, Rendered, build
from webapp.mail.rules import Fate
from webapp.mail.smtp import Connection
from webapp.settings import Settings

PLACES = ["at_recipient", "after_data"]


def connection(office: PostOffice) -> Connection:
    return Connection(Settings(smtp_port=office.port))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("answer", "at_recipient", "after_data"),
    [
        ("421 4.3.2 Closing", Fate.TRY_AGAIN, Fate.TRY_AGAIN),
        ("450 4.2.1 Later", Fate.TRY_AGAIN, Fate.TRY_AGAIN),
        ("530 5.7.0 Log in first", Fate.TRY_AGAIN, Fate.TRY_AGAIN),
        ("550 5.1.1 No such user", Fate.ADDRESS_REFUSED, Fate.REFUSED),
        ("550 No such user", Fate.ADDRESS_REFUSED, Fate.REFUSED),
        ("554 5.7.1 Relaying denied", Fate.REFUSED, Fate.REFUSED),
    ],
)
def test_each_answer_has_its_meaning_and_the_next_mail_goes_on(
    office: PostOffice, place: str, answer: str, at_recipient: Fate, after_data: Fate
) -> None:
    getattr(office, place)[LI] = [answer]
    with connection(office) as channel:
        outcome = channel.send(prepared(1), LI)
        assert (outcome.fate, outcome.answer) == (at_recipient if place == "at_recipient" else after_data, answer)
        assert channel.send(prepared(2), WANG).fate is Fate.SENT
    assert office.message_ids == ["<2@lantian.internal>"]
    assert office.connections == (2 if answer.startswith("421") else 1)


def test_the_servers_yes_is_kept(office: PostOffice) -> None:
    office.after_data[LI] = ["250 2.0.0 queued as 4F2A"]
    with connection(office) as channel:
        assert channel.send(prepared(), LI).answer == "250 2.0.0 queued as 4F2A"


def test_a_connection_dropped_after_the_message_means_later(office: PostOffice) -> None:
    office.after_data[LI] = [DROP]
    with connection(office) as channel:
        outcome = channel.send(prepared(1), LI)
        assert (outcome.fate, outcome.trouble, outcome.away) == (Fate.TRY_AGAIN, False, False)
        assert channel.send(prepared(2), WANG).fate is Fate.SENT


def test_a_slow_server_is_waited_for_only_so_long(office: PostOffice) -> None:
    office.after_data[LI] = [SLOW]
    with Connection(Settings(smtp_port=office.port), long_timeout=0.1) as channel:
        assert channel.send(prepared(1), LI).fate is Fate.TRY_AGAIN
        assert channel.send(prepared(2), WANG).fate is Fate.SENT


def test_a_slow_yes_to_the_whole_message_is_waited_for_longer(office: PostOffice) -> None:
    office.after_data[LI] = [SLOW]
    with Connection(Settings(smtp_port=office.port), timeout=0.5, long_timeout=20) as channel:
        assert channel.send(prepared(), LI).answer == "250 OK at last"


def test_no_server_is_the_operators_trouble() -> None:
    with Connection(Settings(smtp_port=free_port())) as channel:
        outcome = channel.send(prepared(), LI)
    assert (outcome.fate, outcome.trouble, outcome.away) == (Fate.TRY_AGAIN, True, True)


@pytest.mark.parametrize("address", ["", "li", "李@example.test", "li@例.test", "a b@example.test", "a@b\r\nBcc: c@d"])
def test_what_is_no_address_is_refused_before_the_server_hears_of_it(office: PostOffice, address: str) -> None:
    with connection(office) as channel:
        assert channel.send(prepared(), address).fate is Fate.ADDRESS_REFUSED
    assert office.connections == 0


# --- the message


def parsed(message: Prepared, sender: str = "蓝天 <lantian@example.test>") -> EmailMessage:
    wire = build(message, sender=sender, to=LI)
    assert wire.isascii()
    assert all(len(line) <= 998 and b"\n" not in line for line in wire.split(b"\r\n"))
    found = message_from_bytes(wire, policy=policy.default)
    assert not found.defects
    return found


def lines(part: EmailMessage) -> str:
    """The words of a part; on the wire every line ends in CRLF."""
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(
    "subject",
    [
        "Short", "提醒：12 项待办，最急：小燃煤锅炉淘汰（已逾期 3 天）" * 4, "A long one, " * 30, "=?utf-8?q?nothing?=",
        "two\r\nBcc: lines@example.test",
    ],
)  # fmt: skip
def test_words_arrive_as_they_were_written(subject: str) -> None:
    text, html = "您好：\n.\n  缩进\n\n" + "长" * 3000 + "\n", "<p>您好 &amp; " + "x" * 3000 + "</p>\n"
    found = parsed(Prepared(Rendered(subject, text, html), "<1@lantian.internal>", prepared().at))
    assert str(found["Subject"]) == " ".join(subject.split())
    assert str(found["From"]) == "蓝天 <lantian@example.test>"
    assert "Bcc" not in found
    plain, rich = (part for part in found.iter_parts() if isinstance(part, EmailMessage))
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    assert lines(plain) == text
    assert lines(rich) == html


def test_plain_english_stays_readable() -> None:
    words = Rendered("Hello", "Hello,\n.\nbye\n", "<p>Hello</p>\n")
    wire = build(Prepared(words, "<1@lantian.internal>", prepared().at), sender="a@example.test", to=LI)
    assert b"\r\nHello,\r\n.\r\nbye\r\n" in wire


def test_a_single_dot_ends_nothing(office: PostOffice) -> None:
    words = Rendered("Hello", "Hello,\n.\n..bye\n", "<p>Hello</p>\n")
    with connection(office) as channel:
        channel.send(Prepared(words, "<1@lantian.internal>", prepared().at), LI)
    (_, message) = office.received[0]
    plain = message.get_body(("plain",))
    assert plain is not None
    assert lines(plain) == words.text
