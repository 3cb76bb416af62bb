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

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paretoscope.arrays import Array, BoolArray, IndexArray
from paretoscope.errors import SolverError
from paretoscope.kernels.technology import Technology, lay_out_all, metric_of, slack_sign

Whole = NDArray[np.object_]
_TAKEN_AT_ONCE = 4


class _Programme(NamedTuple):
    """Rows of whole numbers: the constraints, and the cost as the last."""

    models: Whole  # (rank + 1, n_models)
    rest: Whole  # (rank + 1, rank + 2): the efficiency, a slack a row, the right-hand side
    fixed: int  # the row whose slack must be 0, for it is an equation; -1 where there is none
    factors: list[int]  # of each row, by which it was multiplied


class _Solved(NamedTuple):
    table: Whole
    basis: list[int]  # the column that is basic in each row
    common: int  # the denominator of all entries


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
        last, common = solved.table[-1], solved.common
        prices = last[-technology.rank - 1 : -1] @ programme.models[:-1]
        missing = np.flatnonzero((prices < 0).astype(bool))
        if not missing.size:
            return _divide(-last[-1], common)
        taken[missing[np.argsort(prices[missing], kind="stable")[:_TAKEN_AT_ONCE]]] = True


def _programme(technology: Technology, models: Array, point: Array) -> _Programme:
    rank, n_needs = technology.rank, technology.n_needs
    rows = np.hstack([lay_out_all(technology, models), lay_out_all(technology, point[:, np.newaxis])])
    columns, rest = np.zeros((rank + 1, models.shape[1]), object), np.zeros((rank + 1, rank + 2), object)
    fixed, factors = -1, []
    for row in range(rank):
        whole, factor = _to_whole(rows[row])
        factors.append(factor)
        need, sign = row < n_needs, slack_sign(technology, row)
        columns[row] = whole[:-1] if need else -whole[:-1]
        rest[row, 0 if need else -1] = -whole[-1]
        if sign > 0.0:
            columns[row], rest[row] = -columns[row], -rest[row]
        elif sign == 0.0:
            fixed = row
        rest[row, 1 + row] = 1
    rest[-1, 0] = 1
    return _Programme(columns, rest, fixed, factors)


def _to_whole(values: Array) -> tuple[Whole, int]:
    """These numbers times what makes all of them whole, and that factor."""
    ratios = [float(value).as_integer_ratio() for value in values]
    most = max(denominator for _, denominator in ratios)
    return np.array([numerator * (most // denominator) for numerator, denominator in ratios], object), most


def _first_models(models: Array, point: Array, n_inputs: int) -> BoolArray:
    """The best in each metric, and one that reaches the point if any does by itself, as the very model does."""
    taken = np.zeros(models.shape[1], bool)
    taken[models[:n_inputs].argmin(axis=1)] = True
    taken[models[n_inputs:].argmax(axis=1)] = True
    reaches = (models[:n_inputs] <= point[:n_inputs, np.newaxis]).all(axis=0)
    reaches &= (models[n_inputs:] >= point[n_inputs:, np.newaxis]).all(axis=0)
    taken[np.flatnonzero(reaches)[:1]] = True
    return taken


def exact_slacks(technology: Technology, models: Array, point: Array, *, outputs_grow: bool) -> tuple[Array, Array]:
    """Of all optimal solutions, the one with the largest sum of slacks: the peers' weights, and the slacks.

    Parameters
    ----------
    models : (n_metrics, n_models) array
        Inputs first, in the units in which slacks are compared.
    point : (n_metrics,) array
        Within reach of the models, with a positive efficiency.
    outputs_grow : bool
        Whether weights and slacks are those at the point with its outputs divided by the efficiency, instead of those
        at the point with its inputs times the efficiency.

    Returns
    -------
    weights : (n_models,) array
    slacks : (n_metrics,) array

    Raises
    ------
    SolverError
        If slacks have no bound: a model gives something for nothing.
    """
    programme = _programme(technology, models, point)
    solved = _solve(np.hstack([programme.models, programme.rest]), programme.fixed)
    if solved is None:
        raise SolverError("second phase: found a point out of reach; expected one with an efficiency")
    n_models, rank = models.shape[1], technology.rank
    metric_rows = [row for row in range(rank) if metric_of(technology, row) >= 0]
    slack_columns = [n_models + 1 + row for row in metric_rows]
    most = math.lcm(*(programme.factors[row] for row in metric_rows))
    worth = np.zeros(solved.table.shape[1], object)
    worth[slack_columns] = [most // programme.factors[row] for row in metric_rows]
    table, basis, common = _maximise(solved, worth, programme.fixed)
    values = [0] * (table.shape[1] - 1)
    for column, value in zip(basis, table[:-1, -1], strict=True):
        values[column] = value
    if outputs_grow:  # what was solved for is the efficiency times as large
        common = values[n_models]
    weights = np.array([_divide(value, common) for value in values[:n_models]])
    slacks = np.array(
        [
            _divide(values[column], common * programme.factors[row])
            for row, column in zip(metric_rows, slack_columns, strict=True)
        ]
    )
    return weights, slacks


def _solve(table: Whole, fixed: int) -> _Solved | None:
    """The tableau at the optimum; None where there is no solution."""
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
            return _Solved(table, basis, common)
        entries = sign * table[row, :-1]
        column = _entering(entries, table[-1], np.flatnonzero((entries < 0).astype(bool) & may_enter))
        if column < 0:
            return None
        table, common = _pivot(table, row, column, common)
        basis[row] = column


def _pivot(table: Whole, row: int, column: int, common: int) -> tuple[Whole, int]:
    """Make a column basic in a row; the tableau and its common denominator."""
    top = -table[row] if table[row, column] < 0 else table[row]
    pivot: int = top[column]
    table = (table * pivot - np.outer(table[:, column], top)) // common
    table[row] = top
    return table, pivot


def _maximise(solved: _Solved, worth: Whole, fixed: int) -> _Solved:
    """Continue with another objective among the solutions that are optimal, by the primal simplex method."""
    table, basis, common = solved
    first_slack = table.shape[1] - len(table)
    may_enter = (table[-1, :-1] == 0).astype(bool)
    if fixed >= 0:
        fixed += first_slack
        may_enter[fixed] = False
    table = table.copy()
    table[-1] = worth[basis] @ table[:-1] - worth * common
    while True:
        entering = np.flatnonzero((table[-1, :-1] < 0).astype(bool) & may_enter)
        if not entering.size:
            return _Solved(table, basis, common)
        column, row = int(entering[0]), -1
        for other, index in enumerate(basis):
            entry = table[other, column]
            if index == fixed and entry != 0:
                row = other
                break
            if entry > 0:
                later = 0 if row < 0 else table[other, -1] * table[row, column] - table[row, -1] * entry
                if row < 0 or later < 0 or (later == 0 and index < basis[row]):
                    row = other
        if row < 0:
            raise SolverError("second phase: found slacks without bound; expected every output to need some input")
        table, common = _pivot(table, row, column, common)
        basis[row] = column


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
