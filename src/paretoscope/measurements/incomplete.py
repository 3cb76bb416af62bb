"""What lacks a value, and is left out where that was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from paretoscope.arrays import resolve_choice
from paretoscope.errors import quote
from paretoscope.measurements.columns import Columns
from paretoscope.measurements.layouts import find_gaps
from paretoscope.measurements.tables import Table

DROPPED: Final = ("models", "metrics")
_SHOWN: Final = 8  # names in one message

Roles = tuple[tuple[str, ...], tuple[str, ...]]


def check_dropped(what: str | None) -> str | None:
    """Return what may be left out, or None; raise `OptionError` where that is not known."""
    return None if what is None else resolve_choice("drop_incomplete", what, DROPPED)


def without_gaps(table: Table, columns: Columns, roles: Roles, what: str) -> tuple[Table, Roles, str]:
    """Leave out the models, or the metrics, that lack a value.

    A model is complete if it has rows of every selected metric, and none of these has a blank cell.  It need not have
    as many runs of one metric as of another.

    Parameters
    ----------
    table : Table
    columns : Columns
    roles : two tuples of str
        Inputs and outputs.
    what : {"models", "metrics"}

    Returns
    -------
    table : Table
        Without the rows of incomplete models.
    roles : two tuples of str
        Without incomplete metrics; one of the two may be empty.
    message : str
        What the caller must be told, or "" if everything is complete.

    Raises
    ------
    DataError
        If fewer than two models, or no metric, would remain.
    """
    models, codes, gaps = find_gaps(table, columns, roles[0] + roles[1])
    lacking = np.array(list(gaps.values()), dtype=np.bool_)
    if not lacking.any():
        return table, roles, ""
    place = f"{table.source}: " * bool(table.source)
    if what == "models":
        dropped = np.asarray(lacking.any(axis=0))
        if np.count_nonzero(~dropped) < 2:
            raise table.error(
                f"{np.count_nonzero(~dropped)} of {len(models)} models with a value of every metric "
                f"(lacking: {_listed(metric for metric, lacks in gaps.items() if lacks.any())})",
                "two or more that are complete",
                "fill in the values, select other metrics, or drop the metrics in place of the models",
            )
        reasons = [
            f"{quote(models[model])} ({', '.join(metric for metric, lacks in gaps.items() if lacks[model])})"
            for model in np.flatnonzero(dropped)
        ]
        message = f"{place}left out {len(reasons)} of {len(models)} models that lack a value: {_shortened(reasons)}"
        return table.only(np.flatnonzero(~dropped[codes])), roles, message
    kept = tuple(tuple(metric for metric in role if not gaps[metric].any()) for role in roles)
    if not any(kept):
        raise table.error(
            f"no metric that all {len(models)} models have",
            "one or more",
            "fill in the values, or drop the models in place of the metrics",
        )
    reasons = [
        f"{quote(metric)} (lacked by {np.count_nonzero(lacks)} of {len(models)} models, "
        f"first {quote(models[int(np.argmax(lacks))])})"
        for metric, lacks in gaps.items()
        if lacks.any()
    ]
    message = f"{place}left out {len(reasons)} of {len(gaps)} metrics that models lack: {_shortened(reasons)}"
    return table, (kept[0], kept[1]), message


def _listed(names: Iterable[str]) -> str:
    return _shortened([quote(name) for name in names])


def _shortened(parts: list[str]) -> str:
    more = f", and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return ", ".join(parts[:_SHOWN]) + more
