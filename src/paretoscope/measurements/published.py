"""Published spreads: a mean with its standard deviation or standard error, and perhaps the number of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import Array, BoolArray, IntArray

if TYPE_CHECKING:
    from paretoscope.measurements.spread_names import SpreadColumns
    from paretoscope.measurements.tables import Table, TextArray

_NEARLY = 0.8  # of the variance of outcomes that are 0 or 1; an accuracy of whole runs varies far less


def published_spread(
    table: Table,
    metric: str,
    rows: IntArray,
    codes: IntArray,
    means: Array,
    runs: TextArray | None,
    columns: SpreadColumns,
) -> tuple[Array | None, Array | None, str]:
    """Read standard deviations of a run, and numbers of runs.

    A standard error is the standard deviation of a run by the root of the number of runs.  Where that number is not
    known, or counts the items of a test set and not runs, all that is known is how the published value itself varies:
    then it counts as a single run with the standard error as its standard deviation.

    Parameters
    ----------
    table : Table
    metric : str
    rows, codes : ndarray of int, shape (n,)
        Positions in the table, and in the list of models.
    means : ndarray of float64, shape (n,)
    runs : ndarray of str, shape (n,), or None
        Labels of the runs.
    columns : SpreadColumns

    Returns
    -------
    sd, n : ndarray of float64, shape (n,), or None
        `n` is NaN where the number of runs behind a standard deviation is not known.
    unused : str
        Why the columns are not used; "" where they are, or are empty.

    Raises
    ------
    DataError
        If a spread is missing or negative, or a number of runs is below 1 or not whole.
    """
    missing = table.missing(columns.spread)[rows]
    if missing.all():
        return None, None, ""
    if not table.has_numbers(columns.spread, rows):
        return None, None, "holds no numbers"
    if _are_runs(codes, means, runs):
        return None, None, "stands beside single runs, whose spread is taken"
    spread = table.numbers(columns.spread, rows, metric=metric)
    what = f"a standard {'error' if columns.is_error else 'deviation'} of zero or more"
    _check(table, columns.spread, rows, spread, spread >= 0, what)
    n = np.full(rows.size, np.nan)
    if columns.count is not None:
        n = table.numbers(columns.count, rows, metric=metric, blanks=True)
        good = np.isnan(n) | ((n >= 1) & (n == np.floor(n)))
        _check(table, columns.count, rows, n, good, "a whole number of runs, 1 or more")
    if not spread.any() and not (n > 1).any():
        return None, None, "is zero for all models, as one run alone has no spread"
    if not columns.is_error:
        return spread, n, ""
    of_a_run = spread * np.sqrt(n)
    if _are_outcomes(means, of_a_run):
        n = np.full(rows.size, np.nan)
    return np.where(np.isnan(n), spread, of_a_run), np.where(np.isnan(n), 1.0, n), ""


def _are_runs(codes: IntArray, means: Array, runs: TextArray | None) -> bool:
    """Whether rows are single runs: they differ, and have labels of their own."""
    if runs is None or (runs == "").any():
        return False
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    labels = set(zip(codes.tolist(), runs.tolist(), strict=True))
    return len(labels) == codes.size and bool((means != means[first[inverse]]).any())


def _are_outcomes(means: Array, sd: Array) -> bool:
    """Whether standard deviations are those of outcomes that are 0 or 1, of which the means are shares."""
    whole = 1.0 if means.max() <= 1 else 100.0
    most = means * (whole - means)  # their variance
    return bool((most >= 0).all() and most.any() and (sd**2 >= _NEARLY * most).all())


def _check(table: Table, column: str, rows: IntArray, numbers: Array, good: BoolArray, expected: str) -> None:
    if not good.all():
        bad = int(np.argmin(good))
        raise table.error(
            repr(float(numbers[bad])), expected, "correct it or drop the column", rows=[int(rows[bad])], column=column
        )
