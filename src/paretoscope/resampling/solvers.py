"""Step 2 of Algorithm 1: what scores a batch of simulated data sets, under each kind of frontier."""

from __future__ import annotations

from copy import copy
from typing import Protocol, TypeVar

import numpy as np

from paretoscope.arrays import Array
from paretoscope.dea.efficiencies import scaled_means, technology_of
from paretoscope.dea.envelope import Envelope
from paretoscope.kernels.envelopment import Room, allocate_room, envelop_draws
from paretoscope.kernels.free_disposal import free_disposal_draws, free_disposal_efficiency
from paretoscope.kernels.technology import CERTIFIED, INFEASIBLE, UNRESOLVED, Technology
from paretoscope.measurements import Measurements

Item = TypeVar("Item")


class Solver(Protocol):
    """Scores a batch of draws into a given array; returns how many scores HiGHS had to find."""

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
        room = take(self._idle) or allocate_room(self._technology, n_models, n_models)
        n_facets = len(self._bases)
        room.facets.basis[:n_facets] = self._bases
        status, best = np.empty((n_draws, n_models), np.int8), np.empty(n_models, np.int64)
        self._frame.apply_in_place(draws)
        envelop_draws(self._technology, draws, draws, True, room, n_facets, scores, status, best)
        self._idle.append(room)
        unsolved = status != CERTIFIED
        for draw in np.flatnonzero(unsolved.any(axis=1)):
            envelope = Envelope(self._technology, draws[draw])
            for model in np.flatnonzero(unsolved[draw]):
                score = envelope.solve_by_highs(draws[draw, :, model])
                scores[draw, model] = score if score <= 1.0 else np.nan  # a model is a peer of its own: HiGHS is wrong
        return int(unsolved.sum())


class FixedFrontierSolver:
    """Only the model in question varies: it meets the others' means, and itself."""

    def __init__(self, technology: Technology, means: Array) -> None:
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
        n_highs = 0
        for o, others in enumerate(self._others):
            points = np.ascontiguousarray(draws[:, :, o].T)
            # A copy, which may find facets of its own, so that the batches do not depend on each other.
            reached, status, _ = copy(others).envelop(points, room)
            for draw in np.flatnonzero(status == UNRESOLVED):
                reached[draw] = others.solve_by_highs(points[:, draw])
                n_highs += 1
            # Beyond what the others reach, the model is on the frontier that it makes itself.
            scores[:, o] = np.where(status == INFEASIBLE, 1.0, np.minimum(reached, 1.0))
        self._idle.append(room)
        return n_highs


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
