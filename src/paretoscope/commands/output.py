"""Where answers go: the terminal or a file, as a table, JSON or CSV."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paretoscope.files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

_WIDTH_WITHOUT_TERMINAL = 160


class Output:
    """Standard output, or a file that is written whole or not at all."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, *parts: str | Table) -> None:
        """Print texts and tables one below the other."""
        text = "".join(part if isinstance(part, str) else self._render(part) for part in parts)
        if self._path is None:
            sys.stdout.write(text)
        else:
            with write_whole(self._path) as stream:
                stream.write(text.encode())

    def _render(self, table: Table) -> str:
        from rich.console import Console

        on_terminal = self._path is None and sys.stdout.isatty()
        console = Console(width=None if on_terminal else _WIDTH_WITHOUT_TERMINAL, force_terminal=on_terminal)
        with console.capture() as captured:
            console.print(table)
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
