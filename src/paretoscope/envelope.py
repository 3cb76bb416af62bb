"""A reference set and the facets found on it: scores points, and asks HiGHS where the kernel cannot certify one."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paretoscope.certificates import certify_scores
from paretoscope.errors import SolverError
from paretoscope.kernels.candidates import find_nondominated
from paretoscope.kernels.envelopment import Room, allocate_room, envelop_draws
from paretoscope.kernels.technology import StatusArray, Technology, rts_name
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
        self._room = self._allocate(values.shape[1])
        self._n_facets = 0

    def fresh(self) -> Envelope:
        """The same reference set and facets, in room of its own: for use by another thread."""
        twin = copy.copy(self)
        twin._room = self._allocate(self.values.shape[1])
        twin._room.facets.basis[: self._n_facets] = self.bases
        return twin

    @property
    def bases(self) -> IntArray:
        """The bases of the facets found so far, (n_facets, rank - 1)."""
        return self._room.facets.basis[: self._n_facets].copy()

    @property
    def candidates(self) -> IntArray:
        """Indices of the models that no other dominates, the only ones that can carry the frontier."""
        return find_nondominated(self.values, self.technology.n_inputs)

    def envelop(self, points: Array | None = None) -> tuple[Array, StatusArray, IntArray]:
        """Scores, the kernel's status codes, and the facet each score rests on.

        Of points, (n_metrics, n_points), or of the models themselves.
        """
        framed = self.values if points is None else self.frame.apply(points)
        n_points = framed.shape[1]
        if self._room.workspace.queue.size != n_points:
            bases, self._room = self.bases, self._allocate(n_points)
            self._room.facets.basis[: len(bases)] = bases
        scores, status = np.empty((1, n_points)), np.empty((1, n_points), np.int8)
        best = np.empty(n_points, np.int64)
        draws = self.values[np.newaxis], framed[np.newaxis], points is None
        self._n_facets = envelop_draws(self.technology, *draws, self._room, self._n_facets, scores, status, best)
        return scores[0], status[0], best

    def _allocate(self, n_points: int) -> Room:
        return allocate_room(self.technology, self.values.shape[1], n_points)

    def score(self, points: Array | None = None) -> Scored:
        """Score points, or the models themselves, and prove it: a certificate each, or HiGHS' word."""
        scores, _, best = self.envelop(points)
        framed = self.values if points is None else self.frame.apply(points)
        gap = certify_scores(self.technology, self.values, framed, self._room.facets, best, scores)
        words = ["optimal"] * scores.size
        for i in np.flatnonzero(~(gap <= ACCURACY)):
            scores[i] = self._solve_framed_by_highs(framed[:, i])
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
        rts = rts_name(self.technology.rts)
        try:
            score = radial_efficiency(columns, point, self.technology.n_inputs, rts, self._orientation)
        except SolverError:
            return float("nan")
        return 1.0 if abs(score - 1.0) < ACCURACY else score

    @property
    def _orientation(self) -> str:
        return "output" if self.technology.output_oriented else "input"
