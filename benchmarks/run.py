"""All benchmarks by one command: ``python benchmarks/run.py [--data timm_wide.csv] [--rivals] [--quick] [--only NAME...]``.

Asserts equal answers, then times, then writes RESULTS.md and figures/ beside this file; runs that leave something out
(``--quick``, ``--only``) write to scratch/ instead.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import measure

os.environ.update(measure.ONE_THREAD)  # before NumPy is loaded

import numpy as np
from figures import Growth, draw_figures
from measure import by_turns, run_script, seconds
from report import Section, Target, document, number, table, targets_table
from rivals import RIVALS, environment, highspy_warm, linprog_one
from workloads import Workload, random_models, runs_table, timm

HERE = Path(__file__).resolve().parent
EQUAL = 1e-8


@dataclass
class Settings:
    """What to run, and how large."""

    data: Path | None
    rivals: bool
    quick: bool
    cache: Path
    by_models: Growth
    by_metrics: Growth

    @property
    def repeats(self) -> int:
        """How many runs a median is taken of."""
        return 1 if self.quick else 5

    def size(self, full: int, quick: int) -> int:
        """One of two sizes."""
        return quick if self.quick else full


# --- Equal answers ----------------------------------------------------------------------------------------------------


def largest_difference(workload: Workload, rts: str, n_draws: int) -> float:
    """Compare the first draws' scores with HiGHS; raise AssertionError if they are not equal."""
    simulated = workload.bootstrap(n_draws, rts)
    solve = highspy_warm()
    worst = 0.0
    for b in range(n_draws):
        expected = solve(*workload.roles(simulated.sample(b)), rts)
        worst = max(worst, float(np.abs(simulated.draws[b] - expected).max()))
    assert worst <= EQUAL, f"{workload.name}, {rts}: scores differ from HiGHS by {worst:.1e}"
    return worst


# --- Bootstrap against HiGHS and against drawing the numbers alone ----------------------------------------------------


def compare_bootstrap(
    settings: Settings, workload: Workload, rts: str, n_draws: int, highs_draws: int, section: Section
) -> tuple[float, float]:
    """Add a row to the section; return how many times slower HiGHS is, and how many times faster the bare normals."""
    worst = largest_difference(workload, rts, settings.size(2, 1))
    simulated = workload.bootstrap(highs_draws, rts)
    samples = [workload.roles(simulated.sample(b)) for b in range(highs_draws)]
    solve = highspy_warm()
    rng = np.random.default_rng(0)
    block = np.empty(2**17)
    n_values = n_draws * workload.n_metrics * workload.n_models

    def draw_normals() -> None:
        for start in range(0, n_values, block.size):
            rng.standard_normal(out=block[: n_values - start])

    took = by_turns(
        {
            "bootstrap": lambda: workload.bootstrap(n_draws, rts),
            "normals": draw_normals,
            "highspy": lambda: [solve(inputs, outputs, rts) for inputs, outputs in samples],
        },
        settings.repeats,
    )
    programme = took["bootstrap"] / (n_draws * workload.n_models)
    highs_programme = took["highspy"] / (highs_draws * workload.n_models)
    faster, dearer = highs_programme / programme, took["bootstrap"] / took["normals"]
    section.rows.append(
        {
            "models": workload.name,
            "rts": rts,
            "draws": n_draws,
            "seconds": took["bootstrap"],
            "ns a programme": 1e9 * programme,
            "normals alone, ns": 1e9 * took["normals"] / (n_draws * workload.n_models),
            "times normals": dearer,
            "highspy, µs a programme": 1e6 * highs_programme,
            "highspy slower by": faster,
            "largest difference": worst,
        }
    )
    section.speed_ups.append((f"highspy, warm: {workload.name}, {rts}", faster))
    return faster, dearer


