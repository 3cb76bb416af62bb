"""A table at the border: its cells as text or as numbers, and the words for where a cell stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from paretoscope.arrays import Array, BoolArray, IntArray
from paretoscope.errors import DataError, listing, nearest, quote
from paretoscope.measurements.spellings import how_to_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TextArray = NDArray[np.object_]

# What people write into a cell that has no number, in lower case.
_MISSING_WORDS = frozenset(
    {"", "na", "n/a", "#n/a", "nan", "-nan", "+nan", "null", "none", "nil", "-", "--", "–", "—", "?", "n.a.", "<na>"}
)
_HALF = "which holds half of a character (a lone surrogate)"


@dataclass(frozen=True, slots=True)
class Table:
    """A rectangular table and how to speak about its rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        The cells.  Column names are distinct text; the index plays no part.
    source : str
        Name of the file, or "" for a frame in memory.
    lines : ndarray of int, shape (n_rows,), or None
        The line of the file on which each row begins, the header being line 1; None where rows are counted from 0.
    textual : bool
        Whether the cells are the text of a file that has no types, so that numbers are to be parsed.
    positions : ndarray of int, shape (n_rows,), or None
        Where each row stood in the table that this one is a part of.
    """

    frame: pd.DataFrame
    source: str = ""
    lines: IntArray | None = None
    textual: bool = False
    positions: IntArray | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.frame.columns)

    def row_name(self, *rows: int) -> str:
        """Name one or several rows, as in ``line 7`` or ``rows 2 and 5 (counted from 0)``."""
        word = "row" if self.lines is None else "line"
        counted = self.positions if self.lines is None else self.lines
        numbers = " and ".join(str(row if counted is None else counted[row]) for row in rows)
        return f"{word}{'s' * (len(rows) > 1)} {numbers}{' (counted from 0)' * (self.lines is None)}"

    def error(
        self, found: str, expected: str, remedy: str, *, rows: Iterable[int] = (), column: str | None = None
    ) -> DataError:
        """Make the one-line error about a place of this table."""
        rows = tuple(rows)
        place = [self.source] if self.source else []
        place += [self.row_name(*rows)] if rows else []
        place += [f"column {quote(column)}"] if column is not None else []
        return DataError(f"{', '.join(place) or 'table'}: found {found}; expected {expected}; {remedy}")

    def actual(self, column: str) -> str | None:
        """The column of that name, or the only one whose name differs in upper case or outer spaces alone."""
        if column in self.frame.columns:
            return column
        alike = [name for name in self.columns if name.strip().casefold() == column.strip().casefold()]
        return alike[0] if len(alike) == 1 else None

    def require(self, column: str, *, what: str = "a column") -> None:
        """Raise `DataError` unless `column` exists."""
        if column in self.frame.columns:
            return
        expected = f"{what} among {listing(self.columns)}"
        remedy = "name one of them"
        if column in self.frame.index.names:
            remedy = "it is the frame's index: call reset_index() first"
        raise self.error(f"no column {quote(column)}", expected, remedy + nearest(column, self.columns))

    def only(self, rows: IntArray) -> Table:
        """Return some of the rows, which are still called as before."""
        lines = None if self.lines is None else self.lines[rows]
        positions = rows if self.positions is None else self.positions[rows]
        return Table(self.frame.iloc[rows], self.source, lines, self.textual, positions)

    def missing(self, column: str) -> BoolArray:
        """Tell which cells of a column hold nothing, shape (n_rows,)."""
        cells = self.frame[column]
        if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "biuf":
            return np.asarray(cells.isna(), dtype=bool)
        return np.fromiter((_is_missing(cell, self.textual) for cell in cells.tolist()), bool, len(cells))

    def labels(self, column: str) -> TextArray:
        """Return a column as text, "" where a cell is missing or blank, shape (n_rows,)."""
        cells = self.frame[column]
        if cells.dtype.kind == "f" and cells.hasnans and not isinstance(cells.dtype, pd.ArrowDtype):
            known = cells.dropna().to_numpy(dtype=np.float64)
            if np.isfinite(known).all() and (known == np.floor(known)).all():
                cells = cells.astype("Int64")  # pandas turns whole numbers beside a gap into floats
        labels = np.empty(len(cells), dtype=object)
        labels[:] = [_label(cell) for cell in cells.tolist()]
        if (row := _not_unicode(labels.tolist())) is not None:
            raise self.error(
                f"{quote(labels[row])}, {_HALF}", "text", "write the name again", rows=[row], column=column
            )
        return labels

    def has_numbers(self, column: str, rows: IntArray) -> bool:
        """Tell whether some cell of a column is a number."""
        return any(isinstance(_number(cell, self.textual), float) for cell in self.frame[column].iloc[rows])

    def numbers(
        self,
        column: str,
        rows: IntArray,
        *,
        metric: str = "",
        blanks: bool = False,
        if_missing: str = "fill it in or drop the row",
    ) -> Array:
        """Return some cells of a column as finite float64.

        Parameters
        ----------
        column : str
            The column.
        rows : ndarray of int, shape (n,)
            Positions of the rows.
        metric : str
            The metric that the numbers belong to, for messages, where the column does not bear its name.
        blanks : bool
            Whether missing cells are allowed; they become NaN.
        if_missing : str
            The remedy where they are not.

        Returns
        -------
        ndarray of float64, shape (n,)
            The numbers, in the order of `rows`.  Minus zero becomes zero.

        Raises
        ------
        DataError
            At the first cell that is missing, infinite, text, or a truth value.
        """
        cells = self.frame[column].iloc[rows]
        numbers = _convert(cells, self.textual)
        if numbers is None or not np.isfinite(numbers).all():
            numbers = np.empty(len(rows), dtype=np.float64)
            for position, cell in enumerate(cells.tolist()):
                if blanks and _is_missing(cell, self.textual):
                    numbers[position] = np.nan
                    continue
                number = _number(cell, self.textual)
                if isinstance(number, _Flaw):
                    found = number.found + (f" for metric {quote(metric)}" if metric and metric != column else "")
                    remedy = number.remedy or if_missing
                    raise self.error(found, number.expected, remedy, rows=[rows[position]], column=column)
                numbers[position] = number
        return numbers + 0.0


@dataclass(frozen=True, slots=True)
class _Flaw:
    """Why a cell is no finite number; without a remedy, it is missing."""

    found: str
    expected: str
    remedy: str


def from_frame(frame: Any, *, source: str = "") -> Table:
    """Take a pandas or polars frame, or whatever converts itself to pandas; it is read, never changed.

    Raises
    ------
    DataError
        If `frame` is no table, or its column names are no distinct text.
    """
    place = f"{source}: " if source else ""
    if type(frame).__module__.partition(".")[0] == "polars":
        # By way of lists, since polars' own conversion needs pyarrow.
        if not hasattr(frame, "to_dict") or not hasattr(frame, "columns"):
            raise DataError(
                f"{place}frame: found a polars {type(frame).__name__}; expected a DataFrame; "
                "call .collect() or .to_frame()"
            )
        frame = pd.DataFrame(frame.to_dict(as_series=False))
    elif not isinstance(frame, pd.DataFrame) and hasattr(frame, "to_pandas"):
        frame = frame.to_pandas()
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            f"{place}frame: found {type(frame).__name__}; expected a pandas or polars DataFrame; "
            "build one, or use read() for a file"
        )
    if isinstance(frame.columns, pd.MultiIndex):
        raise DataError(
            f"{place}frame: found column names of {frame.columns.nlevels} levels; expected one level; "
            "join the levels into one name"
        )
    columns = [str(name) for name in frame.columns]
    check_header(Table(frame, source), columns)
    if columns != list(frame.columns):
        frame = frame.set_axis(columns, axis=1)
    return Table(frame, source)


def check_header(table: Table, columns: list[str]) -> None:
    """Raise `DataError` where two columns share a name, or one is no text; columns without a name may be several."""
    if (place := _not_unicode(columns)) is not None:
        raise table.error(f"a column named {quote(columns[place])}, {_HALF}", "text", "rename it")
    seen: dict[str, int] = {}
    for position, name in enumerate(columns, start=1):
        if name and name in seen:
            raise table.error(
                f"two columns named {quote(name)}, columns {seen[name]} and {position}",
                "distinct column names",
                "rename or drop one",
            )
        seen[name] = position


def _convert(cells: pd.Series[Any], textual: bool) -> Array | None:
    """Convert a column in one go, or return None if each cell must be looked at."""
    dtype = cells.dtype
    if textual:
        texts = cells.to_numpy(dtype=object)
        try:
            numbers: Array = texts.astype(np.float64)
        except ValueError:
            return None
        # Python reads 1_000 as a number; a file that holds it was not meant so.
        return None if any("_" in text for text in texts) else numbers
    if pd.api.types.is_bool_dtype(dtype) or not pd.api.types.is_numeric_dtype(dtype) or dtype.kind not in "iuf":
        return None
    return cells.to_numpy(dtype=np.float64, na_value=np.nan)


def _number(cell: object, textual: bool) -> float | _Flaw:
    """Convert one cell to a finite float, or say what is wrong with it."""
    if _is_missing(cell, textual):
        what = f"{quote(cell)}, a missing value" if isinstance(cell, str) else f"a missing value ({cell})"
        return _Flaw(what, "a number", "")
    if isinstance(cell, bool | np.bool_):
        return _Flaw(f"the truth value {cell}", "a number", "select another column or convert it to 0 and 1")
    if isinstance(cell, str) and not textual:
        return _Flaw(f"text {quote(cell)}", "a number", "store numbers, not text")
    if not isinstance(cell, str | Real | Decimal):
        kind = type(cell).__name__
        return _Flaw(f"{quote(str(cell))} ({kind})", "a number", "select another column or convert it to numbers")
    try:
        if isinstance(cell, str) and "_" in cell:
            raise ValueError
        number = float(cell)
    except ValueError:
        what, remedy = how_to_write(str(cell)) or (
            "",
            "write digits and a decimal point only, without units or thousands separators",
        )
        return _Flaw(f"text {quote(cell)}{', ' * bool(what)}{what}", "a number", remedy)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        remedy = "correct it or drop the row"
        return _Flaw(f"{quote(str(cell))}, which is not finite as a float", "a finite number", remedy)
    return number


def _not_unicode(texts: Sequence[str]) -> int | None:
    """Position of the first text with half of a character, which no file can hold; None if there is none."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        return int(np.searchsorted(np.cumsum([len(text) for text in texts]), error.start, side="right"))
    return None


def _is_missing(cell: object, textual: bool) -> bool:
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return True
    if isinstance(cell, str):
        return cell.strip().lower() in _MISSING_WORDS if textual else not cell.strip()
    if isinstance(cell, float | np.floating):
        return bool(np.isnan(cell))
    return isinstance(cell, Decimal) and cell.is_nan()


def _label(cell: object) -> str:
    if isinstance(cell, str):
        return cell if cell.strip() else ""
    return "" if _is_missing(cell, False) else str(cell)
