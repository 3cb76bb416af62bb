"""What the page's figures are drawn from: plain lists in the order of the ranking, numbers cut to what is shown."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from paretoscope.arrays import Array, is_wide
from paretoscope.dea.efficiencies import score_models
from paretoscope.fronts.curves import KINDS, Roles, frontier_band, frontier_curve, frontier_grid
from paretoscope.orders.sorted_draws import quantiles, sort_rows
from paretoscope.reporting.run_noise import series_by_metric
from paretoscope.reporting.wording import like, listing, metric_phrase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paretoscope.dea.efficiencies import Efficiency
    from paretoscope.reporting.table import Row
    from paretoscope.resampling.draws import EfficiencyDraws

MOST_RUNS = 100_000
MOST_CURVES = 132
MOST_BANDS = 12
MOST_BAND_DRAWS = 1_000
MOST_RANKS = 50
_BAND_POINTS = 60
_PROBABILITIES = (0.05, 0.25, 0.50, 0.75, 0.95)


def figure_data(sim: EfficiencyDraws, table: list[Row]) -> dict[str, Any]:
    """Everything about one result but the two matrices, as JSON can hold it."""
    data = sim.data
    names = [row.name for row in table]
    order = [data.models.index(name) for name in names]
    rows = sort_rows(sim.complete_draws)[order]
    found = score_models(data, sim.rts, sim.orientation)
    runs, kept = _runs(sim, order)
    mean, sd = (frame.loc[names].to_numpy(float).T for frame in (data.mean, data.sd))
    return {
        "models": names,
        "metrics": [
            {
                "name": metric,
                "unit": data.units[metric],
                "input": metric in data.inputs,
                "wide": is_wide(float(mean[k].min()), float(mean[k].max())),
                "mean": _significant(mean[k]),
                "sd": _significant(sd[k]),
                "text": [row.metrics[k][1] for row in table],
                "runs": runs[metric],
            }
            for k, metric in enumerate(data.metrics)
        ],
        "runs_kept": kept,
        "n_draws": len(rows[0]),
        "mean": _places(rows.mean(axis=1)),
        "quantiles": [_places(column) for column in quantiles(rows, _PROBABILITIES).T],
        "tier": [row.tier for row in table],
        "p_efficient": _places(row.p_efficient for row in table),
        "advice": _advice(found, names),
        "curves": _curves(sim),
    }


def rank_bands(sim: EfficiencyDraws, names: list[str]) -> tuple[list[str], Array]:
    """Probability of each rank by model; many ranks are put together into bands of equal size.

    Returns
    -------
    labels : list of str
        Of the ranks or bands: ``"3"``, ``"21-40"``.
    shares : (n_models, n_bands) ndarray
    """
    shares = sim.rank_distribution().loc[names].to_numpy()
    n_models = len(shares)
    size = -(-n_models // MOST_RANKS)
    starts = np.arange(0, n_models, size)
    labels = [f"{low + 1}" if size == 1 else f"{low + 1}-{min(low + size, n_models)}" for low in starts]
    bands: Array = np.add.reduceat(shares, starts, axis=1)
    return labels, bands


def _runs(sim: EfficiencyDraws, order: list[int]) -> tuple[dict[str, list[list[float]]], int]:
    """Every metric's runs by model, at most so many of each that the page stays small; and that number, 0 for all."""
    found = series_by_metric(sim.data)
    longest = max((len(values) for series in found.values() for values in series), default=0)
    most = max(1, MOST_RUNS // (len(order) * len(found)))
    kept = {metric: [_significant(series[i][:most]) for i in order] for metric, series in found.items()}
    return kept, most if longest > most else 0


def _advice(found: Efficiency, names: list[str]) -> list[dict[str, Any]]:
    """For each model what it takes to be efficient: a sentence, its target, its slacks, and its peers' weights."""
    data = found.data
    place = {name: position for position, name in enumerate(names)}
    peers = found.peers.loc[names]
    serving = [place[str(peer)] for peer in peers.columns]
    frames = (data.mean, data.sd, found.targets, found.slacks, found.scores.to_frame())
    result = []
    for name, weights, *numbers in zip(
        names, peers.to_numpy(), *(frame.loc[names].to_numpy(float) for frame in frames), strict=True
    ):
        own, sd, target, slack, (score,) = numbers
        cells = [
            [like(value, spread) for value in three] for *three, spread in zip(own, target, slack, sd, strict=True)
        ]
        weighed = sorted(zip(weights, serving, strict=True), key=lambda pair: -pair[0])
        result.append(
            {
                "text": _advise(found, name, score, cells),
                "score": round(score, 4) if np.isfinite(score) else None,
                "point": [float(f"{value:.6g}") if np.isfinite(value) else None for value in target],
                "cells": cells,
                "peers": [[peer, f"{weight:.2f}"] for weight, peer in weighed if weight > 0.0],
            }
        )
    return result


def _advise(found: Efficiency, name: str, score: float, cells: list[list[str]]) -> str:
    """Say what a model needs; `cells` hold what each metric is, should be, and how much of that is slack."""
    data = found.data
    if not np.isfinite(score):
        return f"No score of {name} could be found at the means."
    if score == 0.0:
        rest = ", and no size of its inputs changes that" if data.inputs else ""
        return f"{name} gives nothing: its efficiency is 0{rest}."
    changed = [
        f"{metric_phrase(metric, target, data.units[metric])} instead of {now}"
        for metric, (now, target, _) in zip(data.metrics, cells, strict=True)
        if now != target
    ]
    kept = [
        metric_phrase(metric, now, data.units[metric])
        for metric, (now, target, _) in zip(data.metrics, cells, strict=True)
        if now == target
    ]
    if not changed:
        if score == 1.0:
            return f"{name} is on the frontier at the means: nothing is asked of it."
        return f"{name} is nearer to the frontier at the means than the digits show."
    rest = f", at {listing(kept, most=99)}" if kept else ""
    return f"To be efficient, {name} needs {listing(changed, most=99)}{rest}."


def _curves(sim: EfficiencyDraws) -> dict[str, Any]:
    """The frontier of every two metrics, by their places: at the means, and for some its band over the draws."""
    data = sim.data
    mean = data.mean
    n_inputs = len(data.inputs)
    # An output over an input first: that is how frontiers are mostly drawn, so these have a band before others.
    pairs = sorted(permutations(range(len(data.metrics)), 2), key=lambda pair: not (pair[0] < n_inputs <= pair[1]))
    samples = list(sim.resampler().first(MOST_BAND_DRAWS).in_units())
    curves = {}
    for number, (x, y) in enumerate(pairs[:MOST_CURVES]):
        points = mean.iloc[:, x].to_numpy(float), mean.iloc[:, y].to_numpy(float)
        roles = Roles(x < n_inputs, y < n_inputs)
        curve: dict[str, list[list[float]]] = {}
        for kind in KINDS if sim.rts == "vrs" else KINDS[:1]:
            vertices = frontier_curve(*points, roles=roles, kind=kind)
            curve[kind] = [_significant(values) for values in vertices]
        if number < MOST_BANDS:
            grid = frontier_grid(points[0], n_points=_BAND_POINTS)
            low, high = frontier_band(samples, grid, roles=roles, rows=(x, y), quantiles=(0.05, 0.95)).T
            known = np.isfinite(low) & np.isfinite(high)
            curve["band"] = [_significant(values[known]) for values in (grid, low, high)]
        curves[f"{x},{y}"] = curve
    return curves


def _significant(values: Iterable[float]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _places(values: Iterable[float]) -> list[float]:
    return [round(float(value), 4) for value in values]
