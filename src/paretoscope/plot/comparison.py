"""Several sets of inputs side by side (Table 1 of the paper as a picture)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import check_count
from paretoscope.orders.ranking import digits, monte_carlo_error
from paretoscope.orders.sorted_draws import as_draws
from paretoscope.plot.axis_labels import metric_label
from paretoscope.plot.short_names import wrap
from paretoscope.plot.style import (
    LITERAL,
    ROW,
    SHADES,
    TOP,
    WIDTH,
    check_result,
    fit_rows,
    name_rows,
    open_axes,
    size_of,
    write_cells,
)
from paretoscope.resampling.input_sets import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from paretoscope.resampling.draws import EfficiencyDraws


def compare(comparison: Comparison, *, top: int = TOP, confidence: float = 0.95, ax: Axes | None = None) -> Axes:
    """Draw the models' mean efficiency under several sets of inputs (Table 1 of the paper).

    Parameters
    ----------
    comparison : Comparison
        From `paretoscope.compare`.
    top : int
        At most so many models, the best under the first set; how many are left out is said below the last.
    confidence : float
        For the tiers, which stand in brackets, see `EfficiencyDraws.tiers`.
    ax : Axes, optional
        Where to draw; by default in a new figure, as high as the models need.

    Returns
    -------
    Axes
        The models at y = 0, 1, ... from the top down, the sets at x = 0, 1, ...

    Raises
    ------
    OptionError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> import paretoscope as ps
    >>> data = ps.load("imagenet")
    >>> found = ps.compare(data, [data.inputs[:1], data.inputs], n_resamples=200, rng=0)
    >>> len(ps.plot.compare(found).get_xticklabels())
    2
    """
    check_result("comparison", comparison, Comparison, remedy="make it with paretoscope.compare")
    top = check_count("top", top)
    table = comparison.table(confidence=confidence).iloc[:top]
    labels = list(comparison.sims)
    means = table.xs("mean", axis=1, level=1)[labels].to_numpy(float)
    tiers = table.xs("tier", axis=1, level=1)[labels].to_numpy(int)
    n_hidden = len(next(iter(comparison.sims.values())).models) - len(table)

    ax = open_axes(ax, (WIDTH, 1.2 + ROW * (len(table) + bool(n_hidden))))
    finite = means[np.isfinite(means)]
    mesh = ax.pcolormesh(
        np.arange(len(labels) + 1) - 0.5,
        np.arange(len(table) + 1) - 0.5,
        np.where(np.isfinite(means), means, finite.max(initial=1.0)),
        cmap=SHADES,
        vmin=0.0,
        vmax=max(1.0, finite.max(initial=1.0)),
        edgecolors="white",
        linewidth=1.5,
    )
    name_rows(ax, [str(model) for model in table.index], n_hidden=n_hidden)
    places = np.column_stack([_decimals(sim, list(table.index)) for sim in comparison.sims.values()])
    texts = [
        [f"{mean:.{n}f} ({tier})" for mean, n, tier in zip(*cells, strict=True)]
        for cells in zip(means, places, tiers, strict=True)
    ]
    write_cells(ax, texts, np.asarray(mesh.get_array()).reshape(means.shape) / mesh.norm.vmax, left=0.0)
    column = size_of(ax)[0] / len(labels) - 4.0
    headings = [wrap(_heading(label, sim), column, "small") for label, sim in comparison.sims.items()]
    ax.set_xticks(range(len(labels)), headings, fontsize="small", **LITERAL)
    ax.tick_params(axis="x", length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    ax.grid(False)
    ax.set_xlabel("mean efficiency (tier)")
    ax.spines[:].set_visible(False)
    fit_rows(ax)
    return ax


def _decimals(sim: EfficiencyDraws, models: list[str]) -> list[int]:
    """How many decimals of each model's mean the number of draws supports, up to 2."""
    errors = monte_carlo_error(as_draws(sim.complete_draws), sim.models)
    return [digits(float(errors[model]), most=2) for model in models]


def _heading(label: str, sim: EfficiencyDraws) -> str:
    """The label of a set of inputs, or its inputs one below the other where it has no label of its own."""
    if label != ", ".join(sim.data.inputs):
        return label
    return "\n+ ".join(metric_label(sim.data, metric) for metric in sim.data.inputs)
