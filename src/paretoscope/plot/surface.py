"""The frontier of three metrics as a surface (the paper's Fig. 1b)."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, cast

import numpy as np
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.ticker import FixedLocator, FuncFormatter
from matplotlib.transforms import Bbox
from mpl_toolkits.mplot3d import proj3d  # type: ignore[import-untyped]
from mpl_toolkits.mplot3d.art3d import Poly3DCollection  # type: ignore[import-untyped]

from paretoscope.arrays import Array, BoolArray, check_choice, is_wide
from paretoscope.errors import OptionError, listing, unquoted
from paretoscope.kernels.nondominated import count_nondominated
from paretoscope.measurements import Measurements
from paretoscope.plot.axis_labels import metric_label
from paretoscope.plot.hull import Facet, frontier_facets
from paretoscope.plot.named import choose_names
from paretoscope.plot.point_names import PointNames
from paretoscope.plot.short_names import wrap
from paretoscope.plot.style import BLUE, GREY, LITERAL, WIDTH, check_result, open_axes
from paretoscope.resampling.draws import EfficiencyDraws

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mpl_toolkits.mplot3d import Axes3D


_MARGIN = 0.06  # beyond the models on either side, as a share of their range
_BENDS = 12  # pieces of a straight line, which bends where an axis is logarithmic


def frontier3d(
    data: Measurements | EfficiencyDraws,
    *,
    x: str | None = None,
    y: str | None = None,
    z: str | None = None,
    names: str | Sequence[str] = "auto",
    ax: Axes3D | None = None,
) -> Axes3D:
    r"""Draw the models by three metrics, and their frontier of variable returns to scale (the paper's Fig. 1b).

    Blue facets are mixtures of the models at their corners: a model on one has efficiency 1 for these metrics, under
    ``rts="vrs"`` and at the means.  Pale ones are what free disposal adds, and end with the Axes.  A metric that spans
    a factor of ten is drawn by its logarithm, which bends the facets; the ticks show its own values.

    Parameters
    ----------
    data : Measurements or EfficiencyDraws
        Of draws, their measurements.
    x, y, z : str, optional
        Three metrics; by default the first two inputs and the first output.
    names : {"auto", "all", "front", "none"} or sequence of str
        Which models are named, see `frontier`.
    ax : Axes3D, optional
        Where to draw, from ``figure.add_subplot(projection="3d")``; by default in a new figure.

    Returns
    -------
    Axes3D
        Seen from where the metrics are better.  Names are placed when the figure is drawn, as by `frontier`.

    Raises
    ------
    OptionError
        If an option has a value that it cannot have, or the data have fewer than three metrics.

    Examples
    --------
    >>> import paretoscope as ps
    >>> ps.plot.frontier3d(ps.load("imagenet")).get_zlabel()
    'top1 [%]\n(more is better)'
    """
    check_result("data", data, Measurements, EfficiencyDraws, remedy="make them with paretoscope.read or bootstrap")
    measured = data.data if isinstance(data, EfficiencyDraws) else data
    metrics = _choose_metrics(measured, x, y, z)
    inputs = [metric for metric in metrics if metric in measured.inputs]
    means = measured.mean[metrics].to_numpy(float)
    signs = np.array([1.0 if metric in inputs else -1.0 for metric in metrics])
    wide = np.array([is_wide(*span) for span in zip(means.min(axis=0), means.max(axis=0), strict=True)])
    limits = _limits(means, wide)
    worst = np.where(signs > 0.0, limits[1], limits[0])
    counts = np.zeros(len(means), np.int64)
    count_nondominated(np.ascontiguousarray((signs * means).T)[np.newaxis], 3, counts)
    front = np.flatnonzero(counts)
    facets = frontier_facets(signs * means[front], signs * worst)
    on_surface = np.unique(front[[model for facet in facets for model in facet.models]])

    def place(values: Array) -> Array:
        """From the metrics' values to what the axes count in."""
        return np.where(wide, np.log10(np.where(wide, values, 1.0)), values)

    ax = cast("Axes3D", open_axes(ax, (WIDTH, 5.8), projection="3d"))
    _draw_facets(ax, facets, signs, place)
    at = place(means)
    hidden = np.setdiff1d(np.arange(len(at)), on_surface)
    ax.plot(*at[hidden].T, "o", color=GREY, markersize=4.0 if len(at) <= 100 else 2.0, markeredgewidth=0)
    ax.plot(*at[on_surface].T, "o", color=BLUE, markersize=6.0, markeredgecolor="white")
    for which, metric, (low, high), is_log in zip("xyz", metrics, limits.T, wide, strict=True):
        _scale(ax, which, low, high, is_log)
        better = "less" if metric in inputs else "more"
        label = f"{metric_label(measured, metric)}\n({better} is better)"
        ax.set(**{f"{which}label": wrap(label, 200.0, "small")})
        axis = getattr(ax, f"{which}axis")
        axis.label.set(fontsize="small", linespacing=1.1, **LITERAL)
        axis.labelpad = 8.0
        axis.set_tick_params(labelsize="small", pad=1.0)
    ax.view_init(elev=24.0, azim=np.degrees(np.arctan2(-signs[1], -signs[0])) + 12.0)
    _fill(ax)

    chosen = choose_names(names, measured.models, [measured.models[i] for i in on_surface])
    named = at[[measured.models.index(name) for name in chosen]]
    PointNames(
        ax,
        chosen,
        anchors=lambda: _project(ax, named),
        obstacles=lambda: np.concatenate([_project(ax, at), _scale_texts(ax)]),
    )
    return ax


def _choose_metrics(data: Measurements, x: str | None, y: str | None, z: str | None) -> list[str]:
    """Three different metrics: those asked for, else the first two inputs and the first output."""
    usual = (*data.inputs[:2], *data.outputs[:1], *data.inputs[2:], *data.outputs[1:])
    spare = [metric for metric in usual if metric not in (x, y, z)]
    if len(data.metrics) < 3:
        raise OptionError(
            f"data: found {len(data.metrics)} metrics, {listing(data.metrics, unquoted)}; expected three or more; "
            "draw two with frontier"
        )
    asked = {"x": x, "y": y, "z": z}
    metrics = [check_choice(axis, name, data.metrics) if name else spare.pop(0) for axis, name in asked.items()]
    if len(set(metrics)) < 3:
        raise OptionError(
            f"x, y, z: found {listing(metrics, unquoted)}; expected three different metrics; choose others"
        )
    return metrics


def _limits(means: Array, wide: BoolArray) -> Array:
    """Ends of the three axes, (2, 3): a little beyond the models."""
    low, high = means.min(axis=0), means.max(axis=0)
    step = _MARGIN * np.where(high > low, high - low, np.where(high == 0.0, 1.0, np.abs(high)))
    ratio = np.where(wide, high / np.where(wide, low, 1.0), 1.0) ** _MARGIN
    return np.where(wide, [low / ratio, high * ratio], [low - step, high + step])


def _draw_facets(ax: Axes3D, facets: list[Facet], signs: Array, place: Callable[[Array], Array]) -> None:
    """Draw the surface in blue, where free disposal makes it with more light shining through, and its walls pale."""
    shares = np.linspace(0.0, 1.0, _BENDS, endpoint=False)[:, np.newaxis]
    for facet in facets:
        corners = signs * facet.corners
        sides = zip(corners, np.roll(corners, -1, axis=0), strict=True)
        outline = place(np.concatenate([start + shares * (end - start) for start, end in sides]))
        light = 0.4 * float(np.abs(facet.normal) @ [0.2, 0.6, 1.0])  # so that facets that lean otherwise look otherwise
        blue = light + (1.0 - light) * np.array(to_rgb(BLUE))
        if facet.is_efficient:
            face, edge, width = to_rgba(tuple(blue), 0.65), to_rgba(BLUE), 0.8
        elif facet.normal[2] != 0.0:
            face, edge, width = to_rgba(tuple(blue), 0.22), to_rgba(BLUE, 0.5), 0.5
        else:
            face, edge, width = to_rgba(GREY, 0.04), to_rgba(GREY, 0.3), 0.4
        ax.add_collection3d(Poly3DCollection([outline], facecolor=face, edgecolor=edge, linewidth=width))


def _scale(ax: Axes3D, which: str, low: float, high: float, is_log: bool) -> None:
    """Set the limits of an axis, and for logarithms ticks at 1, 2, 5, 10, ... or at powers of ten."""
    if not is_log:
        ax.set(**{f"{which}lim": (low, high)})
        return
    ends = np.log10([low, high])
    powers = np.arange(np.floor(ends[0]), np.ceil(ends[1]) + 1)
    ticks = powers if np.ptp(ends) > 2.3 else (powers[:, np.newaxis] + np.log10([1.0, 2.0, 5.0])).ravel()
    ax.set(**{f"{which}lim": tuple(ends)})
    axis = getattr(ax, f"{which}axis")
    axis.set_major_locator(FixedLocator(ticks[(ticks >= ends[0]) & (ticks <= ends[1])]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(10.0**value, 9):g}"))


def _fill(ax: Axes3D) -> None:
    """Make the box as large as its numbers and names allow, which have the same size in every figure.

    They stay within the Axes: a layout engine that had to make room for them would move them again.
    """
    for zoom in np.arange(1.1, 0.45, -0.05):
        ax.set_box_aspect((1.0, 1.0, 0.85), zoom=zoom)
        ax.figure.draw_without_rendering()  # lays the figure out, and puts numbers and names to their places
        extent = Bbox.union([axis.get_tightbbox() for axis in (ax.xaxis, ax.yaxis, ax.zaxis)])
        if (extent.min >= ax.bbox.min).all() and (extent.max <= ax.bbox.max).all():
            return


def _project(ax: Axes3D, at: Array) -> Array:
    """Positions in pixels of points in space."""
    x, y, _ = proj3d.proj_transform(*at.T, ax.get_proj())
    return np.asarray(ax.transData.transform(np.column_stack([x, y])))


def _scale_texts(ax: Axes3D) -> Array:
    """Positions in pixels all over the numbers and names of the axes."""
    texts = []
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        low, high = sorted(axis.get_view_interval())
        # Asking for tick labels in the usual way would lay them out as in a flat figure.
        texts += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high] + [axis.label]
    shares = np.array(list(product(np.linspace(0.0, 1.0, 7), (0.0, 0.5, 1.0))))
    boxes = [text.get_window_extent().get_points() for text in texts]
    return np.concatenate([low + shares * (high - low) for low, high in boxes])
