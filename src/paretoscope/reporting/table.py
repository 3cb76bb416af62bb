"""The rows of the page's tables: the ranking, and sets of inputs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paretoscope.reporting.decimals import efficiency_writer
from paretoscope.reporting.wording import listing, with_spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from paretoscope.orders.dominance import Dominance
    from paretoscope.resampling.draws import EfficiencyDraws


@dataclass(frozen=True, slots=True)
class Row:
    """A model of the ranking.

    Attributes
    ----------
    place : int
        In the ranking, from 0.
    mean, low, high : float
        Of the draws of its efficiency; as text, `efficiency` and `interval`.
    dominators : list of str
        The models that dominate it with none between, by rank.
    metrics : list of (float, str)
        Each metric's mean, and the mean with its spread as text.
    """

    place: int
    name: str
    rank: int
    rank_low: int
    rank_high: int
    tier: int
    mean: float
    low: float
    high: float
    efficiency: str
    interval: str
    p_best: float
    p_efficient: float
    dominators: list[str]
    metrics: list[tuple[float, str]]

    @property
    def ranks(self) -> str:
        """The interval of the rank."""
        return f"{self.rank_low}" if self.rank_low == self.rank_high else f"{self.rank_low}-{self.rank_high}"

    @property
    def bar(self) -> tuple[float, float, float]:
        """The interval's ends and the mean, in percent of the way from 0 to 1."""
        return round(100.0 * self.low, 1), round(100.0 * self.mean, 1), round(100.0 * self.high, 1)

    @property
    def dominated_by(self) -> str:
        """The first of its dominators, or nothing."""
        return listing(self.dominators, most=2) if self.dominators else ""


@dataclass(frozen=True, slots=True)
class SetRow:
    """A model under several sets of inputs: efficiency, interval, tier and rank as text."""

    name: str
    cells: list[str]


def ranking_rows(sim: EfficiencyDraws, summary: pd.DataFrame, dominance: Dominance) -> list[Row]:
    """One row a model, in the order of the summary."""
    number = efficiency_writer(sim)
    names = [str(name) for name in summary.index]
    mean, sd = (table.loc[names].to_numpy(float) for table in (sim.data.mean, sim.data.sd))
    place = {name: position for position, name in enumerate(names)}
    columns = ("rank", "rank_low", "rank_high", "tier", "mean", "q05", "q95", "p_best", "p_efficient")
    found = zip(*(summary[column].tolist() for column in columns), strict=True)
    return [
        Row(
            place=i,
            name=name,
            rank=rank,
            rank_low=rank_low,
            rank_high=rank_high,
            tier=tier,
            mean=middle,
            low=low,
            high=high,
            efficiency=number(name, middle),
            interval=f"{number(name, low)} .. {number(name, high)}",
            p_best=p_best,
            p_efficient=p_efficient,
            dominators=sorted(dominance.graph.predecessors(name), key=place.__getitem__),
            metrics=[(value, with_spread(value, spread)) for value, spread in zip(mean[i], sd[i], strict=True)],
        )
        for i, (name, (rank, rank_low, rank_high, tier, middle, low, high, p_best, p_efficient)) in enumerate(
            zip(names, found, strict=True)
        )
    ]


def set_rows(rows_by_set: Mapping[str, list[Row]]) -> list[SetRow]:
    """Table 1 of the paper: the models by rank under the first set."""
    by_name = [{row.name: row for row in rows} for rows in rows_by_set.values()]
    return [
        SetRow(name, [f"{row.efficiency} ({row.interval}), tier {row.tier}, rank {row.rank}" for row in found])
        for name in by_name[0]
        for found in [[rows[name] for rows in by_name]]
    ]