def bootstrap_section(title: str, highs_draws: int) -> Section:
    """An empty section with the remarks that hold for each bootstrap."""
    return Section(
        title,
        notes=[
            "The whole `ps.bootstrap` call with `n_jobs=1`: fitting the noise, drawing, solving one programme a model and draw.",
            f"highspy: one warm-started model a draw, theta's column and the outputs' bounds changed between solves, "
            f"tolerances 1e-9, presolve off; measured on {highs_draws} draws, drawing not counted, and divided by the "
            "number of programmes.",
            "Normals: `default_rng().standard_normal(out=)` into one reused block, as many as the bootstrap draws.",
        ],
    )


def bench_timm(settings: Settings) -> Section | None:
    """Run the pretrained classifiers, given with --data."""
    if settings.data is None:
        print("timm: skipped, since no --data was given")
        return None
    workload = timm(settings.data)
    n_draws, highs_draws = settings.size(10_000, 500), settings.size(3, 1)
    section = bootstrap_section("Pretrained classifiers", highs_draws)
    for rts, least_faster, most_dear in (("vrs", 1500, 5), ("crs", 2500, 3)):
        faster, dearer = compare_bootstrap(settings, workload, rts, n_draws, highs_draws, section)
        section.targets += [
            Target(f"{workload.name}, {rts}: faster than highspy", faster, ">=", least_faster, " times"),
            Target(f"{workload.name}, {rts}: time of drawing normals", dearer, "<=", most_dear, " times"),
        ]
    return section


def bench_random(settings: Settings) -> Section:
    """Run random models of 3 and 6 inputs."""
    highs_draws = settings.size(2, 1)
    section = bootstrap_section("Random models", highs_draws)
    three = random_models(1000, 3)
    for rts, most_dear in (("vrs", 15), ("crs", 6)):
        _, dearer = compare_bootstrap(settings, three, rts, settings.size(5_000, 100), highs_draws, section)
        section.targets.append(Target(f"{three.name}, {rts}: time of drawing normals", dearer, "<=", most_dear, " times"))
    six = random_models(1000, 6)
    faster, _ = compare_bootstrap(settings, six, "vrs", settings.size(1_000, 20), highs_draws, section)
    section.targets.append(Target(f"{six.name}, vrs: faster than highspy", faster, ">=", 200, " times"))
    return section


# --- One large data set -----------------------------------------------------------------------------------------------


def bench_large(settings: Settings) -> Section:
    """Score 15,000 models once: the solver by itself, without noise and without proofs."""
    import paretoscope as ps
    from paretoscope.envelope import Envelope
    from paretoscope.kernels.technology import technology

    workload = random_models(settings.size(15_000, 3_000), 6)
    inputs, outputs = workload.roles(workload.data.mean)
    values = np.ascontiguousarray(np.hstack([inputs, outputs]).T)
    six_to_one = technology(6, 1, "vrs", output_oriented=False)

    def score() -> np.ndarray:
        return Envelope(six_to_one, values).envelop(values)[0]

    scores = score()
    some = np.linspace(0, workload.n_models - 1, settings.size(20, 5)).astype(int)
    expected = [linprog_one(inputs, outputs, "vrs", int(i)) for i in some]
    worst = float(np.abs(scores[some] - expected).max())
    assert worst <= EQUAL, f"{workload.name}: scores differ from SciPy's linprog by {worst:.1e}"
    took = by_turns(
        {
            "solver": score,
            "efficiency": lambda: ps.efficiency(workload.data),
            "linprog": lambda: [linprog_one(inputs, outputs, "vrs", int(i)) for i in some[:5]],
        },
        settings.repeats,
    )
    one, linprog = took["solver"] / workload.n_models, took["linprog"] / 5
    return Section(
        "One large data set",
        rows=[
            {
                "models": workload.name,
                "rts": "vrs",
                "solver, s": took["solver"],
                "ps.efficiency, s": took["efficiency"],
                "µs a programme": 1e6 * one,
                "linprog, ms a programme": 1e3 * linprog,
                "linprog slower by": linprog / one,
                "largest difference": worst,
            }
        ],
        notes=[
            f"The solver from nothing known. `ps.efficiency` proves every score as well. linprog: 5 models, scaled; equality "
            f"checked on {len(some)}.",
        ],
        targets=[Target(f"{workload.name}, vrs: one data set", took["solver"], "<=", 0.4, " s")],
        speed_ups=[(f"SciPy linprog: {workload.name}, vrs", linprog / one)],
    )


