"""A reference set and the facets found on it: scores points, and asks HiGHS where the kernel cannot certify one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from paretoscope.arrays import Array, IntArray, StatusArray
from paretoscope.dea.certificates import certify_scores
from paretoscope.dea.frame import frame_of
from paretoscope.dea.programme import radial_efficiency
from paretoscope.errors import SolverError
from paretoscope.kernels.candidates import find_nondominated
from paretoscope.kernels.envelopment import Room, allocate_room, envelop_draws
from paretoscope.kernels.technology import Technology

ACCURACY = 1e-9  # a gap up to it proves a score, and a score of HiGHS this close to 1 is 1


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
        self.values = self.frame.apply(np.ascontiguousarray(values))
        self.bases: IntArray = np.empty((0, technology.rank - 1), np.int64)  # of the facets found so far

    @cached_property
    def candidates(self) -> IntArray:
        """Indices of the models that no other dominates, the only ones that can carry the frontier."""
        return find_nondominated(self.values, self.technology.n_inputs)

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

    def score(self, points: Array | None = None) -> Scored:
        """Score points, or the models themselves, and prove it: a certificate each, or HiGHS' word."""
        framed = self.values if points is None else self.frame.apply(points)
        room = self.allocate(framed.shape[1])
        scores, _, best = self.envelop(points, room)
        gap = certify_scores(self.technology, self.values, framed, room.facets, best, scores, points is None)
        words = ["optimal"] * scores.size
        for i in np.flatnonzero(~(gap <= ACCURACY)):
            scores[i] = self._solve_framed_by_highs(framed[:, i])
            if points is None and scores[i] > 1.0:  # a model is a peer of its own, so HiGHS is wrong
                scores[i] = np.nan
            gap[i] = np.nan
            words[i] = "optimal (HiGHS)"
            if not np.isfinite(scores[i]):
                words[i] = "failed" if np.isnan(scores[i]) else "infeasible"
        return Scored(scores, words, gap)

    def solve_by_highs(self, point: Array) -> float:
        """Efficiency of one point, (n_metrics,), by HiGHS; inf where out of reach, NaN where HiGHS finds no answer."""
        return self._solve_framed_by_highs(self.frame.apply(point[:, np.newaxis])[:, 0])

    def _solve_framed_by_highs(self, point: Array) -> float:
        columns = self.values[:, self.candidates]
        try:
            score = radial_efficiency(columns, point, self.technology)
        except SolverError:
            return float("nan")
        return 1.0 if abs(score - 1.0) < ACCURACY else score
