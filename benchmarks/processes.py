"""The command line, threads, the first call ever, and memory."""

from __future__ import annotations

import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from measure import by_turns, run_script, seconds
from report import Section, Target, number
from rivals import highspy_warm
from settings import Settings, assert_equal
from workloads import random_models, runs_table, timm


def bench_rank(settings: Settings) -> Section | None:
    """Time `paretoscope rank` as a process: 17 models, 10,000 draws, machine code cached."""
    if importlib.util.find_spec("paretoscope.__main__") is None:
        print("rank: skipped, since this paretoscope has no command line")
        return None
    costs, gains = ["latency_ms", "train_usd"], ["top1"]
    runs = runs_table(17, 5)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.csv"
        runs.to_csv(file, index=False)
        command = [sys.executable, "-m", "paretoscope", "rank", str(file)]
        command += ["--inputs", ",".join(costs), "--outputs", ",".join(gains), "--resamples", "10000"]

        def rank(*more: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run([*command, *more], capture_output=True, text=True)

        first = rank("--format", "json")
        if first.returncode != 0:
            print(f"rank: skipped, since the command failed: {' '.join(first.stderr.strip().splitlines()[-1:])}")
            return None
        means = runs.groupby("model", sort=False)[costs + gains].mean()
        means /= np.exp(np.log(means).mean())
        expected = highspy_warm()(means[costs].to_numpy(), means[gains].to_numpy(), "vrs")
        found = {row["model"]: row["efficiency"] for row in json.loads(first.stdout)["models"]}
        worst = assert_equal("paretoscope rank", np.array([found[model] for model in means.index]), expected, "HiGHS")
        libraries = [sys.executable, "-c", "import numpy, pandas, numba"]
        took = by_turns({"rank": rank, "libraries": lambda: subprocess.run(libraries)}, settings.repeats)
    return Section(
        "The command line, warm",
        rows=[{"command": "paretoscope rank", "seconds": took["rank"], "largest difference": worst}],
        notes=[
            "The whole process: 17 models of 5 runs, 2 inputs, 1 output, 10,000 draws. A process that only imports "
            f"NumPy, pandas and Numba takes {number(took['libraries'])} s.",
        ],
        targets=[Target("rank process, 17 models, 10,000 draws", took["rank"], "<=", 2.0, " s")],
    )


def bench_threads(settings: Settings) -> Section:
    """Two threads against one."""
    workload = timm(settings.data) if settings.data else random_models(1000, 3)
    n_draws, n_checked = settings.size(10_000, 500), settings.size(1_000, 100)
    one, two = (workload.bootstrap(n_checked, "vrs", n_jobs=jobs).draws for jobs in (1, 2))
    if one.tobytes() != two.tobytes():
        raise AssertionError("two threads give other bytes than one")
    took = by_turns(
        {str(jobs): partial(workload.bootstrap, n_draws, "vrs", n_jobs=jobs) for jobs in (1, 2)}, settings.size(11, 1)
    )
    faster = took["1"] / took["2"]
    alone, beside = processes_at_once(settings)
    row = {
        "models": workload.name,
        "draws": n_draws,
        "1 thread, s": took["1"],
        "2 threads, s": took["2"],
        "faster by": faster,
        "two processes at once, faster by": 2.0 * alone / beside,
    }
    return Section(
        "Two threads",
        rows=[row],
        notes=[
            "Both give the same bytes.",
            f"Medians of {settings.size(11, 1)} turns. Two processes at once: what the machine gives to two that share "
            "nothing but its memory and caches, each solving with one thread, against one alone; medians of "
            f"{settings.size(5, 1)}.",
        ],
        targets=[Target("two threads against one", faster, ">=", 1.8, " times")],
    )


def processes_at_once(settings: Settings) -> tuple[float, float]:
    """Seconds of a bootstrap in a process of its own: alone, and beside another one."""
    arguments = ["--draws", settings.size(20_000, 500), "--warm", *(["--data", settings.data] if settings.data else [])]

    def slowest(n_processes: int) -> float:
        with ThreadPoolExecutor(n_processes) as pool:
            asked = [pool.submit(run_script, "probe.py", *arguments) for _ in range(n_processes)]
            return max(float(one.result()["seconds"]) for one in asked)

    turns = [(slowest(1), slowest(2)) for _ in range(settings.size(5, 1))]
    alone, beside = zip(*turns, strict=True)
    return statistics.median(alone), statistics.median(beside)


def bench_first_call(settings: Settings) -> Section:
    """Time the first call ever, which compiles, and a later process, which finds the machine code."""
    first: list[float] = []
    later: list[float] = []
    for _ in range(settings.size(3, 1)):
        with tempfile.TemporaryDirectory() as cache:
            for times in (first, later):
                times.append(seconds(partial(run_script, "probe.py", "--draws", 10, NUMBA_CACHE_DIR=cache)))
    compiled, cached = statistics.median(first), statistics.median(later)
    return Section(
        "First call",
        rows=[{"first process, s": compiled, "later process, s": cached, "difference, s": compiled - cached}],
        notes=[
            "A process that runs a small bootstrap, with an empty and with a filled cache of machine code; "
            f"{len(first)} time{'s' * (len(first) != 1)}, medians.",
        ],
        targets=[Target("first call, beyond a later one", compiled - cached, "<=", 8.0, " s")],
    )


def bench_memory(settings: Settings) -> Section:
    """Peak memory of a process that keeps nothing but the scores."""
    section = Section("Memory", notes=["Peak resident memory of the whole process, Python and libraries included."])
    arguments = ["--data", settings.data] if settings.data else []
    for n_draws in (settings.size(10_000, 200), settings.size(40_000, 400)):
        found = run_script("probe.py", "--draws", n_draws, *arguments)
        peak, scores = found["peak_bytes"] / 1e6, found["scores_bytes"] / 1e6
        section.rows.append(
            {
                "models": found["workload"],
                "draws": n_draws,
                "scores, MB": scores,
                "peak, MB": peak,
                "beyond, MB": peak - scores,
            }
        )
        name = f"memory beyond the scores, {n_draws:,} draws"
        section.targets.append(Target(name, peak - scores, "<=", 300.0, " MB"))
    return section
