"""Layered drawing of a directed acyclic graph (Sugiyama, Tagawa and Toda 1981), level by level.

Edges that span several rows get a place in each row between, so that they pass beside the names; the order within rows
is swept up and down by the mean position of neighbours (barycentres), and the one with the fewest crossings is kept;
positions are then drawn towards their neighbours as far as the widths of names allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import Array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_SWEEPS = 24


@dataclass(frozen=True, slots=True)
class Layout:
    """Where nodes and edges are.

    Attributes
    ----------
    x : list of float
        Middle of each node.
    rows : list of int
        Row of each node, 0 the lowest.
    levels : list of int
        Level of each row.
    lines : list of list of (float, int)
        For each edge the positions and rows that it passes, its ends included.
    """

    x: list[float]
    rows: list[int]
    levels: list[int]
    lines: list[list[tuple[float, int]]]


def lay_out(
    levels: Sequence[int], edges: Sequence[tuple[int, int]], widths: Sequence[float], *, widest: float, gap: float
) -> Layout:
    """Place the nodes of a graph in rows.

    Parameters
    ----------
    levels : sequence of int
        Of each node, from 1.  Edges lead to higher levels.
    edges : sequence of (int, int)
        Pairs of nodes.
    widths : sequence of float
        Of each node.
    widest : float
        A level that is wider takes several rows.
    gap : float
        Between two nodes of a row.

    Returns
    -------
    Layout

    Examples
    --------
    >>> diamond = [(0, 1), (0, 2), (1, 3), (2, 3)]
    >>> lay_out([1, 2, 2, 3], diamond, [10.0] * 4, widest=100.0, gap=5.0).x
    [0.0, -7.5, 7.5, 0.0]
    """
    rows, row_levels = _rows(levels, edges, widths, widest, gap)
    chains = _chains(rows, edges)
    n_places = max([len(widths), *(place + 1 for chain in chains for place in chain)])
    sizes = np.zeros(n_places)  # of nodes, then of the places that edges pass
    sizes[: len(widths)] = widths
    row_of = np.zeros(n_places, np.int64)
    row_of[: len(widths)] = rows
    above: dict[int, list[int]] = {place: [] for place in range(n_places)}
    below: dict[int, list[int]] = {place: [] for place in range(n_places)}
    for chain in chains:
        for step, (lower, upper) in enumerate(pairwise(chain)):
            row_of[upper] = row_of[chain[0]] + step + 1
            above[lower].append(upper)
            below[upper].append(lower)
    order = [np.flatnonzero(row_of == row).tolist() for row in range(len(row_levels))]
    order = _untangle(order, above, below)
    x = _positions(order, above, below, sizes, gap)
    return Layout(
        x=[float(x[node]) for node in range(len(widths))],
        rows=list(rows),
        levels=row_levels,
        lines=[[(float(x[place]), int(row_of[place])) for place in chain] for chain in chains],
    )


def _rows(
    levels: Sequence[int], edges: Sequence[tuple[int, int]], widths: Sequence[float], widest: float, gap: float
) -> tuple[list[int], list[int]]:
    """Give every node its row, and every row its level: a wide level is spread evenly over several rows."""
    rows, row_levels = [0] * len(levels), list[int]()
    has_above = {lower for lower, _ in edges}
    for level in sorted(set(levels)):
        members = [node for node, found in enumerate(levels) if found == level]
        members.sort(key=lambda node: node in has_above)  # a node with nothing above may well stand below others
        ends = np.cumsum([widths[node] + gap for node in members])
        n_rows = np.ceil(ends[-1] / widest)
        wanted = np.floor(n_rows * (ends - 0.5 * np.diff(ends, prepend=0.0)) / ends[-1])
        used, within = np.unique(wanted, return_inverse=True)  # a wide name can leave a row empty
        for node, row in zip(members, within.tolist(), strict=True):
            rows[node] = len(row_levels) + row
        row_levels += [level] * len(used)
    return rows, row_levels


def _chains(rows: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Split every edge at the rows that it passes; places beyond the nodes' numbers are new."""
    chains, n_places = [], len(rows)
    for lower, upper in edges:
        n_passed = rows[upper] - rows[lower] - 1
        chains.append([lower, *range(n_places, n_places + n_passed), upper])
        n_places += n_passed
    return chains


def _untangle(
    order: list[list[int]], above: Mapping[int, list[int]], below: Mapping[int, list[int]]
) -> list[list[int]]:
    """Reorder the rows, up and down in turn, by the mean position of each place's neighbours."""
    best, fewest = order, _crossings(order, above)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        upwards = sweep % 2 == 0
        neighbours = below if upwards else above
        order = [list(row) for row in order]
        for row in range(1, len(order)) if upwards else reversed(range(len(order) - 1)):
            position = {place: i for i, place in enumerate(order[row - 1 if upwards else row + 1])}
            centres = {
                place: float(np.mean([position[other] for other in near])) if (near := neighbours[place]) else float(i)
                for i, place in enumerate(order[row])
            }
            order[row].sort(key=centres.__getitem__)
        if (found := _crossings(order, above)) < fewest:
            best, fewest = order, found
    return best


def _crossings(order: list[list[int]], above: Mapping[int, list[int]]) -> int:
    """Count the pairs of lines between neighbouring rows that cross."""
    total = 0
    for lower, upper in pairwise(order):
        position = {place: i for i, place in enumerate(upper)}
        ends = np.array([end for place in lower for end in sorted(position[other] for other in above[place])])
        total += int(np.triu(ends[:, np.newaxis] > ends, 1).sum()) if len(ends) else 0
    return total


def _positions(
    order: list[list[int]],
    above: Mapping[int, list[int]],
    below: Mapping[int, list[int]],
    sizes: Array,
    gap: float,
) -> Array:
    """Draw places towards the middle of their neighbours, in their order and clear of each other."""
    x = np.zeros(len(sizes))
    offsets = {}
    for row, places in enumerate(order):
        half = sizes[places] / 2.0
        steps = half[1:] + half[:-1] + gap
        offsets[row] = np.concatenate([[0.0], np.cumsum(steps)])
        x[places] = offsets[row] - offsets[row].mean()
    rows = range(len(order))
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            places = order[row]
            wished = [np.mean(x[near]) if (near := above[p] + below[p]) else x[p] for p in places]
            x[places] = offsets[row] + _nondecreasing(np.array(wished) - offsets[row])
    centred: Array = x - (x.min() + x.max()) / 2.0
    return centred


def _nondecreasing(values: Array) -> Array:
    """The nearest sequence, by least squares, that never falls: pooled neighbours share their mean."""
    pools: list[tuple[float, int]] = []
    for value in values.tolist():
        mean, count = value, 1
        while pools and pools[-1][0] >= mean:
            other, n = pools.pop()
            mean, count = (other * n + mean * count) / (n + count), n + count
        pools.append((mean, count))
    return np.concatenate([np.full(count, mean) for mean, count in pools])
