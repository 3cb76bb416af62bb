"""Published spreads: one row a model, with a mean, a standard deviation and perhaps the number of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import Array, BoolArray, IntArray
from paretoscope.errors import quote

if TYPE_CHECKING:
    from paretoscope.measurements.tables import Table


def published_spread(
    table: Table, metric: str, rows: IntArray, sd_column: str, n_column: str | None
) -> tuple[Array, Array]:
    """Read standard deviations and numbers of runs.

    Returns
    -------
    sd, n : ndarray of float64, shape (len(rows),)
        `n` is NaN where the cell is blank or there is no such column.

    Raises
    ------
    DataError
        If a standard deviation is missing or negative, or a number of runs is below 1 or not whole.
    """
    sd = table.numbers(sd_column, rows, metric=metric)
    _check(table, sd_column, rows, sd, sd >= 0, "a standard deviation of zero or more")
    if n_column is None:
        return sd, np.full(rows.size, np.nan)
    n = table.numbers(n_column, rows, metric=metric, blanks=True)
    _check(table, n_column, rows, n, np.isnan(n) | ((n >= 1) & (n == np.floor(n))), "a whole number of runs, 1 or more")
    return sd, n


def check_one_row(table: Table, models: tuple[str, ...], rows: IntArray, codes: IntArray, sd_column: str) -> None:
    """Raise `DataError` where a model has several rows beside a published standard deviation."""
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[inverse] != np.arange(codes.size))
    if again.size:
        row, other = rows[again[0]], rows[first[inverse[again[0]]]]
        raise table.error(
            f"two rows of model {quote(models[codes[again[0]]])} beside published spreads in column {quote(sd_column)}",
            "one row a model, since a mean and its sd stand for all runs",
            f"drop the duplicate, or column {quote(sd_column)} if each row is a run",
            rows=[int(other), int(row)],
        )


def _check(table: Table, column: str, rows: IntArray, numbers: Array, good: BoolArray, expected: str) -> None:
    if not good.all():
        bad = int(np.argmin(good))
        raise table.error(
            repr(float(numbers[bad])), expected, "correct it or drop the column", rows=[int(rows[bad])], column=column
        )
