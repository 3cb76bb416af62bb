"""The verdict in words: what to consider, what ties, what noise leaves open, what is dominated and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paretoscope.reporting.wording import count, listing, metric_phrase, share

if TYPE_CHECKING:
    from paretoscope.reporting.table import Row
    from paretoscope.resampling.draws import EfficiencyDraws

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement, and the models that it is about, each with a remark."""

    key: str
    title: str
    text: str
    models: list[tuple[Row, str]]

    @property
    def named(self) -> list[tuple[Row, str]]:
        """Those of the models that are named."""
        return self.models[:MOST_NAMED]

    @property
    def n_unnamed(self) -> int:
        """How many are not."""
        return max(0, len(self.models) - MOST_NAMED)


def judge(sim: EfficiencyDraws, rows: list[Row], confidence: float) -> list[Finding]:
    """Put the result into words.

    Parameters
    ----------
    sim : EfficiencyDraws
    rows : list of Row
        The ranking of `sim`.
    confidence : float
        Of the ranking's tiers.

    Returns
    -------
    list of Finding
    """
    sure = f"{100 * confidence:g} % of the draws"
    first = [row for row in rows if row.tier == 1]
    return [
        _consider(sim, rows, first, sure),
        _tie(sim, [row for row in first if row.p_efficient >= confidence], sure),
        _open(sim, [row for row in first if row.p_efficient < confidence], sure),
        _dominated([row for row in rows if row.dominators], sure),
    ]


def _consider(sim: EfficiencyDraws, rows: list[Row], first: list[Row], sure: str) -> Finding:
    n_models = count(len(rows), "model")
    if len(first) == len(rows):
        title = f"All {n_models} are worth considering"
    else:
        title = f"{len(first):,} of {n_models} {'is' if len(first) == 1 else 'are'} worth considering"
    data = sim.data
    both = ((data.inputs, "small"), (data.outputs, "large"))
    roles = [f"{listing(metrics)} (better {better})" for metrics, better in both if metrics]
    text = (
        f"Judged by {' and '.join(roles)}. Tier 1: "
        f"no model outside it is more efficient than one of these in {sure}. Dominated by no other model (admissible): "
        f"{listing([row.name for row in rows if not row.dominators])}."
    )
    return Finding("consider", title, text, [(row, f"efficiency {row.efficiency} ({row.interval})") for row in first])


def _tie(sim: EfficiencyDraws, efficient: list[Row], sure: str) -> Finding:
    units = sim.data.units
    models = [
        (
            row,
            ", ".join(
                metric_phrase(metric, text, units[metric])
                for metric, (_, text) in zip(sim.data.metrics, row.metrics, strict=True)
            ),
        )
        for row in efficient
    ]
    if not efficient:
        title, text = f"No model is on the frontier in {sure}", "Noise moves each of them off it more often."
    elif len(efficient) == 1:
        title, text = "One model is firmly on the frontier", f"Its efficiency is 1 in at least {sure}."
    else:
        title = f"{count(len(efficient), 'model')} tie on the frontier"
        text = (
            f"Each has an efficiency of 1 in at least {sure}, so that efficiency does not choose between them. They "
            "are different bargains: a budget chooses, or what you need at least."
        )
    return Finding("tie", title, text, models)


def _open(sim: EfficiencyDraws, unsettled: list[Row], sure: str) -> Finding:
    if not unsettled:
        text = f"Every model of tier 1 is on the frontier in at least {sure}."
        return Finding("open", "Noise leaves no model open", text, [])
    text = f"{'It is' if len(unsettled) == 1 else 'They are'} in tier 1, but on the frontier in fewer than {sure}. "
    text += (
        "One deployment may come out efficient and another not."
        if sim.scope == "run"
        else "The runs so far do not tell whether their means are efficient."
    )
    models = [
        (row, f"on the frontier in {share(row.p_efficient)}, rank {row.rank_low} to {row.rank_high}")
        for row in unsettled
    ]
    return Finding("open", f"Noise leaves {count(len(unsettled), 'model')} open", text, models)


def _dominated(dominated: list[Row], sure: str) -> Finding:
    if not dominated:
        text = "Each is the better one at some level of efficiency."
        return Finding("dominated", "No model is dominated", text, [])
    beaten = sum(row.tier > 1 for row in dominated)
    text = (
        "Another model reaches every level of efficiency at least as often, and some level more often. Named are the "
        f"direct dominators, with none between. {f'{beaten:,}' if beaten else 'None'} of them "
        f"{'are' if beaten > 1 else 'is'} beaten as well, and so not in tier 1: another model is more efficient in at "
        f"least {sure}."
    )
    models = [
        (
            row,
            f"by {listing(row.dominators, most=3)}"
            + (f", yet on the frontier in {share(row.p_efficient)}" if row.tier == 1 else ""),
        )
        for row in dominated
    ]
    title = f"{count(len(dominated), 'model')} {'is' if len(dominated) == 1 else 'are'} dominated"
    return Finding("dominated", title, text, models)
