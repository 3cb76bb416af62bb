"""The result of the bootstrap, and every question that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from paretoscope.arrays import Array, BoolArray
from paretoscope.dea.suitability import divides_by_inputs
from paretoscope.errors import OptionError, quote
from paretoscope.flags import setting
from paretoscope.measurements import Measurements
from paretoscope.noise.fitting import fit_noise, name_noise
from paretoscope.noise.seeds import Seed
from paretoscope.noise.simulation import Resampler
from paretoscope.notices import give_notice
from paretoscope.orders import ranking
from paretoscope.orders.dominance import Dominance, dominance
from paretoscope.orders.simultaneous import rank_sets, settled_order
from paretoscope.resampling.completeness import find_complete, keep_complete, note_unknown
from paretoscope.resampling.storage import read_saved, write_saved
from paretoscope.version import versions


@dataclass(frozen=True, slots=True, eq=False)
class EfficiencyDraws:
    """Draws from the distribution of every model's efficiency.

    Attributes
    ----------
    data : Measurements
    draws : (n_resamples, n_models) ndarray
        Efficiency in [0, 1], larger is better, 0 for a model that gives nothing; in the order of ``data.models``.
    efficiency : Series
        Efficiency at the means, by model.
    rts, orientation, scope, frontier
        The options of `bootstrap`.
    stated_noise : dict
        The noise that was asked for, metric by metric; with it, the same seed makes the same draws again.
    noise : dict
        What the metrics were drawn with: "exact" where noise was to be learned from runs, and none differ.
    seed : Seed
        What the draws can be made from again.
    status : dict
        How many scores were ``certified`` by the solver, found in ``exact`` arithmetic instead, or are ``uncertified``
        (NaN, which only draws from elsewhere can be).
    n_redrawn : int
        How many simulated values left their metric's domain and were drawn again.
    notices : tuple of str
        The warnings given.
    versions : dict
        Versions of the libraries that the numbers depend on.
    """

    data: Measurements
    draws: Array
    efficiency: pd.Series[float]
    rts: str
    orientation: str
    stated_noise: dict[str, str]
    scope: str
    frontier: str
    seed: Seed
    status: dict[str, int]
    n_redrawn: int
    notices: tuple[str, ...]
    versions: dict[str, str] = field(default_factory=versions)
    noise: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Close the array to writing, since all answers come from it; count what it lacks; name the noise."""
        self.draws.setflags(write=False)
        object.__setattr__(self, "status", self.status | {"uncertified": int(np.isnan(self.draws).sum())})
        object.__setattr__(self, "noise", name_noise(self.data, self.stated_noise))

    def __repr__(self) -> str:
        """Say what was drawn."""
        n_resamples, n_models = self.draws.shape
        return (
            f"EfficiencyDraws({n_resamples} draws of {n_models} models; {self.rts}, {self.orientation}, {self.scope})"
        )

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models, in the order of the columns of `draws`."""
        return self.data.models

    def sample(self, b: int) -> pd.DataFrame:
        """Simulated metrics of draw b, made again from the seed, so that anyone can check its scores.

        Parameters
        ----------
        b : int
            From 0 to ``n_resamples - 1``.

        Returns
        -------
        DataFrame
            Models x (inputs, outputs), in the metrics' units.

        Raises
        ------
        OptionError
            If there is no such draw.
        """
        n_resamples = len(self.draws)
        if isinstance(b, bool) or not isinstance(b, int | np.integer) or not 0 <= b < n_resamples:
            raise OptionError(f"b: found {quote(b)}; expected a draw from 0 to {n_resamples - 1}")
        values = self.resampler().sample(int(b))
        return pd.DataFrame(values.T, pd.Index(self.models, name="model"), list(self.data.metrics))

    def resampler(self) -> Resampler:
        """What makes the simulated data sets again, batch by batch."""
        needed = divides_by_inputs(self.rts, self.orientation)
        sampler, _ = fit_noise(self.data, self.stated_noise, self.scope, need_input=needed)
        return Resampler(sampler, self.seed, len(self.draws))

    @property
    def complete(self) -> BoolArray:
        """Which draws, (n_resamples,), all answers come from: all of them, but for failures; see `complete_draws`."""
        return find_complete(self.draws)[0]

    @property
    def complete_draws(self) -> Array:
        """The draws that all answers come from.

        A draw with an unknown score (NaN) is left out.  But where a model lacks so many that not even half of the draws
        would be left, it is not waited for, and its unknown scores count as 0, the worst.
        """
        return keep_complete(self.draws) if self.status["uncertified"] else self.draws

    def summary(self, *, level: float = 0.90, confidence: float = 0.95) -> pd.DataFrame:
        """One row a model, sorted by rank.

        Parameters
        ----------
        level : float
            Probability that the interval from ``rank_low`` to ``rank_high`` covers.
        confidence : float
            For ``tier``, see `tiers`.

        Returns
        -------
        DataFrame
            Columns ``efficiency`` (at the means), ``mean``, ``sd``, ``q05``, ``median``, ``q95`` (of the draws),
            ``p_best``, ``p_efficient``, ``rank`` (by mean), ``rank_low``, ``rank_high``, ``tier``.
        """
        return ranking.summary(self.complete_draws, self.models, self.efficiency, level=level, confidence=confidence)

    def rank(self, by: str | Callable[[Array], Array] = "mean") -> pd.Series[int]:
        """Linear ranking of the models, 1 the best, equal scores sharing a rank.

        Parameters
        ----------
        by : {"mean", "median"} or callable
            A callable is a weight ``w(t)`` of the reliability function, see `paretoscope.orders.ranking.rank`.
        """
        return ranking.rank(self.complete_draws, self.models, by=by)

    def rank_distribution(self) -> pd.DataFrame:
        """Probability of each rank: models x ranks."""
        return ranking.rank_distribution(self.complete_draws, self.models)

    def rank_interval(self, level: float = 0.90) -> pd.DataFrame:
        """Central interval of each model's rank that has at least the given probability."""
        return ranking.rank_interval(self.complete_draws, self.models, level=level)

    def p_top(self, k: int) -> pd.Series[float]:
        """Probability of each model to be among the k best."""
        return ranking.p_top(self.complete_draws, self.models, k=k)

    def pairwise(self) -> pd.DataFrame:
        """Probability that the row's model is strictly more efficient than the column's."""
        return ranking.pairwise(self.complete_draws, self.models)

    def tiers(self, confidence: float = 0.95) -> pd.Series[int]:
        """Tier of each model, 1 the best: not beaten, with the confidence, by any model outside earlier tiers.

        Raises
        ------
        OptionError
            If `confidence` is not in (0.5, 1].
        """
        tiers = ranking.tiers(self.complete_draws, confidence=confidence)
        return pd.Series(tiers, pd.Index(self.models, name="model"), name="tier")

    def settled(self, confidence: float = 0.95) -> pd.DataFrame:
        """Tell which models are better than which, all statements at once.

        The probability that any of them is false is at most 1 - `confidence`, for however many models.

        Returns
        -------
        DataFrame
            Whether the row's model is settled to be more efficient at the means than the column's.

        Raises
        ------
        OptionError
            If these are no draws of the mean, or `confidence` is not in (0.5, 1).

        Examples
        --------
        >>> import paretoscope as ps
        >>> sim = ps.bootstrap(ps.load("imagenet"), noise="moderated", scope="mean", n_resamples=2000, rng=0)
        >>> bool(sim.settled().loc["resnet50", "vgg11"])
        True
        """
        if self.scope != "mean":
            remedy = setting("scope", "mean")
            raise OptionError(
                f"scope: found draws of single runs; expected draws of the mean, which is what an order is settled by; "
                f"draw again with {remedy}"
            )
        beats = settled_order(self.complete_draws, self.efficiency.loc[list(self.models)], confidence=confidence)
        names = pd.Index(self.models, name="model"), pd.Index(self.models, name="other")
        return pd.DataFrame(beats, *names)

    def rank_sets(self, confidence: float = 0.95) -> pd.DataFrame:
        """Give the ranks that each model may have by its efficiency at the means, all at once.

        Returns
        -------
        DataFrame
            One row a model: `rank_low` is 1 plus the number of models settled to be better, `rank_high` the number of
            models less those settled to be worse.

        Raises
        ------
        OptionError
            As `settled`.
        """
        sets = rank_sets(self.settled(confidence).to_numpy())
        return pd.DataFrame(sets, pd.Index(self.models, name="model"), ["rank_low", "rank_high"])

    def dominance(self, order: int = 1, epsilon: float = 0.0) -> Dominance:
        """Stochastic dominance between the models' efficiency distributions, see `paretoscope.orders.dominance`.

        Raises
        ------
        OptionError
            If `order` is neither 1 nor 2, or `epsilon` is not in [0, 0.5).
        """
        return dominance(self.complete_draws, self.models, order=order, epsilon=epsilon)

    def save(self, path: str | Path) -> None:
        """Write everything to a file that `EfficiencyDraws.load` reads, whole or not at all.

        The same result gives the same bytes.
        """
        header = {
            "rts": self.rts,
            "orientation": self.orientation,
            "noise": self.stated_noise,
            "scope": self.scope,
            "frontier": self.frontier,
            "seed": {"entropy": self.seed.entropy, "spawn_key": self.seed.spawn_key},
            "status": self.status,
            "n_redrawn": self.n_redrawn,
            "notices": self.notices,
            "versions": self.versions,
            "fingerprint": self.data.fingerprint,
            "data": self.data.to_json_dict(),
        }
        write_saved(path, header, self.draws, np.asarray(self.efficiency, np.float64))

    @staticmethod
    def load(path: str | Path) -> EfficiencyDraws:
        """Read a file that `save` wrote.

        Raises
        ------
        DataError
            If the file is missing, is not a saved result, or is damaged.

        Warns
        -----
        UncertifiedWarning
            If a score is unknown.
        """
        saved = read_saved(path)
        unknown = note_unknown(saved.draws, saved.data.models)
        give_notice(unknown)
        header = saved.header
        return EfficiencyDraws(
            data=saved.data,
            draws=saved.draws,
            efficiency=pd.Series(saved.efficiency, pd.Index(saved.data.models, name="model"), name="efficiency"),
            rts=header.rts,
            orientation=header.orientation,
            stated_noise=header.noise,
            scope=header.scope,
            frontier=header.frontier,
            seed=saved.seed,
            status=saved.status,
            n_redrawn=header.n_redrawn,
            notices=tuple(dict.fromkeys([*header.notices, *(message for _, message in unknown)])),
            versions=header.versions,
        )
