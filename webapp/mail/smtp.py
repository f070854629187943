"""Speaking SMTP: one connection for a batch, and every failure told apart into "later" and "never".

Only an answer about the recipient or the message can be final. A refused login, a refused sender or a server that
cannot be reached are the operator's trouble, not the mail's: those mails wait.
"""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from ssl import create_default_context
from types import TracebackType
from typing import Self

from webapp.mail.rules import Fate, fate_of
from webapp.settings import Settings

# Seconds to wait for any one answer. A claim outlasts several of them.
TIMEOUT = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one mail; `answer` is the server's reply or the error, empty when it was sent."""

    fate: Fate
    answer: str = ""


class Connection:
    """A connection that is made with the first mail and again after it was lost. Use it as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: EmailMessage, to: str) -> Outcome:
        """Hand over one mail. SENT only after the server's 250 to the whole message."""
        try:
            server = self._open()
            server.send_message(message, to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = error.recipients[to]
            return Outcome(fate_of(code, about_recipient=True), _answer(code, reply))
        except smtplib.SMTPDataError as error:
            return Outcome(fate_of(error.smtp_code, about_recipient=False), _answer(error.smtp_code, error.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome(Fate.TRY_AGAIN, f"{type(error).__name__}: {error}")
        return Outcome(Fate.SENT)

    def _open(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = _connect(self._settings)
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


def _connect(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _answer(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {text}"
