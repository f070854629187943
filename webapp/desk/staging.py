"""Files that were sent with a form that had to be corrected: they lie in the store already and need not be sent again.

The form carries their names and hashes, signed for this person and assignment, so that nobody can attach a file by
guessing its hash.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict

from flask import current_app

from webapp.evidence.service import Staged
from webapp.permissions import Actor


def pack(staged: Sequence[Staged], actor: Actor, assignment_id: int) -> str:
    """Staged files as the value of a hidden input; empty for none."""
    if not staged:
        return ""
    plain = base64.urlsafe_b64encode(json.dumps([asdict(each) for each in staged]).encode()).decode()
    return f"{plain}.{_signature(plain, actor, assignment_id)}"


def unpack(text: str | None, actor: Actor, assignment_id: int) -> list[Staged]:
    """The staged files of a hidden input; none where it was made by anybody else or for another assignment."""
    plain, _dot, signature = (text or "").partition(".")
    if not plain or not hmac.compare_digest(signature.encode(), _signature(plain, actor, assignment_id).encode()):
        return []
    return [Staged(**each) for each in json.loads(base64.urlsafe_b64decode(plain))]


def _signature(plain: str, actor: Actor, assignment_id: int) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"staged:{actor.id}:{assignment_id}:{plain}".encode(), hashlib.sha256).hexdigest()
