"""The frontier of three metrics as flat pieces: the lower hull of the models and of what free disposal adds.

Under variable returns to scale all that is no better than some mixture of models is within reach.  Within a box, that
is the convex hull of finitely many points: the models, and the models with some metrics let go as far as the box
reaches.  It is found point by point: what a point sees of the hull so far is taken off, and the rim is joined to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from paretoscope.arrays import Array, IntArray

# With all metrics from 0 to 1: what counts as no distance from a plane, no area, no angle between two planes.
_NEAR, _FLAT, _STRAIGHT = 1e-10, 1e-14, 1e-9


@dataclass(frozen=True, slots=True)
class Facet:
    """A flat piece of the frontier.

    Attributes
    ----------
    corners : (n_corners, 3) array
        In order around the facet.
    models : list of int
        The models among the corners; the others come of free disposal.
    normal : (3,) array
        Outward, of unit length with all metrics from 0 to 1.  Each entry is negative where more of the metric is needed
        to stay on the facet, or zero where free disposal makes it.
    """

    corners: Array
    models: list[int]
    normal: Array

    @property
    def is_efficient(self) -> bool:
        """Whether it is made of mixtures of models alone."""
        return bool((self.normal < 0.0).all())


def frontier_facets(points: Array, worst: Array) -> list[Facet]:
    """Find the facets of the frontier of three metrics that are all better small.

    Parameters
    ----------
    points : (n_models, 3) array
    worst : (3,) array
        Where free disposal ends; greater than all points in each metric.

    Returns
    -------
    list of Facet

    Examples
    --------
    >>> facets = frontier_facets(np.array([[1.0, 2.0, 3.0]]), np.array([9.0, 9.0, 9.0]))
    >>> sorted(facet.normal.tolist() for facet in facets)
    [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]]
    >>> [facet.models for facet in facets]
    [[0], [0], [0]]
    """
    low = points.min(axis=0)
    disposed = np.array(list(product([False, True], repeat=3)))[:, np.newaxis]
    raw = np.where(disposed, worst, points).reshape(-1, 3)
    framed = np.where(disposed, 1.0, (points - low) / (worst - low)).reshape(-1, 3)
    framed, origin = np.unique(framed, axis=0, return_index=True)
    triangles, normals = _hull(framed)
    # The far sides of the box are no frontier.
    kept = ~(framed[triangles] == 1.0).all(axis=1).any(axis=1)
    facets = []
    for loop, normal in _merge(triangles[kept], normals[kept]):
        of = origin[loop]
        models = of[of < len(points)].tolist()  # the first ones in `raw` have nothing disposed of
        facets.append(Facet(raw[of], models, np.where(np.abs(normal) < _STRAIGHT, 0.0, normal)))
    return facets


def _hull(points: Array) -> tuple[IntArray, Array]:
    """Find the convex hull of points in the unit cube, among them (1, 1, 1) and its neighbours such as (0, 1, 1).

    Returns
    -------
    triangles : (n_triangles, 3) array
        IndexArray of corners, anticlockwise as seen from outside.
    normals : (n_triangles, 3) array
        Of unit length, outward.
    """
    wanted = np.vstack([1.0 - np.eye(3), np.ones(3)])
    start = [int(np.flatnonzero((points == corner).all(axis=1))[0]) for corner in wanted]
    triangles = np.array([np.delete(start, omitted) for omitted in range(4)])
    normals, offsets = _planes(points, triangles)
    inward = normals @ points[start].mean(axis=0) > offsets
    triangles[inward] = triangles[inward][:, ::-1]
    normals, offsets = _planes(points, triangles)
    for point in np.delete(np.arange(len(points)), start):
        seen = normals @ points[point] > offsets + _NEAR
        if not seen.any():
            continue
        edges = _edges(triangles[seen])
        rim = np.array([(a, b, point) for a, b in edges if (b, a) not in edges])
        joined, distances = _planes(points, rim)
        triangles = np.concatenate([triangles[~seen], rim])
        normals, offsets = np.concatenate([normals[~seen], joined]), np.concatenate([offsets[~seen], distances])
    flat = np.linalg.norm(normals, axis=1) == 0.0
    return triangles[~flat], normals[~flat]


def _planes(points: Array, triangles: IntArray) -> tuple[Array, Array]:
    """Normals of unit length, zero for a triangle without area, and distances from the origin."""
    a, b, c = points[triangles].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    areas = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(areas > _FLAT, normals / np.maximum(areas, _FLAT), 0.0)
    return normals, np.einsum("ij,ij->i", normals, a)


def _edges(triangles: IntArray) -> dict[tuple[int, int], int]:
    """Directed edges of triangles, and the triangle that each belongs to."""
    sides = ((i, side) for i, (a, b, c) in enumerate(triangles.tolist()) for side in ((a, b), (b, c), (c, a)))
    return {side: i for i, side in sides}


def _merge(triangles: IntArray, normals: Array) -> list[tuple[list[int], Array]]:
    """Join neighbouring triangles in one plane to convex polygons: indices of their corners, in order, and normals."""
    edges = _edges(triangles)
    plane = np.full(len(triangles), -1)
    found = []
    for first in range(len(triangles)):
        if plane[first] >= 0:
            continue
        plane[first] = first
        waiting, following = [first], {}
        while waiting:
            a, b, c = triangles[waiting.pop()].tolist()
            for edge in ((a, b), (b, c), (c, a)):
                other = edges.get(edge[::-1], -1)
                if other < 0 or normals[other] @ normals[first] < 1.0 - _STRAIGHT:
                    following[edge[0]] = edge[1]
                elif plane[other] < 0:
                    plane[other] = first
                    waiting.append(other)
        loop = [min(following)]
        while (corner := following[loop[-1]]) != loop[0]:
            loop.append(corner)
        found.append((loop, normals[first]))
    return found
