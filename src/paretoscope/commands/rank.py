"""``paretoscope rank``: the table of efficiencies, intervals and tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paretoscope.commands.options import Options, open_source
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
from paretoscope.draws import EfficiencyDraws
from paretoscope.errors import OptionError
from paretoscope.input_sets import Comparison, compare
from paretoscope.ranking import digits, monte_carlo_error
from paretoscope.resampling import bootstrap

if TYPE_CHECKING:
    from rich.table import Table


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
    answers = _answer_compared(result, form, views) if isinstance(result, Comparison) else _answer(result, form, views)
    if save and isinstance(result, EfficiencyDraws):
        result.save(save)
    output.write(*answers)


def _answer(sim: EfficiencyDraws, form: str, views: dict[str, Any]) -> list[str | Table]:
    if form == "json":
        return [json_text(_about(sim) | {"models": records(sim.summary(**views))})]
    if form == "csv":
        return [csv_text(sim.summary(**views))]
    return [ranking_table(sim, views), ranking_table(sim, views, with_metrics=False)]


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


def ranking_table(sim: EfficiencyDraws, views: dict[str, Any], *, with_metrics: bool = True) -> Table:
    """The summary for a reader, with as many digits as the Monte-Carlo error supports."""
    summary = sim.summary(**views)
    decimals = supported_digits(sim)
    n_resamples, n_models = sim.draws.shape
    beside = headings(sim.data) if with_metrics else []
    table = new_table(
        f"{n_models} models, {n_resamples} draws, {sim.rts}, {sim.orientation} orientation, noise of a {sim.scope}",
        ["rank", "ranks", "tier", "model", "efficiency", "5 % .. 95 %", "P(best)", "P(efficient)", *beside],
        text="model",
    )
    metrics = metric_cells(sim.data)
    for model, row in summary.iterrows():
        low, high = int(row["rank_low"]), int(row["rank_high"])
        cells = [
            f"{int(row['rank'])}",
            f"{low}" if low == high else f"{low}-{high}",
            f"{int(row['tier'])}",
            str(model),
            f"{row['mean']:.{decimals}f}",
            f"{row['q05']:.{decimals}f} .. {row['q95']:.{decimals}f}",
            f"{row['p_best']:.2f}",
            f"{row['p_efficient']:.2f}",
        ]
        table.add_row(*plain([*cells, *metrics[str(model)][: len(beside)]]))
    return table


def comparison_table(comparison: Comparison, views: dict[str, Any]) -> Table:
    """Table 1 of the paper: a column of efficiencies a set."""
    found = comparison.table(**views)
    title = "efficiency, its 5 % .. 95 % interval, (tier) under each set of inputs"
    table = new_table(title, ["model", *comparison.sims], text="model")
    decimals = {label: supported_digits(sim) for label, sim in comparison.sims.items()}
    for model, row in found.iterrows():
        cells = [str(model)]
        for label, places in decimals.items():
            mean, low, high = (f"{row[label, name]:.{places}f}" for name in ("mean", "q05", "q95"))
            cells.append(f"{mean}  {low} .. {high}  ({int(row[label, 'tier'])})")
        table.add_row(*plain(cells))
    return table


def supported_digits(sim: EfficiencyDraws) -> int:
    """Decimals that the Monte-Carlo error supports."""
    return min(digits(float(monte_carlo_error(sim.draws, sim.models).max())), 4)
