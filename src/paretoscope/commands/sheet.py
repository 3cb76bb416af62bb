"""A table for a reader: as many columns as fit, the others named below it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paretoscope.errors import escaped

if TYPE_CHECKING:
    from rich.text import Text

_LONGEST = 200  # characters of a cell
# In columns of a terminal: names are folded where there is no room, down to the first, and headings.
_LEAST_NAME_ROOM, _NAME_ROOM, _HEADING_ROOM = 12, 40, 24
_GAP = 3  # between columns


@dataclass(frozen=True, slots=True)
class Sheet:
    """Headings and cells; any text may stand in them.

    Parameters
    ----------
    title : str
    columns : sequence of str
        Headings; one of them is `names`, or none.
    rows : sequence of sequence of str
        The cells.
    least : int
        So many columns are shown however narrow the terminal is.
    names : str
        The column that holds names; all others hold numbers.
    aligned : sequence of str
        Columns where blanks at the end of cells count, so that points stand below each other.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    least: int
    names: str = "model"
    aligned: Sequence[str] = ()

    def draw(self, width: int, *, styled: bool = False) -> str:
        """The table in so many columns of a terminal, or in more where the least that is shown does not fit.

        Examples
        --------
        >>> sheet = Sheet("two models", ["model", "ms", "top1"], [["a", "1.5", "70"], ["b", "2.0", "75"]], least=2)
        >>> print(sheet.draw(14), end="")
        two models
        <BLANKLINE>
         model    ms
         ───────────
         a       1.5
         b       2.0
        <BLANKLINE>
        not shown for want of width: top1; widen the terminal to 20 columns, or set COLUMNS=20
        """
        from rich import box
        from rich.cells import cell_len
        from rich.console import Console
        from rich.table import Table

        headings = [escaped(heading, _LONGEST) for heading in self.columns]
        cells = [[escaped(cell, _LONGEST) for cell in column] for column in zip(*self.rows, strict=True)]
        widths = [self._width(*column) for column in zip(self.columns, headings, cells, strict=True)]
        needed = [sum(widths[:n]) + _GAP * (n - 1) + 2 for n in range(1, len(widths) + 1)]
        n_shown = max([self.least, *(n for n, total in enumerate(needed, start=1) if total <= width)])
        if self.names in self.columns:
            place = self.columns.index(self.names)
            longest = max(map(cell_len, cells[place]), default=0)
            spare = width - needed[n_shown - 1]
            widths[place] = max(min(widths[place] + spare, longest), min(widths[place], _LEAST_NAME_ROOM))
        table = Table(
            title=_plain(self.title), box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1), pad_edge=False
        )
        for name, heading, room in zip(self.columns[:n_shown], headings, widths, strict=False):
            if name in self.aligned:
                heading = heading.rjust(room)
            is_left = name == self.names or name in self.aligned
            table.add_column(_plain(heading), justify="left" if is_left else "right", overflow="fold", width=room)
        for row in zip(*cells[:n_shown], strict=True):
            padded = zip(self.columns, row, widths, strict=False)
            table.add_row(*(_plain(cell.rjust(room) if name in self.aligned else cell) for name, cell, room in padded))
        drawn = io.StringIO()
        room = max(width, sum(widths[:n_shown]) + _GAP * n_shown)
        Console(file=drawn, width=room, force_terminal=styled).print(table)
        # Cells are padded to the table's width; no reader of a file wants the blanks.
        text = "".join(line.rstrip() + "\n" for line in drawn.getvalue().split("\n")[:-1])
        if n_shown < len(headings):
            text += f"not shown for want of width: {', '.join(headings[n_shown:])}; "
            text += f"widen the terminal to {needed[-1]} columns, or set COLUMNS={needed[-1]}\n"
        return text

    def _width(self, name: str, heading: str, cells: Sequence[str]) -> int:
        """Columns of a terminal: numbers are whole, while names and headings are folded."""
        from rich.cells import cell_len

        widest = max(map(cell_len, cells), default=0)
        room = min(widest, _NAME_ROOM) if name == self.names else widest
        return max(room, min(cell_len(heading), _HEADING_ROOM), 1)


def _plain(text: str) -> Text:
    """Text without markup, since a model may be called [bold]."""
    from rich.text import Text

    return Text(escaped(text, _LONGEST))
