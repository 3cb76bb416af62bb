"""Where answers go: the terminal or a file, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paretoscope.commands.sheet import Sheet
from paretoscope.errors import escaped
from paretoscope.files import write_whole, written_size
from paretoscope.reporting.wording import with_spread

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from paretoscope.measurements import Measurements

_WIDTH_WITHOUT_TERMINAL, _WIDTH_OF_FILES = 160, 10_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection


class Output:
    """Standard output, or a file that is written whole or not at all."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, content: str | Sheet) -> None:
        """Print a text, or a table as wide as there is room."""
        if self._path is None:
            width = shutil.get_terminal_size((_WIDTH_WITHOUT_TERMINAL, 0)).columns
            styled = sys.stdout.isatty()
            sys.stdout.write(content if isinstance(content, str) else content.draw(width, styled=styled))
        else:
            text = content if isinstance(content, str) else content.draw(_WIDTH_OF_FILES)
            with write_whole(self._path) as stream:
                stream.write(text.encode("utf-8", "backslashreplace"))


def say_written(path: Path) -> None:
    """Say which file was written and how large it is; nothing of a stream or a device, which may be the terminal."""
    if (size := written_size(path)) is not None:
        amount = f"{size} bytes" if size < 1000 else f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
        print(f"wrote {escaped(str(path), 1000)} ({amount})")


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


def csv_text(table: pd.DataFrame, *, escape_formulas: bool = False) -> str:
    """A table with its index, every digit and every name kept.

    `escape_formulas` puts an apostrophe before names that a spreadsheet would take for formulas.
    """
    columns = [table.index.tolist(), *(table.iloc[:, place].tolist() for place in range(table.shape[1]))]
    rows = [[table.index.name, *table.columns], *zip(*columns, strict=True)]
    return "".join(_csv_line([_cell(cell, escape_formulas) for cell in row]) for row in rows)


def _cell(cell: Any, escape_formulas: bool) -> Any:
    if isinstance(cell, float):
        return "" if math.isnan(cell) else repr(cell)
    is_formula = escape_formulas and isinstance(cell, str) and cell.startswith(_FORMULA_STARTS)
    return f"'{cell}" if is_formula and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _csv_line(cells: Iterable[Any]) -> str:
    line = io.StringIO(newline="")
    # The module quotes what holds a part of its own end of lines: either character would end a line for a reader.
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


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
