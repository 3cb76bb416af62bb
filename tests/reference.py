"""Slow plain twins of the solver, written from the textbook's programmes, not from the package.

Three of them: HiGHS on the envelopment programme as printed (input orientation: the least theta; output orientation:
the largest phi), a simplex method in whole numbers that makes no rounding error, and free disposal by enumeration.
Arrays of metrics are (n_metrics, n_models), inputs first.
"""

from __future__ import annotations

import warnings
from fractions import Fraction
from functools import lru_cache

import highspy
import numpy as np
import pandas as pd

from paretoscope.errors import FewModelsWarning, SmallnessWarning, TruncationWarning
from paretoscope.measurements import Measurements

RTS = ("vrs", "crs", "nirs", "ndrs")
ORIENTATIONS = ("input", "output")
INFINITY = highspy.kHighsInf


def scale(values):
    """Divide every metric by a power of two near its geometric mean over the positive values, so that no bit is lost.

    Integers keep their exact ties: divided by the mean itself, a point on the edge of what is feasible can leave it.
    """
    logarithms = np.log2(values, where=values > 0, out=np.full(values.shape, np.nan))
    return values / np.exp2(np.round(np.nanmean(logarithms, axis=1)))[:, np.newaxis]


def quiet_highs():
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("primal_feasibility_tolerance", 1e-10)
    solver.setOptionValue("dual_feasibility_tolerance", 1e-10)
    return solver


def linear_programme(cost, matrix, row_lower, row_upper):
    """What HiGHS takes: minimise ``cost @ z`` subject to ``row_lower <= matrix @ z <= row_upper`` and ``z >= 0``."""
    n_rows, n_columns = matrix.shape
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = n_columns, n_rows
    programme.col_cost_ = np.asarray(cost, float)
    programme.col_lower_, programme.col_upper_ = np.zeros(n_columns), np.full(n_columns, INFINITY)
    programme.row_lower_, programme.row_upper_ = np.asarray(row_lower, float), np.asarray(row_upper, float)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = np.arange(0, n_rows * n_columns + 1, n_rows)
    programme.a_matrix_.index_ = np.tile(np.arange(n_rows), n_columns)
    programme.a_matrix_.value_ = np.asarray(matrix, float).T.ravel()
    return programme


def solve(cost, matrix, row_lower, row_upper, solver=None):
    """Smallest cost and its solution; inf where infeasible, -inf where unbounded, NaN where HiGHS gives up."""
    solver = solver or quiet_highs()
    solver.passModel(linear_programme(cost, matrix, row_lower, row_upper))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return solver.getInfo().objective_function_value, np.array(solver.getSolution().col_value)
    if status == highspy.HighsModelStatus.kInfeasible:
        return np.inf, None
    if status == highspy.HighsModelStatus.kUnbounded:
        return -np.inf, None
    gave_up = (highspy.HighsModelStatus.kUnknown, highspy.HighsModelStatus.kNotset)
    assert status in gave_up, solver.modelStatusToString(status)
    return np.nan, None


def sum_bounds(rts):
    """Least and largest sum of weights."""
    return {"vrs": (1.0, 1.0), "crs": (0.0, INFINITY), "nirs": (0.0, 1.0), "ndrs": (1.0, INFINITY)}[rts]


def plain_efficiency(reference, point, n_inputs, rts, orientation, solver=None):
    """Efficiency of one point against the models of `reference` by the textbook's programme; inf where infeasible."""
    n_metrics, n_models = reference.shape
    x, y = point[:n_inputs], point[n_inputs:]
    low, high = sum_bounds(rts)
    matrix = np.zeros((n_metrics + 1, n_models + 1))
    matrix[:n_metrics, :n_models] = reference
    matrix[n_metrics, :n_models] = 1.0
    nothing, everything = np.full(n_inputs, -INFINITY), np.full(n_metrics - n_inputs, INFINITY)
    cost = np.zeros(n_models + 1)
    if orientation == "input":
        # min theta: X lambda - theta x <= 0, Y lambda >= y
        matrix[:n_inputs, -1] = -x
        cost[-1] = 1.0
        lower, upper = np.concatenate([nothing, y, [low]]), np.concatenate([0.0 * x, everything, [high]])
        return solve(cost, matrix, lower, upper, solver)[0]
    # max phi: X lambda <= x, Y lambda - phi y >= 0
    matrix[n_inputs:n_metrics, -1] = -y
    cost[-1] = -1.0
    lower, upper = np.concatenate([nothing, 0.0 * y, [low]]), np.concatenate([x, everything, [high]])
    smallest = solve(cost, matrix, lower, upper, solver)[0]
    if smallest == np.inf:
        return np.inf
    # Without outputs, or without inputs under crs, phi is unbounded; with phi = 0 no efficiency is large enough.
    return np.inf if smallest == 0.0 else 1.0 / -smallest


