"""Other ways to the same scores, one function each.

Every function imports what it needs and returns ``solve(inputs, outputs, rts)``, where inputs and outputs are
(n_models, number) arrays and rts is "vrs" or "crs"; it returns the input-oriented efficiency of every model, and solves
one linear programme a model unless its note says otherwise.

As a script, ``python rivals.py NAME FILE.npz RTS REPEATS`` runs one of them where it is installed, and prints JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Array = np.ndarray
Solve = Callable[[Array, Array, str], Array]
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Rival:
    """Who it is, how to install it, and whether it is fast enough for a thousand models."""

    make: Callable[[], Solve]
    package: str
    requirement: str
    note: str
    fast: bool = False


def highspy_warm() -> Solve:
    """One model for a whole data set, which every solve starts from the optimal basis of the one before."""

    def solve(inputs: Array, outputs: Array, rts: str) -> Array:
        return solve_with_columns(inputs, outputs, rts, np.arange(len(inputs)))

    return solve


def highspy_nondominated() -> Solve:
    """As `highspy_warm`, with columns only for the models that no other one dominates, found by NumPy."""

    def solve(inputs: Array, outputs: Array, rts: str) -> Array:
        costs = np.hstack([inputs, -outputs])
        alive = np.ones(len(costs), bool)
        # The best come first; every survivor strikes out what it dominates.
        for i in np.argsort(costs.sum(axis=1)):
            if alive[i]:
                alive &= (costs < costs[i]).any(axis=1)
                alive[i] = True
        return solve_with_columns(inputs, outputs, rts, np.flatnonzero(alive))

    return solve


def solve_with_columns(inputs: Array, outputs: Array, rts: str, chosen: Array) -> Array:
    """Efficiency of all models against the chosen ones, by HiGHS."""
    import highspy

    n_models, n_inputs = inputs.shape
    n_outputs = outputs.shape[1]
    free = highspy.kHighsInf
    # Rows: inputs, outputs, sum of weights; columns: weights, theta.
    matrix = np.hstack([np.vstack([inputs[chosen].T, outputs[chosen].T]), np.zeros((n_inputs + n_outputs, 1))])
    lower, upper = [-free] * n_inputs + [0.0] * n_outputs, [0.0] * n_inputs + [free] * n_outputs
    if rts == "vrs":
        matrix = np.vstack([matrix, np.append(np.ones(len(chosen)), 0.0)])
        lower, upper = [*lower, 1.0], [*upper, 1.0]
    matrix[:n_inputs, -1] = -inputs[0]
    n_rows, n_columns = matrix.shape
    theta = n_columns - 1
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = n_columns, n_rows
    programme.col_cost_ = np.append(np.zeros(theta), 1.0)
    programme.col_lower_, programme.col_upper_ = np.zeros(n_columns), np.full(n_columns, free)
    programme.row_lower_, programme.row_upper_ = np.array(lower), np.array(upper)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = np.arange(0, n_rows * n_columns + 1, n_rows)
    programme.a_matrix_.index_ = np.tile(np.arange(n_rows), n_columns)
    programme.a_matrix_.value_ = matrix.T.ravel()
    solver = highspy.Highs()
    # The fastest settings of those tried: no presolve, serial dual simplex.
    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "presolve": "off",
        "solver": "simplex",
        "parallel": "off",
        "primal_feasibility_tolerance": TOLERANCE,
        "dual_feasibility_tolerance": TOLERANCE,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(programme)
    scores = np.empty(n_models)
    for i in range(n_models):
        for row in range(n_inputs):
            solver.changeCoeff(row, theta, -inputs[i, row])
        for row in range(n_outputs):
            solver.changeRowBounds(n_inputs + row, outputs[i, row], free)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"HiGHS ended with {solver.getModelStatus()}")
        scores[i] = solver.getObjectiveValue()
    return scores


def scipy_linprog() -> Solve:
    """`scipy.optimize.linprog`, which builds a HiGHS model anew for every programme."""

    def solve(inputs: Array, outputs: Array, rts: str) -> Array:
        return np.array([linprog_one(inputs, outputs, rts, i) for i in range(len(inputs))])

    return solve


def linprog_one(inputs: Array, outputs: Array, rts: str, i: int) -> float:
    """Efficiency of one model, by SciPy."""
    from scipy.optimize import linprog

    n_models, n_inputs = inputs.shape
    cost = np.append(np.zeros(n_models), 1.0)
    matrix = np.hstack([np.vstack([inputs.T, -outputs.T]), np.zeros((n_inputs + outputs.shape[1], 1))])
    matrix[:n_inputs, -1] = -inputs[i]
    limits = np.append(np.zeros(n_inputs), -outputs[i])
    total = {"A_eq": np.append(np.ones(n_models), 0.0)[np.newaxis], "b_eq": [1.0]} if rts == "vrs" else {}
    tolerances = {"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE}
    found = linprog(cost, matrix, limits, method="highs-ds", options=tolerances, **total)
    if not found.success:
        raise ArithmeticError(found.message)
    return float(found.fun)


def deapack() -> Solve:
    """DEAPack's radial model, without its second phase."""
    import pandas as pd
    from deapack import DEAData, RadialDEA

    def solve(inputs: Array, outputs: Array, rts: str) -> Array:
        frame = pd.DataFrame(np.hstack([inputs, outputs])).add_prefix("c")
        frame["dmu"] = np.arange(len(frame))
        names = list(frame.columns[:-1])
        n_inputs = inputs.shape[1]
        data = DEAData.from_frame(frame, dmu="dmu", inputs=names[:n_inputs], outputs=names[n_inputs:])
        model = RadialDEA(orientation="input", returns_to_scale=rts, compute_slacks=False)
        return model.fit(data).summary()["efficiency"].to_numpy(float)

    return solve


