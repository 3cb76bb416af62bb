"""Spread of runs and their order in time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import Array, check_choice, check_count
from paretoscope.errors import DataError, in_words, quote
from paretoscope.measurements import Measurements
from paretoscope.plot.axis_labels import metric_label
from paretoscope.plot.style import (
    BLUE,
    GREY,
    ROW,
    TOP,
    WIDTH,
    check_result,
    clear_frame,
    fit_rows,
    label_axis,
    name_rows,
    note_row,
    open_axes,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_REACH = 0.38  # of a series above and below the middle of its row


def noise(data: Measurements, *, metric: str | None = None, top: int = TOP, ax: Axes | None = None) -> Axes:
    """Draw every run as its deviation from the model's median, with time going down in each row.

    A row that leans is a drift, a step a change of the machine, a lone point an outlier; what is left is the noise that
    resampling takes for granted: independent runs.  The number on the right is the standard deviation over the mean.

    Parameters
    ----------
    data : Measurements
        Runs count as measured in the order of the table.
    metric : str, optional
        By default the first one that has repeats.
    top : int
        At most so many models, those with the largest spread first; how many are left out is said below the last.
    ax : Axes, optional
        Where to draw; by default in a new figure, as high as the models need.

    Returns
    -------
    Axes
        The models at y = 0, 1, ... from the top down, deviations in percent along x.

    Raises
    ------
    DataError
        If the metric has no repeats.
    OptionError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> import paretoscope as ps
    >>> data = ps.load("imagenet")
    >>> ax = ps.plot.noise(data, metric=data.inputs[0])
    >>> len(ax.get_yticklabels()) == len(data.models)
    True
    """
    check_result("data", data, Measurements, remedy="make them with paretoscope.read or from_frame")
    top = check_count("top", top)
    option = in_words(python="metric", flags="x")
    metric = _repeated_metric(data) if metric is None else check_choice(option, metric, data.metrics)
    deviations = _deviations(data.runs, metric)
    if not deviations:
        raise DataError(
            f"metric {quote(metric)}: found no model with two runs; expected repeats; measure again or choose another"
        )
    spread = (data.sd[metric] / data.mean[metric].abs().where(data.mean[metric] != 0.0)).fillna(0.0)
    order = [str(model) for model in spread.sort_values(ascending=False, kind="stable").index if model in deviations]
    shown = order[:top]

    most = max(len(deviations[model]) for model in shown)
    ax = open_axes(ax, (WIDTH, 0.8 + ROW * (1.1 + 0.04 * min(most, 10)) * (len(shown) + (len(order) > top))))
    for row, model in enumerate(shown):
        values = deviations[model]
        times = row + np.linspace(-_REACH, _REACH, len(values))
        ax.plot(values, times, color=BLUE, linewidth=0.6, alpha=0.6)
        ax.plot(values, times, ".", color=BLUE, markersize=max(2.0, min(5.0, 60.0 / len(values))))
        note_row(ax, row, f"{_two_digits(100.0 * spread[model])} %")
    note_row(ax, -0.65, "sd")
    name_rows(ax, shown, n_hidden=len(order) - len(shown))
    ax.axvline(0.0, color=GREY, linewidth=0.8, zorder=1)
    for edge in range(1, len(shown)):
        ax.axhline(edge - 0.5, color="#DDDDDD", linewidth=0.6, zorder=0)
    label_axis(
        ax, "x", f"{metric_label(data, metric)}: deviation from the model's median [%]\nin each row, time goes down ↓"
    )
    clear_frame(ax)
    ax.spines["left"].set_visible(False)
    fit_rows(ax)
    return ax


def _two_digits(value: float) -> str:
    """Write a standard deviation, of which a few runs support no more."""
    places = 1 - math.floor(math.log10(value)) if value > 0.0 else 0
    return f"{value:.{min(max(places, 0), 3)}f}"


def _repeated_metric(data: Measurements) -> str:
    """The first metric that was measured more than once."""
    counts = data.runs.groupby(["metric", "model"]).size().groupby("metric").max()
    for metric in data.metrics:
        if counts.get(metric, 0) > 1:
            return metric
    raise DataError("data: found no metric with repeats; expected two runs of some model; measure again, five or more")


def _deviations(runs: pd.DataFrame, metric: str) -> dict[str, Array]:
    """Each model's runs, in order, in percent of the size of its median; models with one run have none."""
    found = {}
    for model, group in runs[runs["metric"] == metric].groupby("model", sort=False):
        values = group["value"].to_numpy(float)
        centre = float(np.median(values))
        if len(values) > 1 and centre != 0.0:
            found[str(model)] = 100.0 * np.sign(centre) * (values / centre - 1.0)
    return found
