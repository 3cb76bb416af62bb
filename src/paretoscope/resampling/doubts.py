"""Which draws the kernel's tolerances might get wrong, so that each of their scores needs a proof of its own."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, BoolArray, IndexArray
from paretoscope.dea.frame import Frame, frame_of
from paretoscope.kernels.technology import NDRS, NIRS, VRS, Technology

# Found by comparing the kernel with exact arithmetic on random data: beyond them some scores were off by 1e-6 and more.
FARTHEST = 2.0**13  # how many times its unit a value may be, and the unit the value
NEAREST = 1e-7  # what two values differ by at least, or not at all, for the largest of their metric
_MOST_SPREAD = 64.0


def doubtful_draws(technology: Technology, draws: Array, seen: Array) -> IndexArray:
    """Draws with a value that is far from its unit; all, if two models are nearly tied in a metric that cannot move.

    Nearly tied in two draws: by what they are, and not by chance.

    Parameters
    ----------
    technology : Technology
    draws : (n_draws, n_metrics, n_models) array
        In units of about 1.
    seen : (1 or 2, n_metrics, n_points) array
        What is compared in the first two draws, in its frame.
    """
    if any(_are_nearly_tied(seen[0, metric], seen[-1, metric]) for metric in _decisive_metrics(technology)):
        return np.arange(len(draws))
    if draws.min() >= 1.0 / FARTHEST and draws.max() <= FARTHEST:
        return np.arange(0)
    return np.flatnonzero(are_far(draws).any(axis=(1, 2)))


def are_far(values: Array) -> BoolArray:
    """Which values, in units of about 1, are too large or too small for the kernel's tolerances; not those of 0."""
    sizes = np.abs(values)
    far: BoolArray = (sizes > FARTHEST) | ((sizes < 1.0 / FARTHEST) & (sizes > 0.0))
    return far


def _decisive_metrics(technology: Technology) -> range:
    """Metrics in which the smallest difference can decide between 1 and any other score.

    Those that cannot move, where the weights cannot grow, or shrink, to make up for it.  All else makes scores change
    by no larger a share than the data do.
    """
    n_metrics = technology.n_inputs + technology.n_outputs
    if technology.output_oriented:
        return range(technology.n_inputs) if technology.rts in (VRS, NDRS) else range(0)
    return range(technology.n_inputs, n_metrics) if technology.rts in (VRS, NIRS) else range(0)


def _are_nearly_tied(first: Array, second: Array) -> bool:
    """Whether two values differ, by next to nothing for their metric, in one draw and in another."""
    limit = NEAREST * np.abs(first).max()
    order = np.argsort(first)
    gaps, later = np.diff(first[order]), np.abs(np.diff(second[order]))
    return bool(((gaps > 0.0) & (gaps < limit) & (later < limit)).any())


def suitable_frame(technology: Technology, frame: Frame, values: Array) -> Frame:
    """The frame of the means if a draw, (n_metrics, n_models), has about its spread, else one of the draw's own.

    Means can be nearly tied where draws are not, and the other way round.
    """
    if technology.rts != VRS:
        return frame
    spread = np.ptp(frame.apply(values)[_decisive_metrics(technology)], axis=1)
    return frame if ((spread < _MOST_SPREAD) & (spread > 1.0 / _MOST_SPREAD)).all() else frame_of(values, technology)
