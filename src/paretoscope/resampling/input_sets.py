"""Table 1 of the paper: several sets of inputs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from paretoscope.arrays import DEFAULT_SCOPE
from paretoscope.errors import OptionError, unquoted
from paretoscope.measurements import Measurements
from paretoscope.noise.families import DEFAULT_NOISE, Noise, resolve_noise
from paretoscope.noise.seeds import RandomSource
from paretoscope.noise.simulation import DEFAULT_RESAMPLES
from paretoscope.notices import give_notice
from paretoscope.resampling.algorithm import resample
from paretoscope.resampling.draws import EfficiencyDraws


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results under several sets of inputs.

    Attributes
    ----------
    sims : dict
        One `EfficiencyDraws` a set, by its label.
    """

    sims: dict[str, EfficiencyDraws]

    def __repr__(self) -> str:
        """Name the sets."""
        return f"Comparison({'; '.join(map(unquoted, self.sims))})"

    def table(self, *, level: float = 0.90, confidence: float = 0.95) -> pd.DataFrame:
        """Models in rows, by rank under the first set; under each set the main columns of `EfficiencyDraws.summary`.

        Returns
        -------
        DataFrame
            Columns (label, ``efficiency`` | ``mean`` | ``q05`` | ``q95`` | ``rank`` | ``rank_low`` | ``rank_high`` |
            ``tier``).
        """
        columns = ["efficiency", "mean", "q05", "q95", "rank", "rank_low", "rank_high", "tier"]
        summaries = {
            label: sim.summary(level=level, confidence=confidence)[columns] for label, sim in self.sims.items()
        }
        order = next(iter(summaries.values())).index
        return pd.concat({label: table.loc[order] for label, table in summaries.items()}, axis=1)


def compare(
    data: Measurements,
    input_sets: Mapping[str, Sequence[str]] | Sequence[Sequence[str]],
    *,
    n_resamples: int = DEFAULT_RESAMPLES,
    rts: str = "vrs",
    orientation: str | None = None,
    noise: Noise = DEFAULT_NOISE,
    scope: str = DEFAULT_SCOPE,
    frontier: str = "random",
    rng: RandomSource = None,
    n_jobs: int = 1,
    progress: bool | None = None,
) -> Comparison:
    """Rank the models under several sets of inputs (Table 1 of the paper).

    Parameters
    ----------
    data : Measurements
        Holds all the inputs named.
    input_sets : mapping from label to inputs, or sequence of inputs
        Each a list of names of inputs, or an empty one; without labels they are joined by ", ".
    n_resamples, rts, orientation, noise, scope, frontier, rng, n_jobs, progress
        As for `bootstrap`, with which each set is solved by itself.

    Returns
    -------
    Comparison

    Raises
    ------
    OptionError
        If no set is given, two have the same label, or an option is unknown.
    DataError
        If a metric does not fit its noise family.

    Warns
    -----
    FewModelsWarning, FewRunsWarning, NoiseFitWarning, ShiftWarning, SmallnessWarning, TruncationWarning
        As `bootstrap`, for each set.

    Examples
    --------
    >>> import paretoscope as ps
    >>> data = ps.load("imagenet")
    >>> sets = [["latency_ms@cpu-1t"], ["latency_ms@cpu-1t", "latency_ms@cpu-2t"]]
    >>> ps.compare(data, sets, n_resamples=200, rng=0)
    Comparison(latency_ms@cpu-1t; latency_ms@cpu-1t, latency_ms@cpu-2t)
    """
    named = (
        dict(input_sets)
        if isinstance(input_sets, Mapping)
        else {", ".join([names] if isinstance(names, str) else names) or "no inputs": names for names in input_sets}
    )
    if not named or len(named) < len(input_sets):
        raise OptionError(f"input_sets: found {list(named)}; expected one or more different sets of inputs")
    families = resolve_noise(noise, data.metrics)  # checks all names, also of metrics that some sets leave out
    sims = {}
    for label, names in named.items():
        chosen = data.select(inputs=names)
        part = {metric: str(families[metric]) for metric in chosen.metrics}
        sims[label], notices = resample(
            chosen,
            n_resamples=n_resamples,
            rts=rts,
            orientation=orientation,
            noise=part,
            scope=scope,
            frontier=frontier,
            rng=rng,
            n_jobs=n_jobs,
            progress=progress,
        )
        give_notice(notices)
    return Comparison(sims)
