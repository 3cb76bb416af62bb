"""``paretoscope rank``: the table of efficiencies, intervals and tiers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from paretoscope.commands.draws import draw
from paretoscope.commands.options import begin, chosen_format, destination, formula_escaping, given
from paretoscope.commands.output import (
    Output,
    csv_text,
    headings,
    json_text,
    metric_cells,
    records,
)
from paretoscope.commands.sheet import Sheet
from paretoscope.errors import OptionError
from paretoscope.measurements.alike import labels
from paretoscope.reporting.decimals import efficiency_writer
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.input_sets import Comparison

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_ALWAYS_SHOWN = ("rank", "ranks", "tier", "model", "efficiency", "5 % .. 95 %")  # however narrow the terminal


def run(flags: dict[str, Any]) -> None:
    """Carry out the command."""
    source, save, out, escaping = begin(
        flags, partial(_place_to_save, flags), partial(destination, flags, "out"), partial(formula_escaping, flags)
    )
    form, output = chosen_format(flags), Output(out)
    views = given(flags, ("level", "confidence"))
    result = draw(source, flags)
    if isinstance(result, Comparison):
        output.write(_answer_compared(result, form, views, **escaping))
        return
    answer = _answer(result, form, views, **escaping)
    if save:
        result.save(save)
    output.write(answer)


def _place_to_save(flags: dict[str, Any]) -> Path | None:
    save = destination(flags, "save")
    if save and len(flags["inputs"]) > 1:
        raise OptionError("save: found several sets of inputs; expected one; save each by itself")
    return save


def _answer(sim: EfficiencyDraws, form: str, views: dict[str, Any], **csv: bool) -> str | Sheet:
    summary = sim.summary(**views)
    if form == "json":
        return json_text(_about(sim) | {"models": records(summary)})
    return csv_text(summary, **csv) if form == "csv" else ranking_table(sim, summary)


def _answer_compared(comparison: Comparison, form: str, views: dict[str, Any], **csv: bool) -> str | Sheet:
    if form == "json":
        sets = [
            {"label": label} | _about(sim) | {"models": records(sim.summary(**views))}
            for label, sim in comparison.sims.items()
        ]
        return json_text({"sets": sets})
    if form == "csv":
        table = comparison.table(**views)
        return csv_text(table.set_axis(table.columns.map(": ".join), axis=1), **csv)
    return comparison_table(comparison, views)


def _about(sim: EfficiencyDraws) -> dict[str, Any]:
    return {
        "source": sim.data.source,
        "fingerprint": sim.data.fingerprint,
        "inputs": list(sim.data.inputs),
        "outputs": list(sim.data.outputs),
        "bounds": sim.data.bounds,
        "guessed_bounds": list(sim.data.guessed_bounds),
        "rts": sim.rts,
        "orientation": sim.orientation,
        "noise": sim.noise,
        "stated_noise": sim.stated_noise,
        "scope": sim.scope,
        "frontier": sim.frontier,
        "n_resamples": len(sim.draws),
        "seed": {"entropy": sim.seed.entropy, "spawn_key": list(sim.seed.spawn_key)},
        "status": sim.status,
        "warnings": list(sim.notices),
        "versions": sim.versions,
    }


def ranking_table(sim: EfficiencyDraws, summary: pd.DataFrame) -> Sheet:
    """The summary for a reader, with the metrics beside it."""
    number = efficiency_writer(sim, aligned=True)
    n_resamples, n_models = sim.draws.shape
    columns = [*_ALWAYS_SHOWN, "P(best)", "P(efficient)", *headings(sim.data)]
    measured = metric_cells(sim.data)
    n_draws = f"{n_resamples} draws" + (f" ({sim.complete.sum()} complete)" if sim.status["uncertified"] else "")
    title = f"{n_models} models, {n_draws}, {sim.rts}, {sim.orientation} orientation, noise of a {sim.scope}"
    rows, shown = [], labels(sim.models)
    for model, row in summary.iterrows():
        name, low, high = str(model), int(row["rank_low"]), int(row["rank_high"])
        cells = [f"{int(row['rank'])}", f"{low}" if low == high else f"{low}-{high}", f"{int(row['tier'])}"]
        cells.append(shown[name])
        cells += [number(name, row["mean"]), f"{number(name, row['q05'])} .. {number(name, row['q95'])}"]
        rows.append([*cells, f"{row['p_best']:.2f}", f"{row['p_efficient']:.2f}", *measured[name]])
    return Sheet(title, columns, rows, len(_ALWAYS_SHOWN), aligned=_ALWAYS_SHOWN[-2:])


def comparison_table(comparison: Comparison, views: dict[str, Any]) -> Sheet:
    """Table 1 of the paper: a column of efficiencies a set."""
    found = comparison.table(**views)
    title = "efficiency, its 5 % .. 95 % interval, (tier) under each set of inputs"
    numbers = {label: efficiency_writer(sim, aligned=True) for label, sim in comparison.sims.items()}
    rows, shown = [], labels(map(str, found.index))
    for model, row in found.iterrows():
        cells = [shown[str(model)]]
        for label, number in numbers.items():
            mean, low, high = (number(str(model), row[label, column]) for column in ("mean", "q05", "q95"))
            cells.append(f"{mean}  {low} .. {high}  ({int(row[label, 'tier'])})")
        rows.append(cells)
    return Sheet(title, ["model", *comparison.sims], rows, least=2, aligned=list(comparison.sims))
