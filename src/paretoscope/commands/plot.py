"""``paretoscope plot``: one figure as a file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from paretoscope import plot
from paretoscope.commands.options import Options, open_source
from paretoscope.errors import OptionError, nearest
from paretoscope.resampling.algorithm import bootstrap
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.input_sets import Comparison, compare

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from paretoscope.measurements import Measurements

# Which options say something about a figure, besides those of the data and the draws.
VIEWS = {
    "efficiency": ("top", "confidence"),
    "dominance": ("top",),
    "frontier": ("x", "y", "kind", "names"),
    "frontier3d": ("x", "y", "z", "names"),
    "compare": ("top", "confidence"),
    "ranks": ("top",),
    "noise": ("x", "top"),
}
_DRAWS = ("rts", "orientation", "frontier", "jobs", "noise", "scope", "resamples", "seed")
# Which options of the draws do, where not all of them.
DRAWS: dict[str, tuple[str, ...]] = {"frontier": ("noise", "scope", "resamples", "seed"), "frontier3d": (), "noise": ()}
_TYPES: dict[str, Any] = {
    "x": str, "y": str, "z": str, "kind": str, "names": str, "top": int, "confidence": (int, float),
}  # fmt: skip


def run(flags: dict[str, Any]) -> None:
    """Carry out the command."""
    figure = flags.pop("figure")
    if figure not in VIEWS:
        raise OptionError(f"FIGURE: found {figure!r}; expected one of {', '.join(VIEWS)}{nearest(figure, VIEWS)}")
    for name in _TYPES:
        if flags[name] is not None and name not in VIEWS[figure]:
            using = ", ".join(other for other, views in VIEWS.items() if name in views)
            raise OptionError(f"{name}: found beside {figure}, where it changes nothing; expected it with {using}")
    for name in _DRAWS:
        if flags[name] not in (None, ()) and name not in DRAWS.get(figure, _DRAWS):
            raise OptionError(f"{name}: found beside {figure}, where it changes nothing; expected none; leave it out")
    save = plot.save  # without matplotlib, say so before anything else
    options = Options(flags)
    out, size = _destination(options), _size(options)
    views = options.given(**{name: _TYPES[name] for name in VIEWS[figure]})
    sets = options.groups("inputs")
    if figure == "compare" and len(sets) < 2:
        raise OptionError(f"inputs: found {len(sets)} sets; expected two or more; give --inputs once for each")
    if figure != "compare" and len(sets) > 1:
        raise OptionError(f"inputs: found {len(sets)} sets; expected one; 'plot compare' shows several")
    ax = _canvas(size, "3d" if figure == "frontier3d" else "rectilinear")
    drawn = _draw(figure, open_source(options), options, views, ax)
    save(drawn, out, **options.given(dpi=(int, float)))


def _destination(options: Options) -> Path:
    """The file to write, whose ending is the format."""
    from paretoscope.plot.saving import check_format

    path = options.destination("out")
    if path is None:
        raise OptionError("out: found nothing; expected the name of the file to write, such as --out figure.svg")
    return check_format(path)


def _size(options: Options) -> tuple[float, float] | None:
    """Width and height in inches from ``6x4``."""
    given = options.get("size", str)
    if given is None:
        return None
    try:
        width, height = (float(side) for side in given.lower().split("x"))
    except ValueError:
        width = height = math.nan
    if not (0.0 < width < 100.0 and 0.0 < height < 100.0):
        raise OptionError(f"size: found {given!r}; expected WIDTHxHEIGHT in inches, below 100; such as --size 6x4")
    return width, height


def _canvas(size: tuple[float, float] | None, projection: str) -> Axes | None:
    """Axes of the size asked for, or None, for the figure to have the size that it needs; neither needs a display."""
    import matplotlib
    from matplotlib import pyplot

    matplotlib.use("agg")
    if size is None:
        return None
    return pyplot.figure(figsize=size, layout="constrained").add_subplot(projection=projection)


def _draw(
    figure: str,
    source: Measurements | EfficiencyDraws,
    options: Options,
    views: dict[str, Any],
    ax: Axes | None,
) -> Any:
    """Draw one kind of figure."""
    names = views.get("names", "auto")
    if names not in plot.NAMES:
        views["names"] = options.names("names")
    if figure == "noise":
        data = source.data if isinstance(source, EfficiencyDraws) else source
        return plot.noise(data, metric=views.pop("x", None), **views, ax=ax)
    if figure == "frontier3d":
        return plot.frontier3d(source, **views, ax=ax)
    if figure == "frontier":
        drawing: dict[str, Any] = {}  # a saved result has its own
        if not isinstance(source, EfficiencyDraws):
            drawing = options.given(scope=str) | {"noise": options.noise(), "rng": options.get("seed", int, 0)}
            drawing["n_resamples"] = options.get("resamples", int, 10_000)
        return plot.frontier(source, **views, **drawing, ax=ax)
    result = _resample(source, options)
    if isinstance(result, Comparison):
        return plot.compare(result, **views, ax=ax)
    if figure == "dominance":
        return plot.dominance(result.dominance(), **views, ax=ax)
    return getattr(plot, figure)(result, **views, ax=ax)


def _resample(source: Measurements | EfficiencyDraws, options: Options) -> EfficiencyDraws | Comparison:
    """Draws under one set of inputs or several, as of ``paretoscope rank``."""
    if isinstance(source, EfficiencyDraws):
        return source
    settings = options.given(rts=str, orientation=str, scope=str, frontier=str) | {
        "noise": options.noise(),
        "n_resamples": options.get("resamples", int, 10_000),
        "rng": options.get("seed", int, 0),
        "n_jobs": options.get("jobs", int, 1),
    }
    sets = options.groups("inputs")
    return compare(source, sets, **settings) if len(sets) > 1 else bootstrap(source, **settings)
