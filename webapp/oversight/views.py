"""The operators' pages: jobs and mail queue, and the record of deeds. `health` holds what watchdogs ask for."""

from flask import flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.audit.service import record
from webapp.jobs.pulse import pulse
from webapp.jobs.queries import job_views
from webapp.jobs.rules import is_silent
from webapp.mail.models import MAIL_STATES
from webapp.mail.queries import flagged, mails, queue, server_trouble
from webapp.mail.service import resend
from webapp.oversight import alarm, health, wording
from webapp.oversight.blueprint import blueprint
from webapp.oversight.queries import PAGE, check_mail, events, mails_of_area, subjects
from webapp.permissions import Permission
from webapp.reminders.unpublished import unpublished_year
from webapp.robots import queries as robots
from webapp.workdays.calendar import published_calendar

__all__ = ["alarm", "blueprint", "health"]


@blueprint.get("/jobs")
@web.requires(Permission.OPERATE)
def jobs() -> str:
    """Jobs with their last runs, the mail queue, and which jobs nobody runs or keep failing."""
    session, now, page = web.reading(), web.now(), web.page_number()
    state, names = request.args.get("state", ""), robots.names(session, web.actor())
    found, signs = job_views(session, now=now), pulse(session)
    whose, asked = mails_of_area(web.actor(), names), state if state in MAIL_STATES else None
    shown = mails(session, state=asked, limit=PAGE + 1, offset=(page - 1) * PAGE, whose=whose)
    return render_template(
        "oversight/jobs.html",
        jobs=found,
        queue=queue(session, now=now, whose=whose),
        mails=shown[:PAGE],
        page=page,
        more=len(shown) > PAGE,
        robots=names,
        state=state,
        states=MAIL_STATES,
        words=wording,
        flagged=flagged(session),
        trouble=server_trouble(session),
        unpublished=unpublished_year(published_calendar(), web.today()),
        seen_at=signs.seen_at,
        unserved={job.name for job in found if is_silent(job.seen_at, signs.moved_to, now)},
    )


@blueprint.post("/jobs/mail/<int:mail_id>/resend")
@web.requires(Permission.OPERATE)
def resend_mail(mail_id: int) -> BaseResponse:
    """Put a parked mail back into the queue."""
    with web.transaction() as session:
        check_mail(session, mail_id, mails_of_area(web.actor(), robots.names(session, web.actor())))
        resend(session, mail_id, now=web.now())
        record(session, "mail.resend", ("outbox", mail_id), actor=web.actor(), now=web.now())
    flash(_("邮件已重新排入发送队列，将在一分钟内发送。"), "success")
    return web.see_other("oversight.jobs")


@blueprint.get("/audit")
@web.requires(Permission.OPERATE)
def audit() -> str:
    """Who did what, newest first."""
    page, action = web.page_number(), request.args.get("action", "")
    found, more = events(web.reading(), web.actor(), page=page, action=action)
    return render_template(
        "oversight/audit.html", events=found, subjects=subjects(web.reading(), found), words=wording,
        more=more, page=page, action=action,
    )  # fmt: skip