# --- Processes --------------------------------------------------------------------------------------------------------


def bench_rank(settings: Settings) -> Section | None:
    """Time `paretoscope rank` as a process: 17 models, 10,000 draws, machine code cached."""
    if importlib.util.find_spec("paretoscope.__main__") is None:
        print("rank: skipped, since this paretoscope has no command line")
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.csv"
        runs = runs_table(17, 5)
        runs.to_csv(file, index=False)
        command = [sys.executable, "-m", "paretoscope", "rank", str(file)]
        command += ["--inputs", "latency_ms,train_usd", "--outputs", "top1", "--resamples", "10000"]

        def rank(*more: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run([*command, *more], capture_output=True, text=True)

        first = rank("--format", "json", "--seed", "0")
        if first.returncode != 0:
            print(f"rank: skipped, since the command failed: {first.stderr.strip().splitlines()[-1:]}")
            return None
        means = runs.groupby("model", sort=False)[["latency_ms", "train_usd", "top1"]].mean()
        means /= np.exp(np.log(means).mean())
        expected = highspy_warm()(means[["latency_ms", "train_usd"]].to_numpy(), means[["top1"]].to_numpy(), "vrs")
        found = {row["model"]: row["efficiency"] for row in json.loads(first.stdout)["models"]}
        worst = float(np.abs([found[model] - score for model, score in zip(means.index, expected, strict=True)]).max())
        assert worst <= EQUAL, f"paretoscope rank: efficiency differs from HiGHS by {worst:.1e}"
        took = by_turns(
            {
                "rank": rank,
                "python": lambda: subprocess.run([sys.executable, "-c", "import numpy, pandas, numba"]),
            },
            settings.repeats,
        )
    return Section(
        "The command line, warm",
        rows=[{"command": "paretoscope rank", "seconds": took["rank"], "largest difference": worst}],
        notes=[
            "The whole process, 17 models of 5 runs, 3 metrics, 10,000 draws. "
            f"Starting Python with NumPy, pandas and Numba takes {number(took['python'])} s of it.",
        ],
        targets=[Target("rank process, 17 models, 10,000 draws", took["rank"], "<=", 2.0, " s")],
    )


def bench_threads(settings: Settings) -> Section:
    """Two threads against one."""
    workload = timm(settings.data) if settings.data else random_models(1000, 3)
    n_draws = settings.size(10_000, 200)
    one, two = (workload.bootstrap(settings.size(500, 50), "vrs", n_jobs=jobs).draws for jobs in (1, 2))
    assert one.tobytes() == two.tobytes(), "two threads give other bytes than one"
    took = by_turns(
        {str(jobs): lambda jobs=jobs: workload.bootstrap(n_draws, "vrs", n_jobs=jobs) for jobs in (1, 2)}, settings.repeats
    )
    faster = took["1"] / took["2"]
    return Section(
        "Two threads",
        rows=[{"models": workload.name, "draws": n_draws, "1 thread, s": took["1"], "2 threads, s": took["2"], "faster by": faster}],
        notes=["The same bytes from both."],
        targets=[Target("two threads against one", faster, ">=", 1.8, " times")],
    )


def bench_first_call(settings: Settings) -> Section:
    """Time the first call ever, which compiles, and a later process, which finds the machine code."""
    first, later = [], []
    for _ in range(settings.size(3, 1)):
        with tempfile.TemporaryDirectory() as cache:
            for times in (first, later):
                times.append(seconds(lambda cache=cache: run_script("probe.py", "--draws", 10, NUMBA_CACHE_DIR=cache)))
    compiled, cached = float(np.median(first)), float(np.median(later))
    return Section(
        "First call",
        rows=[{"first process, s": compiled, "later process, s": cached, "difference, s": compiled - cached}],
        notes=[
            f"A process that runs a small bootstrap, with an empty and with a filled cache of machine code; medians of {len(first)}."
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
            {"models": found["workload"], "draws": n_draws, "scores, MB": scores, "peak, MB": peak, "beyond, MB": peak - scores}
        )
        section.targets.append(Target(f"memory beyond the scores, {n_draws:,} draws", peak - scores, "<=", 300.0, " MB"))
    return section


# --- Growth -----------------------------------------------------------------------------------------------------------


def seconds_per_draw(workload: Workload, rts: str, n_draws: int, repeats: int) -> float:
    """What one more draw costs: a call of 3n draws less a call of n, so that what a call costs once drops out."""
    took = by_turns(
        {str(times): lambda times=times: workload.bootstrap(times * n_draws, rts) for times in (1, 3)}, repeats
    )
    return max(took["3"] - took["1"], 0.0) / (2 * n_draws)


def bench_growth(settings: Settings) -> Section:
    """Time of a draw against the number of models and of metrics."""
    section = Section("Growth", notes=["Time of one more draw: the difference of two calls, by the number of draws between."])
    repeats = settings.size(3, 1)

    def measure_one(workload: Workload, rts: str, growth: Growth, family: str, size: int) -> None:
        worst = largest_difference(workload, rts, 1) if workload.n_models <= 2_000 else None
        n_draws = max(4, settings.size(200_000, 4_000) // workload.n_models)
        took = seconds_per_draw(workload, rts, n_draws, repeats)
        growth.setdefault(family, {})[size] = took
        section.rows.append(
            {
                "models": workload.name,
                "rts": rts,
                "ms a draw": 1e3 * took,
                "ns a programme": 1e9 * took / workload.n_models,
                "largest difference": "not checked" if worst is None else worst,
            }
        )

    for n_models in (1000, 2000) if settings.quick else (1000, 2000, 4000, 8000, 16_000):
        for rts, n_inputs in (("vrs", 3), ("crs", 3), ("vrs", 6)):
            family = f"{n_inputs} inputs, 1 output, {rts}"
            measure_one(random_models(n_models, n_inputs), rts, settings.by_models, family, n_models)
    for n_inputs in (1, 3) if settings.quick else range(1, 8):
        for rts in ("vrs", "crs"):
            family = f"1,000 models, {rts}"
            measure_one(random_models(1000, n_inputs), rts, settings.by_metrics, family, n_inputs + 1)
    return section


# --- Rivals -----------------------------------------------------------------------------------------------------------


def bench_rivals(settings: Settings) -> Section | None:
    """Run other libraries, each in an environment of its own, on the means of one data set."""
    if not settings.rivals:
        print("rivals: skipped, since --rivals was not given")
        return None
    section = Section(
        "Other libraries",
        notes=[
            "Each in an environment of its own, on one data set scaled to geometric means of 1, imports and compilation not "
            "counted. paretoscope's time is a bootstrap's, for one programme, since that is what needs many.",
            "Unequal: how many scores are further than 1e-8 from paretoscope's, or missing. Unequal in other units: the same "
            "models with the first input in millionths and the output in millions, further than 1e-6; paretoscope's own "
            "scores must not change at all.",
        ],
    )
    small = random_models(settings.size(200, 40), 3)
    large = timm(settings.data) if settings.data else random_models(1000, 3)
    for workload, only_fast in ((small, False), (large, True)):
        if only_fast and settings.quick:
            continue
        for rts in ("vrs", "crs"):
            largest_difference(workload, rts, 1)
            n_draws = settings.size(2_000, 100)
            ours = by_turns({"": lambda w=workload, rts=rts, n=n_draws: w.bootstrap(n, rts)}, settings.repeats)[""]
            ours /= n_draws * workload.n_models
            for name, rival in RIVALS.items():
                if rival.fast or not only_fast:
                    add_rival(settings, section, workload, rts, name, ours)
    return section


def own_scores(workload: Workload, rts: str, factors: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs and outputs in the given units, and paretoscope's scores of them."""
    from paretoscope.envelope import Envelope
    from paretoscope.kernels.technology import technology

    inputs, outputs = workload.roles(workload.data.mean)
    n_inputs, n_outputs = inputs.shape[1], outputs.shape[1]
    values = np.hstack([inputs, outputs]).T
    scores = Envelope(technology(n_inputs, n_outputs, rts, output_oriented=False), values).score(values).scores
    inputs[:, 0] *= factors[0]
    return inputs, outputs * factors[1], scores


def add_rival(settings: Settings, section: Section, workload: Workload, rts: str, name: str, ours: float) -> None:
    """Install, score, compare, time; a rival that cannot be installed or fails is named and skipped."""
    rival = RIVALS[name]
    unequal = []
    try:
        python = environment(name, settings.cache)
        # In other units first, and once, since only equality matters there.
        for factors, allowed, repeats in (((1e6, 1e-6), 1e-6, 0), ((1.0, 1.0), EQUAL, settings.size(3, 1))):
            inputs, outputs, expected = own_scores(workload, rts, factors)
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "data.npz"
                np.savez(file, inputs=inputs, outputs=outputs)
                try:
                    found = run_script("rivals.py", name, file, rts, repeats, python=python)
                except RuntimeError:
                    if repeats:
                        raise
                    unequal.append("fails")
                    continue
            off = np.abs(np.array([np.nan if score is None else score for score in found["scores"]]) - expected)
            unequal.append(int(np.count_nonzero(~(off <= allowed))))
    except (RuntimeError, subprocess.SubprocessError, OSError) as problem:
        print(f"rivals: {name}, {rts} skipped: {problem}")
        section.notes.append(f"{name}, {rts}: could not be run ({problem}).")
        return
    theirs = found["seconds"] / workload.n_models
    worst = float(np.nanmax(off))
    wrong = worst > 1e-5 or bool(np.isnan(off).any())
    section.rows.append(
        {
            "models": workload.name,
            "rts": rts,
            "library": f"{rival.package} {found['version']}",
            "how": rival.note,
            "µs a programme": 1e6 * theirs,
            "slower by": theirs / ours,
            "largest difference": worst,
            "unequal": unequal[1],
            "unequal in other units": unequal[0],
        }
    )
    if wrong:
        section.notes.append(f"**{name} gave wrong answers** on {workload.name}, {rts}; its time says little.")
    label = f"{name}: {workload.name}, {rts}" + (" (wrong answers)" if wrong else "")
    section.speed_ups.append((label, theirs / ours))


# --- The command ------------------------------------------------------------------------------------------------------

BENCHMARKS = {
    "timm": bench_timm,
    "random": bench_random,
    "large": bench_large,
    "rank": bench_rank,
    "threads": bench_threads,
    "first-call": bench_first_call,
    "memory": bench_memory,
    "growth": bench_growth,
    "rivals": bench_rivals,
}


def main() -> None:
    """Run the benchmarks and write them down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a timm_wide.csv (not shipped)")
    parser.add_argument("--rivals", action="store_true", help="install other libraries, each on its own, and time them")
    parser.add_argument("--cache", type=Path, default=HERE / ".rivals", help="where to install them")
    parser.add_argument("--quick", action="store_true", help="a smoke run in less than a minute")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    options = parser.parse_args()
    data = options.data.resolve() if options.data else None
    settings = Settings(data, options.rivals, options.quick, options.cache.resolve(), {}, {})
    output = HERE / "scratch" if options.quick or options.only else HERE

    machine = measure.machine()
    for name, value in machine.items():
        print(f"{name}: {value}")
    sections = []
    for name in options.only or BENCHMARKS:
        section = BENCHMARKS[name](settings)
        if section is not None:
            sections.append(section)
            print("", section.title, *table(section.rows), *section.notes, *targets_table(section.targets), sep="\n", flush=True)
    output.mkdir(exist_ok=True)
    speed_ups = [one for section in sections for one in section.speed_ups]
    try:
        figures = draw_figures(output / "figures", speed_ups, settings.by_models, settings.by_metrics)
    except ModuleNotFoundError as missing:
        print(f"figures: skipped, since {missing.name} is not installed")
        figures = []
    results = output / "RESULTS.md"
    text = document(sections, machine, settings.repeats, options.quick, figures)
    results.write_text(text, encoding="utf-8")
    print(f"\nwritten: {results} and {len(figures)} figures")


if __name__ == "__main__":
    main()
