"""Step 2 of Algorithm 1: what scores a batch of simulated data sets, under each kind of frontier."""

from __future__ import annotations

from copy import copy
from typing import Protocol, TypeVar

import numpy as np

from paretoscope.arrays import Array, BoolArray, StatusArray
from paretoscope.dea.efficiencies import scaled_means, technology_of
from paretoscope.dea.envelope import Envelope, Scored
from paretoscope.kernels.envelopment import Room, allocate_room, envelop_draws
from paretoscope.kernels.free_disposal import free_disposal_draws, free_disposal_efficiency
from paretoscope.kernels.technology import CERTIFIED, INFEASIBLE, UNRESOLVED, Technology
from paretoscope.measurements import Measurements
from paretoscope.resampling.doubts import are_far, doubtful_draws, suitable_frame

Item = TypeVar("Item")
_NEARLY = 1e-6
_ACCURACY = 1e-7  # of what is proven: noise is larger, and much more is within reach of floating-point numbers


class Solver(Protocol):
    """Scores a batch of draws into a given array; returns how many scores had to be found exactly."""

    def __call__(self, draws: Array, scores: Array, /) -> int:
        """Score the draws, (n_draws, n_metrics, n_models), which may be overwritten."""


def make_solver(data: Measurements, rts: str, orientation: str, frontier: str) -> Solver:
    """What scores a batch under these options; draws have the units of `scaled_means`."""
    means, _ = scaled_means(data)
    if rts == "fdh":
        return FreeDisposalSolver(len(data.inputs), orientation == "output", means if frontier == "fixed" else None)
    technology = technology_of(data, rts, orientation)
    return FixedFrontierSolver(technology, means) if frontier == "fixed" else RandomFrontierSolver(technology, means)


class RandomFrontierSolver:
    """All models vary, and the frontier with them.

    Every batch starts from the facets of the means, so that it does not matter which batches were solved before.
    """

    def __init__(self, technology: Technology, means: Array) -> None:
        start = Envelope(technology, means)
        _, _, resting = start.envelop()
        self._technology = technology
        self._frame = start.frame
        # Those that a score rests on; the last ones of a full cache are not among the bases.
        self._bases = start.bases[np.unique(resting[(resting >= 0) & (resting < len(start.bases))])]
        self._idle: list[Room] = []  # new memory for every batch would cost a tenth of the time

    def __call__(self, draws: Array, scores: Array, /) -> int:
        """Score the draws."""
        n_draws, _, n_models = draws.shape
        frame = suitable_frame(self._technology, self._frame, draws[0])
        doubtful = doubtful_draws(self._technology, draws, frame.apply(draws[:2]))
        unframed = draws[doubtful]
        room = take(self._idle) or allocate_room(self._technology, n_models, n_models)
        n_facets = len(self._bases)
        room.facets.basis[:n_facets] = self._bases
        status, best = np.empty((n_draws, n_models), np.int8), np.empty(n_models, np.int64)
        frame.apply_in_place(draws)
        envelop_draws(self._technology, draws, draws, True, room, n_facets, scores, status, best)
        self._idle.append(room)
        n_exact = 0
        for draw, values in zip(doubtful, unframed, strict=True):
            proven = Envelope(self._technology, values).score(accuracy=_ACCURACY)
            n_exact += _correct(scores[draw], status[draw], proven)
        unsettled = (status != CERTIFIED) | _is_nearly_1(scores)
        unsettled[doubtful] = False
        for draw in np.flatnonzero(unsettled.any(axis=1)):
            envelope = Envelope(self._technology, draws[draw])
            for model in np.flatnonzero(unsettled[draw]):
                exact = envelope.solve_exactly(draws[draw, :, model])
                if status[draw, model] != CERTIFIED or exact == 1.0:
                    scores[draw, model] = exact
                    n_exact += 1
        return n_exact


