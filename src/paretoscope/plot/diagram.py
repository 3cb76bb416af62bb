"""The dominance diagram: who dominates whom, with dominators below (the paper's Fig. 3b)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from paretoscope.arrays import check_count
from paretoscope.orders.dominance import Dominance
from paretoscope.plot.layers import Layout, lay_out
from paretoscope.plot.short_names import shorten, text_width
from paretoscope.plot.style import (
    BLUE,
    GREY,
    INK,
    LIGHT_BLUE,
    LITERAL,
    PALE,
    TOP,
    check_result,
    open_axes,
    points,
    size_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In points.
_WIDEST = 400.0  # a row
_NAME = 180.0  # a name
_PAD = 5.0  # between names and their frame
_GAP = 12.0  # between two frames of a row
_BETWEEN_ROWS, _BETWEEN_LEVELS = 14.0, 28.0
_LINE = 1.33  # of text, in sizes of its font
_MOST_LEVELS = 12  # that are drawn one by one when levels are collapsed


def dominance(found: Dominance, *, top: int = TOP, ax: Axes | None = None) -> Axes:
    r"""Draw stochastic dominance as a diagram, dominators below (the paper's Fig. 3b).

    A line joins two models where the lower one dominates the upper one and no model stands between them; what can be
    reached by going up along lines is dominated as well.  Models of a level do not dominate each other; those of level
    1 are admissible.  Names in one frame, joined by an equals sign, have the same distribution.

    Parameters
    ----------
    found : Dominance
        From `EfficiencyDraws.dominance`.
    top : int
        Up to so many models are drawn one by one.  With more, each level is one frame, with as many names as fit, and
        all levels from the twelfth on are one frame together.
    ax : Axes, optional
        Where to draw, with smaller letters if need be; by default in a new figure as large as the diagram.

    Returns
    -------
    Axes
        In points, without scales.

    Raises
    ------
    OptionError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> import paretoscope as ps
    >>> sim = ps.bootstrap(ps.load("imagenet"), n_resamples=200, rng=0)
    >>> ax = ps.plot.dominance(sim.dominance())
    >>> ax.texts[0].get_text()
    'level 1,\nadmissible'
    """
    check_result("found", found, Dominance, remedy="pass sim.dominance()")
    content = (_each_model if len(found.levels) <= check_count("top", top) else _each_level)(found)
    size = points("small")
    # A renderer's hinting makes letters a little wider than their outlines.
    widths = [2 * _PAD + 1.03 * max(text_width(line, size) for line in text.split("\n")) for text in content.texts]
    heights = [_PAD + _LINE * size * (1 + text.count("\n")) for text in content.texts]
    layout = lay_out(content.levels, content.edges, widths, widest=_WIDEST, gap=_GAP)
    rows, bands = _stack(layout, heights)
    left, right = _ends(layout, widths)
    left -= 2 * _PAD + max(text_width(line, size) for name in content.level_names.values() for line in name.split("\n"))
    height = bands[-1][2]

    ax = open_axes(ax, ((right - left) / 72.0 + 0.1, height / 72.0 + 0.1))
    ax.set_axis_off()
    ax.set(xlim=(left, right), ylim=(0.0, height))
    there = size_of(ax)
    size *= min(1.0, there[0] / (right - left), there[1] / height)
    for level, low, high in bands:
        ax.axhspan(low, high, facecolor="white" if level % 2 else PALE, edgecolor="none", zorder=0)
        ax.text(left + _PAD, (low + high) / 2, content.level_names[level], va="center", fontsize=size, color=INK)
    for (lower, upper), line in zip(content.edges, layout.lines, strict=True):
        path = _bend([(x, *rows[row]) for x, row in line], heights[lower], heights[upper])
        ax.add_patch(PathPatch(path, facecolor="none", edgecolor=GREY, linewidth=0.9, zorder=2))
    for i, text in enumerate(content.texts):
        x, y, admissible = layout.x[i], rows[layout.rows[i]][0], content.levels[i] == 1
        frame = FancyBboxPatch(
            (x - widths[i] / 2, y - heights[i] / 2),
            widths[i],
            heights[i],
            boxstyle="round,pad=0,rounding_size=4",
            facecolor=LIGHT_BLUE if admissible else "white",
            edgecolor=BLUE if admissible else GREY,
            linewidth=0.9,
            zorder=3,
        )
        ax.add_patch(frame)
        ax.text(x, y, text, ha="center", va="center", fontsize=size, color=INK, zorder=4, **LITERAL)
    return ax


@dataclass(frozen=True, slots=True)
class _Content:
    """What the frames say, their levels, and which are joined; and what is written beside each level."""

    texts: list[str]
    levels: list[int]
    edges: list[tuple[int, int]]
    level_names: dict[int, str]


def _each_model(found: Dominance) -> _Content:
    """A frame a model, or one for several models with equal distributions."""
    equals = {name: tuple(group) for group in found.groups for name in group}
    groups = list(dict.fromkeys(equals.get(name, (name,)) for name in found.levels.index))
    frame_of = {name: frame for frame, group in enumerate(groups) for name in group}
    short = dict(zip(frame_of, shorten(list(frame_of), _NAME, "small"), strict=True))
    levels = [int(found.levels[group[0]]) for group in groups]
    return _Content(
        texts=["\n= ".join(short[name] for name in group) for group in groups],
        levels=levels,
        edges=list(dict.fromkeys((frame_of[lower], frame_of[upper]) for lower, upper in found.graph.edges)),
        level_names={level: "level 1,\nadmissible" if level == 1 else f"level {level}" for level in levels},
    )


def _each_level(found: Dominance) -> _Content:
    """A frame a level, and one for all levels beyond the first few."""
    members: dict[int, list[str]] = {}
    for name, level in zip(shorten(list(found.levels.index), _NAME, "small"), found.levels, strict=True):
        members.setdefault(min(int(level), _MOST_LEVELS), []).append(name)
    levels, last = sorted(members), int(found.levels.max())
    level_names = {}
    for level in levels:
        which = f"levels {level} to {last}" if level == _MOST_LEVELS < last else f"level {level}"
        level_names[level] = f"{which},\n{len(members[level])} {'admissible' if level == 1 else 'models'}"
    return _Content(
        texts=[_listing(members[level]) for level in levels],
        levels=levels,
        edges=list(pairwise(range(len(levels)))),
        level_names=level_names,
    )


def _listing(names: list[str]) -> str:
    """Names in up to three lines, and how many more there are."""
    lines = [names[0]]
    for shown, name in enumerate(names[1:], start=1):
        if text_width(f"{lines[-1]}, {name}, … and 999 more", "small") <= _WIDEST:
            lines[-1] += f", {name}"
        elif len(lines) < 3:
            lines[-1] += ","
            lines.append(name)
        else:
            lines[-1] += f", … and {len(names) - shown} more"
            break
    return "\n".join(lines)


def _stack(layout: Layout, heights: list[float]) -> tuple[list[tuple[float, float]], list[tuple[int, float, float]]]:
    """Put rows and levels above each other.

    Returns
    -------
    rows : list of (float, float)
        Middle and height of each row.
    bands : list of (int, float, float)
        Each level, its lower and its upper edge.
    """
    rows: list[tuple[float, float]] = []
    bands: list[tuple[int, float, float]] = []
    edge = 0.0
    for row, level in enumerate(layout.levels):
        tallest = max(height for height, at in zip(heights, layout.rows, strict=True) if at == row)
        if bands and bands[-1][0] == level:
            low, floor = bands.pop()[1], edge - _BETWEEN_LEVELS / 2 + _BETWEEN_ROWS
        else:
            low, floor = edge, edge + _BETWEEN_LEVELS / 2
        rows.append((floor + tallest / 2, tallest))
        edge = floor + tallest + _BETWEEN_LEVELS / 2
        bands.append((level, low, edge))
    return rows, bands


def _ends(layout: Layout, widths: list[float]) -> tuple[float, float]:
    """Left and right end of all frames and lines."""
    spans = [(x - width / 2, x + width / 2) for x, width in zip(layout.x, widths, strict=True)]
    spans += [(x, x) for line in layout.lines for x, _ in line]
    return min(low for low, _ in spans) - _GAP, max(high for _, high in spans) + _GAP


def _bend(line: list[tuple[float, float, float]], lower_height: float, upper_height: float) -> Path:
    """A line that crosses each row straight up, so that it meets no frame, and bends between rows.

    Parameters
    ----------
    line : list of (float, float, float)
        Place, middle and height of each row on the way.
    lower_height, upper_height : float
        Of the frames at its ends.
    """
    x, y, _ = line[0]
    vertices, codes = [(x, y + lower_height / 2)], [Path.MOVETO]
    for (x0, y0, height0), (x1, y1, height1) in pairwise(line):
        leave, arrive = y0 + height0 / 2, y1 - height1 / 2
        middle = (leave + arrive) / 2
        vertices += [(x0, leave), (x0, middle), (x1, middle), (x1, arrive)]
        codes += [Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    x, y, _ = line[-1]
    return Path([*vertices, (x, y - upper_height / 2)], [*codes, Path.LINETO])
