r"""Which models are still open: sequential tests of all pairs, so that runs go where they settle something.

Each pair of models is looked at again and again.  Its efficiencies are drawn under the uncertainty of the *means*, by
Student's distribution, which allows for spreads known from few runs.  The pair is settled once one model exceeds the
other, or both tie, with enough confidence; it then stays settled.

Looking often finds a difference by chance sooner or later, so the risk is spent over the looks: look r may err with
probability (1 - confidence) / (r (r + 1)), which sums to 1 - confidence however many looks there will be (the union
bound of [1]_).  As more looks ask for more certainty, they are taken when the runs have grown by half, not after each.
`confidence` is that of one pair, as in `paretoscope.orders.pairs.tiers`.

Which runs settle a pair?  A score depends on the model's own metrics and on its peers', whose noise may be the larger
part of it, or cancel where two models share their peers.  So no rule goes by names: the ranks of the pair's difference
are correlated with those of every model's simulated metrics, over the draws, and the models that carry its spread are
measured again, whether they belong to the pair or not.

References
----------
.. [1] Even-Dar, Mannor, Mansour (2006), "Action elimination and stopping conditions for the multi-armed bandit and
   reinforcement learning problems", Journal of Machine Learning Research 7, 1079-1105.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from paretoscope.arrays import Array, BoolArray, check_count, check_share
from paretoscope.dea.envelope import ACCURACY
from paretoscope.errors import OptionError, quote, unquoted
from paretoscope.measurements import Measurements, check_data
from paretoscope.noise.families import Noise, parse_family
from paretoscope.noise.seeds import RandomSource
from paretoscope.orders.pairs import share_greater
from paretoscope.resampling.algorithm import resample
from paretoscope.resampling.draws import EfficiencyDraws

_GROWTH = 1.5  # of the number of runs from one look to the next
_CONTRARY = 4  # draws that may contradict a verdict at the least number of draws for its risk
_CHANCE = 10.0  # a squared correlation below this, divided by the number of draws, is one by chance
_WITHIN_REACH = 0.1  # share of a pair's spread that runs must carry for more of them to be worth it
_COMPARABLE = 0.25  # a model is measured again if it carries this much of what the largest carrier does

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Resolution:
    """What the runs have settled, and what to measure next.

    Attributes
    ----------
    models : tuple of str
        The open models, to be measured again; in the data's order.  None where all pairs are settled, or where the
        rest varies by what more runs do not narrow.
    open_pairs : tuple of (str, str)
        Neither ordered nor tied yet; in the data's order.
    settled : dict of (str, str) to str
        ``">"`` where the first model is the more efficient one, ``"="`` where they tie.
    look : int
        How many looks were taken; 0 until the runs were repeated.
    confidence : float
        What the last look asked of a pair; NaN before the first.
    data : Measurements
        What the last look was at.
    """

    models: tuple[str, ...]
    open_pairs: tuple[Pair, ...]
    settled: dict[Pair, str]
    look: int
    confidence: float
    data: Measurements

    @property
    def sentence(self) -> str:
        """The state in one line, for people."""
        n_pairs = len(self.open_pairs) + len(self.settled)
        if self.look == 0:
            return f"{len(self.models)} models have a single run: nothing is known of their spread"
        state = f"{len(self.settled)} of {n_pairs} pairs of models settled"
        if self.models:
            return f"{state}; to be measured again: {', '.join(map(unquoted, self.models))}"
        return f"{state}; more runs would not settle the rest" if self.open_pairs else state

    def __repr__(self) -> str:
        """Count what is settled and open."""
        return (
            f"Resolution(look {self.look}: {len(self.settled)} pairs settled, {len(self.open_pairs)} open; "
            f"{len(self.models)} models to measure)"
        )


def open_models(
    data: Measurements,
    previous: Resolution | None = None,
    *,
    confidence: float = 0.95,
    indifference: float = 0.0,
    noise: Noise = "student",
    rts: str = "vrs",
    orientation: str | None = None,
    n_resamples: int = 4_000,
    rng: RandomSource = 0,
) -> Resolution:
    """Tell which models need more runs before their order is known; to be called after each round of runs.

    Models that are truly equal never settle, and neither does one that lies exactly on the frontier of the others: the
    caller needs a largest number of runs, or an `indifference`.

    Parameters
    ----------
    data : Measurements
        All runs so far.  A metric with a single value for every model, such as a published accuracy, is exact.
    previous : Resolution, optional
        The answer to the round before, None at first.  Its settled pairs stay settled, and it is the answer again until
        some open model has half as many runs again of some metric as at its look.
    confidence : float
        That a settled pair is right, over all looks; in (0.5, 1).
    indifference : float
        Efficiencies that differ by no more than this share of the larger one count as a tie; in [0, 1).
    noise : str or mapping from metric to str
        See `bootstrap`.  A spread that is stated, as in ``"3%"`` or ``"binomial(50000)"``, counts but does not shrink.
    rts, orientation
        As for `efficiency`.
    n_resamples : int
        The least number of draws; late looks take as many as their small risk needs.
    rng : int, SeedSequence, Generator or None
        Seed of the draws.

    Returns
    -------
    Resolution
        Its `models` are to be measured again.  Models with a single run of a metric that others have repeated come
        first, or all if nothing was repeated yet; no look is taken then.

    Raises
    ------
    OptionError, DataError
        If an option is unknown or out of range, or a metric does not fit its noise family.

    Notes
    -----
    Gives no warnings: they are for those who will read the final table.

    Examples
    --------
    >>> import pandas as pd, paretoscope as ps
    >>> runs = pd.DataFrame({"model": [*"aaabbbcccddd"], "top1": [70] * 3 + [75] * 3 + [60] * 6})
    >>> runs["ms"] = [1.0, 1.01, 1.02, 3.0, 3.1, 2.9, 2.0, 2.2, 2.1, 2.1, 2.0, 2.3]
    >>> found = open_models(ps.Measurements.from_frame(runs, inputs="ms", outputs="top1"))
    >>> found
    Resolution(look 1: 5 pairs settled, 1 open; 2 models to measure)
    >>> found.sentence
    '5 of 6 pairs of models settled; to be measured again: c, d'
    """
    check_data(data)
    confidence = check_share("confidence", confidence, low=0.5, high=1.0)
    n_resamples = check_count("n_resamples", n_resamples)
    _check_indifference(indifference)
    if previous is not None and not _look_is_due(data, previous):
        return previous
    settled, unsettled = _sort_pairs(data.models, {} if previous is None else previous.settled)
    n_looks = 0 if previous is None else previous.look
    if unsettled and (once := _measured_once(data)):
        return Resolution(once, unsettled, settled, n_looks, float("nan"), data)

    look = n_looks + 1
    risk = (1.0 - confidence) / (look * (look + 1))
    sim, _ = resample(  # its notices are for those who will read the final table
        data,
        n_resamples=max(n_resamples, int(np.ceil((_CONTRARY + 1) / risk))),
        rts=rts,
        orientation=orientation,
        noise=noise,
        scope="mean",
        rng=rng,
    )
    verdicts = _judge(sim.complete_draws, data.models, risk, float(indifference))
    settled |= {pair: word for pair, word in verdicts.items() if pair in unsettled or pair[::-1] in unsettled}
    still_open = tuple(pair for pair in unsettled if pair not in settled and pair[::-1] not in settled)
    return Resolution(_carriers(sim, still_open), still_open, settled, look, 1.0 - risk, data)


def _check_indifference(found: object) -> None:
    if isinstance(found, bool) or not isinstance(found, int | float | np.number) or not 0.0 <= found < 1.0:
        raise OptionError(
            f"indifference: found {quote(found)}; expected a number of at least 0 and below 1; pass 0.01 for one "
            "percent"
        )


def _look_is_due(data: Measurements, previous: Resolution) -> bool:
    if not previous.models or data.models != previous.data.models or np.isnan(previous.confidence):
        return True
    models = list(previous.models)
    return bool((data.n_runs.loc[models] >= _GROWTH * previous.data.n_runs.loc[models]).to_numpy().any())


def _sort_pairs(models: tuple[str, ...], known: Mapping[Pair, str]) -> tuple[dict[Pair, str], tuple[Pair, ...]]:
    """Split the pairs of models into those with a verdict and the others."""
    settled = {(a, b): word for (a, b), word in known.items() if a in models and b in models}
    pairs = combinations(models, 2)
    return settled, tuple(pair for pair in pairs if pair not in settled and pair[::-1] not in settled)


def _measured_once(data: Measurements) -> tuple[str, ...]:
    """Models with a single run of a metric that was repeated for others; all models if nothing was repeated."""
    once = data.n_runs.to_numpy() == 1.0
    of_some = once[:, ~once.all(axis=0)].any(axis=1)
    return tuple(model for model, short in zip(data.models, of_some | once.all(), strict=True) if short)


def _judge(draws: Array, models: tuple[str, ...], risk: float, indifference: float) -> dict[Pair, str]:
    """Settle the pairs whose order, or tie, few enough draws contradict."""
    exceeds = _share_exceeding(draws, ACCURACY)
    apart = _share_exceeding(draws, indifference) if indifference > ACCURACY else exceeds
    n_draws = len(draws)

    def is_settled(contrary: Array) -> BoolArray:
        # One draw more on both sides: what no draw contradicts is not certain for that.
        return (contrary * n_draws + 1.0) / (n_draws + 1.0) <= risk

    ordered, tied = is_settled(1.0 - exceeds), is_settled(apart + apart.T)
    ties = np.argwhere(np.triu(tied & ~ordered & ~ordered.T, 1))
    return {(models[i], models[j]): "=" for i, j in ties} | {
        (models[i], models[j]): ">" for i, j in np.argwhere(ordered)
    }


def _share_exceeding(draws: Array, margin: float) -> Array:
    """Share of the draws in which model i exceeds j by more than `margin` of its own score, (n_models, n_models)."""
    n_models = draws.shape[1]
    return share_greater(np.hstack([draws * (1.0 - margin), draws]))[:n_models, n_models:]


def _carriers(sim: EfficiencyDraws, pairs: tuple[Pair, ...]) -> tuple[str, ...]:
    """Models whose runs carry the spread of one of the pairs, as far as runs carry it."""
    if not pairs:
        return ()
    models, draws = sim.models, sim.complete_draws
    n_draws = len(draws)
    metrics, repeatable = _simulated_ranks(sim)
    carry = np.zeros(len(models), np.bool_)
    for a, b in pairs:
        i, j = models.index(a), models.index(b)
        difference = _standard_ranks(draws[:, [i]] - draws[:, [j]])[:, 0]
        explained = (metrics @ difference / n_draws) ** 2  # (n_metrics, n_models)
        explained[explained < _CHANCE / n_draws] = 0.0
        by_runs = explained[repeatable].sum(axis=0)
        if not explained.any():  # too few draws differ to show what on
            carry[[i, j]] = True
        elif by_runs.sum() >= _WITHIN_REACH * explained.sum():
            carry |= by_runs >= _COMPARABLE * by_runs.max()
    return tuple(model for model, carries in zip(models, carry, strict=True) if carries)


def _simulated_ranks(sim: EfficiencyDraws) -> tuple[Array, BoolArray]:
    """Ranks of the simulated metrics, (n_metrics, n_models, n_draws), and which metrics more runs narrow.

    Ranks, because Student's distribution with one or two degrees of freedom has no variance.
    """
    simulated = np.concatenate(list(sim.resampler()))[sim.complete]
    n_draws, n_metrics, n_models = simulated.shape
    ranks = _standard_ranks(simulated.reshape(n_draws, -1)).T
    repeatable = np.array([parse_family(sim.stated_noise[metric]).rests_on_runs for metric in sim.data.metrics])
    return np.ascontiguousarray(ranks).reshape(n_metrics, n_models, n_draws), repeatable


def _standard_ranks(columns: Array) -> Array:
    """Rank each column, ties sharing their mean rank, and give the ranks mean 0 and variance 1; 0 for a constant."""
    ranks = pd.DataFrame(columns).rank().to_numpy()
    centred = ranks - ranks.mean(axis=0)
    sd = centred.std(axis=0)
    result: Array = np.divide(centred, sd, where=sd > 0.0, out=np.zeros_like(centred))
    return result