def pyfrontier() -> Solve:
    """Pyfrontier's envelopment model, which starts CBC as a process for each programme, and again for the slacks."""
    from Pyfrontier.frontier_model import EnvelopDEA

    def solve(inputs: Array, outputs: Array, rts: str) -> Array:
        model = EnvelopDEA(frontier=rts.upper(), orient="in")
        model.fit(inputs, outputs)
        return np.array([one.score for one in model.result])

    return solve


def dealib() -> Solve:
    """Dealib's own simplex method, in NumPy."""
    from dealib.dea import dea

    def solve(inputs: Array, outputs: Array, rts: str) -> Array:
        return np.asarray(dea(inputs, outputs, rts=rts, orientation="input").eff)

    return solve


def quantecon() -> Solve:
    """QuantEcon's compiled tableau simplex method, one call a programme."""
    from quantecon.optimize import linprog_simplex

    def solve(inputs: Array, outputs: Array, rts: str) -> Array:
        n_models, n_inputs = inputs.shape
        gain = np.append(np.zeros(n_models), -1.0)
        matrix = np.hstack([np.vstack([inputs.T, -outputs.T]), np.zeros((n_inputs + outputs.shape[1], 1))])
        total = np.append(np.ones(n_models), 0.0)[np.newaxis]
        scores = np.empty(n_models)
        for i in range(n_models):
            matrix[:n_inputs, -1] = -inputs[i]
            limits = np.append(np.zeros(n_inputs), -outputs[i])
            if rts == "vrs":
                found = linprog_simplex(gain, A_ub=matrix, b_ub=limits, A_eq=total, b_eq=np.ones(1))
            else:
                found = linprog_simplex(gain, A_ub=matrix, b_ub=limits)
            scores[i] = -found.fun if found.success else np.nan
        return scores

    return solve


RIVALS = {
    "highspy": Rival(highspy_warm, "highspy", "highspy>=1.8", "one warm-started model a data set", fast=True),
    "highspy, non-dominated": Rival(
        highspy_nondominated, "highspy", "highspy>=1.8", "the same, only non-dominated models as columns", fast=True
    ),
    "scipy": Rival(scipy_linprog, "scipy", "scipy>=1.15", "linprog, a new HiGHS model a programme"),
    "DEAPack": Rival(deapack, "DEAPack", "DEAPack==2.0.1", "SciPy's HiGHS; without slacks"),
    "Pyfrontier": Rival(pyfrontier, "Pyfrontier", "Pyfrontier==1.1.1", "two CBC processes a model; rounds to 6 digits"),
    "dealib": Rival(dealib, "dealib", "dealib==1.0.0", "its own simplex method"),
    "quantecon": Rival(quantecon, "quantecon", "quantecon==0.11.4", "linprog_simplex, compiled", fast=True),
}


def environment(name: str, folder: Path) -> str:
    """Make (or find) a virtual environment with the rival in it; return its Python."""
    rival = RIVALS[name]
    place = folder / rival.package.lower()
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    installed = place / "installed"
    if not installed.exists() or installed.read_text() != rival.requirement:
        venv.create(place, with_pip=True, clear=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", rival.requirement, "numpy"], capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError((done.stderr.strip() or "pip gave no message").splitlines()[-1])
        installed.write_text(rival.requirement)
    return str(python)


def main(name: str, file: str, rts: str, repeats: str) -> None:
    """Score the models of a file, then time it."""
    from importlib import metadata

    data = np.load(file)
    solve = RIVALS[name].make()
    scores = solve(data["inputs"], data["outputs"], rts)  # also compiles what is to be compiled
    times = []
    for _ in range(int(repeats)):
        start = time.perf_counter()
        solve(data["inputs"], data["outputs"], rts)
        times.append(time.perf_counter() - start)
    found = {
        "scores": [None if np.isnan(score) else float(score) for score in scores],
        "seconds": statistics.median(times) if times else None,
        "version": metadata.version(RIVALS[name].package),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
