"""How the ledgers' forms are carried out: what was chosen or typed outlives a refusal, and a deed is done once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from webapp import web
from webapp.errors import Conflict, Invalid, RequestReused, TooLarge
from webapp.evidence import staging
from webapp.evidence.service import Staged
from webapp.ledgers import frame
from webapp.ledgers.frame import RowForm
from webapp.ledgers.kinds import Kind

Answer = Response | str | tuple[str, int]
INCOMPLETE = _l("表单内容不完整，请刷新页面后再试。")


@dataclass
class Tried:
    """A form that was sent, or not yet: what is wrong with it, and its files, for the next try of the same form."""

    about: str = ""
    status: int = 200
    problems: Sequence[tuple[str, Any]] = ()
    staged: list[Staged] = field(default_factory=list)

    @property
    def kept(self) -> str:
        """The files as the form carries them."""
        return staging.pack(self.staged, web.actor(), self.about)

    @property
    def faults(self) -> dict[str, Any]:
        """The first problem of each input."""
        return dict(reversed(self.problems))

    def refuse(self, status: int, problems: Sequence[tuple[str, Any]]) -> None:
        """Note why it was refused."""
        self.status, self.problems = status, problems


def send(form: RowForm, kind: Kind, about: str, deed: Callable[[list[Staged]], Response]) -> Response | Tried:
    """Do what a form asks, with its files: those of an earlier try that are still ticked, and new ones.

    `about` names the form, so that files are kept for it alone. Without an answer the form is to be shown again.
    """
    tried = Tried(about)
    tried.staged = staging.kept(form, web.actor(), about)
    try:
        tried.staged = staging.with_new(tried.staged, form.files.data or (), web.settings())
        if form.validate():
            return deed(tried.staged)
        tried.refuse(422, [(name, text) for name, texts in form.errors.items() for text in texts])
    except RequestReused:
        raise
    except Invalid as error:
        tried.refuse(error.status, frame.problems_of(error, kind))
    except (TooLarge, Conflict) as error:
        tried.refuse(error.status, [("", error.message)])
    return tried


def check(form: web.GuardedForm) -> None:
    """Raise Conflict when a form of buttons alone is not whole."""
    if not form.validate():
        raise Conflict(INCOMPLETE)


def once(
    form: web.GuardedForm, action: str, target: str, deed: Callable[[Session], str | None], *, extra: Any = None
) -> Response:
    """Do something in one transaction, the first time its request comes, and go to `target` or where the deed says."""
    with web.transaction() as session:
        earlier = web.once(session, form, action, target, extra=extra)
        found = deed(session) if earlier is None else earlier
    return redirect(found or target, 303)
