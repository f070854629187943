"""`lantian mail …`: the outbox on standard output, sending again, trying the server, and a deliverer of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.cli.conftest import Run
from tests.cli.test_commands import refused
from tests.support.smtp import PostOffice, free_port, post_office
from webapp.clock import parse_instant, real_now
from webapp.db import Database, Instance
from webapp.mail import service
from webapp.mail.channels import Outcome
from webapp.mail.queries import mails
from webapp.mail.rules import Fate
from webapp.settings import Settings

NOW = parse_instant("2017-10-20T08:30")
SECRET = "k" * 40
LI, WANG = "li@example.test", "wang@example.test"
DECISION = {
    "assignment": 1, "decision": "verify", "title_zh": "淘汰小锅炉", "title_en": "Boilers", "org_zh": "保定市",
    "org_en": "Baoding", "unit": "device", "reason": "", "quantity": None, "due": None, "by": "王某", "name_zh": "李某",
    "name_en": "Li",
}  # fmt: skip
PATIENCE = 60


@pytest.fixture
def ready(lantian: Run, sqlite_template: Path, tmp_path: Path) -> Run:
    """The command on a production database without a plan: quicker than `lantian init`."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    shutil.copyfile(sqlite_template, settings.database.removeprefix("sqlite:///"))
    with Database(settings.database).transaction() as session:
        offset = int((NOW - real_now()).total_seconds())
        session.add(Instance(id=1, mode="production", clock_offset_seconds=offset, created_at=NOW))
    return lantian


@pytest.fixture
def outbox(ready: Run, tmp_path: Path) -> Database:
    """Two mails that were given up, one with a flag and an answer that holds a tab, and one that waits."""
    database = Database(Settings(data_dir=tmp_path / "data").database)
    with database.transaction() as session:
        for number, address in enumerate([LI, WANG], start=1):
            put(session, f"parked:{number}", address)
        for mail in service.claim_batch(session, owner="test", limit=5, now=NOW):
            answer = Outcome(Fate.ADDRESS_REFUSED, "550 No\tsuch\nuser")
            service.record(session, mail, answer, subject="已核实", now=NOW)
        put(session, "new", LI)
    return database


def put(session: Session, key: str, address: str) -> None:
    service.enqueue(
        session, key=key, template="claim_verified", person=(1, address, "zh"), payload=DECISION, cause="review:7",
        now=NOW, topic="decisions",
    )  # fmt: skip


def states(database: Database) -> list[str]:
    with database.reading() as session:
        return [each.state for each in reversed(mails(session))]


def test_list_has_a_line_for_each_mail_newest_first(ready: Run, outbox: Database) -> None:
    result = ready("mail", "list")
    assert result.exit_code == 0
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0] == [
        "3", "new", "mail", LI, "claim_verified", "review:7", "0", "2017-10-20T08:30+08:00",
        "2017-10-20T08:30+08:00", "",
    ]  # fmt: skip
    assert [line[1] for line in lines] == ["new", "parked", "parked"]
    assert lines[1][4:7] == ["已核实", "review:7", "1"]
    assert lines[1][9] == "550 No such user"


def test_list_of_one_state_and_no_more_than_wanted(ready: Run, outbox: Database) -> None:
    result = ready("mail", "list", "--state", "parked", "--limit", "1")
    assert [line.split("\t")[:2] for line in result.stdout.splitlines()] == [["2", "parked"]]
    assert ready("mail", "list", "--state", "lost").exit_code == 2


def test_resend_one(ready: Run, outbox: Database) -> None:
    result = ready("mail", "resend", "2")
    assert (result.exit_code, result.stdout) == (0, "2\n")
    assert states(outbox) == ["parked", "new", "new"]


def test_resend_all(ready: Run, outbox: Database) -> None:
    assert ready("mail", "resend", "--all-parked").stdout == "1\n2\n"
    assert states(outbox) == ["new", "new", "new"]
    assert ready("mail", "resend", "--all-parked").stdout == ""


def test_resend_refuses_what_is_not_parked_and_changes_nothing(ready: Run, outbox: Database) -> None:
    refused(ready("mail", "resend", "1", "3"))
    refused(ready("mail", "resend", "1", "99"), "There is no such email")
    refused(ready("mail", "resend"), "--all-parked")
    refused(ready("mail", "resend", "1", "--all-parked"))
    assert states(outbox) == ["parked", "parked", "new"]


# --- a test mail


def test_a_test_mail_prints_the_servers_answer(ready: Run) -> None:
    with post_office() as office:
        office.after_data[LI] = ["250 2.0.0 queued as 4F2A"]
        result = ready("mail", "test", LI, LANTIAN_SMTP_PORT=str(office.port))
        assert (result.exit_code, result.stdout) == (0, "250 2.0.0 queued as 4F2A\n")
        ((address, message),) = office.received
        assert (address, message["Auto-Submitted"], message["List-Unsubscribe"]) == (LI, "auto-generated", None)
    assert ready("mail", "list").stdout == ""


def test_a_test_mail_that_fails_says_why(ready: Run) -> None:
    refused(ready("mail", "test", LI, LANTIAN_SMTP_PORT=str(free_port())), "Connection refused")
    refused(ready("mail", "test", "nobody", LANTIAN_SMTP_PORT="25"), "no address")
    with post_office() as office:
        office.at_recipient[LI] = ["550 5.1.1 No such user"]
        refused(ready("mail", "test", LI, LANTIAN_SMTP_PORT=str(office.port)), "550 5.1.1 No such user")
    missing = ready("mail", "test", LI, LANTIAN_SMTP_CA_FILE="/nowhere/ca.pem")
    refused(missing, "LANTIAN_SMTP_CA_FILE", "no such file")


# --- the deliverer


def deliverer(folder: Path, office: PostOffice) -> "subprocess.Popen[str]":
    command = [str(Path(sys.executable).parent / "lantian"), "mail", "deliver"]
    settings = {
        "LANTIAN_DATA_DIR": str(folder), "LANTIAN_SECRET_KEY": SECRET, "LANTIAN_SMTP_PORT": str(office.port),
    }  # fmt: skip
    return subprocess.Popen(
        command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_deliverer_delivers_until_it_is_told_to_stop(outbox: Database, tmp_path: Path, number: int) -> None:
    with post_office() as office:
        process = deliverer(tmp_path / "data", office)
        try:
            end = time.monotonic() + PATIENCE
            while "sent" not in states(outbox):
                assert time.monotonic() < end
                time.sleep(0.1)
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
            process.wait()
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert states(outbox) == ["parked", "parked", "sent"]
    assert [address for address, _ in office.received] == [LI]
    assert office.received[0][1]["List-Unsubscribe"]


def test_a_deliverer_needs_the_secret_key(ready: Run) -> None:
    refused(ready("mail", "deliver"), "LANTIAN_SECRET_KEY")
    refused(ready("jobs", "run", "deliver"), "LANTIAN_SECRET_KEY")


def test_no_mail_leaves_a_demo(ready: Run, tmp_path: Path) -> None:
    database = Database(Settings(data_dir=tmp_path / "data").database)
    with database.transaction() as session:
        session.get_one(Instance, 1).mode = "demo"
    refused(ready("mail", "test", LI), "demo")
    refused(ready("mail", "deliver", LANTIAN_SMTP_HOST="mail.example.test"), "demo")
    refused(ready("jobs", "run", "deliver", LANTIAN_SMTP_HOST="mail.example.test"), "demo")
    refused(ready("scheduler", LANTIAN_SMTP_HOST="mail.example.test"), "demo")
