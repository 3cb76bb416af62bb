"""Rank distributions as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.ticker import MaxNLocator

from paretoscope.arrays import IntArray, check_count
from paretoscope.plot.style import (
    ROW,
    SHADES,
    TOP,
    WIDTH,
    check_result,
    fit_rows,
    name_rows,
    open_axes,
    points,
    size_of,
    write_cells,
)
from paretoscope.resampling.draws import EfficiencyDraws

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SEEN = 0.005  # a probability below it is printed as 0.00 and looks white


def ranks(sim: EfficiencyDraws, *, top: int = TOP, ax: Axes | None = None) -> Axes:
    """Draw the probability of every rank of every model, the best on top.

    Models that tie share the better rank, so that a column may add up to more than 1.  Ranks end with the last that a
    model shown has in one of 200 draws.  More than 30 are drawn in ranges that grow in proportion: 1, 2, ..., 22-28.

    Parameters
    ----------
    sim : EfficiencyDraws
        From `paretoscope.bootstrap`.
    top : int
        At most so many models; how many are left out is said below the last.
    ax : Axes, optional
        Where to draw; by default in a new figure, as high as the models need.

    Returns
    -------
    Axes
        The models at y = 0, 1, ... from the top down; ranks, or their ranges, at x = 1, 2, ...

    Raises
    ------
    OptionError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> import paretoscope as ps
    >>> sim = ps.bootstrap(ps.load("imagenet"), n_resamples=200, rng=0)
    >>> ps.plot.ranks(sim).get_xlabel()
    'rank, 1 the best'
    """
    check_result("sim", sim, EfficiencyDraws, remedy="make them with paretoscope.bootstrap")
    top = check_count("top", top)
    order = sim.rank().sort_values(kind="stable").index[:top]
    by_rank = sim.rank_distribution().loc[order].to_numpy()
    n_hidden = len(sim.models) - len(by_rank)
    last = 1 + int(np.flatnonzero((by_rank >= _SEEN).any(axis=0)).max(initial=0))
    starts = _ranges(last)
    shown = np.add.reduceat(by_rank[:, :last], starts - 1, axis=1)

    ax = open_axes(ax, (WIDTH, 0.8 + ROW * max(len(shown) + bool(n_hidden), 5)))
    mesh = ax.pcolormesh(
        np.arange(len(starts) + 1) + 0.5,
        np.arange(len(shown) + 1) - 0.5,
        shown,
        cmap=SHADES,
        norm=PowerNorm(0.5, 0.0, 1.0),  # what is seldom is to be seen as well
        edgecolors="white",
        linewidth=0.8,
    )
    name_rows(ax, [str(model) for model in order], n_hidden=n_hidden)
    if len(starts) <= 12:
        texts = [["" if share < _SEEN else f"{share:.2f}" for share in row] for row in shown]
        write_cells(ax, texts, np.sqrt(shown), left=1.0)
    if len(starts) < last:
        ends = np.append(starts[1:] - 1, last)
        labels = [f"{a}" if a == b else f"{a}\N{EN DASH}{b}" for a, b in zip(starts, ends, strict=True)]
        size = min(points("small"), 0.8 * size_of(ax)[0] / len(labels))
        ax.set_xticks(range(1, len(labels) + 1), labels, rotation=90, fontsize=size)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlim(0.5, len(starts) + 0.5)
    ax.grid(False)
    ax.set_xlabel("rank, 1 the best")
    ax.spines[:].set_visible(False)
    figure = ax.get_figure()
    assert figure is not None
    figure.colorbar(mesh, ax=ax, label="probability", fraction=0.05, pad=0.02)
    fit_rows(ax)
    return ax


def _ranges(last: int) -> IntArray:
    """First ranks of ranges that hold the ranks from 1 to `last`: one rank each, or each a third of its first."""
    starts = [1]
    while starts[-1] < last:
        starts.append(starts[-1] + (1 if last <= TOP else max(1, starts[-1] // 3)))
    return np.array([start for start in starts if start <= last])
