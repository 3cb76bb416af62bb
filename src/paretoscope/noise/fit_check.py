"""Whether the noise fits the runs it was fitted to: a run that stands apart, runs in groups, skewed runs."""

from __future__ import annotations

import itertools
import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from paretoscope.arrays import Array
from paretoscope.errors import NoiseFitWarning, in_words, quote
from paretoscope.measurements import Measurements
from paretoscope.noise.families.base import Family
from paretoscope.noise.groups import part
from paretoscope.notices import Notice, Notices

# Of a false alarm in a whole data set, whose runs are normal (lognormal under that family).
FALSE_ALARM: Final = 0.01
_FEWEST_RUNS = 3
_FEWEST_TO_RESAMPLE = 4
_SHOWN = 3  # findings, and runs of a group


@dataclass(frozen=True, slots=True)
class Misfit:
    """Runs of one model that the noise of a metric does not fit.

    Attributes
    ----------
    groups : tuple of tuples of (label, value)
        The runs, parted into groups; those with fewest runs first, runs in the order of the table.
    family : str
        The metric's noise.
    skewed : bool
        Whether the logarithms of the runs show no such groups.
    stray : float
        Share of single draws that come near no run.
    """

    metric: str
    model: str
    groups: tuple[tuple[tuple[str, float], ...], ...]
    family: str
    skewed: bool
    stray: float

    @property
    def n_runs(self) -> int:
        """How many runs there are."""
        return sum(len(group) for group in self.groups)

    @property
    def stands_apart(self) -> bool:
        """Whether all groups but one are single runs."""
        return all(len(group) == 1 for group in self.groups[:-1]) and len(self.groups[-1]) > 1


def find_misfits(data: Measurements, families: Mapping[str, Family]) -> list[Misfit]:
    """Compare the runs of each model with the normal distribution that was fitted to them, or to their logarithms.

    Looked at are metrics whose noise is fitted to single runs, and models with three runs or more that differ.
    Whatever their number, the probability that normal runs are taken for misfits is at most `FALSE_ALARM`.

    Returns
    -------
    list of Misfit
        The clearest first.
    """
    everything = data.runs
    fitted = [metric for metric, family in families.items() if family.rests_on_runs and not family.needs_single_runs]
    runs = everything[everything["metric"].isin(fitted)]
    cells = runs.groupby(["metric", "model"], sort=False)["value"]
    spread = cells.transform("max") > cells.transform("min")
    runs = runs[spread & (cells.transform("size") >= _FEWEST_RUNS)]
    if runs.empty:
        return []
    ticks = {metric: _tick(values.to_numpy()) for metric, values in runs.groupby("metric")["value"]}
    runs = runs.sort_values(["metric", "model", "value"], kind="stable")
    sizes = runs.groupby(["metric", "model"], sort=False)["value"].transform("size")
    n_cells = round(float((1.0 / sizes).sum()))
    label, value = everything["run"].to_numpy(object), everything["value"].to_numpy(float)
    log_allowed = math.log(FALSE_ALARM / n_cells)
    found: list[tuple[float, Misfit]] = []
    for k, same in runs.groupby(sizes):
        rows = same.to_dict("list")
        size = int(k)
        metrics, models = rows["metric"][::size], rows["model"][::size]
        values = np.array(rows["value"]).reshape(-1, size)
        places = same.index.to_numpy().reshape(values.shape)
        logged = np.array([families[metric].on_logarithms for metric in metrics])
        tick = np.array([ticks[metric] for metric in metrics])
        positive = values[:, 0] > 0.0
        logarithms = np.log(np.where(positive[:, np.newaxis], values, np.arange(1.0, size + 1.0)))
        seen = np.where(logged[:, np.newaxis], logarithms, values)
        relative = tick / np.median(values, axis=1).clip(min=tick)
        parted = part(seen, np.where(logged, relative, tick))
        of_logarithms = part(logarithms, relative)
        for i in np.flatnonzero(parted.log_risk < log_allowed):
            edges = [0, *sorted({int(parted.first[i]), int(parted.second[i]), size})]
            spans = list(itertools.pairwise(edges))
            order = [np.sort(places[i, a:b]) for a, b in spans]
            groups = [tuple(zip(label[where].tolist(), value[where].tolist(), strict=True)) for where in order]
            misfit = Misfit(
                metric=metrics[i],
                model=models[i],
                groups=tuple(sorted(groups, key=len)),
                family=str(families[metrics[i]]),
                skewed=bool(not logged[i] and positive[i] and of_logarithms.log_risk[i] >= log_allowed),
                stray=_stray([seen[i, a:b] for a, b in spans]),
            )
            found.append((float(parted.log_risk[i]), misfit))
    return [misfit for _, misfit in sorted(found, key=lambda pair: pair[0])]


