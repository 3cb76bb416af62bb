"""``paretoscope measure``: runs of models, into a file, and their table."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd

from paretoscope.commands.output import Output
from paretoscope.commands.sheet import Sheet
from paretoscope.commands.timeline import draw_timeline
from paretoscope.commands.types import is_given, together
from paretoscope.errors import OptionError, escaped, listing, quote, unquoted
from paretoscope.flags import write_names
from paretoscope.measuring.runfile.recording import COLUMNS
from paretoscope.measuring.sessions import MeasuredRuns, measure
from paretoscope.reporting.wording import with_spread

if TYPE_CHECKING:
    from collections.abc import Iterable


_RENAMED = {"compile_": "compiled", "train": "training", "dim": "dims"}
_SHOWN = {
    "latency_ms": "latency_ms",
    "throughput_per_s": "per second",
    "train_step_ms": "train_step_ms",
    "train_images_per_s": "images per second",
    "train_hours": "train_hours",
    "train_usd": "train_usd",
    "peak_memory_mb": "peak memory, MB",
}


def run(flags: dict[str, Any]) -> int:
    """Carry out the command; the exit code is 1 if a model failed."""
    given = {_RENAMED.get(name, name): value for name, value in flags.items() if is_given(value)}
    specs, show = given.pop("models", ()), given.pop("show", False)
    if "out" not in given:
        raise OptionError("out: found none; expected a file for the runs; give --out runs.csv")
    if "dims" in given:
        given["dims"] = _sizes(given["dims"])
    if "input_shape" in given:
        given["input_shape"] = _shape(given["input_shape"])
    for role in ("inputs", "outputs"):
        if role in given:
            given[role] = together(given[role])
    try:
        result = measure(specs, **given, progress=True)
    except KeyboardInterrupt:
        print(
            f"{unquoted(given['out'])}: keeps all finished runs; the same command goes on from there", file=sys.stderr
        )
        raise
    if len(result.table):
        output = Output(None)
        output.write(_table(result))
        if show:
            output.write(draw_timeline(result.table, _measured(result)[0]) + "\n")
        output.write(_closing(result, given))
    if result.failures:  # each was told as it happened
        n_models = result.table["model"].nunique() + len(set(result.failures) - set(result.table["model"]))
        print(
            f"failed: {len(result.failures)} of {n_models} models, as told above: {listing(result.failures)}",
            file=sys.stderr,
        )
    return 1 if result.failures else 0


def _measured(result: MeasuredRuns) -> list[str]:
    """The columns of the table that hold something, the median time first."""
    return [name for name in _SHOWN if result.table[name].notna().any()]


def _table(result: MeasuredRuns) -> Sheet:
    names = _measured(result)
    columns = ["model", "runs", *(_SHOWN[name] for name in names)]
    cells = []
    for model, rows in result.table.groupby("model", sort=False):
        measured = [with_spread(rows[name].mean(), rows[name].std()) for name in names]
        cells.append([str(model), str(len(rows)), *measured])
    return Sheet(f"{result.path}: {result.target}, mean ± sd of the runs", columns, cells, least=3)


def _closing(result: MeasuredRuns, given: dict[str, Any]) -> str:
    """How many runs were saved, and the command to type next."""
    lines = []
    if "until_resolved" in given:
        most = result.table.groupby("model").size().max()
        lines.append(f"{len(result.table)} runs; {result.n_saved} fewer than {most} for every model")
    accuracies = [name for name in result.table.columns if name not in COLUMNS]
    inputs, outputs = given.get("inputs"), given.get("outputs") or accuracies
    if inputs or outputs:
        if not inputs and set(outputs) <= set(accuracies):
            inputs = [_input_to_rank_by(result)]
        path, options = shlex.quote(str(result.path)), {"inputs": inputs, "outputs": outputs}
        words = [f"--{name} {shlex.quote(write_names(metrics))}" for name, metrics in options.items() if metrics]
        lines.append(f"next: paretoscope rank {path} {' '.join(words)}")
    else:
        lines.append("next: the same command with --accuracy FILE, for something to weigh the time against")
    return "".join(escaped(line, 2000) + "\n" for line in lines)


def _input_to_rank_by(result: MeasuredRuns) -> str:
    """The cost or the time, with the target's name where the file has it for several."""
    measured = _measured(result)
    metric = "train_usd" if "train_usd" in measured else measured[0]
    everything = pd.read_csv(result.path, usecols=["target", metric])
    targets = everything.dropna()["target"].unique()
    return metric if len(targets) == 1 else f"{metric}@{result.target}"


def _sizes(parts: Iterable[str]) -> dict[str, int]:
    sizes = {}
    for part in parts:
        name, equals, size = part.rpartition("=")
        if not equals or not name or not size.isdecimal():
            raise OptionError(f"dim: found {quote(part)}; expected NAME=SIZE, as in --dim sequence=128")
        sizes[name] = int(size)
    return sizes


def _shape(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise OptionError(f"input_shape: found {quote(text)}; expected the sizes of one sample, as in 3,224,224")
    return tuple(int(part) for part in parts)
