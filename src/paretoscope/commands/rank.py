"""``paretoscope rank``: the table of efficiencies, intervals and tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from paretoscope.commands.options import Options, open_source
from paretoscope.commands.output import Output, csv_text, json_text, records
from paretoscope.draws import EfficiencyDraws
from paretoscope.errors import OptionError
from paretoscope.input_sets import Comparison, compare
from paretoscope.ranking import digits, monte_carlo_error
from paretoscope.resampling import bootstrap

if TYPE_CHECKING:
    from rich.table import Table

    from paretoscope.measurements import Measurements

_DRAW_OPTIONS = {"rts": str, "orientation": str, "scope": str, "frontier": str}
_FIXED_ONCE_DRAWN = (*_DRAW_OPTIONS, "noise", "resamples", "seed", "inputs", "outputs")


def run(flags: dict[str, Any]) -> None:
    """Carry out the command."""
    options = Options(flags)
    form, save = options.format(), options.path("save")
    output = Output(options.path("out"))
    views = options.given(level=(int, float), confidence=(int, float))
    source = open_source(options)
    sets = options.groups("inputs")
    if isinstance(source, EfficiencyDraws):
        for name in _FIXED_ONCE_DRAWN:
            if options.get(name, object) not in (None, ()):
                raise OptionError(f"{name}: found beside a saved result; expected a table, or the result's own {name}")
        result: EfficiencyDraws | Comparison = source
    else:
        settings = options.given(**_DRAW_OPTIONS) | {
            "noise": options.noise(),
            "n_resamples": options.get("resamples", int, 10_000),
            "rng": options.get("seed", int, 0),
            "n_jobs": options.get("jobs", int, 1),
        }
        result = compare(source, sets, **settings) if len(sets) > 1 else bootstrap(source, **settings)
    if save and isinstance(result, Comparison):
        raise OptionError("save: found several sets of inputs; expected one; save each by itself")
    answer = _answer_compared(result, form, views) if isinstance(result, Comparison) else _answer(result, form, views)
    if save and isinstance(result, EfficiencyDraws):
        result.save(save)
    output.write(answer)


def _answer(sim: EfficiencyDraws, form: str, views: dict[str, Any]) -> str | Table:
    if form == "json":
        return json_text(_about(sim) | {"models": records(sim.summary(**views))})
    return csv_text(sim.summary(**views)) if form == "csv" else ranking_table(sim, views)


def _answer_compared(comparison: Comparison, form: str, views: dict[str, Any]) -> str | Table:
    if form == "json":
        sets = [
            {"label": label} | _about(sim) | {"models": records(sim.summary(**views))}
            for label, sim in comparison.sims.items()
        ]
        return json_text({"sets": sets})
    if form == "csv":
        table = comparison.table(**views)
        return csv_text(table.set_axis(table.columns.map(": ".join), axis=1))
    return comparison_table(comparison, views)


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


def ranking_table(sim: EfficiencyDraws, views: dict[str, Any]) -> Table:
    """The summary for a reader: as many digits as the Monte-Carlo error supports, and the metrics beside it."""
    from rich.table import Table

    summary = sim.summary(**views)
    data = sim.data
    decimals = min(digits(float(monte_carlo_error(sim.draws, sim.models).max())), 4)
    table = Table(title=f"{len(sim.models)} models, {len(sim.draws)} draws: efficiency ({sim.rts}, {sim.orientation})")
    for name in ("rank", "interval", "tier"):
        table.add_column(name, justify="right")
    table.add_column("model", overflow="fold")
    for name in ("efficiency", "5 % to 95 %", "P(best)", "P(efficient)"):
        table.add_column(name, justify="right", no_wrap=True)
    for metric in data.metrics:
        table.add_column(metric + ("" if metric in data.outputs else " (small)"), justify="right", overflow="fold")
    spreads = metric_cells(data)
    previous = None
    for model, row in summary.iterrows():
        if previous is not None and row["tier"] != previous:
            table.add_section()
        previous = row["tier"]
        low, high = int(row["rank_low"]), int(row["rank_high"])
        cells = [
            f"{int(row['rank'])}",
            f"{low}" if low == high else f"{low}-{high}",
            f"{int(row['tier'])}",
            str(model),
            f"{row['mean']:.{decimals}f}",
            f"{row['q05']:.{decimals}f} to {row['q95']:.{decimals}f}",
            f"{row['p_best']:.2f}",
            f"{row['p_efficient']:.2f}",
        ]
        cells += spreads[str(model)]
        table.add_row(*(_plain(cell) for cell in cells))
    return table


def comparison_table(comparison: Comparison, views: dict[str, Any]) -> Table:
    """Table 1 of the paper: a column of efficiencies a set."""
    from rich.table import Table

    found = comparison.table(**views)
    table = Table(title="efficiency and its 5 % to 95 % interval, tier in brackets")
    table.add_column("model", overflow="fold")
    for label in comparison.sims:
        table.add_column(label, justify="right", overflow="fold")
    decimals = {
        label: min(digits(float(monte_carlo_error(sim.draws, sim.models).max())), 4)
        for label, sim in comparison.sims.items()
    }
    for model, row in found.iterrows():
        cells = [str(model)]
        for label, places in decimals.items():
            mean, low, high = (f"{row[label, name]:.{places}f}" for name in ("mean", "q05", "q95"))
            cells.append(f"{mean}  {low} to {high}  ({int(row[label, 'tier'])})")
        table.add_row(*(_plain(cell) for cell in cells))
    return table


def metric_cells(data: Measurements) -> dict[str, list[str]]:
    """Each model's metrics, written as mean and standard deviation."""
    mean, sd = data.mean.to_numpy(float), data.sd.to_numpy(float)
    return {
        model: [with_spread(*pair) for pair in zip(*rows, strict=True)]
        for model, *rows in zip(data.models, mean, sd, strict=True)
    }


def with_spread(mean: float, sd: float) -> str:
    """A mean with its standard deviation, both to the second digit of the latter."""
    if not sd > 0:
        return f"{mean:.6g}"
    from math import floor, log10

    places = max(0, 1 - floor(log10(sd)))
    return f"{mean:.{places}f} ± {sd:.{places}f}"


def _plain(text: str) -> Any:
    """Text without markup: a model may be called [bold]."""
    from rich.text import Text

    return Text(text)
