"""Relative efficiency of models on one data set, by Data Envelopment Analysis (DEA): equation (1) of the paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from paretoscope.arrays import RTS, Array, IntArray, power_of_two_near, resolve_choice
from paretoscope.dea.envelope import ACCURACY, Envelope
from paretoscope.dea.exact import exact_slacks
from paretoscope.dea.frame import frame_of
from paretoscope.dea.programme import largest_slacks
from paretoscope.dea.review import review
from paretoscope.dea.suitability import check_suitable, resolve_orientation
from paretoscope.errors import SolverError
from paretoscope.kernels.free_disposal import free_disposal_efficiency
from paretoscope.kernels.technology import Technology, describe_technology
from paretoscope.measurements import Measurements, check_data
from paretoscope.notices import give_notice

_NOTHING = 1e-12  # in units of about 1, where rounding errors are that large
_OFF = 1e-7  # of the point that peers should add up to, where a solution is taken for one


@dataclass(frozen=True, eq=False)
class Efficiency:
    """Efficiency of each model, and what it rests on.

    Attributes
    ----------
    scores : Series
        Radial efficiency by model: 1 on the frontier, larger is better; ``inf`` where super-efficiency is infeasible.
    status : Series
        ``"optimal"``, ``"optimal (exact)"`` where the fast solver's certificate failed and whole-number arithmetic
        stood in, or ``"infeasible"``.
    gap : Series
        How far, relatively, the score may be from the exact one, by the primal and the dual solution behind it; 0 where
        it was found in exact arithmetic, NaN where it is infeasible.
    rts, orientation, super_efficiency
        As asked for.
    """

    data: Measurements
    scores: pd.Series[float]
    status: pd.Series[str]
    gap: pd.Series[float]
    rts: str
    orientation: str
    super_efficiency: bool

    def __repr__(self) -> str:
        """Say how many models are efficient."""
        n_efficient = int((self.scores >= 1.0).sum())
        kind = "super-efficiency" if self.super_efficiency else "efficiency"
        return (
            f"Efficiency({kind}, {self.rts}, {self.orientation}; {n_efficient} of {len(self.scores)} models efficient)"
        )

    @cached_property
    def _second_phase(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return _second_phase(self)

    @property
    def peers(self) -> pd.DataFrame:
        """Weights of the peers: a row a model, a column a model that is somebody's peer."""
        return self._second_phase[0].copy()

    @property
    def slacks(self) -> pd.DataFrame:
        """What remains after the radial move, in the metrics' units: input excess, output shortfall.

        Among all optimal solutions the one with the largest sum of slacks, each divided by about the metric's geometric
        mean, so that units do not matter.
        """
        return self._second_phase[1].copy()

    @property
    def targets(self) -> pd.DataFrame:
        """The point of the frontier that each model should reach, in the metrics' units; NaN where infeasible."""
        scores = self.scores.to_numpy()[:, np.newaxis]
        inputs, outputs = list(self.data.inputs), list(self.data.outputs)
        values, slacks = self.data.mean, self.slacks
        moved = values.astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.orientation == "input":
                moved[inputs] = values[inputs] * scores
            else:
                moved[outputs] = values[outputs] / scores
        moved[inputs] -= slacks[inputs]
        moved[outputs] += slacks[outputs]
        return moved


def scaled_means(data: Measurements) -> tuple[Array, Array]:
    """Means as (n_metrics, n_models), inputs first, in units of a power of two near each metric's geometric mean."""
    values = data.mean[list(data.metrics)].to_numpy(float).T
    units = np.array([power_of_two_near(row) for row in values])
    return np.ascontiguousarray(values / units[:, np.newaxis]), units


def technology_of(data: Measurements, rts: str, orientation: str) -> Technology:
    """Describe the data's technology to the kernels.

    The constant of a missing role says of the weights what vrs says of them, so that it needs no row of its own.
    """
    if not (data.inputs and data.outputs):
        rts = "vrs"
    return describe_technology(len(data.inputs), len(data.outputs), rts, output_oriented=orientation == "output")


