"""The commands that hand data to other programs: `lantian export …`."""

import sys

import click

from webapp.command_line import FIRST_PLAN, open_database, read_settings, told_plainly
from webapp.plans.export import export_assignments


@click.group()
def export() -> None:
    """Data for other programs."""


@export.command("assignments")
@click.option("--plan", "code", default=FIRST_PLAN, show_default=True)
@click.option("--format", "form", default="csv", show_default=True, type=click.Choice(["csv", "json"]))
@told_plainly
def export_assignments_command(code: str, form: str) -> None:
    """Every assignment of a plan with its due date, target and present state."""
    with open_database(read_settings()).reading() as session:
        export_assignments(session, code, form, stream=sys.stdout)
