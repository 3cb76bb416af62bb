"""Which column of a table holds what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from paretoscope.arrays import IntArray
from paretoscope.errors import OptionError, listing, quote
from paretoscope.measurements.roles import check_names

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from paretoscope.measurements.tables import Table, TextArray


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns with a job; all but the model's may be absent under their usual names."""

    model: tuple[str, ...] = ("model",)
    target: str = "target"
    metric: str = "metric"
    value: str = "value"
    unit: str = "unit"
    run: str = "run"
    iteration: str = "iteration"
    repeats: tuple[str, ...] = ()  # number repeats, and tell no kinds apart

    def stated(self) -> dict[str, str]:
        """Return the columns that do not go by their usual names, by job."""
        return {job: getattr(self, job) for job in _USUAL if getattr(self, job) != job}

    def find(self, table: Table, job: str) -> str | None:
        """Return the column that has a job in this table, or None; upper case and outer spaces make no difference.

        Raises
        ------
        DataError
            If a column was named on purpose and does not exist.
        """
        name: str = getattr(self, job)
        found = table.actual(name)
        if name != job:
            if found is None:
                table.require(name, what=f"the {job} column")
            return found
        # A column that was given another job on purpose does not have its usual one.
        taken = {table.actual(other) for other in (*self.model, *self.stated().values())}
        return None if found in taken else found

    def without_job(self, table: Table, metrics: Collection[str]) -> list[str]:
        """Return the columns that hold none of this, and no selected metric either."""
        jobs = {self.find(table, job) for job in _USUAL}
        taken = {*self.model, *self.repeats, *jobs, *metrics}
        return [name for name in table.columns if name.strip() and name not in taken]


_USUAL = ("target", "metric", "value", "unit", "run", "iteration")


def check_columns(
    *,
    model: str | Sequence[str],
    target: str,
    metric: str,
    value: str,
    unit: str,
    run: str,
    iteration: str,
    repeats: str | Sequence[str] = (),
) -> Columns:
    """Return the names of the columns, checked without a look at the table.

    Raises
    ------
    OptionError
        If a name is empty or no text, or one column was given two jobs.
    """
    single = {"target": target, "metric": metric, "value": value, "unit": unit, "run": run, "iteration": iteration}
    for job, name in single.items():
        if not isinstance(name, str) or not name.strip():
            raise OptionError(
                f"{job}: found {quote(name)}; expected the name of a column; name one or leave the option out"
            )
    # Nothing to be named is no list of names.
    numbering = () if repeats == () or repeats == [] else check_names("repeats", repeats)
    columns = Columns(check_names("model", model), **single, repeats=numbering)
    jobs = dict.fromkeys(columns.model, "model")
    for name in columns.repeats:
        if name in jobs:
            raise OptionError(
                f"repeats: found {name!r}, which was named as model too; expected one job a column; name another"
            )
    for job, name in columns.stated().items():
        if name in jobs:
            raise OptionError(
                f"{job}: found {quote(name)}, which was named as {jobs[name]} too; expected one job a column; name "
                "another"
            )
        jobs[name] = job
    return columns


def model_names(table: Table, columns: tuple[str, ...]) -> tuple[IntArray, tuple[str, ...]]:
    """Name the model of each row; the names in several columns are joined by a slash.

    Returns
    -------
    codes : ndarray of int, shape (n_rows,)
        The position of each row's model in `models`.
    models : tuple of str
        In the order of their first appearance.

    Raises
    ------
    DataError
        If a column is missing, a name is blank, or two different models would share a joined name.
    """
    for column in columns:
        if table.actual(column) is None:
            table.require(column, what="a model column" if len(columns) > 1 else "the model column")
    columns = tuple(table.actual(column) or column for column in columns)
    parts = [table.labels(column) for column in columns]
    for column, labels in zip(columns, parts, strict=True):
        blank = labels == ""
        if blank.any():
            row = int(np.argmax(blank))
            raise table.error("an empty model name", "a name", "fill it in or drop the row", rows=[row], column=column)
    joined = parts[0]
    for labels in parts[1:]:
        joined = joined + "/" + labels
    codes, models = pd.factorize(joined)
    if len(parts) > 1:
        _check_distinct(table, columns, parts, joined, codes)
    return codes.astype(np.int64), tuple(models)


def _check_distinct(
    table: Table, columns: tuple[str, ...], parts: list[TextArray], joined: TextArray, codes: IntArray
) -> None:
    """Raise `DataError` where rows with different parts have the same joined name."""
    _, first = np.unique(codes, return_index=True)
    for labels in parts:
        differs = labels != labels[first[codes]]
        if differs.any():
            row = int(np.argmax(differs))
            other = int(first[codes[row]])
            raise table.error(
                f"two different models that both join to {quote(joined[row])}",
                f"distinct names from columns {listing(columns)}",
                "write the slash in one of them differently",
                rows=[other, row],
            )
