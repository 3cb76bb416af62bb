"""Figures as files: the same bytes for the same figure, whole or not at all."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib import rc_context, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from paretoscope.errors import FigureWarning, OptionError, nearest, quote
from paretoscope.files import check_destination, write_whole

# Neither a date nor a version: a figure that did not change should not look changed.
_METADATA: dict[str, dict[str, Any]] = {
    ".pdf": {"CreationDate": None, "Creator": "paretoscope", "Producer": "matplotlib"},
    ".png": {"Software": "paretoscope"},
    ".svg": {"Date": None, "Creator": "paretoscope"},
}
# Text looks the same on every machine: as outlines in SVG, with its fonts in PDF.
_SETTINGS: dict[Any, Any] = {"svg.hashsalt": "paretoscope", "svg.fonttype": "path", "pdf.fonttype": 42}
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # https://www.w3.org/TR/xml/#charsets


def check_format(path: str | Path) -> Path:
    """Return the path of a figure, whose ending says its format.

    Raises
    ------
    OptionError
        If the ending is not known.
    DataError
        If no file can be written there.
    """
    try:
        path = Path(path)
    except TypeError:
        raise OptionError(f"path: found {quote(path)}; expected the name of a file, such as figure.svg") from None
    if path.suffix.lower() not in _METADATA:
        known = ", ".join(_METADATA)
        hint = nearest(path.suffix.lower(), _METADATA)
        raise OptionError(f"{path}: found the ending {quote(path.suffix)}; expected one of {known}{hint}")
    check_destination(path)
    return path


def save(figure: Figure | SubFigure | Axes, path: str | Path, *, dpi: float = 200.0) -> None:
    """Write a figure to a file, whole or not at all; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure, SubFigure or Axes
        Axes stand for the figure that they belong to.
    path : str or Path
        Ends in ``.png``, ``.svg`` (text as outlines) or ``.pdf`` (fonts embedded).
    dpi : float
        Dots per inch, in PNG.

    Raises
    ------
    OptionError
        If the ending is another one, `figure` none, or `dpi` not positive.
    DataError
        If the file cannot be written.

    Warns
    -----
    FigureWarning
        If the font lacks letters of a name, or the figure is too small for what stands beside its axes.

    Notes
    -----
    A figure that has a layout engine, as those have that this package makes, keeps its size.  Any other one is cropped
    or enlarged to hold all that is drawn.

    Examples
    --------
    >>> import paretoscope as ps
    >>> ax = ps.plot.noise(ps.load("imagenet"))
    >>> ps.plot.save(ax, "noise.svg")  # doctest: +SKIP
    """
    path = check_format(path)
    whole = _root(figure)
    if isinstance(dpi, bool) or not isinstance(dpi, int | float) or not 0.0 < dpi < float("inf"):
        raise OptionError(f"dpi: found {quote(dpi)}; expected a positive number; 200 is the default")
    form = path.suffix.lower()
    picture = io.BytesIO()
    with rc_context(_SETTINGS), _same_layout(whole), _one_line_warnings(path, whole):
        whole.savefig(
            picture,
            format=form[1:],
            metadata=_METADATA[form],
            dpi=dpi,
            bbox_inches=None if whole.get_layout_engine() else "tight",
        )
    content = picture.getvalue()
    if form == ".svg":  # matplotlib repeats every text in a comment, whatever it holds
        content = _NOT_XML.sub("\ufffd", content.decode()).encode()
    with write_whole(path) as stream:
        stream.write(content)


@contextmanager
def _same_layout(figure: Figure) -> Iterator[None]:
    """Put all Axes back where they were: each layout starts from the last, and moves by a rounding error."""
    places = [(ax, ax.get_position(original=True), ax.get_position(), ax.get_in_layout()) for ax in figure.axes]
    try:
        yield
    finally:
        for ax, original, active, in_layout in places:
            ax.set_position(original, which="original")
            ax.set_position(active, which="active")
            ax.set_in_layout(in_layout)  # which set_position ends


@contextmanager
def _one_line_warnings(path: Path, figure: Figure) -> Iterator[None]:
    """Say in one line what matplotlib warns of glyph by glyph, or without naming the figure."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    letters: dict[str, None] = {}
    too_small = False
    for warning in caught:
        message = str(warning.message)
        if glyph := re.match(r"Glyph (\d+) .*missing from", message):
            letters[chr(int(glyph[1]))] = None
        elif "axes sizes collapsed" in message:
            too_small = True
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if too_small:
        width, height = figure.get_size_inches()
        give = (
            f"{path}: found {width:g} x {height:g} inches, too small for the names; expected more; enlarge the figure"
        )
        warnings.warn(give, FigureWarning, stacklevel=4)
    if letters:
        fonts = ", ".join(rcParams["font.family"])
        give = f"{path}: found {' '.join(letters)}, which the font ({fonts}) lacks; expected one that has them; "
        warnings.warn(give + "set matplotlib's rcParams['font.family']", FigureWarning, stacklevel=4)


def _root(figure: object) -> Figure:
    """The whole figure that something is drawn in."""
    whole = figure
    while isinstance(whole, Axes | SubFigure):
        whole = whole.figure
    if not isinstance(whole, Figure):
        raise OptionError(
            f"figure: found {type(figure).__name__}; expected a Figure or Axes; pass what a function of plot returned"
        )
    return whole
