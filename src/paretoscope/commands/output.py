"""Where answers go: the terminal or a file, as a table, JSON or CSV."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paretoscope.files import write_whole
from paretoscope.reporting.wording import with_spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from rich.table import Table

    from paretoscope.measurements import Measurements

_WIDTH_WITHOUT_TERMINAL = 160


class Output:
    """Standard output, or a file that is written whole or not at all."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, *alternatives: str | Table) -> None:
        """Print a text, or the first of some tables that is not too wide, or else the last."""
        text = self._fit(*alternatives)
        if self._path is None:
            sys.stdout.write(text)
        else:
            with write_whole(self._path) as stream:
                stream.write(text.encode())

    def _fit(self, *alternatives: str | Table) -> str:
        from rich.console import Console

        on_terminal = self._path is None and sys.stdout.isatty()
        console = Console(width=None if on_terminal else _WIDTH_WITHOUT_TERMINAL, force_terminal=on_terminal)
        chosen = alternatives[-1]
        for alternative in alternatives:
            if isinstance(alternative, str):
                return alternative
            if console.measure(alternative, options=console.options.update(width=10_000)).maximum <= console.width:
                chosen = alternative
                break
        with console.capture() as captured:
            console.print(chosen)
        # Cells are padded to the table's width; no reader of a file wants the blanks.
        return "".join(line.rstrip() + "\n" for line in captured.get().splitlines())


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain numbers, the model first; numbers that JSON has no word for become null."""
    rows: list[dict[str, Any]] = table.reset_index().to_dict("records")  # type: ignore[assignment]
    return [{name: _plain_number(value) for name, value in row.items()} for row in rows]


def _plain_number(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def json_text(content: dict[str, Any]) -> str:
    """One JSON object."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def csv_text(table: pd.DataFrame) -> str:
    """A table with its index, every digit kept."""
    return table.to_csv(lineterminator="\n")


def new_table(title: str, columns: Sequence[str], text: str) -> Table:
    """An empty table; the column named `text` holds names, all others numbers."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1), pad_edge=False)
    for column in columns:
        if column == text:
            table.add_column(column, overflow="fold")
        else:
            table.add_column(*plain([column]), justify="right", overflow="fold")
    return table


def plain(cells: Iterable[str]) -> list[Any]:
    """Cells without markup: a model may be called [bold]."""
    from rich.text import Text

    return [Text(cell) for cell in cells]


def headings(data: Measurements) -> list[str]:
    """The measured metrics' names, and which way is better."""
    return [f"{metric} {'↓' if metric in data.inputs else '↑'}" for metric in data.metrics]


def metric_cells(data: Measurements) -> dict[str, list[str]]:
    """Each model's metrics, written as mean and standard deviation."""
    mean, sd = data.mean.to_numpy(float), data.sd.to_numpy(float)
    return {
        model: [with_spread(*pair) for pair in zip(*rows, strict=True)]
        for model, *rows in zip(data.models, mean, sd, strict=True)
    }
