"""Speaking SMTP: one connection for a batch, and every failure told apart into "later" and "never".

Only an answer about the recipient or the message can be final. A refused login, a refused sender, a certificate that
does not hold or a server that cannot be reached are the operator's trouble, not the mail's: those mails wait.
"""

import smtplib
import socket
import ssl
from types import TracebackType
from typing import Any, Self

from webapp.mail.channels import Outcome as Outcome  # noqa: PLC0414
from webapp.mail.message import Prepared, build, envelope_address
from webapp.mail.rules import Fate, fate_of
from webapp.settings import Settings

# Seconds to wait for any one answer; half a claim outlasts all of them (`service.CLAIM_LEASE`).
TIMEOUT = 15
# A server may read a whole mail through filters before it says yes (RFC 5321, 4.5.3.2.6). Who hangs up sends twice.
LONG_TIMEOUT = 60
SERVICE_CLOSES = 421


class _Answering:
    """Keeps the server's last word on a whole message, and waits longer for it."""

    sock: socket.socket | None
    last_word = ""
    patience = float(LONG_TIMEOUT)

    def data(self, message: Any) -> tuple[int, bytes]:
        self.wait_at_most(self.patience)
        code, reply = super().data(message)  # type: ignore[misc]
        self.last_word = _answer(code, reply)
        return code, reply

    def wait_at_most(self, seconds: float) -> None:
        """Set the time to wait for each answer from now on."""
        if self.sock is not None:
            self.sock.settimeout(seconds)


class _Plain(_Answering, smtplib.SMTP):
    pass


class _Encrypted(_Answering, smtplib.SMTP_SSL):
    pass


class Connection:
    """A connection that is made with the first mail and again after it was lost. Use it as a context manager.

    `timeout` and `long_timeout` are seconds.
    """

    def __init__(self, settings: Settings, *, timeout: float | None = None, long_timeout: float | None = None) -> None:
        self._settings = settings
        self._timeout = timeout or TIMEOUT
        self._long_timeout = long_timeout or LONG_TIMEOUT
        self._server: _Plain | _Encrypted | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._close()

    def send(self, prepared: Prepared, to: str) -> Outcome:
        """Hand over one mail. SENT, with the server's answer, only after its 250 to the whole message."""
        try:
            wire = build(prepared, sender=self._settings.mail_from, to=to)
        except ValueError as error:
            return Outcome(Fate.ADDRESS_REFUSED, str(error))
        try:
            server = self._open()
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(Fate.TRY_AGAIN, _reason(error), trouble=True, away=True)
        return self._hand_over(server, wire, to)

    def _hand_over(self, server: _Plain | _Encrypted, wire: bytes, to: str) -> Outcome:
        try:
            server.sendmail(envelope_address(self._settings.mail_from), [to], wire)
            server.wait_at_most(self._timeout)
        except smtplib.SMTPRecipientsRefused as error:
            return self._refused(*error.recipients[to], about_recipient=True)
        except smtplib.SMTPDataError as error:
            return self._refused(error.smtp_code, error.smtp_error, about_recipient=False)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome(Fate.TRY_AGAIN, _reason(error), trouble=isinstance(error, smtplib.SMTPSenderRefused))
        return Outcome(Fate.SENT, server.last_word)

    def _refused(self, code: int, reply: bytes | str, *, about_recipient: bool) -> Outcome:
        if code == SERVICE_CLOSES:
            self._drop()
        answer = _answer(code, reply)
        return Outcome(fate_of(answer, about_recipient=about_recipient), answer)

    def _open(self) -> _Plain | _Encrypted:
        if self._server is None:
            self._server = _connect(self._settings, self._timeout)
            self._server.patience = self._long_timeout
        return self._server

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _close(self) -> None:
        if self._server is None:
            return
        try:
            self._server.quit()
        except (smtplib.SMTPException, OSError):
            self._server.close()  # everything that counts was answered before: a lost goodbye is no loss
        self._server = None


def _connect(settings: Settings, timeout: float) -> _Plain | _Encrypted:
    host, port = settings.smtp_host, settings.smtp_port
    server: _Plain | _Encrypted
    if settings.smtp_security == "tls":
        server = _Encrypted(host, port, timeout=timeout, context=_trust(settings))
    else:
        server = _Plain(host, port, timeout=timeout)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=_trust(settings))
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _trust(settings: Settings) -> ssl.SSLContext:
    """Certificates are checked against the authorities of the settings, or of the machine; so is the host's name."""
    return ssl.create_default_context(cafile=settings.smtp_ca_file or None)


def _answer(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(f"{code} {text}".split())


def _reason(error: Exception) -> str:
    """An error in one line: the server's own words where it said some."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}: {_answer(error.smtp_code, error.smtp_error)}"
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
