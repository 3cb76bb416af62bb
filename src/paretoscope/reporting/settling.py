"""What noise leaves open between the best models, and how many more runs would about settle it.

Two models are told apart where one is more efficient than the other in at least `confidence` of the draws, and tie
where they are equal in as many.  Any other pair is open.  A pair of deployments stays open however well it is measured;
a pair of means closes with more runs.  How many is tried out: the further runs are supposed to have the means and
standard deviations of those so far, the numbers of runs are multiplied, and the bootstrap is run again.  So the answer
holds if the differences seen so far are real, which the closest of them need not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import Array, BoolArray
from paretoscope.errors import DataError
from paretoscope.measurements import Measurements
from paretoscope.noise.families import DEFAULT_NOISE, parse_family
from paretoscope.orders.pairs import share_greater
from paretoscope.reporting.wording import count
from paretoscope.resampling.algorithm import resample

if TYPE_CHECKING:
    from paretoscope.resampling.draws import EfficiencyDraws

MULTIPLES = (1, 2, 4, 8, 16)
MOST_MODELS = 60
MOST_PAIRS = 20
MOST_DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models: P(first more efficient) for one deployment and for the means, and the multiple that settles them.

    The multiple is of the number of runs: 1 if the means are settled, None if the largest one tried does not do.
    """

    first: str
    second: str
    run: float
    mean: float
    multiple: int | None

    @property
    def settled_by(self) -> str:
        """What it takes to settle the means."""
        if self.multiple is None:
            return f"more than {MULTIPLES[-1]} times as many runs"
        return "the runs so far" if self.multiple == 1 else f"about {self.multiple} times as many runs"


@dataclass(frozen=True, slots=True)
class Settling:
    """How many of the pairs are open: for one deployment, and for the means by multiple of the runs so far.

    `reason` says why there is no answer, if there is none.
    """

    models: list[str]
    n_tier: int
    n_pairs: int
    n_draws: int
    open_run: int
    open_mean: dict[int, int]
    pairs: list[Pair]
    runs: tuple[int, int]
    reason: str = ""

    @property
    def listed(self) -> list[Pair]:
        """Those of the pairs that are listed."""
        return self.pairs[:MOST_PAIRS]

    @property
    def text(self) -> str:
        """The findings in a few sentences."""
        if self.reason:
            return self.reason
        still = self.open_mean[1]
        sentences = [
            f"Of the {count(self.n_pairs, 'pair')} of models in tier 1, {self.open_run:,} "
            f"{'is' if self.open_run == 1 else 'are'} open for one deployment: noise leaves it to chance which is the "
            "more efficient one, and no number of runs changes that."
        ]
        if not still:
            return f"{sentences[0]} On average, over many deployments, the runs so far settle all of them."
        sentences.append(
            f"On average, over many deployments, {still:,} {'is' if still == 1 else 'are'} open with the runs so far."
        )
        sentences += [
            f"About {multiple} times as many runs{self._in_total(multiple)} would settle {before - after:,} "
            f"{'more' if before != still else 'of these'}."
            for (_, before), (multiple, after) in zip(
                list(self.open_mean.items())[:-1], list(self.open_mean.items())[1:], strict=True
            )
            if after < before
        ]
        last = self.open_mean[MULTIPLES[-1]]
        if last:
            sentences.append(
                f"{last:,} would stay open even with {MULTIPLES[-1]} times as many: take them for equal, or for a "
                "question that other things than runs decide, such as a larger test set."
            )
        return " ".join(sentences)

    def _in_total(self, multiple: int) -> str:
        low, high = self.runs
        return f" ({low * multiple} in place of {low})" if low == high else ""


