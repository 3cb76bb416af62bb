"""A run as a row of the file of runs, and such rows as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from paretoscope.measuring.run.fingerprint import machine_id
from paretoscope.measuring.runfile.recording import COLUMNS

if TYPE_CHECKING:
    from paretoscope.measuring.run.processes import RunResult

_TEXTS: Final = ("model", "target", "started", "machine")
_COUNTS: Final = ("run", "iterations")


def make_row(model: str, target: str, run: int, result: RunResult, *, training: bool) -> dict[str, object]:
    """Sum up a run: times in milliseconds an iteration, of which a batch is one, and rates in samples a second.

    The median stands for the run, since interruptions make some iterations longer and none shorter.
    """
    times = np.asarray(result.iterations_ns, dtype=np.float64) / 1e6
    median, p90, p99 = np.quantile(times, [0.5, 0.9, 0.99])
    rate = float(f"{1e3 * result.n_images / median:.6g}")
    if training:
        measured: dict[str, object] = {"train_step_ms": _milliseconds(median), "train_images_per_s": rate}
    else:
        measured = {
            "latency_ms": _milliseconds(median),
            "latency_ms_mean": _milliseconds(times.mean()),
            "latency_ms_p90": _milliseconds(p90),
            "latency_ms_p99": _milliseconds(p99),
            "latency_ms_min": _milliseconds(times.min()),
            "throughput_per_s": rate,
        }
    return {
        "model": model,
        "target": target,
        "run": run,
        "started": result.started,
        **measured,
        "peak_memory_mb": round(result.peak_memory_mb, 1),
        "iterations": len(times),
        "load_average": None if result.load_average is None else round(result.load_average, 2),
        "machine": machine_id(result.fingerprint),
    }


def _milliseconds(value: float) -> float:
    """Round to nanoseconds, which is what the clock counts."""
    return round(float(value), 6)


def runs_frame(rows: Iterable[Mapping[str, str]], accuracies: Iterable[str] = ()) -> pd.DataFrame:
    """Rows as a table with numbers, NaN where nothing was measured, in the order of measuring."""
    columns = [*COLUMNS, *accuracies]
    frame = pd.DataFrame([[row[name] for name in columns] for row in rows], columns=columns, dtype=object)
    for name in columns:
        if name in _COUNTS:
            frame[name] = pd.to_numeric(frame[name].replace("", 0)).astype(np.int64)
        elif name in _TEXTS:
            frame[name] = frame[name].astype(str)
        else:
            frame[name] = pd.to_numeric(frame[name].replace("", np.nan)).astype(np.float64)
    return frame
