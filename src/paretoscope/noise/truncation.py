"""Where many draws leave their metric's domain, or a largest value that was only guessed cuts them."""

from __future__ import annotations

import math
import shlex
from typing import Final

import numpy as np

from paretoscope.arrays import IntArray
from paretoscope.errors import TruncationWarning, in_words, quote
from paretoscope.measurements import Measurements
from paretoscope.measurements.bounds import lift_bound, state_bound
from paretoscope.noise.families.base import Family
from paretoscope.noise.families.binomial import Binomial
from paretoscope.noise.fit_check import find_misfits
from paretoscope.noise.sampler import Sampler
from paretoscope.notices import Notice, Notices

TOO_MANY: Final = 0.01  # of a model's values in a metric
_ENOUGH_RUNS = 3


def review_truncation(data: Measurements, sampler: Sampler, n_redrawn: IntArray, n_resamples: int) -> Notices:
    """Name the metric and model whose draws left the domain most often, if often, and guessed bounds that cut any.

    Parameters
    ----------
    data : Measurements
    sampler : Sampler
        What drew them.
    n_redrawn : (n_metrics, n_models) array
        How many values were drawn again.
    n_resamples : int
        How many data sets were drawn.
    """
    share = n_redrawn / n_resamples
    metric, model = (int(place) for place in np.unravel_index(int(np.argmax(share)), share.shape))
    found: Notices = []
    if share[metric, model] > TOO_MANY:
        n_others = int(np.count_nonzero(share > TOO_MANY)) - 1
        others = f" (and {n_others} more such)" if n_others else ""
        message = (
            f"metric {quote(data.metrics[metric])} of model {quote(data.models[model])}: {share[metric, model]:.1%} of "
            f"its simulated values left the metric's domain and were drawn again{others}, which narrows the spread; "
            f"{_advice(data, sampler, metric, model)}"
        )
        found.append(Notice(TruncationWarning, message))
    said = data.metrics[metric] if found else None
    for name in data.guessed_bounds:
        row = data.metrics.index(name)
        near_top = data.mean[name].to_numpy() > data.bounds[name] / 2.0
        n_cut = int(n_redrawn[row, near_top].sum())
        if n_cut and name != said:
            message = f"metric {quote(name)}: {n_cut} of its simulated values exceeded {_guess(data, name)}"
            found.append(Notice(TruncationWarning, message))
    return found


def _guess(data: Measurements, name: str) -> str:
    """Say of a largest value that it is a guess, and how to change it."""
    bound = data.bounds[name]
    confirm = state_bound(name, bound)
    return (
        f"its largest value, {bound:g}, which is guessed from its name; {confirm} if that is so, or {lift_bound(name)} "
        "if it has none"
    )


def _advice(data: Measurements, sampler: Sampler, row: int, column: int) -> str:
    """What helps one model's metric: it depends on which end of the domain is near, and on why the spread is wide."""
    metric, model, family = data.metrics[row], data.models[column], sampler.families[row]
    mean, n_runs = (float(table.to_numpy(float)[column, row]) for table in (data.mean, data.n_runs))
    measured = data.runs
    runs = measured.loc[(measured["metric"] == metric) & (measured["model"] == model), "value"].to_numpy(float)
    families = dict(zip(data.metrics, sampler.families, strict=True))
    if any((misfit.metric, misfit.model) == (metric, model) for misfit in find_misfits(data, families)):
        return "its runs do not fit this noise, see the warning about them"
    if family.states_spread:
        return _advice_on_stated(family)
    if mean > data.bounds.get(metric, math.inf) / 2.0:
        if metric in data.guessed_bounds:
            return f"they exceeded {_guess(data, metric)}"
        other = "empirical" if len(runs) > _ENOUGH_RUNS else "binomial(N)"
        why = "draws from the runs as they are" if len(runs) > _ENOUGH_RUNS else "suits an accuracy on N items"
        return f"{_with_noise(metric, other)} {why}, and lognormal would not help so near to its largest value"
    if n_runs <= _ENOUGH_RUNS:
        return f"its spread rests on {n_runs:.0f} runs; measure five or more"
    if len(runs) and runs.min() <= 0.0:
        return f"{_with_noise(metric, 'empirical')} draws from the runs as they are"
    lognormal = in_words(python="noise='lognormal'", flags="--noise lognormal")
    return f"{lognormal} suits positive metrics with a large one"


def _advice_on_stated(family: Family) -> str:
    wide = f"noise {str(family)!r} is wide for a value so near to the end of its domain"
    return f"{wide}; {'test it on more items' if isinstance(family, Binomial) else 'state a narrower one'} if you can"


def _with_noise(metric: str, family: str) -> str:
    return in_words(python=f"noise={{{metric!r}: {family!r}}}", flags=f"--noise {shlex.quote(f'{metric}={family}')}")
