"""Names of points that are placed when the figure is drawn, and so fit whatever size it then has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

from paretoscope.arrays import Array
from paretoscope.plot.placement import place_names
from paretoscope.plot.short_names import shorten
from paretoscope.plot.style import GREY, INK, LITERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase

_GAP = 5.0  # points between the middle of a mark and its name
_SHARE, _LEAST = 0.33, 80.0  # of the Axes' width that a name may take, and points that it may always take


class PointNames(Artist):
    """Places the names of some points, just before they are drawn.

    Parameters
    ----------
    ax : Axes
    names : sequence of str
        The more important ones first, which get the better places.
    anchors, obstacles : callable
        Positions of the named points, and of what should not be covered, in pixels: arrays of shape (n, 2).

    Attributes
    ----------
    texts : list of matplotlib.text.Text
        One a name.  Those that found no place are not visible, and a note in a corner says how many they are.
    """

    def __init__(
        self,
        ax: Axes,
        names: Sequence[str],
        anchors: Callable[[], Array],
        obstacles: Callable[[], Array],
        *,
        zorder: float = 5.0,
    ) -> None:
        super().__init__()
        self._anchors, self._obstacles = anchors, obstacles
        self.set_zorder(zorder)
        self._names, self._room = list(names), 0.0
        pixels: dict[str, Any] = {"transform": IdentityTransform(), "in_layout": False, "clip_on": False}
        self._leaders = Line2D([], [], color=INK, linewidth=0.5, zorder=zorder + 0.1, **pixels)
        halo = [withStroke(linewidth=2.0, foreground=ax.get_facecolor())]
        self.texts = [
            Text(0.0, 0.0, name, fontsize="small", color=INK, va="bottom", ha="left",
                 zorder=zorder + 0.2, path_effects=halo, **LITERAL, **pixels)
            for name in names
        ]  # fmt: skip
        self._note = Text(
            0.0, 0.0, "", fontsize="x-small", fontstyle="italic", color=GREY, zorder=zorder + 0.2, **pixels
        )
        self.set_in_layout(False)
        for artist in (self, self._leaders, *self.texts, self._note):
            ax.add_artist(artist)

    def draw(self, renderer: RendererBase) -> None:
        """Find the places; the names draw themselves after this artist."""
        assert self.axes is not None
        anchors = self._anchors()
        room = max(_SHARE * self.axes.bbox.width / float(renderer.points_to_pixels(1.0)), _LEAST)  # type: ignore[arg-type]
        if room != self._room:
            self._room = room
            short = shorten(self._names, room, self.texts[0].get_fontsize() if self.texts else 1.0)
            for text, name in zip(self.texts, short, strict=True):
                text.set_text(name)
        for text in self.texts:
            text.set_position((0.0, 0.0))
            text.set_visible(True)
        extents = [text.get_window_extent(renderer) for text in self.texts]
        sizes = np.array([[extent.width, extent.height] for extent in extents]).reshape(-1, 2)
        frame = self.axes.bbox.get_points()
        gap = float(renderer.points_to_pixels(_GAP))  # type: ignore[arg-type]
        obstacles = np.concatenate([anchors, self._obstacles()])
        corners, ends = place_names(anchors, sizes, obstacles, frame, gap=gap, pad=gap / 5.0)
        for text, extent, corner in zip(self.texts, extents, corners, strict=True):
            text.set_visible(bool(np.isfinite(corner).all()))
            text.set_position(tuple(np.nan_to_num(corner - extent.min)))
        # One line with gaps: from each point to its name, then nowhere.
        path = np.stack([anchors, ends, np.full_like(ends, np.nan)], axis=1)[np.isfinite(ends).all(axis=1)]
        self._leaders.set_data(*path.reshape(-1, 2).T)
        inside = ((anchors >= frame[0]) & (anchors <= frame[1])).all(axis=1)
        self._tell(int((inside & np.isnan(corners[:, 0])).sum()), renderer)

    def _tell(self, n_hidden: int, renderer: RendererBase) -> None:
        """Say how many names found no place, in the corner where that covers the fewest names."""
        assert self.axes is not None
        self._note.set_text(f"{n_hidden} name{'s' * (n_hidden > 1)} left out" if n_hidden else "")
        if not n_hidden:
            return
        shown = [text.get_window_extent(renderer) for text in self.texts if text.get_visible()]
        covered = []
        corners = [(x, y) for y in ("bottom", "top") for x in ("right", "left")]
        for ha, va in corners:
            self._put_note(ha, va, renderer)
            extent = self._note.get_window_extent(renderer)
            covered.append(sum(extent.overlaps(other) for other in shown))
        self._put_note(*corners[int(np.argmin(covered))], renderer)

    def _put_note(self, ha: str, va: str, renderer: RendererBase) -> None:
        assert self.axes is not None
        box, gap = self.axes.bbox, 0.4 * float(renderer.points_to_pixels(_GAP))  # type: ignore[arg-type]
        self._note.set(ha=ha, va=va)
        self._note.set_position(
            (box.x1 - gap if ha == "right" else box.x0 + gap, box.y0 + gap if va == "bottom" else box.y1 - gap)
        )


def along(path: Array, step: float = 8.0) -> Array:
    """Points on a line through points, (n, 2), a few pixels from each other."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = np.arange(0.0, lengths[-1] + step, step)
    return np.column_stack([np.interp(at, lengths, path[:, 0]), np.interp(at, lengths, path[:, 1])])
