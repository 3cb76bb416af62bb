"""A reference set and the facets found on it: scores points, and asks HiGHS where the kernel cannot certify one."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paretoscope.errors import SolverError
from paretoscope.kernels.candidates import find_candidates
from paretoscope.kernels.certificates import certify_scores
from paretoscope.kernels.envelopment import envelop_draws
from paretoscope.kernels.facets import allocate_facets
from paretoscope.kernels.technology import Technology, rts_name
from paretoscope.programme import radial_efficiency
from paretoscope.scaling import frame_of

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


ACCURACY = 1e-9  # a gap up to it proves a score, and a score of HiGHS this close to 1 is 1


@dataclass(frozen=True, slots=True)
class Scored:
    """Efficiency of some points, in their order, and what it rests on."""

    scores: Array
    status: list[str]
    gap: Array


def facet_room(n_points: int) -> int:
    """How many facets to make room for; beyond it the kernel still solves every point, only without remembering."""
    return 1024 + 4 * n_points


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
        self.frame = frame_of(values, technology.n_inputs, rts_name(technology.rts), self._orientation)
        self.values = self.frame.apply(np.ascontiguousarray(values))
        self._facets = allocate_facets(technology.rank, facet_room(values.shape[1]))
        self._n_facets = 0

    def fresh(self) -> Envelope:
        """The same reference set and facets, in room of its own: for use by another thread."""
        twin = copy.copy(self)
        twin._facets = allocate_facets(self.technology.rank, facet_room(self.values.shape[1]))
        twin._facets.basis[: self._n_facets] = self.bases
        return twin

    @property
    def bases(self) -> IntArray:
        """The bases of the facets found so far, (n_facets, rank - 1)."""
        return self._facets.basis[: self._n_facets].copy()

    @property
    def candidates(self) -> IntArray:
        """Indices of the models that no other dominates, the only ones that can carry the frontier."""
        n_metrics, n_models = self.values.shape
        indices, work = np.empty((2, n_models), np.int64), np.empty((n_metrics + 1, n_models))
        n_candidates = find_candidates(self.values, self.technology.n_inputs, np.arange(n_models), indices, work)
        return indices[0, :n_candidates].copy()

    def envelop(self, points: Array) -> tuple[Array, IntArray, IntArray]:
        """Scores, the kernel's status codes, and the facet each score rests on, of points (n_metrics, n_points)."""
        n_points = points.shape[1]
        scores, status = np.empty((1, n_points)), np.empty((1, n_points), np.int64)
        best = np.empty(n_points, np.int64)
        draws = self.values[np.newaxis], self.frame.apply(points)[np.newaxis]
        self._n_facets = envelop_draws(self.technology, *draws, self._facets, self._n_facets, scores, status, best)
        return scores[0], status[0], best

    def score(self, points: Array) -> Scored:
        """Score points and prove it: a certificate each, or HiGHS' word."""
        scores, _, best = self.envelop(points)
        gap = np.empty(points.shape[1])
        certify_scores(self.technology, self.values, self.frame.apply(points), self._facets, best, scores, gap)
        words = ["optimal"] * points.shape[1]
        for i in np.flatnonzero(~(gap <= ACCURACY)):
            scores[i] = self.solve_by_highs(points[:, i])
            gap[i] = np.nan
            words[i] = "optimal (HiGHS)"
            if not np.isfinite(scores[i]):
                words[i] = "failed" if np.isnan(scores[i]) else "infeasible"
        return Scored(scores, words, gap)

    def solve_by_highs(self, point: Array) -> float:
        """Efficiency of one point, (n_metrics,), by HiGHS; inf where out of reach, NaN where HiGHS finds no answer."""
        columns = self.values[:, self.candidates]
        framed = self.frame.apply(point[:, np.newaxis])[:, 0]
        rts = rts_name(self.technology.rts)
        try:
            score = radial_efficiency(columns, framed, self.technology.n_inputs, rts, self._orientation)
        except SolverError:
            return float("nan")
        return 1.0 if abs(score - 1.0) < ACCURACY else score

    @property
    def _orientation(self) -> str:
        return "output" if self.technology.output_oriented else "input"
