"""Distributions of efficiency in ranked order (the paper's Fig. 3a)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from paretoscope.arrays import Array, check_count
from paretoscope.orders.sorted_draws import quantiles, sort_rows
from paretoscope.plot.style import (
    BLUE,
    INK,
    PALE,
    ROW,
    TOP,
    VERMILION,
    WIDTH,
    check_result,
    clear_frame,
    explain,
    fit_rows,
    label_axis,
    name_rows,
    note_row,
    open_axes,
)
from paretoscope.resampling.draws import EfficiencyDraws

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BOX = 0.28  # half the height of a box, in rows
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def efficiency(sim: EfficiencyDraws, *, top: int = TOP, confidence: float = 0.95, ax: Axes | None = None) -> Axes:
    """Draw each model's distribution of efficiency, the best on top, with its tier (the paper's Fig. 3a).

    A box holds the middle half of the draws with their median, a line the range from 5 to 95 %, and a diamond stands at
    the efficiency at the means of the runs.  Bands of models in the same tier are shaded in turn.

    Parameters
    ----------
    sim : EfficiencyDraws
        From `paretoscope.bootstrap`.
    top : int
        At most so many models; how many are left out is said below the last.
    confidence : float
        For the tiers, see `EfficiencyDraws.tiers`.
    ax : Axes, optional
        Where to draw; by default in a new figure, as high as the models need.

    Returns
    -------
    Axes
        The models at y = 0, 1, ... from the top down.  An infinite efficiency is an arrow at the right edge.

    Raises
    ------
    OptionError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> import paretoscope as ps
    >>> sim = ps.bootstrap(ps.load("imagenet"), n_resamples=200, rng=0)
    >>> ax = ps.plot.efficiency(sim, top=5)
    >>> ax.get_yticklabels()[-1].get_text() == f"… and {len(sim.models) - 5} more"
    True
    """
    check_result("sim", sim, EfficiencyDraws, remedy="make them with paretoscope.bootstrap")
    top = check_count("top", top)
    summary = sim.summary(confidence=confidence)
    names = [str(model) for model in summary.index[:top]]
    n_hidden = len(summary) - len(names)
    columns = [sim.models.index(name) for name in names]
    spread = quantiles(sort_rows(sim.complete_draws[:, columns]), _QUANTILES)
    at_means = summary["efficiency"].to_numpy(float)[:top]

    ax = open_axes(ax, (WIDTH, 1.1 + ROW * (len(names) + bool(n_hidden))))
    low, high = _limits(spread, at_means)
    edge = high - 0.015 * (high - low)
    _draw_boxes(ax, np.minimum(spread, edge))
    rows = np.arange(len(names))
    known = np.isfinite(at_means)
    ax.plot(at_means[known], rows[known], "D", color=VERMILION, markersize=3.5, markeredgecolor="white", zorder=4, lw=0)
    beyond = rows[np.isinf(spread).any(axis=1) | np.isinf(at_means)]
    ax.plot(np.full(len(beyond), edge), beyond, ">", color=BLUE, markersize=6, zorder=4, label="infinite")
    _mark_tiers(ax, summary["tier"].to_numpy(int)[:top].tolist())

    name_rows(ax, names, n_hidden=n_hidden)
    ax.set_xlim(low, high)
    ax.axvline(1.0, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    label_axis(ax, "x", f"efficiency ({sim.rts}, {sim.orientation} orientation, noise of a {sim.scope})")
    clear_frame(ax)
    ax.spines["left"].set_visible(False)
    _add_legend(ax, with_arrow=beyond.size > 0)
    fit_rows(ax)
    return ax


def _limits(spread: Array, at_means: Array) -> tuple[float, float]:
    """Ends of the x axis: from 0, unless all models are far from it, to a little beyond the frontier."""
    values = np.append(spread, at_means)
    finite = values[np.isfinite(values)]
    least, most = float(finite.min(initial=1.0)), float(finite.max(initial=1.0))
    low = 0.0 if least < 0.4 else min(least - 0.04 * (most - least), 0.9)
    return low, most + 0.02 * (most - low)


def _draw_boxes(ax: Axes, spread: Array) -> None:
    """Draw quantiles, (n_models, 5), as boxes on lines."""
    low, first, median, third, high = spread.T
    rows = np.arange(len(spread))
    ax.hlines(rows, low, high, color=BLUE, linewidth=1.2, zorder=2)
    ax.barh(rows, third - first, 2 * _BOX, first, facecolor="#A9CDE4", edgecolor=BLUE, linewidth=1.0, zorder=3)
    ax.vlines(median, rows - _BOX, rows + _BOX, color=BLUE, linewidth=2.2, zorder=3.5)


def _mark_tiers(ax: Axes, tiers: list[int]) -> None:
    """Shade every other tier, and write its number to the right of each run of its models."""
    start = 0
    for tier, members in groupby(tiers):
        stop = start + len(list(members))
        if tier % 2 == 0:
            ax.axhspan(start - 0.5, stop - 0.5, facecolor=PALE, edgecolor="none", zorder=0)
        note_row(ax, (start + stop - 1) / 2, f"tier {tier}")
        start = stop


def _add_legend(ax: Axes, *, with_arrow: bool) -> None:
    """Say what boxes, lines and marks mean."""
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=BLUE, linewidth=1.2, label="5 to 95 % of draws"),
        Patch(facecolor="#A9CDE4", edgecolor=BLUE, label="25 to 75 %"),
        Line2D([], [], color=BLUE, linestyle="none", marker="|", markersize=9, markeredgewidth=2.2, label="median"),
        Line2D([], [], color=VERMILION, linestyle="none", marker="D", markersize=3.5, label="at the means"),
    ]
    if with_arrow:
        handles.append(Line2D([], [], color=BLUE, linestyle="none", marker=">", markersize=6, label="infinite"))
    explain(ax, handles)
