"""A reference set and the facets found on it: scores points, in whole numbers where the kernel cannot certify one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from paretoscope.arrays import Array, IntArray, StatusArray
from paretoscope.dea.certificates import certify_scores, is_computable
from paretoscope.dea.exact import exact_efficiency
from paretoscope.dea.frame import frame_of
from paretoscope.kernels.candidates import find_nondominated
from paretoscope.kernels.envelopment import Room, allocate_room, envelop_draws
from paretoscope.kernels.technology import NDRS, NIRS, VRS, Technology

ACCURACY = 1e-9  # a gap up to it proves a score


@dataclass(frozen=True, slots=True)
class Scored:
    """Efficiency of some points, in their order, and what it rests on."""

    scores: Array
    status: list[str]
    gap: Array


class Envelope:
    """The technology that a set of models spans.

    Parameters
    ----------
    technology : Technology
    values : (n_metrics, n_models) array
        Inputs first, every metric in units of about 1.
    """

    def __init__(self, technology: Technology, values: Array) -> None:
        self.technology = technology
        self.frame = frame_of(values, technology)
        self._models = np.ascontiguousarray(values)
        self.values = self.frame.apply(self._models)
        self.bases: IntArray = np.empty((0, technology.rank - 1), np.int64)  # of the facets found so far

    @cached_property
    def candidates(self) -> IntArray:
        """Indices of the models that no other dominates, the only ones that can carry the frontier."""
        return find_nondominated(self._models, self.technology.n_inputs)

    def allocate(self, n_points: int) -> Room:
        """Room to score so many points in."""
        return allocate_room(self.technology, self.values.shape[1], n_points)

    def envelop(self, points: Array | None = None, room: Room | None = None) -> tuple[Array, StatusArray, IntArray]:
        """Scores, the kernel's status codes, and the facet each score rests on.

        Of points, (n_metrics, n_points), or of the models themselves.  Starts from the facets of `bases`, and leaves
        there those it ended with.
        """
        framed = self.values if points is None else self.frame.apply(points)
        n_points, n_facets = framed.shape[1], len(self.bases)
        room = self.allocate(n_points) if room is None else room
        room.facets.basis[:n_facets] = self.bases
        scores, status = np.empty((1, n_points)), np.empty((1, n_points), np.int8)
        best = np.empty(n_points, np.int64)
        draws = self.values[np.newaxis], framed[np.newaxis], points is None
        n_facets = envelop_draws(self.technology, *draws, room, n_facets, scores, status, best)
        self.bases = room.facets.basis[:n_facets].copy()
        return scores[0], status[0], best

    def score(self, points: Array | None = None, *, accuracy: float = ACCURACY) -> Scored:
        """Score points, or the models themselves, and prove it: by a certificate, or in whole numbers.

        A score within `ACCURACY` of 1 is 1.
        """
        own = points is None
        points = self._models if points is None else np.ascontiguousarray(points)
        framed = self.frame.apply(points)
        if is_computable(self.values) and is_computable(framed):
            room = self.allocate(points.shape[1])
            scores, _, best = self.envelop(None if own else points, room)
            gaps = certify_scores(self.technology, self.values, framed, room.facets, best, scores, own)
            for i in np.flatnonzero((gaps[0] <= accuracy) & ~(gaps[1] <= accuracy)):
                peers = room.facets.basis[best[i]]
                gaps[1, i] = self._primal_gap(points[:, i], peers[peers < self._models.shape[1]], float(scores[i]))
            gap = gaps.max(axis=0)
        else:
            scores, gap = np.full((2, points.shape[1]), np.nan)
        words = ["optimal"] * scores.size
        # Whether a model is efficient is no matter of accuracy.
        near = (np.abs(scores - 1.0) <= accuracy) & (np.abs(scores - 1.0) > ACCURACY)
        for i in np.flatnonzero(~(gap <= accuracy) | near):
            scores[i] = self.solve_exactly(points[:, i])
            gap[i], words[i] = (0.0, "optimal (exact)") if np.isfinite(scores[i]) else (np.nan, "infeasible")
        return Scored(np.where(np.abs(scores - 1.0) <= ACCURACY, 1.0, scores), words, gap)

    def solve_exactly(self, point: Array) -> float:
        """Efficiency of one point, (n_metrics,), without a rounding error; inf where out of reach."""
        if is_out_of_reach(self.technology, self._models, point):
            return float("inf")
        return exact_efficiency(self.technology, self._models[:, self.candidates], point)

    def _primal_gap(self, point: Array, peers: IntArray, score: float) -> float:
        """How far a score is from what its peers alone make possible, without a rounding error."""
        if not peers.size:
            return float("nan")
        reached = exact_efficiency(self.technology, self._models[:, peers], point)
        return 0.0 if reached == score else abs(score - reached) / score if score > 0.0 else float("inf")


def is_out_of_reach(technology: Technology, models: Array, point: Array) -> bool:
    """Whether a point has more of an output than any model, or less of an input, and that metric cannot move.

    Where the sum of weights is at most 1 no mixture has more of an output than the most of one model; where it is at
    least 1 none has less of an input than the least.
    """
    n_inputs = technology.n_inputs
    if technology.output_oriented:
        holds, beats = technology.rts in (VRS, NDRS), point[:n_inputs] < models[:n_inputs].min(axis=1)
    else:
        holds, beats = technology.rts in (VRS, NIRS), point[n_inputs:] > models[n_inputs:].max(axis=1)
    return holds and bool(beats.any())
