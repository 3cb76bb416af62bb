"""``paretoscope rank``: the table of efficiencies, intervals and tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paretoscope.commands.draws import draw
from paretoscope.commands.options import chosen_format, destination, given, open_source
from paretoscope.commands.output import (
    Output,
    csv_text,
    headings,
    json_text,
    metric_cells,
    new_table,
    plain,
    records,
)
from paretoscope.errors import OptionError
from paretoscope.orders.ranking import check_views
from paretoscope.reporting.decimals import efficiency_writer
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.input_sets import Comparison

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


def run(flags: dict[str, Any]) -> None:
    """Carry out the command."""
    form, save = chosen_format(flags), destination(flags, "save")
    output = Output(destination(flags, "out"))
    views = given(flags, ("level", "confidence"))
    check_views(**views)
    result = draw(open_source(flags), flags)
    if save and isinstance(result, Comparison):
        raise OptionError("save: found several sets of inputs; expected one; save each by itself")
    answers = _answer_compared(result, form, views) if isinstance(result, Comparison) else _answer(result, form, views)
    if save and isinstance(result, EfficiencyDraws):
        result.save(save)
    output.write(*answers)


def _answer(sim: EfficiencyDraws, form: str, views: dict[str, Any]) -> list[str | Table]:
    if form == "json":
        return [json_text(_about(sim) | {"models": records(sim.summary(**views))})]
    if form == "csv":
        return [csv_text(sim.summary(**views))]
    summary = sim.summary(**views)
    detail = ((True, True), (False, True), (False, False))
    return [ranking_table(sim, summary, metrics=metrics, probabilities=shown) for metrics, shown in detail]


def _answer_compared(comparison: Comparison, form: str, views: dict[str, Any]) -> list[str | Table]:
    if form == "json":
        sets = [
            {"label": label} | _about(sim) | {"models": records(sim.summary(**views))}
            for label, sim in comparison.sims.items()
        ]
        return [json_text({"sets": sets})]
    if form == "csv":
        table = comparison.table(**views)
        return [csv_text(table.set_axis(table.columns.map(": ".join), axis=1))]
    return [comparison_table(comparison, views)]


def _about(sim: EfficiencyDraws) -> dict[str, Any]:
    return {
        "source": sim.data.source,
        "fingerprint": sim.data.fingerprint,
        "inputs": list(sim.data.inputs),
        "outputs": list(sim.data.outputs),
        "rts": sim.rts,
        "orientation": sim.orientation,
        "noise": sim.noise,
        "scope": sim.scope,
        "frontier": sim.frontier,
        "n_resamples": len(sim.draws),
        "seed": {"entropy": sim.seed.entropy, "spawn_key": list(sim.seed.spawn_key)},
        "status": sim.status,
        "warnings": list(sim.notices),
        "versions": sim.versions,
    }


def ranking_table(sim: EfficiencyDraws, summary: pd.DataFrame, *, metrics: bool, probabilities: bool) -> Table:
    """The summary for a reader, with the metrics and probabilities beside it or without."""
    number = efficiency_writer(sim, aligned=True)
    n_resamples, n_models = sim.draws.shape
    columns = ["rank", "ranks", "tier", "model", "efficiency", "5 % .. 95 %"]
    if probabilities:
        columns += ["P(best)", "P(efficient)"]
    if metrics:
        columns += headings(sim.data)
    measured = metric_cells(sim.data)
    n_draws = f"{n_resamples} draws" + (f" ({sim.complete.sum()} complete)" if sim.status["uncertified"] else "")
    title = f"{n_models} models, {n_draws}, {sim.rts}, {sim.orientation} orientation, noise of a {sim.scope}"
    table = new_table(title, columns, text="model")
    for model, row in summary.iterrows():
        name, low, high = str(model), int(row["rank_low"]), int(row["rank_high"])
        cells = [f"{int(row['rank'])}", f"{low}" if low == high else f"{low}-{high}", f"{int(row['tier'])}", name]
        cells += [number(name, row["mean"]), f"{number(name, row['q05'])} .. {number(name, row['q95'])}"]
        if probabilities:
            cells += [f"{row['p_best']:.2f}", f"{row['p_efficient']:.2f}"]
        if metrics:
            cells += measured[name]
        table.add_row(*plain(cells))
    return table


def comparison_table(comparison: Comparison, views: dict[str, Any]) -> Table:
    """Table 1 of the paper: a column of efficiencies a set."""
    found = comparison.table(**views)
    title = "efficiency, its 5 % .. 95 % interval, (tier) under each set of inputs"
    table = new_table(title, ["model", *comparison.sims], text="model")
    numbers = {label: efficiency_writer(sim, aligned=True) for label, sim in comparison.sims.items()}
    for model, row in found.iterrows():
        cells = [name := str(model)]
        for label, number in numbers.items():
            mean, low, high = (number(name, row[label, column]) for column in ("mean", "q05", "q95"))
            cells.append(f"{mean}  {low} .. {high}  ({int(row[label, 'tier'])})")
        table.add_row(*plain(cells))
    return table
