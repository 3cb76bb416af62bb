"""The second phase as a linear programme for HiGHS: the largest slacks that a score leaves."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np

from paretoscope.arrays import Array
from paretoscope.errors import SolverError
from paretoscope.kernels.technology import CRS, NDRS, NIRS, Technology

_TOLERANCE = 1e-10


class QuietHighs(highspy.Highs):
    """HiGHS that prints nothing, not even the banner that its constructor writes to standard output from 1.16 on."""

    def enableCallbacks(self) -> None:  # noqa: N802, HiGHS' name; its constructor calls it, and only then prints
        """Be quiet first."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def _solve(cost: Array, matrix: Array, row_lower: Array, row_upper: Array) -> Array | None:
    """Minimise ``cost @ z`` subject to ``row_lower <= matrix @ z <= row_upper``, ``z >= 0``; None if infeasible."""
    n_rows, n_columns = matrix.shape
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = n_columns, n_rows
    programme.col_cost_ = cost
    programme.col_lower_, programme.col_upper_ = np.zeros(n_columns), np.full(n_columns, highspy.kHighsInf)
    programme.row_lower_, programme.row_upper_ = row_lower, row_upper
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = np.arange(0, n_rows * n_columns + 1, n_rows)
    programme.a_matrix_.index_ = np.tile(np.arange(n_rows), n_columns)
    programme.a_matrix_.value_ = matrix.T.ravel()
    solver: Any = QuietHighs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("primal_feasibility_tolerance", _TOLERANCE)
    solver.setOptionValue("dual_feasibility_tolerance", _TOLERANCE)
    solver.setOptionValue("presolve", "off")
    solver.passModel(programme)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return np.array(solver.getSolution().col_value)
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return None
    raise SolverError(f"HiGHS: ended with status {solver.modelStatusToString(status)!r}; expected an optimal solution")


def _sum_bounds(technology: Technology, level: float) -> tuple[float, float]:
    """What the returns to scale allow the sum of weights to be."""
    lower = -highspy.kHighsInf if technology.rts == NIRS else level
    return lower, (highspy.kHighsInf if technology.rts == NDRS else level)


def largest_slacks(columns: Array, moved: Array, technology: Technology) -> tuple[Array, Array]:
    """Second phase: of all optimal solutions, the one with the largest sum of slacks.

    Parameters
    ----------
    columns : (n_metrics, n_columns) array
        Inputs first, every metric in units of about 1.
    moved : (n_metrics,) array
        Where the radial move of a point ends, on the frontier.
    technology : Technology

    Returns
    -------
    weights : (n_columns,) array
        Of the peers.
    slacks : (n_metrics,) array
        What remains after the radial move: excess of the inputs, shortfall of the outputs.

    Raises
    ------
    SolverError
        If HiGHS finds none.
    """
    n_metrics, n_columns = columns.shape
    matrix = np.hstack([columns, np.diag(np.where(np.arange(n_metrics) < technology.n_inputs, 1.0, -1.0))])
    row_lower, row_upper = moved.copy(), moved.copy()
    if technology.rts != CRS:
        matrix = np.vstack([matrix, np.append(np.ones(n_columns), np.zeros(n_metrics))])
        lower, upper = _sum_bounds(technology, 1.0)
        row_lower, row_upper = np.append(row_lower, lower), np.append(row_upper, upper)
    cost = np.append(np.zeros(n_columns), -np.ones(n_metrics))
    solution = _solve(cost, matrix, row_lower, row_upper)
    if solution is None:  # the radial move is optimal only to rounding: give it that much room
        room = 1e-9 * np.abs(moved)
        row_lower[:n_metrics], row_upper[:n_metrics] = moved - room, moved + room
        solution = _solve(cost, matrix, row_lower, row_upper)
    if solution is None:
        raise SolverError("second phase: found no slacks for a solved model; expected some; rescale extreme values")
    return solution[:n_columns], np.maximum(solution[n_columns:], 0.0)