def plain_efficiencies(values, n_inputs, rts, orientation, super_efficiency=False):
    """Efficiency of each model, leaving it out of its own comparison if `super_efficiency`."""
    solver = quiet_highs()
    scores = []
    for o in range(values.shape[1]):
        others = np.delete(values, o, axis=1) if super_efficiency else values
        scores.append(plain_efficiency(others, values[:, o], n_inputs, rts, orientation, solver))
    return np.array(scores)


def plain_dual(reference, point, n_inputs, rts):
    """Input-oriented efficiency by the multiplier programme: max u y + w, subject to v x = 1, u Y + w <= v X."""
    n_metrics, n_models = reference.shape
    signed = np.vstack([-reference[:n_inputs], reference[n_inputs:]]).T
    matrix = np.zeros((n_models + 1, n_metrics + 2))
    matrix[:n_models, :n_metrics] = signed
    matrix[:n_models, n_metrics:] = 1.0, -1.0  # w as a difference: w = up - down
    matrix[n_models, :n_inputs] = point[:n_inputs]
    cost = -np.concatenate([np.zeros(n_inputs), point[n_inputs:], [1.0, -1.0]])
    allowed = {"vrs": [0, 1], "crs": [], "nirs": [1], "ndrs": [0]}[rts]
    columns = [*range(n_metrics), *(n_metrics + part for part in allowed)]
    lower, upper = np.append(np.full(n_models, -INFINITY), 1.0), np.append(np.zeros(n_models), 1.0)
    return -solve(cost[columns], matrix[:, columns], lower, upper)[0]


# --- exact ------------------------------------------------------------------------------------------------------------


def to_integers(rows):
    """Multiply each row of floats, which all are fractions with a power of two below, by what makes it whole."""
    whole = []
    for row in rows:
        fractions = [Fraction(value) for value in row]
        factor = max(fraction.denominator for fraction in fractions)
        whole.append([int(fraction * factor) for fraction in fractions])
    return whole


def exact_minimum(cost, equations, right):
    """Smallest ``cost @ z`` with ``equations @ z == right >= 0`` and ``z >= 0``, as a Fraction; None where infeasible.

    The two-phase simplex method with Bland's rule on a tableau of whole numbers with one common denominator (Edmonds;
    Bareiss), so nothing is ever rounded.
    """
    n_rows, n_columns = len(equations), len(cost)
    width = n_columns + n_rows + 1
    table = []
    for row, entries in enumerate(to_integers([[*entries, b] for entries, b in zip(equations, right, strict=True)])):
        unit = [int(row == other) for other in range(n_rows)]
        table.append([*entries[:-1], *unit, entries[-1]])
    first = [-sum(row[column] for row in table) for column in range(width)]
    for row in range(n_rows):
        first[n_columns + row] = 0
    table += [first, [*(int(value) for value in cost), *([0] * (n_rows + 1))]]
    basis = [n_columns + row for row in range(n_rows)]
    common = 1

    def pivot(row, column):
        nonlocal common
        chosen = table[row]
        if chosen[column] < 0:
            chosen = table[row] = [-entry for entry in chosen]
        size = chosen[column]
        for other, entries in enumerate(table):
            if other != row:
                factor = entries[column]
                table[other] = [
                    (entry * size - factor * top) // common for entry, top in zip(entries, chosen, strict=True)
                ]
        basis[row] = column
        common = size

    def improve(objective):
        while True:
            column = next((c for c in range(n_columns) if table[objective][c] < 0), None)
            if column is None:
                return
            rows = [row for row in range(n_rows) if table[row][column] > 0]
            ratios = [(Fraction(table[row][-1], table[row][column]), basis[row], row) for row in rows]
            pivot(min(ratios)[2], column)  # our programmes are bounded: some ratio exists

    improve(n_rows)
    if table[n_rows][-1] != 0:
        return None
    for row in range(n_rows):
        if basis[row] >= n_columns:
            column = next((c for c in range(n_columns) if table[row][c]), None)
            if column is not None:
                pivot(row, column)
    improve(n_rows + 1)
    return Fraction(-table[n_rows + 1][-1], common)