def efficiency(
    data: Measurements, *, rts: str = "vrs", orientation: str | None = None, super_efficiency: bool = False
) -> Efficiency:
    r"""Relative efficiency of every model, at the means of its runs.

    Solves, for each model :math:`o`, the envelopment programme of Banker, Charnes and Cooper [1]_,

    .. math:: \min \theta \quad\text{s.t.}\quad \sum_j \lambda_j x_j \le \theta x_o, \;
              \sum_j \lambda_j y_j \ge y_o, \; \sum_j \lambda_j = 1, \; \lambda \ge 0

    which is what eq. (1) of [2]_ means (as printed, with a weight of its own for inputs and outputs, every model gets
    0).

    Parameters
    ----------
    data : Measurements
    rts : {"vrs", "crs", "nirs", "ndrs", "fdh"}
        Returns to scale: sum of weights equal to 1, free, at most 1, at least 1; or free disposal without combinations.
    orientation : {"input", "output"}
        Whether inputs shrink to ``theta`` times their size, or outputs grow by ``1 / theta``; by default ``"input"``,
        or ``"output"`` of data without inputs.  Where a role is missing, it is a constant 1 of every model.
    super_efficiency : bool
        Leave each model out of its own comparison [3]_; scores may exceed 1, and are ``inf`` where no combination of
        the others reaches the model.

    Returns
    -------
    Efficiency

    Raises
    ------
    OptionError
        If an option is not one of those above, or only the constant of a missing role moves, so that every model would
        score 1.
    DataError
        If a metric that is divided is negative or zero for all models, or a model's inputs are all zero; the message
        names the options that can use it.  Under ``vrs`` and ``fdh`` the metrics that stay (outputs in input
        orientation, inputs in output orientation) may be negative or zero.

    Warns
    -----
    FewModelsWarning, ShiftWarning, SmallnessWarning
        See `paretoscope.errors`.

    References
    ----------
    .. [1] Banker, Charnes, Cooper (1984), Management Science 30(9), 1078-1092.
    .. [2] Partovi Nia, Ghaffari, Zolnouri, Savaria (2022), "Rethinking Pareto Frontier for Performance Evaluation of
       Deep Neural Networks".
    .. [3] Andersen, Petersen (1993), Management Science 39(10), 1261-1264.

    Examples
    --------
    >>> import pandas as pd, paretoscope as ps
    >>> frame = pd.DataFrame({"model": list("ABCDEF"), "top1": [60, 70, 75, 76, 66, 71], "ms": [2, 4, 9, 20, 8, 12.0]})
    >>> data = ps.Measurements.from_frame(frame, outputs=["top1"], inputs=["ms"])
    >>> ps.efficiency(data).scores.round(3).to_dict()
    {'A': 1.0, 'B': 1.0, 'C': 1.0, 'D': 1.0, 'E': 0.4, 'F': 0.417}
    """
    check_data(data)
    rts = resolve_choice("rts", rts, RTS)
    orientation = resolve_orientation(data, rts, orientation)
    check_suitable(data, rts, orientation)
    give_notice(review(data, rts, orientation))
    return score_models(data, rts, orientation, super_efficiency)


def score_models(data: Measurements, rts: str, orientation: str, super_efficiency: bool = False) -> Efficiency:
    """Do what `efficiency` does, under checked options, and without its advice."""
    values, _ = scaled_means(data)
    if rts == "fdh":
        scores, status = _free_disposal(data, values, orientation, super_efficiency)
        gap = np.where(np.isfinite(scores), 0.0, np.nan)
    else:
        scores, status, gap = _radial(technology_of(data, rts, orientation), values, super_efficiency)
    index = pd.Index(data.models, name="model")
    return Efficiency(
        data=data,
        scores=pd.Series(scores, index, name="efficiency"),
        status=pd.Series(status, index, name="status", dtype=object),
        gap=pd.Series(gap, index, name="gap"),
        rts=rts,
        orientation=orientation,
        super_efficiency=super_efficiency,
    )


def _radial(technology: Technology, values: Array, super_efficiency: bool) -> tuple[Array, list[str], Array]:
    everyone = np.arange(values.shape[1])
    scored = Envelope(technology, values).score()
    scores, status, gap = scored.scores, scored.status, scored.gap
    if super_efficiency:
        # Only a model on the frontier can gain by leaving it.
        for o in np.flatnonzero(scores > 1.0 - ACCURACY):
            others = Envelope(technology, values[:, everyone != o])
            one = others.score(np.ascontiguousarray(values[:, [o]]))
            scores[o], status[o], gap[o] = one.scores[0], one.status[0], one.gap[0]
    else:
        scores = np.where(np.abs(scores - 1.0) < ACCURACY, 1.0, scores)
    return scores, status, gap


