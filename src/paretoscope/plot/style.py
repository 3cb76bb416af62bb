"""What all figures share: colours, Axes, names of models as they are, scales."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from matplotlib.transforms import ScaledTranslation

from paretoscope.arrays import is_wide
from paretoscope.errors import DataError, OptionError, quote
from paretoscope.plot.short_names import shorten, text_width, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from numpy.typing import NDArray

# Okabe and Ito (2008), "Color Universal Design", https://jfly.uni-koeln.de/color: told apart with any colour vision.
BLUE, VERMILION = "#0072B2", "#D55E00"
LIGHT_BLUE, INK, GREY, PALE = "#D6E6F2", "#333333", "#8C8C8C", "#F2F2F2"
# ColorBrewer's Blues (Harrower and Brewer 2003): one hue from light to dark, safe in the same way, and in print.
SHADES = "Blues"

# A name is no formula: neither $ nor _ means anything in it.
LITERAL: dict[str, Any] = {"parse_math": False, "usetex": False}

WIDTH = 6.4  # of a figure, in inches
ROW = 0.24  # height of a row with a name, in inches
TOP = 30  # models that can be read one by one
_LEAST, _LARGEST = 1e-150, 1e150  # of a number on an axis, whose ratios and margins are numbers too


def open_axes(ax: Axes | None, size: tuple[float, float], *, projection: str = "rectilinear") -> Axes:
    """Return the Axes to draw on: those given, or those of a new figure of this size in inches."""
    if ax is None:
        from matplotlib import pyplot

        return pyplot.figure(figsize=size, layout="constrained").add_subplot(projection=projection)
    wanted = "figure.add_subplot()" if projection == "rectilinear" else f"figure.add_subplot(projection={projection!r})"
    if not isinstance(ax, Axes):
        raise OptionError(f"ax: found {type(ax).__name__}; expected matplotlib's Axes; pass {wanted}")
    if ax.name != projection:
        raise OptionError(f"ax: found Axes with projection {ax.name!r}; expected {projection!r}; pass {wanted}")
    return ax


def size_of(ax: Axes) -> tuple[float, float]:
    """Width and height in points that the Axes will have once the figure is laid out, as it now stands."""
    figure = ax.figure
    while isinstance(figure, SubFigure):
        figure = figure.figure
    if (engine := figure.get_layout_engine()) is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a figure that is too small is told of when it is drawn
            engine.execute(figure)
    return ax.bbox.width / figure.dpi * 72.0, ax.bbox.height / figure.dpi * 72.0


def check_result(name: str, found: object, *expected: type, remedy: str) -> None:
    """Raise OptionError unless `found` is what the figure is made of."""
    if not isinstance(found, expected):
        words = " or ".join(kind.__name__ for kind in expected)
        raise OptionError(f"{name}: found {type(found).__name__}; expected {words}; {remedy}")


def points(size: float | str) -> float:
    """A font size such as "small" in points."""
    return float(FontProperties(size=size).get_size_in_points())


def clear_frame(ax: Axes) -> None:
    """Leave the two spines that carry scales."""
    ax.spines[["top", "right"]].set_visible(False)


def name_rows(ax: Axes, names: Sequence[str], *, n_hidden: int = 0) -> None:
    """Write names beside rows 0, 1, ... from the top down, and below them how many are left out."""
    n_rows = len(names) + bool(n_hidden)
    ax.set_ylim(n_rows - 0.5, -0.5)
    size = points(rcParams["ytick.labelsize"])
    labels = shorten(names, 0.4 * ax.figure.bbox.width / ax.figure.dpi * 72.0, size)
    if n_hidden:
        labels.append(f"… and {n_hidden} more")
    ax.set_yticks(range(n_rows), labels, fontsize=size, **LITERAL)
    if n_hidden:
        last = ax.yaxis.get_ticklabels()[-1]
        last.set_fontstyle("italic")
        last.set_color(GREY)
    ax.tick_params(axis="y", length=0)


def fit_rows(ax: Axes) -> None:
    """Make what is written in and beside rows as small as they are; when all else has its place."""
    low, high = ax.get_ylim()
    row = size_of(ax)[1] / abs(high - low)
    for text in (*ax.get_yticklabels(), *ax.texts):
        text.set_fontsize(min(float(text.get_fontsize()), 0.75 * row))


def check_drawable(metric: str, values: NDArray[Any]) -> None:
    """Raise DataError for numbers that leave an axis no room around them, as margins and bars need."""
    sizes = np.abs(values[values != 0.0])
    if sizes.size and not (sizes.min() >= _LEAST and sizes.max() <= _LARGEST):
        worst = sizes.min() if sizes.min() < _LEAST else sizes.max()
        raise DataError(
            f"metric {quote(metric)}: found a value of size {worst:.3g}; expected 0 or a size from {_LEAST:g} to "
            f"{_LARGEST:g} on an axis; count it in another unit, or draw another metric"
        )


def scale_axis(ax: Axes, which: str, values: NDArray[Any]) -> None:
    """Make the x or y axis logarithmic, with plain numbers, where positive values span a factor of ten."""
    low, high = float(values.min()), float(values.max())
    if not is_wide(low, high):
        return
    ax.set(**{f"{which}scale": "log"})
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 300.0 * low else (1.0,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def label_axis(ax: Axes, which: str, text: str) -> None:
    """Write what the x or y axis shows, in as many lines as it takes to stay beside the axis."""
    size = rcParams["axes.labelsize"]
    width, height = size_of(ax)
    label = wrap(text, width if which == "x" else height, size)
    ax.set_xlabel(label, **LITERAL) if which == "x" else ax.set_ylabel(label, **LITERAL)


def note_row(ax: Axes, row: float, text: str) -> None:
    """Write a small note to the right of a row."""
    ax.annotate(
        text,
        (1.0, row),
        xycoords=ax.get_yaxis_transform(),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize="small",
        color=INK,
        annotation_clip=False,
    )


def write_cells(ax: Axes, texts: Sequence[Sequence[str]], shades: NDArray[Any], *, left: float) -> None:
    """Write into the cells of a heat map: rows at 0, 1, ..., columns from `left` on, white on dark shades."""
    widest = max(text_width(text, "small") for cells in texts for text in cells)
    size = points("small") * min(1.0, 0.95 * size_of(ax)[0] / len(texts[0]) / max(widest, 1.0))
    for y, cells in enumerate(texts):
        for x, text in enumerate(cells):
            colour = "white" if shades[y, x] > 0.55 else INK
            ax.text(left + x, y, text, ha="center", va="center_baseline", fontsize=size, color=colour, **LITERAL)


def explain(ax: Axes, handles: Sequence[Artist]) -> None:
    """Put the legend below the x axis and its label, where it hides nothing."""
    size = points("small")
    widths = [text_width(str(handle.get_label()), size) + 3.6 * size for handle in handles]
    room = size_of(ax)[0]
    if len(ax.figure.axes) == 1:  # with nothing to the left but names of rows
        room = (ax.bbox.x1 - ax.figure.bbox.x0) / ax.figure.dpi * 72.0
    axis = ax.xaxis.get_tightbbox()
    below = ax.bbox.y0 - axis.y0 if axis else 0.0
    in_columns = min(max(int(room / max(widths)), 1), len(handles))
    ax.legend(
        handles=handles,
        loc="upper right",
        bbox_to_anchor=(1.0, 0.0),
        bbox_transform=ax.transAxes + ScaledTranslation(0.0, -below / ax.figure.dpi, ax.figure.dpi_scale_trans),
        ncols=len(handles) if sum(widths) <= room else in_columns,
        frameon=False,
        fontsize=size * min(1.0, room / max(widths)),
        borderaxespad=0.2,
        borderpad=0.2,
        handlelength=1.4,
        columnspacing=1.2,
    )
