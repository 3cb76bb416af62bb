"""``paretoscope plot``: one figure as a file."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from paretoscope import plot
from paretoscope.commands.draws import DRAWING_FLAGS, SIMULATION_FLAGS, draw, simulation
from paretoscope.commands.options import begin, destination, given
from paretoscope.commands.output import say_written
from paretoscope.errors import OptionError, nearest, quote
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.input_sets import Comparison

if TYPE_CHECKING:
    from collections.abc import Collection
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
# Which options of the draws do, where not all of them.
DRAWS: dict[str, tuple[str, ...]] = {"frontier": SIMULATION_FLAGS, "frontier3d": (), "noise": ()}


def run(flags: dict[str, Any], typed: Collection[str]) -> None:
    """Carry out the command; `typed` names the flags that are not from a study file, which may serve all figures."""
    save = plot.save  # without matplotlib, say so before anything else
    source, _, out, size, _ = begin(
        flags,
        partial(_check_figure, flags, typed),
        partial(_destination, flags),
        partial(_size, flags["size"]),
        partial(_check_sets, flags),
    )
    figure = flags["figure"]
    views = given(flags, VIEWS[figure])
    ax = _canvas(size, "3d" if figure == "frontier3d" else "rectilinear")
    drawn = _draw(figure, source, flags, views, ax)
    save(drawn, out, **given(flags, ["dpi"]))
    say_written(out)


def _check_figure(flags: dict[str, Any], typed: Collection[str]) -> None:
    figure = flags["figure"]
    if figure not in VIEWS:
        raise OptionError(f"FIGURE: found {quote(figure)}; expected one of {', '.join(VIEWS)}{nearest(figure, VIEWS)}")
    for name in dict.fromkeys(view for views in VIEWS.values() for view in views):
        if name in typed and name not in VIEWS[figure]:
            using = ", ".join(other for other, views in VIEWS.items() if name in views)
            raise OptionError(f"{name}: found beside {figure}, where it changes nothing; expected it with {using}")
    for name in DRAWING_FLAGS:
        if name in typed and name not in DRAWS.get(figure, DRAWING_FLAGS):
            raise OptionError(f"{name}: found beside {figure}, where it changes nothing; expected none; leave it out")


def _check_sets(flags: dict[str, Any]) -> None:
    figure, sets = flags["figure"], flags["inputs"]
    if figure == "compare" and len(sets) < 2:
        raise OptionError(f"inputs: found {len(sets)} sets; expected two or more; give --inputs once for each")
    if figure != "compare" and len(sets) > 1:
        raise OptionError(f"inputs: found {len(sets)} sets; expected one; 'plot compare' shows several")


def _destination(flags: dict[str, Any]) -> Path:
    """The file to write, whose ending is the format."""
    from paretoscope.plot.saving import check_format

    path = destination(flags, "out")
    if path is None:
        raise OptionError("out: found nothing; expected the name of the file to write, such as --out figure.svg")
    return check_format(path)


def _size(text: str | None) -> tuple[float, float] | None:
    """Width and height in inches from ``6x4``."""
    if text is None:
        return None
    try:
        width, height = (float(side) for side in text.lower().split("x"))
    except ValueError:
        width = height = math.nan
    if not (0.0 < width < 100.0 and 0.0 < height < 100.0):
        raise OptionError(f"size: found {quote(text)}; expected WIDTHxHEIGHT in inches, below 100; such as --size 6x4")
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
    flags: dict[str, Any],
    views: dict[str, Any],
    ax: Axes | None,
) -> Any:
    """Draw one kind of figure."""
    from paretoscope.plot.named import NAMES  # needs matplotlib, which `run` has asked for

    names = views.get("names", [])
    if len(names) == 1 and names[0] in NAMES:
        (views["names"],) = names
    if figure == "noise":
        data = source.data if isinstance(source, EfficiencyDraws) else source
        return plot.noise(data, metric=views.pop("x", None), **views, ax=ax)
    if figure == "frontier3d":
        return plot.frontier3d(source, **views, ax=ax)
    if figure == "frontier":
        return plot.frontier(source, **views, **simulation(source, flags), ax=ax)
    result = draw(source, flags)
    if isinstance(result, Comparison):
        return plot.compare(result, **views, ax=ax)
    if figure == "dominance":
        return plot.dominance(result.dominance(), **views, ax=ax)
    return getattr(plot, figure)(result, **views, ax=ax)
