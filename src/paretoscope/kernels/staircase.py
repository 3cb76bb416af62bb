"""The frontier of points (u, v) where u is better small and v better large: a staircase, or its concave hull."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.compiler import kernel


@kernel
def find_vertices(u: Array, v: Array, order: IntArray, concave: bool, vertices: IntArray) -> int:
    """Write the indices of the frontier's vertices, ascending in u and in v, and return how many there are.

    Parameters
    ----------
    u, v : (n_points,) arrays
    order : (n_points,) array
        The points in ascending order of u; ties in any order.
    concave : bool
        Whether to keep only the vertices of the concave hull from the least u on (Andrew's monotone chain).
    vertices : (n_points,) array
        Output, in its first entries.
    """
    n_vertices = 0
    for place in range(order.size):
        point = order[place]
        if n_vertices > 0:
            top = vertices[n_vertices - 1]
            if v[point] <= v[top]:
                continue
            if u[point] == u[top]:
                n_vertices -= 1
        if concave:
            while n_vertices >= 2:
                start, middle = vertices[n_vertices - 2], vertices[n_vertices - 1]
                below = (v[middle] - v[start]) * (u[point] - u[start])
                if below > (v[point] - v[start]) * (u[middle] - u[start]):
                    break
                n_vertices -= 1
        vertices[n_vertices] = point
        n_vertices += 1
    return n_vertices


@kernel
def evaluate_vertices(
    u: Array, v: Array, vertices: IntArray, n_vertices: int, concave: bool, grid: Array, heights: Array
) -> None:
    """Write the frontier's height at each value of `grid` (ascending); -inf before its first vertex."""
    vertex = -1
    for place in range(grid.size):
        while vertex + 1 < n_vertices and u[vertices[vertex + 1]] <= grid[place]:
            vertex += 1
        if vertex < 0:
            heights[place] = -np.inf
            continue
        left = vertices[vertex]
        heights[place] = v[left]
        if concave and vertex + 1 < n_vertices:
            right = vertices[vertex + 1]
            share = (grid[place] - u[left]) / (u[right] - u[left])
            heights[place] = (1.0 - share) * v[left] + share * v[right]


@kernel
def evaluate_draws(u: Array, v: Array, order: IntArray, concave: bool, grid: Array, heights: Array) -> None:
    """Write each draw's frontier on the grid.

    Parameters
    ----------
    u, v, order : (n_draws, n_points) arrays
        ``order[b]`` sorts ``u[b]``.
    grid : (n_grid,) array
        Ascending.
    heights : (n_draws, n_grid) array
        Output; -inf where no point reaches.
    """
    n_draws, n_points = u.shape
    vertices = np.empty(n_points, np.int64)
    for draw in range(n_draws):
        n_vertices = find_vertices(u[draw], v[draw], order[draw], concave, vertices)
        evaluate_vertices(u[draw], v[draw], vertices, n_vertices, concave, grid, heights[draw])
