"""How the register's forms are carried out: once, in one transaction, with files that outlive a refusal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField

from webapp import web
from webapp.caps.models import CapEnterprise
from webapp.caps.register import get_enterprise
from webapp.errors import Conflict, Invalid, RequestReused, Stale, TooLarge
from webapp.evidence import staging
from webapp.evidence.service import Staged, record
from webapp.web import GuardedForm

Answer = Response | str | tuple[str, int]
Deed = Callable[[Session, CapEnterprise, list[int]], Any]
"""What is done to an enterprise, with the files that go with it."""


class PapersForm(GuardedForm):
    """A form that takes files."""

    files = MultipleFileField(_l("佐证材料"))
    kept = HiddenField()


@dataclass
class Papers:
    """The files sent with a form; `about` says which form of whom it is, so that they are kept for that one alone."""

    about: str
    staged: list[Staged] = field(default_factory=list)

    @property
    def packed(self) -> str:
        """They, for the form's next try."""
        return staging.pack(self.staged, web.actor(), self.about)

    @property
    def limit(self) -> int:
        """How large one may be, in MB."""
        return web.settings().upload_max_mb

    def take(self, form: PapersForm) -> int | None:
        """Check and store what was sent; the status of the refusal if one is not taken."""
        self.staged = staging.kept(form, web.actor(), self.about)
        try:
            self.staged = staging.with_new(self.staged, form.files.data or (), web.settings())
        except Invalid as error:
            web.show_problems(form, error)
            return error.status
        except TooLarge as error:
            form.files.errors = [str(error.message)]
            return error.status
        return None


def attempt(
    form: GuardedForm, action: str, answer: str, deed: Callable[[Session], Any], extra: Any = None
) -> int | None:
    """Do something once, in one transaction; None when it is done, else the status of the refusal the form shows."""
    if not form.validate():
        return 422
    try:
        with web.transaction() as session:
            if web.once(session, form, action, answer, extra=extra) is None:
                deed(session)
    except RequestReused:
        raise
    except Conflict as error:
        form.form_errors.append(str(error.message))
        return error.status
    except Invalid as error:
        web.show_problems(form, error)
        return error.status
    return None


def carry_out(
    form: GuardedForm, enterprise_id: int, action: str, deed: Deed, *, page: Callable[[bool], str], done: str,
    extra: Any = None, papers: Papers | None = None,
) -> Answer:  # fmt: skip
    """Do something to an enterprise's record and go to its page.

    Where that is refused, `page` shows the form again; told that somebody else was faster (True), it is made from what
    holds now, so that it can be sent once more.
    """
    target = url_for("caps.enterprise", enterprise_id=enterprise_id)

    def whole(session: Session) -> None:
        row, city = get_enterprise(session, enterprise_id, web.actor())
        staged = papers.staged if papers else []
        files = record(session, staged, actor=web.actor(), organisation_id=city.id, now=web.now())
        deed(session, row, [file.id for file in files])

    status = papers.take(form) if papers and isinstance(form, PapersForm) else None
    if status is None:
        hashes = [each.sha256 for each in papers.staged] if papers else []
        status = attempt(form, action, target, whole, extra=[enterprise_id, extra, hashes])
    if status is not None:
        return page(status == Stale.status), status
    flash(done, "success")
    return redirect(target, 303)
