"""Runs in the order of time, one line a model, as blocks of text."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from paretoscope.errors import unquoted

if TYPE_CHECKING:
    import pandas as pd

_BLOCKS = "▁▂▃▄▅▆▇"
_ASCII = "_.-=+*#"


def draw_timeline(table: pd.DataFrame, metric: str, *, blocks: str = "") -> str:
    """Draw each model's runs in the order of time, one character a run, from its smallest value to its largest.

    Parameters
    ----------
    table : DataFrame
        One row a run, with columns ``model``, ``started`` and `metric`.
    metric : str
        The column to draw.
    blocks : str
        Characters from low to high; by default what standard output can show.

    Returns
    -------
    str
        A line a model: its runs, their smallest, median and largest value, and their coefficient of variation.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"model": list("ababab"), "started": list("012345"), "ms": [1.0, 5, 1.5, 4, 2, 4]})
    >>> print(draw_timeline(table, "ms", blocks="_.-=+*#"), end="")
    ms, runs in the order of time
     a  _=#  min 1  median 1.5  max 2  CV 33.3 %
     b  #__  min 4  median 4  max 5  CV 13.3 %
    """
    blocks = blocks or _showable()
    ordered = table.sort_values("started", kind="stable")
    rows = {str(model): runs[metric] for model, runs in ordered.groupby("model", sort=False)}
    names = [unquoted(model) for model in rows]
    width, longest = max(map(len, names)), max(map(len, rows.values()))
    lines = [f"{unquoted(metric)}, runs in the order of time"]
    for name, values in zip(names, rows.values(), strict=True):
        low, high = values.min(), values.max()
        levels = (values - low) / (high - low) if high > low else values * 0.0 + 0.5
        marks = "".join(blocks[round(level * (len(blocks) - 1))] for level in levels)
        numbers = f"min {low:.4g}  median {values.median():.4g}  max {high:.4g}"
        variation = f"  CV {100 * values.std() / values.mean():.1f} %" if len(values) > 1 else ""
        lines.append(f" {name:{width}}  {marks:{longest}}  {numbers}{variation}")
    return "\n".join(lines) + "\n"


def _showable() -> str:
    try:
        _BLOCKS.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return _ASCII
    return _BLOCKS
