"""``paretoscope front``: the Pareto front under noise, and the frontier of two metrics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from paretoscope.arrays import DEFAULT_SCOPE
from paretoscope.commands.draws import simulation
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
from paretoscope.fronts.pareto import Frontier, pareto_front
from paretoscope.fronts.simulated import frontier, pareto_probability
from paretoscope.measurements.alike import labels
from paretoscope.noise.families import DEFAULT_NOISE
from paretoscope.noise.fitting import name_noise
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.version import versions

if TYPE_CHECKING:
    from paretoscope.measurements import Measurements


def run(flags: dict[str, Any]) -> None:
    """Carry out the command."""
    source, out, escaping, *_ = begin(
        flags,
        partial(destination, flags, "out"),
        partial(formula_escaping, flags),
        partial(_check_curve, flags),
        partial(_check_sets, flags),
    )
    form, output, x, y = chosen_format(flags), Output(out), flags["x"], flags["y"]
    options = simulation(source, flags)
    data = source.data if isinstance(source, EfficiencyDraws) else source
    if x is not None:
        kind = given(flags, ["kind"])
        if form == "table":  # the band is shown at the vertices
            options["grid"] = frontier(data, x, y, n_resamples=0, **kind).curve[x].to_numpy()
        output.write(_answer_curve(frontier(source, x, y, **kind, **options), form, escaping))
        return
    found = data.mean.assign(on_front=pareto_front(data), p_front=pareto_probability(source, **options))
    found = found.sort_values(["p_front", data.metrics[0]], ascending=[False, bool(data.inputs)], kind="stable")
    if form == "json":
        content = {
            "source": data.source,
            "fingerprint": data.fingerprint,
            "inputs": list(data.inputs),
            "outputs": list(data.outputs),
            **_about(source, options),
            "versions": versions(),
            "models": records(found),
        }
        output.write(json_text(content))
    else:
        output.write(csv_text(found, **escaping) if form == "csv" else _front_table(data, found))


def _check_curve(flags: dict[str, Any]) -> None:
    if (flags["x"] is None) != (flags["y"] is None):
        raise OptionError("x, y: found one of them; expected both, for the frontier curve of two metrics")
    if flags["x"] is None and flags["kind"] is not None:
        raise OptionError("kind: found without --x and --y; expected all three, for the frontier curve of two metrics")


def _check_sets(flags: dict[str, Any]) -> None:
    if len(flags["inputs"]) > 1:
        raise OptionError("inputs: found several sets; expected one; 'rank' compares sets")


def _about(source: Measurements | EfficiencyDraws, options: dict[str, Any]) -> dict[str, Any]:
    """What was drawn; a saved result's seed is its own affair."""
    if isinstance(source, EfficiencyDraws):
        return {"noise": source.noise, "scope": source.scope, "n_resamples": len(source.draws), "seed": None}
    return {
        "noise": name_noise(source, options.get("noise", DEFAULT_NOISE)),
        "scope": options.get("scope", DEFAULT_SCOPE),
        "n_resamples": options["n_resamples"],
        "seed": options["rng"],
    }


def _answer_curve(curve: Frontier, form: str, escaping: dict[str, bool]) -> str | Sheet:
    """The vertices, and the band on its grid."""
    band = curve.curve if curve.band is None else curve.band
    if form == "json":
        content: dict[str, Any] = {
            "x": curve.x,
            "y": curve.y,
            "kind": curve.kind,
            "models": curve.models,
            "curve": records(curve.curve.set_index(curve.x)),
            "band": [] if curve.band is None else records(curve.band.set_index(curve.x)),
        }
        return json_text(content)
    return csv_text(band.set_index(curve.x), **escaping) if form == "csv" else _curve_table(curve)


def _front_table(data: Measurements, found: pd.DataFrame) -> Sheet:
    columns = ["model", "on the front", "P(on the front)", *headings(data)]
    metrics = metric_cells(data)
    shown = labels(data.models)
    rows = [
        [shown[str(model)], "yes" if row["on_front"] else "", f"{row['p_front']:.2f}", *metrics[str(model)]]
        for model, row in found.iterrows()
    ]
    return Sheet("Pareto front: dominated by no model", columns, rows, least=3)


def _curve_table(curve: Frontier) -> Sheet:
    title = f"frontier of {curve.y} over {curve.x} ({curve.kind})"
    if curve.band is None:
        columns, rows = [curve.x, curve.y], curve.curve
    else:
        low, _, high = (f"{100 * share:g} %" for share in curve.quantiles)
        columns = [curve.x, curve.y, low, high]
        rows = curve.curve.merge(curve.band[[curve.x, "low", "high"]], on=curve.x)
    cells = [["none" if value != value else f"{value:.6g}" for value in row] for row in rows.itertuples(index=False)]
    return Sheet(title, columns, cells, least=len(columns), names="")
