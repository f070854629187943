"""What watchdogs ask for: `/health`, `/health/live` and `/metrics`. They are words for machines, in one language."""

import hmac
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from webapp import web
from webapp.clock import local
from webapp.errors import NotFound
from webapp.jobs.rules import Alarm
from webapp.oversight.blueprint import blueprint
from webapp.oversight.watch import Watched, is_migrated, watched
from webapp.permissions import Permission, can_anywhere

AWAY = {"status": "trouble", "database": "away", "problems": ["database away"]}
BEHIND = {"status": "trouble", "database": "reachable", "migrations": "behind", "problems": ["migrations missing"]}


@blueprint.get("/health/live")
@web.public("load balancers ask without signing in; it tells only that this process answers")
def alive() -> dict[str, str]:
    """The process answers. The database is not asked: an instance is not to be stopped because that is away."""
    return {"status": "ok"}


@blueprint.get("/health")
@web.public("watchdogs ask without signing in; it tells how the installation is, and nothing of anybody")
def health() -> tuple[dict[str, Any], int]:
    """How the installation is, from two statements: 200 when all is well, 503 with what is wrong."""
    try:
        if not is_migrated(web.reading()):
            return BEHIND, 503
        found = watched(web.reading())
    except ProgrammingError:
        return BEHIND, 503
    except SQLAlchemyError:
        return AWAY, 503
    answer = _told(found)
    return answer, 503 if answer["problems"] else 200


def _told(found: Watched) -> dict[str, Any]:
    problems = _problems(found)
    age = found.pulse.age(found.now)
    return {
        "status": "trouble" if problems else "ok",
        "database": "reachable",
        "migrations": "current",
        "scheduler": {"seen_seconds_ago": _seconds(age), "silent": found.pulse.alarm(found.now) is Alarm.SILENT},
        "mail": {"oldest_due_seconds": _seconds(found.mail_waiting)},
        "jobs": {"failing": found.pulse.failing},
        "problems": problems,
    }


def _problems(found: Watched) -> list[str]:
    alarm = found.pulse.alarm(found.now)
    problems = []
    if alarm is Alarm.SILENT:
        seen = found.pulse.seen_at
        problems.append(f"scheduler silent since {_minute(seen)}" if seen else "no scheduler was ever seen")
    if alarm is Alarm.PARTLY_SILENT:
        problems.append("some jobs are run by no scheduler")
    if found.pulse.failing:
        problems.append(f"jobs that keep failing: {found.pulse.failing}")
    return problems


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _minute(moment: datetime) -> str:
    return local(moment).isoformat(timespec="minutes")


@blueprint.get("/metrics")
@web.public("read with a token of the settings; an administrator may look too, for everybody else it does not exist")
def metrics() -> Response:
    """The installation in figures, in Prometheus' text format."""
    if not (_has_token() or _operates()):
        raise NotFound(_l("没有这个页面。"))
    # Its library is imported when somebody asks.
    from webapp.oversight import metrics as figures

    text, mimetype = figures.text(web.reading(), now=web.now(), facts=web.facts())
    return Response(text, content_type=mimetype)


def _has_token() -> bool:
    token = web.settings().metrics_token
    given = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(f"Bearer {token}".encode(), given.encode("utf-8", "surrogateescape"))


def _operates() -> bool:
    actor = web.actor_or_none()
    return actor is not None and can_anywhere(actor, Permission.OPERATE)
