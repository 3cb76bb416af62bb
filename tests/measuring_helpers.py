"""What several tests of measuring share: processes, waiting for what they do, and a bench that answers at once."""

from __future__ import annotations

import csv
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

import paretoscope as ps
from paretoscope.measuring import sessions
from paretoscope.measuring.campaign import Plan
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.processes import RunFailed, RunResult
from paretoscope.measuring.run.specs import ModelSpec
from paretoscope.measuring.settings import Settings

MODELS = ("a", "b", "c", "d")
SETTINGS = {
    "runs": 3, "seed": 0, "timeout": 600.0, "accuracy": None, "images": None, "epochs": None, "price_per_hour": None,
    "until_resolved": None, "max_runs": 30, "inputs": (), "outputs": (), "allow_mixed": False,
    "drop_loaded_runs": False,
}  # fmt: skip
MACHINE = {"cpu": "Cray-1", "cores_usable": 8, "versions": {"onnxruntime": "1.22.0"}, "conditions": {"threads": 1}}


def environment(*folders: Path) -> dict[str, str]:
    """The environment of a process that finds modules in these folders, and then where this process does."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, folders), *(entry for entry in sys.path if entry)])}


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or waits for nothing but its parent's notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def workers_in(folder: Path) -> list[int]:
    """Processes of runs that were started in a folder."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "cwd"])
        if "paretoscope.measuring.worker" in (process.info["cmdline"] or ())
        and process.info["cwd"] == str(folder.resolve())
    ]


class Bench:
    """Measures nothing and answers at once; each model has its time, and each run its own noise."""

    def __init__(self, levels=None, *, machine=MACHINE, cv=0.02, stop_after=None, broken=(), failing=()):
        self.levels = levels or {model: 1.0 + i for i, model in enumerate(MODELS)}
        self.machine, self.cv = machine, cv
        self.stop_after, self.broken, self.failing = stop_after, broken, failing
        self.done = []

    def perform(self, spec, conditions, *, run, seed, timeout):
        if len(self.done) == self.stop_after:
            raise KeyboardInterrupt
        if spec.name in self.failing:
            raise RunFailed(f"{spec.text}: found that the process was ended by SIGSEGV")
        self.done.append((spec.name, run))
        rng = np.random.default_rng([seed, run, *spec.name.encode()])
        level = 1e6 * self.levels[spec.name] * (1.0 + self.cv * rng.standard_normal())
        times = (level * (1.0 + 0.001 * rng.standard_normal(20))).astype(int).tolist()
        return RunResult(times, conditions.batch, 100.0, 0.1, self.machine, f"2024-05-01T10:00:{run:02}Z", 0.5)

    def examine(self, specs, conditions):
        for spec in specs:
            if spec.name in self.broken:
                raise ps.DataError(f"{spec.text}: found no model")
        return self.machine


def plan(out, models=MODELS, *, iterations=None, **changes):
    specs = tuple(ModelSpec(name, "module", f"bench:{name}", f"bench:{name}") for name in models)
    where = {"specs": specs, "conditions": Conditions(runtime="torch"), "target": "t"}
    where |= {name: changes.pop(name) for name in where if name in changes}
    settings = Settings(**SETTINGS | changes)
    return Plan(**where, settings=settings, out=out, iterations=iterations)


def measured(made, bench, **options):
    return sessions.measure_plan(made, perform=bench.perform, examine=bench.examine, **options)[0]


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))
