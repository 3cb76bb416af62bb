"""Where names go beside their points, so that none covers another: greedy, name by name, the same every time."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, BoolArray

# Places to try around a point: to the right and left first, then above and below, each a step further out.
_TURNS = np.array([0, 8, 1, 15, 4, 12, 2, 14, 3, 13, 7, 9, 6, 10, 5, 11]) * (np.pi / 8.0)
_STEPS = np.array([1.0, 1.6, 2.5, 3.7, 5.2, 7.0, 9.5, 12.5, 16.0, 20.0, 25.0, 31.0, 38.0])
_PER_LEADER = 12  # points that stand for a line from a name to its point


def place_names(
    anchors: Array, sizes: Array, obstacles: Array, frame: Array, *, gap: float, pad: float = 1.0
) -> tuple[Array, Array]:
    """Find a place for every name.

    Parameters
    ----------
    anchors : (n_names, 2) array
        The points that are named, in pixels; the first ones are placed first.
    sizes : (n_names, 2) array
        Widths and heights of the names.
    obstacles : (n_obstacles, 2) array
        Points and samples of curves that names had better not cover.  NaN covers nothing.
    frame : (2, 2) array
        Lower left and upper right corner of where names may be.
    gap : float
        Least distance of a name from its point.
    pad : float
        Least distance between two names.

    Returns
    -------
    corners : (n_names, 2) array
        Lower left corners.  NaN for a point outside the frame, and where there is no place.
    ends : (n_names, 2) array
        The end of the line that leads from the point to its name.  NaN where the name is close enough to need none.

    Examples
    --------
    >>> at = np.array([[50.0, 50.0], [52.0, 50.0]])
    >>> corners, _ = place_names(at, np.array([[30.0, 10.0]] * 2), at, np.array([[0.0, 0.0], [100.0, 100.0]]), gap=4.0)
    >>> corners.round()
    array([[16., 45.],
           [56., 45.]])
    """
    n_names = len(anchors)
    corners, ends = np.full((n_names, 2), np.nan), np.full((n_names, 2), np.nan)
    directions = np.column_stack([np.cos(_TURNS), np.sin(_TURNS)])
    away = gap * np.repeat(_STEPS, len(_TURNS))[:, np.newaxis]
    directions = np.tile(directions, (len(_STEPS), 1))
    taken = np.empty((0, 2, 2))
    leaders = np.empty((0, 2))
    inside = ((anchors >= frame[0]) & (anchors <= frame[1])).all(axis=1)
    for name in np.flatnonzero(inside):
        # The side of the name that faces the point turns with the direction, from its left end to its right one.
        low = anchors[name] + away * directions - sizes[name] * (1.0 - directions) / 2.0
        boxes = np.stack([low, low + sizes[name]], axis=1)
        nearest = np.clip(anchors[name], boxes[:, 0], boxes[:, 1])
        possible = (boxes[:, 0] >= frame[0]).all(axis=1) & (boxes[:, 1] <= frame[1]).all(axis=1)
        possible &= ~_overlap(boxes, taken, pad).any(axis=1)
        if not possible.any():
            continue
        cost = away[:, 0] / gap + 1e-3 * np.arange(len(boxes))
        cost += 3.0 * _covered(boxes, obstacles, 2.5 * pad).sum(axis=1)
        cost += 6.0 * _covered(boxes, leaders, pad).any(axis=1)
        far = away[:, 0] > 1.6 * gap
        lines = _samples(anchors[name], nearest)
        crossed = _covered(taken, lines.reshape(-1, 2), pad).any(axis=0).reshape(len(boxes), -1).any(axis=1)
        cost += 12.0 * (far & crossed)
        best = int(np.argmin(np.where(possible, cost, np.inf)))
        corners[name] = boxes[best, 0]
        taken = np.concatenate([taken, boxes[[best]]])
        if far[best]:
            ends[name] = nearest[best]
            leaders = np.concatenate([leaders, lines[best]])
    return corners, ends


def _samples(start: Array, ends: Array) -> Array:
    """Points on the lines from one point to several, (n_ends, n_samples, 2)."""
    shares = np.linspace(0.0, 1.0, _PER_LEADER)[:, np.newaxis]
    lines: Array = start + shares * (ends[:, np.newaxis] - start)
    return lines


def _overlap(boxes: Array, others: Array, pad: float) -> BoolArray:
    """Whether boxes, (n, 2, 2), meet others, (m, 2, 2): (n, m)."""
    low, high = boxes[:, np.newaxis, 0], boxes[:, np.newaxis, 1]
    return np.asarray(((low < others[:, 1] + pad) & (others[:, 0] < high + pad)).all(axis=2))


def _covered(boxes: Array, points: Array, pad: float) -> BoolArray:
    """Whether boxes, (n, 2, 2), cover points, (m, 2): (n, m)."""
    low, high = boxes[:, np.newaxis, 0], boxes[:, np.newaxis, 1]
    return np.asarray(((points > low - pad) & (points < high + pad)).all(axis=2))
