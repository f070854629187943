"""STARTTLS, TLS and login against a real server with a certificate of a throw-away authority.

What is wrong with the server, its certificate or the login is the operator's to mend: the mails wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.mail.conftest import Put
from tests.mail.letters import LI, NOW, row_of, send
from tests.support import certificates
from tests.support.certificates import NAME, Certificates
from tests.support.smtp import PostOffice, post_office
from webapp.db import Database
from webapp.mail import queries
from webapp.mail.rules import DELAYS

USER, PASSWORD = "lantian", "open sesame"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority and a certificate for "localhost"."""
    return certificates.make(tmp_path_factory.mktemp("certificates"))


def _checked(*what: Any) -> AuthResult:
    given = what[-1]
    assert isinstance(given, LoginPassword)
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextmanager
def guarded(made: Certificates, security: str) -> Iterator[PostOffice]:
    """A server with encryption and login; the one with STARTTLS speaks to nobody without."""
    if security == "tls":
        # Of encryption from the first byte on aiosmtpd itself knows nothing.
        with post_office(ssl_context=made.context, authenticator=_checked, auth_require_tls=False) as office:
            yield office
        return
    needed = {"require_starttls": True, "auth_required": True}
    with post_office(tls_context=made.context, authenticator=_checked, **needed) as office:
        yield office


def settings(made: Certificates, security: str, **changed: str) -> dict[str, str]:
    right = {"smtp_host": NAME, "smtp_security": security, "smtp_user": USER, "smtp_password": PASSWORD}
    return right | {"smtp_ca_file": str(made.authority)} | changed


SECURITY = pytest.mark.parametrize("security", ["starttls", "tls"])


@SECURITY
def test_a_mail_is_sent_over_tls_with_a_login(sqlite_db: Database, put: Put, made: Certificates, security: str) -> None:
    put(LI)
    with guarded(made, security) as office:
        assert send(sqlite_db, office.port, **settings(made, security))["sent"] == 1
        assert office.message_ids == [row_of(sqlite_db).message_id]


@SECURITY
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"smtp_host": "127.0.0.1"}, "IP address mismatch"),
        ({"smtp_ca_file": ""}, "unable to get local issuer certificate"),
        ({"smtp_password": "guessed"}, "535"),
    ],
)
def test_a_mail_waits_where_name_authority_or_login_is_wrong(
    sqlite_db: Database, put: Put, made: Certificates, security: str, changed: dict[str, str], said: str
) -> None:
    put(LI)
    with guarded(made, security) as office:
        assert send(sqlite_db, office.port, **settings(made, security, **changed))["retried"] == 1
        assert not office.received
        row = row_of(sqlite_db)
        assert (row.state, row.not_before) == ("new", NOW + DELAYS[0])
        assert said in row.last_error
        with sqlite_db.reading() as session:
            assert said in (queries.server_trouble(session) or "")
            assert queries.flagged(session) == {}
        assert send(sqlite_db, office.port, NOW + DELAYS[0], **settings(made, security))["sent"] == 1
    with sqlite_db.reading() as session:
        assert queries.server_trouble(session) is None


def test_a_server_that_wants_a_login_is_the_operators_trouble(
    sqlite_db: Database, put: Put, made: Certificates
) -> None:
    put(LI)
    with guarded(made, "starttls") as office:
        assert send(sqlite_db, office.port, **settings(made, "starttls", smtp_user=""))["retried"] == 1
    with sqlite_db.reading() as session:
        assert "530" in (queries.server_trouble(session) or "")


def test_nothing_is_said_in_the_clear_to_a_server_without_starttls(
    sqlite_db: Database, put: Put, made: Certificates, office: PostOffice
) -> None:
    put(LI)
    assert send(sqlite_db, office.port, **settings(made, "starttls"))["retried"] == 1
    assert not office.received
    assert "STARTTLS" in row_of(sqlite_db).last_error