def _free_disposal(
    data: Measurements, values: Array, orientation: str, super_efficiency: bool
) -> tuple[Array, list[str]]:
    scores, peers = _free_disposal_peers(values, len(data.inputs), orientation, super_efficiency)
    return scores, ["optimal" if peer >= 0 else "infeasible" for peer in peers]


def _free_disposal_peers(
    values: Array, n_inputs: int, orientation: str, super_efficiency: bool
) -> tuple[Array, IntArray]:
    n_models = values.shape[1]
    skip = np.arange(n_models) if super_efficiency else np.full(n_models, -1)
    scores, peers = np.empty(n_models), np.empty(n_models, np.int64)
    free_disposal_efficiency(values, values, n_inputs, orientation == "output", skip, scores, peers)
    return scores, peers


def _second_phase(result: Efficiency) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Peers' weights and slacks of every model."""
    values, units = scaled_means(result.data)
    n_metrics, n_models = values.shape
    weights, slacks = np.zeros((n_models, n_models)), np.full((n_models, n_metrics), np.nan)
    if result.rts == "fdh":
        _free_disposal_slacks(result, values, weights, slacks)
    else:
        _largest_slacks(result, values, weights, slacks)
    serving = np.flatnonzero(weights.any(axis=0))
    models = pd.Index(result.data.models, name="model")
    peers = pd.Index([result.data.models[j] for j in serving], name="peer")
    metrics = list(result.data.metrics)
    return pd.DataFrame(weights[:, serving], models, peers), pd.DataFrame(slacks * units, models, metrics)


def _move(result: Efficiency, point: Array, score: float) -> Array:
    """Where the radial move of a point ends: inputs times its score, or outputs divided by it."""
    n_inputs = len(result.data.inputs)
    moved = point.copy()
    if result.orientation == "input":
        moved[:n_inputs] *= score
    else:
        moved[n_inputs:] /= score
    return moved


def _largest_slacks(result: Efficiency, values: Array, weights: Array, slacks: Array) -> None:
    """Fill in what a second linear programme a model finds."""
    technology = technology_of(result.data, result.rts, result.orientation)
    everyone = np.arange(values.shape[1])
    scores = result.scores.to_numpy()
    candidates = everyone[Envelope(technology, values).candidates]
    # Slacks are differences, so the origin is free where it is for the scores; units are not, they weigh the slacks.
    origin = frame_of(values, technology).origin
    for o in everyone[np.isfinite(scores) & (scores > 0.0)]:
        if result.super_efficiency:
            others = np.delete(everyone, o)
            candidates = others[Envelope(technology, values[:, others]).candidates]
        moved = _move(result, values[:, o], scores[o])
        found = _slacks_by_highs(technology, values[:, candidates], moved, origin)
        if found is None:
            grow = result.orientation == "output"
            found = exact_slacks(technology, values[:, candidates], values[:, o], outputs_grow=grow)
        weights[o, candidates], slacks[o] = found


def _slacks_by_highs(technology: Technology, columns: Array, moved: Array, origin: Array) -> tuple[Array, Array] | None:
    """Peers' weights and slacks, if the weights of what HiGHS finds add up to the point that they should."""
    try:
        weights, slacks = largest_slacks(columns - origin, moved - origin[:, 0], technology)
    except SolverError:
        return None
    weights[weights < _NOTHING] = 0.0
    slacks[slacks < _NOTHING] = 0.0
    signs = np.where(np.arange(len(moved)) < technology.n_inputs, 1.0, -1.0)
    off = np.abs(columns @ weights + signs * slacks - moved)
    return (weights, slacks) if (off <= _OFF * np.abs(moved)).all() else None


def _free_disposal_slacks(result: Efficiency, values: Array, weights: Array, slacks: Array) -> None:
    """Fill in what remains to the one peer of each model."""
    n_inputs = len(result.data.inputs)
    scores, peers = _free_disposal_peers(values, n_inputs, result.orientation, result.super_efficiency)
    for o in np.flatnonzero((peers >= 0) & (scores > 0.0)):
        weights[o, peers[o]] = 1.0
        away = _move(result, values[:, o], scores[o]) - values[:, peers[o]]
        away[n_inputs:] *= -1.0
        slacks[o] = np.where(away < _NOTHING, 0.0, away)
