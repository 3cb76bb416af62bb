"""The frontier of two metrics, with its band and the models (the paper's Fig. 1a and 2)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from paretoscope.arrays import Array, check_choice
from paretoscope.errors import OptionError, quote
from paretoscope.fronts.curves import QUANTILES, Kind, Roles, check_kind, curve_vertices, frontier_band
from paretoscope.fronts.simulated import band_samples
from paretoscope.measurements import Measurements
from paretoscope.noise.families import Noise
from paretoscope.noise.seeds import RandomSource
from paretoscope.notices import give_notice
from paretoscope.plot.axis_labels import directed_label
from paretoscope.plot.named import choose_names
from paretoscope.plot.point_names import PointNames, along
from paretoscope.plot.style import (
    BLUE,
    GREY,
    TOP,
    WIDTH,
    check_result,
    clear_frame,
    explain,
    label_axis,
    open_axes,
    scale_axis,
)
from paretoscope.resampling.draws import EfficiencyDraws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def frontier(
    data: Measurements | EfficiencyDraws,
    *,
    x: str | None = None,
    y: str | None = None,
    kind: Kind = "staircase",
    names: str | Sequence[str] = "auto",
    n_resamples: int | None = None,
    noise: Noise | None = None,
    scope: str | None = None,
    rng: RandomSource = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the models by two metrics with their frontier and its band under noise (the paper's Fig. 1a).

    Bars and the band hold the middle 90 % of the draws.  An axis is logarithmic where its metric spans a factor of ten.

    Parameters
    ----------
    data : Measurements or EfficiencyDraws
        With draws, bars and band are those of their simulated data sets.
    x, y : str, optional
        Two metrics; by default the first input and the first output, or the first two of the only role.
    kind : {"staircase", "hull"}
        Free disposal alone, or the frontier of variable returns to scale, see `paretoscope.frontier`.
    names : {"auto", "all", "front", "none"} or sequence of str
        Which models are named.  ``"auto"`` names all of up to 30, of more models those on the frontier, if these are up
        to 60.
    n_resamples, noise, scope, rng
        As for `paretoscope.bootstrap`, with 1,000 draws and seed 0 by default, so that a figure is the same each
        time; none of them may be given with draws, but for 0 resamples, which ask for no band and no bars.
    ax : Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    Axes
        Names are placed when the figure is drawn, none over another; a name without room is left out, and a note says
        so.

    Raises
    ------
    OptionError
        If an option has a value that it cannot have, or is given beside draws.
    DataError
        If a metric does not fit its noise family.

    Warns
    -----
    FewRunsWarning
        See `paretoscope.errors`.

    Examples
    --------
    >>> import paretoscope as ps
    >>> ps.plot.frontier(ps.load("imagenet"), n_resamples=100).get_ylabel()
    'top1 [%] (better →)'
    """
    check_result("data", data, Measurements, EfficiencyDraws, remedy="make them with paretoscope.read or bootstrap")
    measured = data.data if isinstance(data, EfficiencyDraws) else data
    x, y = _choose_metrics(measured, x, y)
    if y == x:
        raise OptionError(f"y: found {quote(y)} for x and y; expected two metrics; name another one")
    kind = check_kind(kind)
    seed = 0 if rng is None and isinstance(data, Measurements) else rng
    batches, notices = band_samples(data, (x, y), n_resamples=n_resamples, noise=noise, scope=scope, rng=seed)
    give_notice(notices)
    samples = None if batches is None else np.concatenate(list(batches))
    means = measured.mean[[x, y]].to_numpy(float)
    roles = Roles(x in measured.inputs, y in measured.inputs)

    ax = open_axes(ax, (WIDTH, 4.4))
    scale_axis(ax, "x", means[:, 0])
    scale_axis(ax, "y", means[:, 1])
    if samples is not None:
        _draw_bars(ax, means, samples)
    vertices = curve_vertices(means[:, 0], means[:, 1], roles, kind)
    on_curve = (means[:, np.newaxis] == means[vertices]).all(axis=2).any(axis=1)
    size = 4.0 if len(means) <= 100 else 2.5
    ax.plot(*means[~on_curve].T, "o", color=GREY, markersize=size, zorder=3, markeredgewidth=0)
    ax.plot(*means[on_curve].T, "o", color=BLUE, markersize=size + 2.0, zorder=4, markeredgecolor="white")
    ax.margins(0.08)
    ax.autoscale_view()
    limits = {"xlim": ax.get_xlim(), "ylim": ax.get_ylim()}
    line = _curve(means[vertices], kind, roles.x_is_input, limits["xlim"], limits["ylim"][roles.y_is_input])
    ax.plot(*line.T, color=BLUE, linewidth=1.4, zorder=2, solid_joinstyle="miter")
    if samples is not None:
        _draw_band(ax, samples, kind, roles)
    ax.set(**limits)

    clear_frame(ax)
    label_axis(ax, "x", directed_label(measured, x))
    label_axis(ax, "y", directed_label(measured, y))
    explain(ax, _handles(kind, varied=samples is not None))
    front = [model for model, found in zip(measured.models, on_curve, strict=True) if found]
    named = choose_names(names, measured.models, front)
    at = means[[measured.models.index(name) for name in named]]
    PointNames(
        ax,
        named,
        anchors=lambda: ax.transData.transform(at),
        obstacles=lambda: np.concatenate([ax.transData.transform(means), along(ax.transData.transform(line))]),
    )
    return ax