class FixedFrontierSolver:
    """Only the model in question varies: it meets the others' means, and itself."""

    def __init__(self, technology: Technology, means: Array) -> None:
        self._technology = technology
        self._means = means
        self._far = bool(are_far(means).any())
        self._others = [Envelope(technology, np.delete(means, o, axis=1)) for o in range(means.shape[1])]
        room = self._others[0].allocate(means.shape[1])
        for others in self._others:
            others.envelop(means, room)  # finds most facets once, for every batch to start from
        self._idle: list[Room] = []

    def __call__(self, draws: Array, scores: Array, /) -> int:
        """Score the draws."""
        room = take(self._idle)
        if room is None or room.workspace.queue.size != len(draws):
            room = self._others[0].allocate(len(draws))
        met = np.stack([np.hstack([values, self._means]) for values in draws[:2]])
        doubtful = np.arange(len(draws)) if self._far else doubtful_draws(self._technology, draws, met)
        n_exact = 0
        for o, others in enumerate(self._others):
            points = np.ascontiguousarray(draws[:, :, o].T)
            # A copy, which may find facets of its own, so that the batches do not depend on each other.
            reached, status, _ = copy(others).envelop(points, room)
            reached[status == INFEASIBLE] = np.inf  # beyond what the others reach
            if doubtful.size:
                found, of_some = reached[doubtful], status[doubtful]
                n_exact += _correct(found, of_some, copy(others).score(points[:, doubtful], accuracy=_ACCURACY))
                reached[doubtful], status[doubtful] = found, CERTIFIED
            for draw in np.flatnonzero((status == UNRESOLVED) | _is_nearly_1(reached)):
                exact = others.solve_exactly(points[:, draw])
                if status[draw] == UNRESOLVED or exact >= 1.0:
                    reached[draw] = exact
                    n_exact += 1
            # There the model is on the frontier that it makes itself.
            scores[:, o] = np.minimum(reached, 1.0)
        self._idle.append(room)
        return n_exact


def _is_nearly_1(scores: Array) -> BoolArray:
    """Scores that rounding may have kept from 1: whether a model is efficient is no matter of accuracy."""
    nearly: BoolArray = (scores > 1.0 - _NEARLY) & (scores < 1.0)
    return nearly


def _correct(scores: Array, status: StatusArray, proven: Scored) -> int:
    """Replace scores that a proof shows to be wrong; return how many had to be found exactly."""
    within = _ACCURACY * np.where(np.isfinite(proven.scores), proven.scores, 0.0)
    with np.errstate(invalid="ignore"):
        right = (scores == proven.scores) | (np.abs(scores - proven.scores) <= within)
    replaced = ~right | ((scores == 1.0) != (proven.scores == 1.0)) | (status == UNRESOLVED)
    scores[replaced] = proven.scores[replaced]
    return sum(word == "optimal (exact)" for word in proven.status)


class FreeDisposalSolver:
    """Free disposal without combinations, by enumeration."""

    def __init__(self, n_inputs: int, output_oriented: bool, fixed: Array | None) -> None:
        self._n_inputs = n_inputs
        self._output_oriented = output_oriented
        self._fixed = fixed

    def __call__(self, draws: Array, scores: Array, /) -> int:
        """Score the draws."""
        if self._fixed is None:
            free_disposal_draws(draws, self._n_inputs, self._output_oriented, scores)
            return 0
        n_draws, _, n_models = draws.shape
        peers, reached = np.empty(n_draws, np.int64), np.empty(n_draws)
        for o in range(n_models):
            points, skip = np.ascontiguousarray(draws[:, :, o].T), np.full(n_draws, o)
            free_disposal_efficiency(self._fixed, points, self._n_inputs, self._output_oriented, skip, reached, peers)
            scores[:, o] = np.minimum(reached, 1.0)
        return 0


def take(items: list[Item]) -> Item | None:
    """Take the last of what several threads take from; None if there is none."""
    try:
        return items.pop()
    except IndexError:
        return None
