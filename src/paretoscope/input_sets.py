"""Table 1 of the paper: several sets of inputs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from paretoscope.draws import EfficiencyDraws
from paretoscope.errors import OptionError
from paretoscope.resampling import bootstrap
from paretoscope.spreads import resolve_noise

if TYPE_CHECKING:
    from paretoscope.measurements import Measurements


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
        return f"Comparison({'; '.join(self.sims)})"

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
    noise: str | Mapping[str, str] = "gaussian",
    **options: Any,
) -> Comparison:
    """Rank the models under several sets of inputs (Table 1 of the paper).

    Parameters
    ----------
    data : Measurements
        Holds all the inputs named.
    input_sets : mapping from label to inputs, or sequence of inputs
        Each a list of names of inputs; without labels they are joined by ", ".
    noise, **options
        As for `bootstrap`, with which each set is solved by itself.

    Returns
    -------
    Comparison

    Raises
    ------
    OptionError
        If no set is given, or two have the same label.

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
        else {", ".join([names] if isinstance(names, str) else names): names for names in input_sets}
    )
    if not named or len(named) < len(input_sets):
        raise OptionError(f"input_sets: found {list(named)}; expected one or more different sets of inputs")
    spreads = resolve_noise(noise, data.metrics)  # checks all names, also of metrics that some sets leave out
    sims = {}
    for label, names in named.items():
        chosen = data.select(inputs=names)
        part = {metric: str(spreads[metric]) for metric in chosen.metrics}
        sims[label] = bootstrap(chosen, noise=part, **options)
    return Comparison(sims)
