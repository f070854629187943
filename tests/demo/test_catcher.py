"""The demo's mailbox: what arrives by SMTP can be listed and read."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.smtp import free_port
from webapp.demo import catcher


def message(subject: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Lantian <lantian@example.test>", "li@example.test", subject
    made.set_content("正文\n")
    made.add_alternative("<p>正文</p>", subtype="html")
    made.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="dates.ics")
    return made


def test_what_arrives_can_be_read(tmp_path: Path) -> None:
    folder, port = tmp_path / "mailbox", free_port()
    server = catcher.Catcher(folder, port)
    server.start()
    try:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(message("提醒"), to_addrs=["Li@example.test"])
    finally:
        server.stop()
    (summary,) = catcher.list_mails(folder, to="li@example.test")
    assert (summary.subject, summary.to) == ("提醒", "Li@example.test")
    mail = catcher.load_mail(folder, summary.id)
    assert mail
    assert (mail.text.strip(), mail.html.strip()) == ("正文", "<p>正文</p>")
    assert [(each.name, each.content) for each in mail.attachments] == [("dates.ics", b"BEGIN:VCALENDAR")]
    assert ("Subject", "提醒") in mail.headers


def test_newest_first_by_recipient_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catcher, "KEPT", 3)
    for n in range(5):
        catcher.store(tmp_path, message(str(n)).as_bytes(), [f"p{n % 2}@example.test"])
    assert [mail.subject for mail in catcher.list_mails(tmp_path)] == ["4", "3", "2"]
    assert [mail.subject for mail in catcher.list_mails(tmp_path, to="p0@example.test")] == ["4", "2"]
    assert catcher.count_mails(tmp_path) == 3


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "20261121000000000000-00000000"])
def test_no_other_file_can_be_read(tmp_path: Path, name: str) -> None:
    assert catcher.load_mail(tmp_path, name) is None
