r"""The production technology as a polyhedral cone, and what a facet of it is.

With inputs :math:`x_j` and outputs :math:`y_j`, model :math:`j` is the column :math:`a_j = (-x_j, y_j, 1)`; the last
row exists only where the returns to scale restrict :math:`\sum_j \lambda_j`.  Metrics are non-negative, but for those
that stay under vrs; one role may have none.  What can be produced is the cone
:math:`K` of all columns and of the slack columns that free disposal adds:

===================  =========================  ==========================================
row                  slack column               sign of the normal's entry
===================  =========================  ==========================================
input :math:`l`      :math:`-e_l`               :math:`v_l \ge 0`
output :math:`m`     :math:`-e_m`               :math:`u_m \ge 0`
:math:`\sum\lambda`  none (vrs)                 :math:`w` free
:math:`\sum\lambda`  :math:`+e` (nirs)          :math:`w \le 0`
:math:`\sum\lambda`  :math:`-e` (ndrs)          :math:`w \ge 0`
===================  =========================  ==========================================

A *facet* is spanned by ``rank - 1`` columns, its *basis*; its normal :math:`\pi = (v, u, w)` prices the columns of the
basis at zero and every other one at :math:`\pi \cdot a_j = u y_j + w - v x_j \le 0`.

Model :math:`o` moves along a ray :math:`q(\theta)` until it leaves the cone:

* input orientation:  :math:`q(\theta) = (-\theta x_o, y_o, 1)`, so :math:`\theta \ge (u y_o + w) / (v x_o)`;
* output orientation: :math:`q(\theta) = (-\theta x_o, y_o, \theta)` (the programme of :math:`\varphi = 1/\theta`, times
  :math:`\theta`), so :math:`\theta \ge u y_o / (v x_o - w)`.

Either way the efficiency is the largest of these *bounds* over all facets, and one kernel serves both.

Rows are laid out so that bounds, prices and steps need not ask for the orientation: first what a model *needs*, then
what it *supplies*, and :math:`q(\theta) = (-\theta \cdot needs, supplies)`.  The row of :math:`\sum\lambda` is a
supply of 1 where inputs move (the last row), and a need of -1 where outputs do (behind the inputs); either way a column
has +1 there.

A basis holds the indices of models, and ``n_models + row`` for the slack column of a row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from paretoscope.arrays import Array, IntArray, StatusArray
from paretoscope.kernels.compiler import inner

CRS, VRS, NIRS, NDRS = 0, 1, 2, 3
RTS_CODES = {"crs": CRS, "vrs": VRS, "nirs": NIRS, "ndrs": NDRS}

# What a score rests on.
CERTIFIED = 0  # a primal and a dual solution that agree
INFEASIBLE = 1  # the ray never meets the cone (super-efficiency), by a dual ray
UNRESOLVED = 2  # the kernel could not certify a score: to be solved by another method

# Tolerances apply to metrics divided by a power of two near their geometric means.
PRICE_TOLERANCE = 1e-12
WEIGHT_TOLERANCE = 1e-11
PIVOT_TOLERANCE = 1e-11
TIE_TOLERANCE = 1e-14
ZERO_TOLERANCE = 1e-13
SINGULAR_TOLERANCE = 1e-13
SAFE_PIVOT = 1e-3  # of the largest entry, for an exchange of columns to be as good as a factorisation
SNAP_TOLERANCE = 1e-11  # a score this close to 1 is 1
LEAST_LEVEL = 1e-3  # what a metric with an arbitrary origin is taken to be at least, where errors are relative to it
INSIDE = 1e-9  # a model whose score is this far below 1 cannot carry the frontier


class Technology(NamedTuple):
    """Sizes and signs that all kernels share.

    Attributes
    ----------
    n_inputs, n_outputs : int
        Number of metrics in each role; inputs come first in every array of metrics.
    rank : int
        Number of rows of a column, and of entries of a normal.
    n_needs : int
        How many of the rows, from the first on, are needs.
    unit_row : int
        The row of the sum of weights, or -1 (crs).
    unit : float
        What every point has there, as a need or supply.
    rts : int
        One of `RTS_CODES`' values.
    output_oriented : bool
        Whether outputs grow instead of inputs shrinking.
    """

    n_inputs: int
    n_outputs: int
    rank: int
    n_needs: int
    unit_row: int
    unit: float
    rts: int
    output_oriented: bool


class Scores(NamedTuple):
    """What is found out about points."""

    efficiency: Array  # (n_points,)
    status: StatusArray  # (n_points,), `CERTIFIED` and its like
    facet: IntArray  # (n_points,), the facet that the efficiency rests on, or -1


def describe_technology(n_inputs: int, n_outputs: int, rts: str, *, output_oriented: bool) -> Technology:
    """Describe a technology; ``rts`` is one of `RTS_CODES`' keys.

    Under crs both orientations are one programme, and the input-oriented one always has a facet to start from.
    """
    output_oriented = output_oriented and rts != "crs"
    n_metrics = n_inputs + n_outputs
    rank, n_needs, unit_row, unit = n_metrics, n_inputs, -1, 0.0
    if rts != "crs":
        rank += 1
        n_needs, unit_row, unit = (n_inputs + 1, n_inputs, -1.0) if output_oriented else (n_inputs, n_metrics, 1.0)
    return Technology(
        n_inputs=n_inputs,
        n_outputs=n_outputs,
        rank=rank,
        n_needs=n_needs,
        unit_row=unit_row,
        unit=unit,
        rts=RTS_CODES[rts],
        output_oriented=output_oriented,
    )


@register_jitable
def slack_sign(technology: Technology, row: int) -> float:
    """The nonzero entry of the slack column of a row; 0 where the row is an equation."""
    if row != technology.unit_row or technology.rts == NDRS:
        return -1.0
    return 1.0 if technology.rts == NIRS else 0.0


@register_jitable
def metric_of(technology: Technology, row: int) -> int:
    """The metric that a row is about; -1 for the sum of weights."""
    if row == technology.unit_row:
        return -1
    return row - 1 if technology.output_oriented and row > technology.unit_row >= 0 else row


@inner
def lay_out(technology: Technology, metrics: Array, i: int, point: Array) -> None:
    """Write the needs and supplies of point i, (rank,), from metrics, (n_metrics, n_points)."""
    for row in range(technology.rank):
        metric = metric_of(technology, row)
        point[row] = technology.unit if metric < 0 else metrics[metric, i]


def lay_out_all(technology: Technology, metrics: Array) -> Array:
    """Needs and supplies, (rank, n_points), from metrics, (n_metrics, n_points)."""
    source = [metric_of(technology, row) for row in range(technology.rank)]
    return np.array(
        [np.full(metrics.shape[1], technology.unit) if metric < 0 else metrics[metric] for metric in source]
    )
