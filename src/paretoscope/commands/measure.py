"""``paretoscope measure``: runs of models, into a file, and their table."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

from paretoscope.commands.output import Output, new_table, plain, with_spread
from paretoscope.errors import OptionError
from paretoscope.measuring.sessions import MeasuredRuns, measure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

_RENAMED = {"compile_": "compiled", "train": "training", "dim": "dims"}


def run(flags: dict[str, Any]) -> int:
    """Carry out the command; the exit code is 1 if a model failed."""
    given = {_RENAMED.get(name, name): value for name, value in flags.items() if value not in (None, (), False)}
    specs, show = given.pop("models", ()), given.pop("show", False)
    if "dims" in given:
        given["dims"] = _sizes(given["dims"])
    if "input_shape" in given:
        given["input_shape"] = _shape(given["input_shape"])
    for role in ("inputs", "outputs"):
        if role in given:
            given[role] = [name.strip() for part in given[role] for name in part.split(",")]
    if "out" not in given:
        raise OptionError("out: found none; expected a file for the runs; give --out runs.csv")
    try:
        result = measure(specs, **given, progress=True)
    except KeyboardInterrupt:
        print(f"{given['out']}: keeps all finished runs; the same command goes on from there", file=sys.stderr)
        raise
    if len(result.table):
        Output(None).write(_table(result))
    for name, reason in result.failures.items():
        print(f"failed: {name}: {reason}", file=sys.stderr)
    return 1 if result.failures else 0


def _table(result: MeasuredRuns) -> Table:
    columns = {"latency_ms": "latency_ms", "throughput_per_s": "per second", "peak_memory_mb": "peak memory, MB"}
    if result.table["latency_ms"].isna().all():
        columns = {"train_step_ms": "train_step_ms", "train_images_per_s": "images per second"} | columns
        del columns["latency_ms"], columns["throughput_per_s"]
    table = new_table(f"{result.path}, target {result.target}", ["model", "runs", *columns.values()], text="model")
    for model, rows in result.table.groupby("model", sort=False):
        cells = [with_spread(rows[name].mean(), rows[name].std()) for name in columns]
        table.add_row(*plain([str(model), str(len(rows)), *cells]))
    return table


def _sizes(parts: Iterable[str]) -> dict[str, int]:
    sizes = {}
    for part in parts:
        name, equals, size = part.rpartition("=")
        if not equals or not name or not size.isdecimal():
            raise OptionError(f"dim: found {part!r}; expected NAME=SIZE, as in --dim sequence=128")
        sizes[name] = int(size)
    return sizes


def _shape(text: str) -> tuple[int, ...]:
    parts = text.lower().replace("x", ",").split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise OptionError(f"input_shape: found {text!r}; expected the sizes of one sample, as in 3,224,224")
    return tuple(int(part) for part in parts)
