r"""The last word on a score: the envelopment programme in whole numbers, in which nothing is ever rounded.

A floating-point number is a whole number times a power of two, so each row of the programme becomes whole.  With slacks
:math:`s \ge 0`,

.. math:: \min \theta \quad\text{s.t.}\quad \sum_j \lambda_j\, needs_j - \theta\, needs_o + s = 0, \;
          -\sum_j \lambda_j\, supplies_j + s = -supplies_o

(see `paretoscope.kernels.technology`; the row of the sum of weights is one of these, with its slack).  Its cost is
never negative, so the slacks are a dual feasible basis, and the dual simplex method needs no first phase.  The tableau
is kept as whole numbers over one common denominator (Edmonds 1967; Bareiss 1968), and Bland's rule cannot cycle.  Few
models carry a facet, so it starts with some of them, and takes in those whose prices show that they are missing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paretoscope.arrays import Array, BoolArray, IndexArray
from paretoscope.kernels.technology import Technology, lay_out_all, slack_sign

Whole = NDArray[np.object_]
_TAKEN_AT_ONCE = 4


class _Programme(NamedTuple):
    """Rows of whole numbers: the constraints, and the cost as the last."""

    models: Whole  # (rank + 1, n_models)
    rest: Whole  # (rank + 1, rank + 2): the efficiency, a slack a row, the right-hand side
    fixed: int  # the row whose slack must be 0, for it is an equation; -1 where there is none


def exact_efficiency(technology: Technology, models: Array, point: Array) -> float:
    """Efficiency of a point against models, rounded once at the end; inf where no combination of them reaches it.

    Parameters
    ----------
    models : (n_metrics, n_models) array
        Inputs first, in any units.
    point : (n_metrics,) array
    """
    programme = _programme(technology, models, point)
    taken = _first_models(models, point, technology.n_inputs)
    while True:
        solved = _solve(np.hstack([programme.models[:, taken], programme.rest]), programme.fixed)
        if solved is None:
            if taken.all():
                return float("inf")
            taken[:] = True
            continue
        last, common = solved
        prices = last[-technology.rank - 1 : -1] @ programme.models[:-1]
        missing = np.flatnonzero((prices < 0).astype(bool))
        if not missing.size:
            return _divide(-last[-1], common)
        taken[missing[np.argsort(prices[missing], kind="stable")[:_TAKEN_AT_ONCE]]] = True


def _programme(technology: Technology, models: Array, point: Array) -> _Programme:
    rank, n_needs = technology.rank, technology.n_needs
    rows = np.hstack([lay_out_all(technology, models), lay_out_all(technology, point[:, np.newaxis])])
    columns, rest = np.zeros((rank + 1, models.shape[1]), object), np.zeros((rank + 1, rank + 2), object)
    fixed = -1
    for row in range(rank):
        whole = _to_whole(rows[row])
        need, sign = row < n_needs, slack_sign(technology, row)
        columns[row] = whole[:-1] if need else -whole[:-1]
        rest[row, 0 if need else -1] = -whole[-1]
        if sign > 0.0:
            columns[row], rest[row] = -columns[row], -rest[row]
        elif sign == 0.0:
            fixed = row
        rest[row, 1 + row] = 1
    rest[-1, 0] = 1
    return _Programme(columns, rest, fixed)


def _to_whole(values: Array) -> Whole:
    """Whole numbers in the ratios of these numbers."""
    ratios = [float(value).as_integer_ratio() for value in values]
    most = max(denominator for _, denominator in ratios)
    return np.array([numerator * (most // denominator) for numerator, denominator in ratios], object)


def _first_models(models: Array, point: Array, n_inputs: int) -> BoolArray:
    """The best in each metric, and one that reaches the point if any does by itself, as the very model does."""
    taken = np.zeros(models.shape[1], bool)
    taken[models[:n_inputs].argmin(axis=1)] = True
    taken[models[n_inputs:].argmax(axis=1)] = True
    reaches = (models[:n_inputs] <= point[:n_inputs, np.newaxis]).all(axis=0)
    reaches &= (models[n_inputs:] >= point[n_inputs:, np.newaxis]).all(axis=0)
    taken[np.flatnonzero(reaches)[:1]] = True
    return taken


def _solve(table: Whole, fixed: int) -> tuple[Whole, int] | None:
    """The tableau's last row at the optimum, and the common denominator; None where there is no solution."""
    n_rows = len(table) - 1
    first_slack = table.shape[1] - 1 - n_rows
    basis = list(range(first_slack, first_slack + n_rows))
    may_enter = np.ones(table.shape[1] - 1, bool)
    if fixed >= 0:
        fixed += first_slack
        may_enter[fixed] = False
    common = 1
    while True:
        row, sign = _leaving(table, basis, fixed)
        if row < 0:
            return table[-1], common
        entries = sign * table[row, :-1]
        column = _entering(entries, table[-1], np.flatnonzero((entries < 0).astype(bool) & may_enter))
        if column < 0:
            return None
        top = -table[row] if table[row, column] < 0 else table[row].copy()
        pivot, factors = top[column], table[:, column].copy()
        table = (table * pivot - np.outer(factors, top)) // common
        table[row] = top
        basis[row], common = column, pivot


def _leaving(table: Whole, basis: list[int], fixed: int) -> tuple[int, int]:
    """The row of the basic variable with the smallest index that is out of its bounds, and the sign of what may enter.

    The slack of an equation goes first; -1 where all are within their bounds.
    """
    leaving = -1
    for row, index in enumerate(basis):
        value = table[row, -1]
        if index == fixed and value != 0:
            return row, 1 if value < 0 else -1
        if value < 0 and (leaving < 0 or index < basis[leaving]):
            leaving = row
    return leaving, 1


def _entering(entries: Whole, costs: Whole, columns: IndexArray) -> int:
    """The column whose reduced cost comes to zero first, of equal ones that with the smallest index; -1 if none."""
    best = -1
    for column in columns:
        if best < 0 or costs[column] * entries[best] > costs[best] * entries[column]:
            best = int(column)
    return best


def _divide(numerator: int, denominator: int) -> float:
    """Divide whole numbers of any size, rounding once."""
    try:
        return numerator / denominator
    except OverflowError:
        return float("inf")