def review_fit(data: Measurements, families: Mapping[str, Family], scope: str) -> Notices:
    """Say which runs their noise does not fit, and what helps."""
    misfits = find_misfits(data, families)
    if not misfits:
        return []
    told = "; ".join(_describe(misfit, scope) for misfit in misfits[:_SHOWN])
    others = len(misfits) - _SHOWN
    more = f" (and {others} more such)" if others > 0 else ""
    return [Notice(NoiseFitWarning, f"{told}{more}; {'; '.join(_remedies(misfits, scope))}")]


def _tick(values: Array) -> float:
    """To what a metric's values are rounded: the smallest difference between two."""
    return float(np.diff(np.unique(values)).min())


def _stray(groups: list[Array]) -> float:
    """Share of the fitted normal distribution further from each group than the widest group is wide."""
    everything = np.concatenate(groups)
    fitted = NormalDist(float(everything.mean()), float(everything.std(ddof=1)))
    width = max(float(np.ptp(group)) for group in groups)
    near, end = 0.0, -math.inf
    for group in groups:
        low, high = max(float(group.min()) - width, end), float(group.max()) + width
        near += fitted.cdf(high) - fitted.cdf(low)
        end = high
    return 1.0 - near


def _describe(misfit: Misfit, scope: str) -> str:
    *apart, rest = misfit.groups
    place = f"metric {quote(misfit.metric)} of model {quote(misfit.model)}: "
    if misfit.stands_apart:
        lone = " and ".join(f"{quote(label)} ({value:.4g})" for group in apart for label, value in group)
        verb = "runs {} stand" if len(apart) > 1 else "run {} stands"
        said = f"{verb.format(lone)} apart from the other {len(rest)} ({_range(rest)})"
    else:
        n_modes = ("two", "three")[len(apart) - 1]
        rising = sorted(misfit.groups, key=lambda group: min(value for _, value in group))
        modes = ", ".join(f"{_range(group)} ({_labels(group)})" for group in rising)
        said = f"its {misfit.n_runs} runs have {n_modes} modes, {modes}"
    if scope == "mean":
        return f"{place}{said}, which noise {misfit.family!r} does not fit"
    return f"{place}{said}, and about {misfit.stray:.0%} of the draws from noise {misfit.family!r} come near no run"


def _range(group: tuple[tuple[str, float], ...]) -> str:
    values = [value for _, value in group]
    low, high = f"{min(values):.4g}", f"{max(values):.4g}"
    return low if low == high else f"{low} to {high}"


def _labels(group: tuple[tuple[str, float], ...]) -> str:
    shown = ", ".join(quote(label) for label, _ in group[:_SHOWN])
    more = f" and {len(group) - _SHOWN} more" if len(group) > _SHOWN else ""
    return f"run{'s' * (len(group) > 1)} {shown}{more}"


def _remedies(misfits: list[Misfit], scope: str) -> list[str]:
    remedies = []
    if any(misfit.stands_apart and not misfit.skewed for misfit in misfits):
        remedies.append("drop a run that was a cold start or was disturbed, else measure more of them")
    if any(not misfit.stands_apart and not misfit.skewed for misfit in misfits):
        remedies.append(
            "look for what differs between the runs of two modes (clock, threads, machine) and keep them apart"
        )
    skewed = [misfit.metric for misfit in misfits if misfit.skewed]
    if skewed:
        remedies.append(f"{_with_noise(skewed[0], 'lognormal')} suits runs that are skewed")
    kept = [misfit.metric for misfit in misfits if not misfit.skewed and misfit.n_runs >= _FEWEST_TO_RESAMPLE]
    if kept and scope == "run":
        remedies.append(f"{_with_noise(kept[0], 'empirical')} draws from the runs as they are")
    return remedies


def _with_noise(metric: str, family: str) -> str:
    return in_words(python=f"noise={{{metric!r}: {family!r}}}", flags=f"--noise {shlex.quote(f'{metric}={family}')}")