def exact_efficiency(reference, point, n_inputs, rts, orientation):
    """Efficiency of one point with no rounding but the last; inf where infeasible.

    The output-oriented programme is that of ``theta = 1 / phi``, its weights divided by phi, since phi can be infinite.
    """
    n_metrics, n_models = reference.shape
    n_slacks = n_metrics + (rts in ("nirs", "ndrs"))
    equations, right = [], []
    for row in range(n_metrics):
        is_input = row < n_inputs
        slack = [0.0] * n_slacks
        slack[row] = 1.0 if is_input else -1.0
        equations.append([*reference[row], -point[row] if is_input else 0.0, *slack])
        right.append(0.0 if is_input else point[row])
    if rts != "crs":
        slack = [0.0] * n_slacks
        if rts != "vrs":
            slack[-1] = 1.0 if rts == "nirs" else -1.0
        equations.append([*([1.0] * n_models), -1.0 if orientation == "output" else 0.0, *slack])
        right.append(0.0 if orientation == "output" else 1.0)
    cost = [0] * n_models + [1] + [0] * n_slacks
    least = exact_minimum(cost, equations, right)
    return np.inf if least is None or least > Fraction(np.finfo(float).max) else float(least)


# --- free disposal ----------------------------------------------------------------------------------------------------


def plain_free_disposal(reference, point, n_inputs, orientation, skip=None):
    """Efficiency against single models: the best of those that do no worse in the metrics that stay."""
    x, y = point[:n_inputs], point[n_inputs:]
    best = np.inf
    for j in range(reference.shape[1]):
        if j == skip:
            continue
        x_j, y_j = reference[:n_inputs, j], reference[n_inputs:, j]
        if orientation == "input" and all(y_j >= y):
            shrinks = [0.0 if b == 0 else np.inf if a == 0 else b / a for a, b in zip(x, x_j, strict=True)]
            best = min(best, max(shrinks))
        if orientation == "output" and all(x_j <= x):
            grows = [0.0 if a == 0 else np.inf if b == 0 else a / b for a, b in zip(y, y_j, strict=True)]
            best = min(best, max(grows))
    return best


# --- from arrays to measurements --------------------------------------------------------------------------------------


def measured(values, n_inputs):
    """One value a metric and model: models m0, m1, ..., inputs x0, ..., outputs y0, ..."""
    values = np.ascontiguousarray(values, float)
    return _measured(values.tobytes(), values.shape, n_inputs)


@lru_cache(maxsize=1000)
def _measured(values, shape, n_inputs):
    """Remembered, since making a table takes longer than solving it."""
    inputs = [f"x{row}" for row in range(n_inputs)]
    outputs = [f"y{row}" for row in range(shape[0] - n_inputs)]
    frame = pd.DataFrame(np.frombuffer(values).reshape(shape).T, columns=inputs + outputs)
    frame["model"] = [f"m{j}" for j in range(shape[1])]
    return Measurements.from_frame(frame, inputs=inputs, outputs=outputs)


def quietly(function, *args, **options):
    """Call without the advice on few models, small outputs and wide noise, which small data sets always attract."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewModelsWarning)
        warnings.simplefilter("ignore", SmallnessWarning)
        warnings.simplefilter("ignore", TruncationWarning)
        return function(*args, **options)
