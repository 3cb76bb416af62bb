"""Step 1 of Algorithm 1: fit each model's spread in each metric, and draw simulated metrics from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from paretoscope.errors import DataError, FewRunsWarning, OptionError, nearest
from paretoscope.kernels.sampling import place

if TYPE_CHECKING:
    from paretoscope.measurements import Measurements

FAMILIES: Final = ("gaussian", "lognormal", "student", "empirical", "exact")
SCOPES: Final = ("run", "mean")
_RELATIVE = re.compile(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*%\s*", re.IGNORECASE)
_BINOMIAL = re.compile(r"\s*binomial\(\s*([0-9_]+)\s*\)\s*", re.IGNORECASE)
_FEWEST_RUNS = 3

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """How one metric varies: a family and, for some, its parameter."""

    family: str
    parameter: float = 0.0

    def __str__(self) -> str:
        """Write the specification that `parse_spread` reads."""
        if self.family == "relative":
            return f"{self.parameter * 100:g}%"
        return f"binomial({self.parameter:.0f})" if self.family == "binomial" else self.family


def parse_spread(text: str, place: str = "noise") -> Spread:
    """Read one noise specification.

    Parameters
    ----------
    text : str
        ``"gaussian"``, ``"lognormal"``, ``"student"``, ``"empirical"``, ``"exact"``, ``"3%"`` (a standard deviation of
        3 % of the mean) or ``"binomial(50000)"`` (an accuracy in percent over 50,000 images).
    place : str
        What the message calls it.

    Raises
    ------
    OptionError
        If the text is none of these.

    Examples
    --------
    >>> parse_spread("3%")
    Spread(family='relative', parameter=0.03)
    """
    if isinstance(text, str):
        if text in FAMILIES:
            return Spread(text)
        if match := _RELATIVE.fullmatch(text):
            try:
                return Spread("relative", float(match[1]) / 100.0)
            except ValueError:
                pass
        if (match := _BINOMIAL.fullmatch(text)) and int(match[1]) > 0:
            return Spread("binomial", float(int(match[1])))
    hint = nearest(text, FAMILIES) if isinstance(text, str) else ""
    raise OptionError(f"{place}: found {text!r}; expected one of {', '.join(FAMILIES)}, 'P%' or 'binomial(N)'{hint}")


def resolve_noise(noise: str | Mapping[str, str], metrics: tuple[str, ...]) -> dict[str, Spread]:
    """Give every metric its spread; a mapping may name some metrics and, as ``"*"``, the rest (else gaussian)."""
    if isinstance(noise, Mapping):
        for name in noise:
            if name != "*" and name not in metrics:
                raise OptionError(
                    f"noise: found {name!r}; expected one of the metrics {', '.join(metrics)}{nearest(str(name), metrics)}"
                )
        rest = noise.get("*", "gaussian")
        return {metric: parse_spread(noise.get(metric, rest), f"noise[{metric!r}]") for metric in metrics}
    return dict.fromkeys(metrics, parse_spread(noise))


@dataclass(frozen=True, slots=True)
class Sampler:
    """A fitted noise model: draws all metrics of all models at once.

    Metrics are in units of a power of two near their geometric mean (`units`), so that tolerances mean the same for every
    metric, and dividing loses no bit.
    """

    spreads: tuple[Spread, ...]
    units: Array  # (n_metrics,)
    location: Array  # (n_metrics, n_models): mean; mean of logarithms for lognormal; share of successes for binomial
    scale: Array  # (n_metrics, n_models)
    degrees: Array  # (n_metrics, n_models), of freedom, for student
    above: Array  # (n_metrics, n_models): a draw must exceed this ...
    below: Array  # (n_metrics, n_models): ... and stay under this
    runs: Array  # (n_metrics, n_models, most runs), padded with NaN, for empirical
    n_runs: NDArray[np.int64]  # (n_metrics, n_models)
    partner: NDArray[np.int64]  # (n_metrics, n_models): the metric whose picks of runs this one shares
    scope: str

    @property
    def is_normal(self) -> bool:
        """Whether every metric is a plain affine function of a standard normal."""
        return all(spread.family in ("gaussian", "relative") for spread in self.spreads)

    def draw(self, rng: np.random.Generator, out: Array) -> int:
        """Fill `out`, (n_draws, n_metrics, n_models), in `units`; return how many values had to be drawn again."""
        if self.is_normal:
            rng.standard_normal(out=out)
            n_outside = place(out, self.location, self.scale, self.above, self.below)
        else:
            picks: dict[int, Array] = {}
            for metric, spread in enumerate(self.spreads):
                out[:, metric, :] = self._draw_metric(rng, metric, spread, out.shape[0], picks)
            n_outside = int(np.count_nonzero((out <= self.above) | (out >= self.below)))
        n_redrawn = 0
        while n_outside:
            draws, metrics, models = np.nonzero((out <= self.above) | (out >= self.below))
            again = self._draw_again(rng, metrics, models)
            out[draws, metrics, models] = again
            n_redrawn += n_outside
            n_outside = int(
                np.count_nonzero((again <= self.above[metrics, models]) | (again >= self.below[metrics, models]))
            )
        return n_redrawn

    def _draw_metric(
        self, rng: np.random.Generator, metric: int, spread: Spread, n_draws: int, picks: dict[int, Array]
    ) -> Array:
        location, scale = self.location[metric], self.scale[metric]
        shape = (n_draws, location.size)
        if spread.family == "exact":
            return np.broadcast_to(location, shape)
        if spread.family == "student":
            return location + scale * rng.standard_t(self.degrees[metric], shape)
        if spread.family == "binomial":
            n_images = int(spread.parameter)
            return rng.binomial(n_images, location, shape) / n_images * (100.0 / self.units[metric])
        if spread.family == "empirical":
            return self._resample_runs(rng, metric, n_draws, picks)
        values = location + scale * rng.standard_normal(shape)
        return np.exp(values) if spread.family == "lognormal" else values

    def _draw_again(
        self, rng: np.random.Generator, metrics: NDArray[np.intp], models: NDArray[np.intp]
    ) -> Array:
        """Draw single values anew; those of one family together."""
        location, scale = self.location[metrics, models], self.scale[metrics, models]
        student = np.array([spread.family == "student" for spread in self.spreads])[metrics]
        lognormal = np.array([spread.family == "lognormal" for spread in self.spreads])[metrics]
        variates = np.empty(metrics.size)
        variates[~student] = rng.standard_normal(int(np.count_nonzero(~student)))
        variates[student] = rng.standard_t(self.degrees[metrics, models][student])
        values = location + scale * variates
        values[lognormal] = np.exp(values[lognormal])
        return values

    def _resample_runs(self, rng: np.random.Generator, metric: int, n_draws: int, picks: dict[int, Array]) -> Array:
        """Whole runs with replacement: one (scope run), or the mean of as many as there are (scope mean)."""
        n_runs, partner = self.n_runs[metric], self.partner[metric]
        n_picked = self.runs.shape[2] if self.scope == "mean" else 1
        picks[metric] = rng.random((n_draws, n_runs.size, n_picked))
        shared = picks[metric]
        for other in np.unique(partner[partner != metric]):
            shared = np.where((partner == other)[:, np.newaxis], picks[int(other)], shared)
        chosen = np.minimum((shared * n_runs[:, np.newaxis]).astype(np.int64), n_runs[:, np.newaxis] - 1)
        values = self.runs[metric][np.arange(n_runs.size)[:, np.newaxis], chosen]
        if self.scope == "run":
            return np.ascontiguousarray(values[:, :, 0])
        counted = np.arange(n_picked) < n_runs[:, np.newaxis]
        return np.where(counted, values, 0.0).sum(axis=2) / n_runs


def power_of_two_near(values: Array) -> float:
    """The power of two nearest to the geometric mean of the positive values."""
    positive = values[values > 0.0]
    return float(2.0 ** np.round(np.log2(positive).mean())) if positive.size else 1.0


def fit_noise(
    data: Measurements, noise: str | Mapping[str, str] = "gaussian", scope: str = "run"
) -> tuple[Sampler, list[tuple[type[Warning], str]]]:
    """Fit the noise model to the runs.

    Parameters
    ----------
    data : Measurements
    noise : str or mapping from metric to str
        See `parse_spread`.  Metrics without repeats are exact under the families that need repeats.
    scope : {"run", "mean"}
        Whether a draw is one more run (standard deviation of a run) or one more estimate of the mean (divided by the root
        of the number of runs).

    Returns
    -------
    sampler : Sampler
    warnings : list of (category, message)
        What the caller should warn of.

    Raises
    ------
    OptionError
        If `noise` or `scope` is not known.
    DataError
        If a metric does not fit its family: an exact one whose repeats differ, a binomial one that is no percentage, a
        lognormal one that is not positive, an empirical one or a Student one without runs.
    """
    if scope not in SCOPES:
        raise OptionError(f"scope: found {scope!r}; expected one of {', '.join(SCOPES)}{nearest(str(scope), SCOPES)}")
    spreads = resolve_noise(noise, data.metrics)
    mean, sd, n_runs = (
        table.loc[list(data.models), list(data.metrics)].to_numpy(float).T for table in (data.mean, data.sd, data.n_runs)
    )
    units = np.array([power_of_two_near(row) for row in mean])
    padded, partner = _pad_runs(data, mean)
    location, scale = mean.copy(), np.zeros_like(mean)
    degrees = np.ones_like(mean)
    for row, metric in enumerate(data.metrics):
        spread = spreads[metric]
        _check_fit(data, metric, spread, mean[row], sd[row], n_runs[row], padded[row], scope)
        if spread.family == "relative":
            scale[row] = spread.parameter * mean[row]
        elif spread.family == "binomial":
            location[row] = mean[row] / 100.0
        elif spread.family in ("gaussian", "student"):
            scale[row] = sd[row]
            if scope == "mean":
                scale[row] = np.divide(sd[row], np.sqrt(n_runs[row]), where=sd[row] > 0, out=np.zeros_like(sd[row]))
            if spread.family == "student":
                degrees[row] = np.maximum(np.nan_to_num(n_runs[row], nan=2.0) - 1.0, 1.0)
                if scope == "run":  # a new run around a mean that is itself uncertain
                    scale[row] *= np.sqrt(1.0 + 1.0 / np.nan_to_num(n_runs[row], nan=1.0))
        elif spread.family == "lognormal":
            location[row], scale[row] = _fit_lognormal(mean[row], sd[row], n_runs[row], padded[row], scope)
            location[row] -= np.log(units[row])
    scaled = np.array([spreads[metric].family not in ("lognormal", "binomial") for metric in data.metrics])
    location[scaled] /= units[scaled, np.newaxis]
    scale[scaled] /= units[scaled, np.newaxis]

    is_input = np.arange(len(data.metrics)) < len(data.inputs)
    lowest = np.where(is_input, 0.0, -np.nextafter(0.0, 1.0))  # inputs are positive, outputs not negative
    highest = np.array([np.nextafter(data.bounds.get(metric, np.inf), np.inf) for metric in data.metrics]) / units
    varies = scale > 0.0
    sampler = Sampler(
        spreads=tuple(spreads.values()),
        units=units,
        location=location,
        scale=scale,
        degrees=degrees,
        above=np.where(varies, lowest[:, np.newaxis], -np.inf),
        below=np.where(varies, highest[:, np.newaxis], np.inf),
        runs=padded / units[:, np.newaxis, np.newaxis],
        n_runs=np.nan_to_num(n_runs, nan=1.0).astype(np.int64),
        partner=partner,
        scope=scope,
    )
    return sampler, _few_runs(data, spreads, sd, n_runs)


def _pad_runs(data: Measurements, mean: Array) -> tuple[Array, NDArray[np.int64]]:
    """All runs as (n_metrics, n_models, most runs), and which metrics of a model come from the very same runs."""
    row_of = {metric: row for row, metric in enumerate(data.metrics)}
    column_of = {model: column for column, model in enumerate(data.models)}
    groups = data.runs.groupby(["metric", "model"], sort=False, observed=True)
    most = max((len(group) for _, group in groups), default=1)
    padded = np.full((*mean.shape, most), np.nan)
    padded[:, :, 0] = mean
    partner = np.repeat(np.arange(len(row_of))[:, np.newaxis], len(column_of), axis=1)
    first_with: dict[tuple[int, frozenset[str]], int] = {}
    labels: dict[tuple[int, int], frozenset[str]] = {}
    for (metric, model), group in groups:
        row, column = row_of[metric], column_of[model]
        ordered = group.sort_values("run", kind="stable")  # so that one index means one run in every metric
        padded[row, column, : len(group)] = ordered["value"].to_numpy(float)
        labels[row, column] = frozenset(group["run"])
    for (row, column), runs in sorted(labels.items(), key=lambda item: item[0]):
        partner[row, column] = first_with.setdefault((column, runs), row)
    return padded, partner.astype(np.int64)


def _fit_lognormal(mean: Array, sd: Array, n_runs: Array, runs: Array, scope: str) -> tuple[Array, Array]:
    """Mean and standard deviation of the logarithms; by moments where only mean and sd were published."""
    spread = np.sqrt(np.log1p((sd / mean) ** 2))
    centre = np.log(mean) - spread**2 / 2.0
    counts = np.sum(np.isfinite(runs), axis=1)
    for model in np.flatnonzero((counts > 1) & (sd > 0)):
        logarithms = np.log(runs[model, : counts[model]])
        centre[model], spread[model] = logarithms.mean(), logarithms.std(ddof=1)
    if scope == "mean":
        spread = np.divide(spread, np.sqrt(n_runs), where=spread > 0, out=np.zeros_like(spread))
    return centre, spread


def _check_fit(
    data: Measurements,
    metric: str,
    spread: Spread,
    mean: Array,
    sd: Array,
    n_runs: Array,
    runs: Array,
    scope: str,
) -> None:
    """Refuse a metric that its family cannot describe."""

    def refuse(culprits: NDArray[np.bool_], found: str, expected: str) -> None:
        if culprits.any():
            model = data.models[int(np.argmax(culprits))]
            raise DataError(f"{data.source or 'data'}: metric {metric!r} of model {model!r}: {found}; {expected}")

    if spread.family in ("exact", "binomial"):
        refuse(
            sd > 0,
            "its repeats differ",
            f"expected one value under noise {str(spread)!r}; give it another family or keep one repeat",
        )
    if spread.family == "binomial":
        refuse(
            (mean > 100) | (data.bounds.get(metric, 100.0) != 100.0),
            "found no percentage",
            f"expected 0 to 100 under noise {str(spread)!r}; give it in percent",
        )
    if spread.family == "lognormal":
        lowest = np.nanmin(runs, axis=1)
        refuse(lowest <= 0, f"found {np.min(lowest):g}", "expected positive values under noise 'lognormal'")
    if spread.family == "empirical":
        refuse(
            (sd > 0) & (np.sum(np.isfinite(runs), axis=1) < 2),
            "found a published mean and sd",
            "expected single runs under noise 'empirical'; use 'gaussian'",
        )
    if spread.family == "student" or (scope == "mean" and spread.family in ("gaussian", "lognormal")):
        refuse(
            (sd > 0) & ~(n_runs >= (2 if spread.family == "student" else 1)),
            "the number of runs behind its sd is unknown or 1",
            f"expected a column '{metric}_n'; or use noise 'gaussian' with scope 'run'",
        )


def _few_runs(
    data: Measurements, spreads: Mapping[str, Spread], sd: Array, n_runs: Array
) -> list[tuple[type[Warning], str]]:
    """Say where the spread rests on too few runs, or on none."""
    found: list[tuple[type[Warning], str]] = []
    for row, metric in enumerate(data.metrics):
        if spreads[metric].family not in ("gaussian", "lognormal", "student", "empirical"):
            continue
        repeated = n_runs[row] > 1
        alone = ~repeated & np.isfinite(n_runs[row]) & (sd[row] == 0)
        few = repeated & (n_runs[row] < _FEWEST_RUNS) & (sd[row] > 0)
        if repeated.any() and alone.any():
            model = data.models[int(np.argmax(alone))]
            found.append(
                (
                    FewRunsWarning,
                    f"metric {metric!r}: {alone.sum()} of {len(data.models)} models have a single run (first: {model!r}) "
                    f"and are taken as exact; repeat them, or state a spread such as noise={{{metric!r}: '3%'}}",
                )
            )
        if few.any():
            model = data.models[int(np.argmax(few))]
            found.append(
                (
                    FewRunsWarning,
                    f"metric {metric!r}: {few.sum()} of {len(data.models)} models have only 2 runs (first: {model!r}), "
                    f"so their spread is hardly known; expected {_FEWEST_RUNS} or more, better 5; "
                    "noise='student' allows for it",
                )
            )
    families = [spread.family for spread in spreads.values()]
    if not (sd > 0).any() and not any(family in ("relative", "binomial") for family in families):
        found.append(
            (
                FewRunsWarning,
                "no metric varies: nothing was repeated, so all draws are equal; "
                "repeat the runs, or state a spread such as noise={'latency_ms': '3%'}",
            )
        )
    return found