def settle(sim: EfficiencyDraws, tier: list[str], confidence: float) -> Settling:
    """Count the open pairs of tier 1, as things are and with more runs.

    Parameters
    ----------
    sim : EfficiencyDraws
    tier : list of str
        The models of tier 1, by rank.
    confidence : float
        Of telling two models apart.
    """
    models = tier[:MOST_MODELS]
    n_draws = min(len(sim.draws), MOST_DRAWS)
    n_pairs = len(models) * (len(models) - 1) // 2
    repeated = (sim.data.sd > 0) & (sim.data.n_runs > 1)

    def without(reason: str) -> Settling:
        return Settling(models, len(tier), n_pairs, n_draws, 0, {}, [], (0, 0), reason)

    if len(models) < 2:
        return without("Tier 1 holds one model: there is nothing left to settle at the top.")
    if sim.frontier == "fixed":
        return without("Pairs are not compared under a fixed frontier, since the scores of a draw share no frontier.")
    if not repeated.to_numpy().any():
        return without("No spread comes from repeated runs, so that more of them settle nothing in these draws.")
    where = [sim.models.index(name) for name in models]
    try:
        of_run, of_mean = (_greater(sim, scope, 1, n_draws, where) for scope in ("run", "mean"))
    except DataError as error:
        return without(f"What more runs would settle cannot be said: {error}.")
    upper = np.triu(np.ones((len(models), len(models)), np.bool_), 1)
    open_run, open_mean = (upper & _is_open(shares, confidence) for shares in (of_run, of_mean))
    # The smallest multiple that settles a pair; 0 while none does.
    needed = np.where(open_mean, 0, 1)
    for multiple in MULTIPLES[1:]:
        if (needed > 0).all():
            break
        settled = ~_is_open(_greater(sim, "mean", multiple, n_draws, where), confidence)
        needed[(needed == 0) & settled] = multiple
    pairs = [
        Pair(models[i], models[j], float(of_run[i, j]), float(of_mean[i, j]), int(needed[i, j]) or None)
        for i, j in np.argwhere(open_run | open_mean)
    ]
    pairs.sort(key=lambda pair: pair.multiple or np.inf)
    counts = sim.data.n_runs.to_numpy()[repeated.to_numpy()]
    return Settling(
        models=models,
        n_tier=len(tier),
        n_pairs=n_pairs,
        n_draws=n_draws,
        open_run=int(open_run.sum()),
        open_mean={multiple: int((upper & ((needed == 0) | (needed > multiple))).sum()) for multiple in MULTIPLES},
        pairs=pairs,
        runs=(int(counts.min()), int(counts.max())),
    )


def _is_open(greater: Array, confidence: float) -> BoolArray:
    equal = 1.0 - greater - greater.T
    result: BoolArray = (np.maximum(greater, greater.T) < confidence) & (equal < confidence)
    return result


def _greater(sim: EfficiencyDraws, scope: str, multiple: int, n_draws: int, where: list[int]) -> Array:
    """P(row more efficient than column) for some models, under another scope and with more runs."""
    data, noise = sim.data, dict(sim.stated_noise)
    if multiple > 1:
        data = _with_more_runs(data, multiple)
        # Means and standard deviations have no runs to draw from again.
        noise = {
            metric: DEFAULT_NOISE if parse_family(text).needs_single_runs else text for metric, text in noise.items()
        }
    draws, _ = resample(  # notices were given where the result was made
        data,
        n_resamples=n_draws,
        rts=sim.rts,
        orientation=sim.orientation,
        noise=noise,
        scope=scope,
        rng=np.random.SeedSequence(sim.seed.entropy, spawn_key=sim.seed.spawn_key),
    )
    return share_greater(np.ascontiguousarray(draws.complete_draws[:, where]))


def _with_more_runs(data: Measurements, multiple: int) -> Measurements:
    """Suppose more runs with the same means and standard deviations; what was not repeated stays as it is."""
    record = data.to_json_dict()
    for model, mean, sd, n_runs in zip(
        data.models, data.mean.to_numpy(), data.sd.to_numpy(), data.n_runs.to_numpy(), strict=True
    ):
        for metric, *moments in zip(data.metrics, mean, sd, n_runs, strict=True):
            if moments[1] > 0.0:
                record["runs"].get(model, {}).pop(metric, None)
                numbers = {"mean": float(moments[0]), "sd": float(moments[1])}
                n = None if np.isnan(moments[2]) else multiple * float(moments[2])
                record["published"].setdefault(model, {})[metric] = numbers | {"n": n}
    return Measurements.from_json_dict(record)