def _choose_metrics(data: Measurements, x: str | None, y: str | None) -> tuple[str, str]:
    """Two metrics: those asked for, else the first input and the first output, or the first two of one role."""
    if len(data.metrics) < 2:
        raise OptionError(f"data: found one metric, {quote(data.metrics[0])}; expected two or more; select another too")
    x = data.metrics[data.metrics[0] == y] if x is None else check_choice("x", x, data.metrics)
    others = [metric for metric in (*data.outputs, *data.inputs) if metric != x]
    return x, others[0] if y is None else check_choice("y", y, data.metrics)


def _draw_bars(ax: Axes, means: Array, samples: Array) -> None:
    """Draw the middle of each model's draws, in both metrics."""
    low, high = np.quantile(samples, (QUANTILES[0], QUANTILES[-1]), axis=0)
    many = len(means) > TOP
    for draw, at, row in ((ax.hlines, means[:, 1], 0), (ax.vlines, means[:, 0], 1)):
        draw(at, low[row], high[row], color=GREY, linewidth=0.5 if many else 0.9, alpha=0.6, zorder=2.5)


def _draw_band(ax: Axes, samples: Array, kind: Kind, roles: Roles) -> None:
    """Draw the middle of the draws' frontiers, from one edge of the Axes to the other."""
    space = np.geomspace if ax.get_xscale() == "log" else np.linspace
    grid = np.sort(space(*ax.get_xlim(), 400))
    band = frontier_band([samples], grid, roles=roles, kind=kind)
    ax.fill_between(grid, band[:, 0], band[:, -1], color=BLUE, alpha=0.18, linewidth=0, zorder=1)


def _curve(vertices: Array, kind: Kind, x_is_input: bool, x_limits: tuple[float, float], worst_y: float) -> Array:
    """The frontier as a line, continued to the edges by free disposal, (n_points, 2)."""
    line = _staircase(vertices, x_is_input) if kind == "staircase" else _bent(vertices)
    first, last = vertices[0], vertices[-1]
    if x_is_input:
        return np.concatenate([[(first[0], worst_y)], line, [(x_limits[1], last[1])]])
    return np.concatenate([[(x_limits[0], first[1])], line, [(last[0], worst_y)]])


def _staircase(vertices: Array, x_is_input: bool) -> Array:
    """Put the corner of each step between two vertices."""
    here, there = vertices[:-1], vertices[1:]
    corners = np.column_stack([there[:, 0], here[:, 1]] if x_is_input else [here[:, 0], there[:, 1]])
    return np.concatenate([vertices[:1], np.stack([corners, there], axis=1).reshape(-1, 2)])


def _bent(vertices: Array) -> Array:
    """Straight lines as many points, since they bend where an axis is logarithmic."""
    shares = np.linspace(0.0, 1.0, 33)[1:, np.newaxis]
    pieces = [start + shares * (end - start) for start, end in pairwise(vertices)]
    return np.concatenate([vertices[:1], *pieces])


def _handles(kind: Kind, *, varied: bool) -> list[Artist]:
    """What the legend explains."""
    curve = Line2D([], [], color=BLUE, linewidth=1.4, marker="o", markersize=6, markeredgecolor="white")
    model = Line2D([], [], color=GREY, linewidth=0.9 if varied else 0.0, marker="o", markersize=4, markeredgewidth=0)
    share = f"{100 * QUANTILES[0]:g} to {100 * QUANTILES[-1]:g} % of draws"
    curve.set_label(f"frontier ({kind})")
    model.set_label(f"model, {share}" if varied else "other models")
    band = Patch(color=BLUE, alpha=0.18, linewidth=0, label=f"its {share}")
    return [curve, band, model] if varied else [curve, model]
