"""What is wrong with a workbook that came back: the whole of it, or single cells by row and column."""

from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.errors import Text


class Refusal(Exception):
    """The whole file is not taken; says why and what to do."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong: the row as the spreadsheet numbers it, the column's header, and the words."""

    row: int
    column: str
    message: Text

    def __str__(self) -> str:
        if not self.column:
            return _("第 %(row)s 行：%(message)s", row=self.row, message=self.message)
        return _("第 %(row)s 行「%(column)s」：%(message)s", row=self.row, column=self.column, message=self.message)
