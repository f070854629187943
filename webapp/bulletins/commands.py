"""`lantian bulletin build` and `bulletin verify`: documents as files, and whether a file is what was published."""

import sys
from pathlib import Path
from typing import Any

import click

from webapp.bulletins import faces, queries, service
from webapp.bulletins.content import FORMAT
from webapp.bulletins.rules import Kind, is_code
from webapp.command_line import FIRST_PLAN, CommandError, command_now, open_database, read_settings, told_plainly
from webapp.documents.tongue import Language
from webapp.plans.queries import get_plan
from webapp.reports.commands import check, read_file
from webapp.reports.verify import Downloaded, NotReadable, downloaded, printable, read_json

KINDS = click.Choice(["bulletin", "upward"])


@click.group()
def bulletin() -> None:
    """The months' bulletins and the reports to the State Council."""


@bulletin.command("build")
@click.option("--month", "--period", "code", required=True, help="The month, such as 2017-09, or quarter, 2017-Q3.")
@click.option("--format", "form", default="pdf", show_default=True, type=click.Choice(faces.FORMS))
@click.option("--language", default="zh", show_default=True, type=click.Choice(["zh", "en"]))
@click.option("--kind", default="bulletin", show_default=True, type=KINDS)
@click.option("--plan", "plan_code", default=FIRST_PLAN, show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write; standard output otherwise."
)
@told_plainly
def bulletin_build(code: str, form: str, language: Language, kind: Kind, plan_code: str, out: Path | None) -> None:
    """Write a period's document: the newest published issue, or the draft where there is none yet.

    The same content gives the same bytes. Which of the two it is, is said on standard error.
    """
    if not is_code(code):
        raise CommandError(f"{code!r} is no period; write a month such as 2017-09, or a quarter such as 2017-Q3")
    if out is None and form != "json" and sys.stdout.isatty():
        raise CommandError("this is no text; name a file with --out, or send it somewhere with >")
    content, sha256, told = _content(kind, plan_code, code)
    raw, _content_type = faces.made(content, language, sha256, form)
    if out is None:
        click.echo(raw, nl=False)
    else:
        _write(out, raw)
    click.echo(f"{told}; sha256 of the content: {sha256}", err=True)


def _write(out: Path, raw: bytes) -> None:
    try:
        out.write_bytes(raw)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}") from None


def _content(kind: Kind, plan_code: str, code: str) -> tuple[Any, str, str]:
    """What there is on a period, its check sum, and what it is in words."""
    settings = read_settings()
    database = open_database(settings)
    with database.reading() as session:
        plan = get_plan(session, plan_code)
        period = service.get_period(session, plan, kind, code)
        issues = queries.issues(session, plan.id, period)
        if issues:
            number = issues[-1].content["issue"]
            told = f"{kind} {code}: issue No. {number['number']} ({number['year']}), published {number['published_at']}"
            return issues[-1].content, issues[-1].sha256, told
        prepared = service.prepare(session, plan, period, now=command_now(settings, database))
        return prepared.content, prepared.sha256, f"{kind} {code}: a draft, not published yet"


@bulletin.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sha256", "printed", metavar="DIGEST", help="The check sum printed at the end of the document.")
@told_plainly
def bulletin_verify(file: Path, printed: str | None) -> None:
    """Check the JSON file of a published issue against its printed check sum, or against the database.

    Ends as `lantian report verify` does: 0 when the file is what was published, 1 when it is no bulletin, 3 when it
    differs, 4 when nothing could be compared. A draft is kept nowhere and can only be compared with its printed sum.
    """
    found = read_file(file, _read)
    click.echo(f"issue: {found.receipt}\nsha256: {found.sha256}")
    parts = _parts(found.content)
    check(found, printed, lambda session: queries.find_issue(session, *parts) if parts else None)


def _read(raw: bytes) -> Downloaded:
    content = read_json(raw)
    if content.get("format") != FORMAT:
        raise NotReadable(f"the file is no bulletin of a known format ({FORMAT})")
    parts = _parts(content)
    return downloaded(content, printable(" ".join(map(str, parts)) if parts else "draft"), raw)


def _parts(content: Any) -> tuple[str, str, str, int] | None:
    """Plan, kind, period and issue as the file names them; None where it names none, as a draft does."""
    plan, issue = content.get("plan"), content.get("issue")
    if not isinstance(plan, dict) or not isinstance(issue, dict):
        return None
    match (plan.get("code"), content.get("kind"), content.get("period"), issue.get("issue")):
        case (str(code), str(kind), str(period), int(number)) if number is not True and 0 < number < 2**31:
            return code, kind, period, number
    return None
