"""Published summaries once they are found: one row a model, and what to say of columns that are not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import IntArray
from paretoscope.errors import SpreadWarning, quote
from paretoscope.measurements.spread_names import lookalikes
from paretoscope.notices import Notice, Notices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paretoscope.measurements.layouts import Observations
    from paretoscope.measurements.tables import Table


def first_rows(table: Table, models: tuple[str, ...], found: Observations) -> IntArray:
    """Keep one row of each model where a published mean and its spread are repeated in several.

    Returns
    -------
    ndarray of int
        Positions among the observations, in the order of the table.

    Raises
    ------
    DataError
        Where the rows of a model differ.
    """
    _, first, inverse = np.unique(found.models, return_index=True, return_inverse=True)
    differs = np.zeros(found.models.size, dtype=bool)
    for numbers in (found.values, found.sd, found.n):
        if numbers is not None:
            others = numbers[first[inverse]]
            differs |= (numbers != others) & ~(np.isnan(numbers) & np.isnan(others))
    if differs.any() and found.spread is not None:
        row = int(np.argmax(differs))
        column = repr(found.spread.spread)
        raise table.error(
            f"two rows of model {models[found.models[row]]!r} beside published spreads in column {column}",
            "one row a model, since a mean and its sd stand for all runs",
            f"drop the duplicate, or column {column} if each row is a run",
            rows=[int(found.rows[first[inverse[row]]]), int(found.rows[row])],
        )
    return np.sort(first)


def spread_notices(table: Table, observations: Sequence[Observations], free: Sequence[str]) -> Notices:
    """Say which columns look like the spread of a metric and are not used.

    Parameters
    ----------
    table : Table
    observations : sequence of Observations
    free : sequence of str
        Columns without a job.
    """
    filled = [column for column in free if not table.missing(column).all()]
    used = {column for found in observations if found.sd is not None for column in found.spread_names}
    said = dict.fromkeys(used, "")
    for found in observations:
        for column in lookalikes(found.column, filled):
            why = found.unused if found.spread is not None and column == found.spread.spread else ""
            said.setdefault(column, _notice(found, column, why))
    return [Notice(SpreadWarning, message) for message in said.values() if message]


def _notice(found: Observations, column: str, why: str) -> str:
    if why:
        return f"column {quote(column)} {why}; it is not used as the spread of metric {quote(found.metric)}"
    if found.sd is not None and found.spread is not None:
        return (
            f"column {quote(column)} looks like a spread of metric {quote(found.metric)} and is not used, as column "
            f"{quote(found.spread.spread)} is; drop the one that is not meant"
        )
    name = quote(f"{found.column}_{{}}")
    return (
        f"column {quote(column)} looks like a spread of metric {quote(found.metric)} and is not used; if it is a "
        f"standard deviation of runs, name it {name.format('sd')}; if it is the standard error of their mean, "
        f"{name.format('stderr')}"
    )
