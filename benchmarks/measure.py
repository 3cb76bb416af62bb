"""Timing by turns, child processes, and what machine this was."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

# One thread against one thread, also inside the linear algebra of the rivals.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
LIBRARIES = ("paretoscope", "numpy", "numba", "pandas", "highspy", "scipy", "joblib", "matplotlib")


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def by_turns(calls: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median wall time of each call; they take turns, so that a slow moment of the machine meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            times[name].append(seconds(call))
    return {name: statistics.median(found) for name, found in times.items()}


def run_script(script: str, *arguments: object, python: str = sys.executable, **environment: str) -> Any:
    """Run a script of this folder in a process of its own and return what it printed, as JSON."""
    command = [python, str(Path(__file__).with_name(script)), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD | environment)
    if done.returncode != 0:
        raise RuntimeError(f"{script} failed: {(done.stderr.strip() or 'no message').splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def peak_bytes() -> int:
    """Largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would include the parent's memory from before exec
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def cpu_name() -> str:
    """What the processor calls itself."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def version_of(library: str) -> str:
    """Installed version, or a dash."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        if library == "paretoscope":  # a checkout on PYTHONPATH
            from paretoscope.version import __version__

            return __version__
        return "-"


def machine() -> dict[str, str]:
    """Processor, system and versions that the numbers belong to."""
    load = f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"
    return {
        "CPU": f"{cpu_name()}, {os.cpu_count()} cores",
        "load at the start": load,
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{library: version_of(library) for library in LIBRARIES},
    }
