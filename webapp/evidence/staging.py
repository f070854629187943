"""Files that were sent with a form that had to be corrected: they lie in the store already and need not be sent again.

The form carries their names and hashes, signed for this person and what the form is about, so that nobody can attach a
file by guessing its hash.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from flask import current_app, request
from flask_babel import lazy_gettext as _l

from webapp.errors import Invalid, Problem
from webapp.evidence.service import FIELD, MOST_FILES, Staged, Upload, stage
from webapp.permissions import Actor
from webapp.settings import Settings


def pack(staged: Sequence[Staged], actor: Actor, about: object) -> str:
    """Staged files as the value of a hidden input; empty for none. `about` is an assignment's id, or any other name."""
    if not staged:
        return ""
    plain = base64.urlsafe_b64encode(json.dumps([asdict(each) for each in staged]).encode()).decode()
    return f"{plain}.{_signature(plain, actor, about)}"


def unpack(text: str | None, actor: Actor, about: object) -> list[Staged]:
    """The staged files of a hidden input; none where it was made by anybody else or for another thing."""
    plain, _dot, signature = (text or "").partition(".")
    if not plain or not hmac.compare_digest(signature.encode(), _signature(plain, actor, about).encode()):
        return []
    return [Staged(**each) for each in json.loads(base64.urlsafe_b64decode(plain))]


def _signature(plain: str, actor: Actor, about: object) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"staged:{actor.id}:{about}:{plain}".encode(), hashlib.sha256).hexdigest()


def kept(form: Any, actor: Actor, about: object) -> list[Staged]:
    """The files of an earlier try of a form (`form.kept`) that are still ticked."""
    ticked = request.form.getlist("keep")
    return [each for each in unpack(form.kept.data, actor, about) if each.sha256 in ticked]


def with_new(earlier: Sequence[Staged], sent: Iterable[Upload], settings: Settings) -> list[Staged]:
    """Those of an earlier try and those sent now, checked and stored. Call it outside any transaction.

    Raises Invalid or TooLarge.
    """
    files = list(dict.fromkeys([*earlier, *stage(sent, settings)]))
    if len(files) > MOST_FILES:
        raise Invalid([Problem(FIELD, _l("一次最多上传 %(n)s 个文件，请分次填报。", n=MOST_FILES))])
    return files
