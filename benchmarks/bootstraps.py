"""The bootstrap against HiGHS and against drawing the numbers alone; one large data set."""

from __future__ import annotations

from functools import partial

import numpy as np

from measure import by_turns
from report import Section, Target
from rivals import highspy_warm, linprog_one
from settings import Settings, assert_equal, check_bootstrap
from workloads import Workload, random_models, timm


def draw_normals(n_values: int, batch: np.ndarray, rng: np.random.Generator) -> None:
    """Draw as many standard normals, into one batch over and over."""
    for start in range(0, n_values, batch.size):
        rng.standard_normal(out=batch[: n_values - start])


def compare(
    settings: Settings, workload: Workload, rts: str, n_draws: int, highs_draws: int, section: Section
) -> tuple[float, float]:
    """Add a row; return how many times slower HiGHS is, and how many times faster the normals alone are."""
    worst = check_bootstrap(workload, rts, settings.size(2, 1))
    simulated = workload.bootstrap(highs_draws, rts)
    samples = [workload.roles(simulated.sample(b)) for b in range(highs_draws)]
    solve = highspy_warm()
    n_programmes = n_draws * workload.n_models
    took = by_turns(
        {
            "bootstrap": lambda: workload.bootstrap(n_draws, rts),
            "normals": partial(
                draw_normals, n_programmes * workload.n_metrics, np.empty(2**17), np.random.default_rng(0)
            ),
            "highspy": lambda: [solve(inputs, outputs, rts) for inputs, outputs in samples],
        },
        settings.repeats,
    )
    one = took["bootstrap"] / n_programmes
    highs_one = took["highspy"] / (highs_draws * workload.n_models)
    faster, dearer = highs_one / one, took["bootstrap"] / took["normals"]
    section.rows.append(
        {
            "models": workload.name,
            "rts": rts,
            "draws": n_draws,
            "seconds": took["bootstrap"],
            "ns a programme": 1e9 * one,
            "normals alone, ns": 1e9 * took["normals"] / n_programmes,
            "times normals": dearer,
            "highspy, µs a programme": 1e6 * highs_one,
            "highspy slower by": faster,
            "largest difference": worst,
        }
    )
    section.speed_ups.append((f"highspy, draws: {workload.name}, {rts}", faster))
    return faster, dearer


def empty_section(title: str, highs_draws: int) -> Section:
    """A section with the remarks that hold for each bootstrap."""
    return Section(
        title,
        notes=[
            "The whole `ps.bootstrap` call with `n_jobs=1`: fit the noise, draw, solve one programme a model and draw.",
            "highspy: one warm-started model a data set, of which theta's column and the outputs' bounds change "
            "between solves; tolerances 1e-9, presolve off. Number of draws that it is measured on, drawing not "
            f"counted, and divided by the number of programmes: {highs_draws}.",
            "Normals: `default_rng().standard_normal(out=)` into one reused batch, as many as the bootstrap draws.",
        ],
    )


def bench_timm(settings: Settings) -> Section | None:
    """Run the pretrained classifiers, given with --data."""
    if settings.data is None:
        print("timm: skipped, since no --data was given")
        return None
    workload = timm(settings.data)
    n_draws, highs_draws = settings.size(10_000, 500), settings.size(3, 1)
    section = empty_section("Pretrained classifiers", highs_draws)
    for rts, least_faster, most_dear in (("vrs", 1500, 5), ("crs", 2500, 3)):
        faster, dearer = compare(settings, workload, rts, n_draws, highs_draws, section)
        section.targets += [
            Target(f"{workload.name}, {rts}: faster than highspy", faster, ">=", least_faster, " times"),
            Target(f"{workload.name}, {rts}: time of drawing normals", dearer, "<=", most_dear, " times"),
        ]
    return section


def bench_random(settings: Settings) -> Section:
    """Run random models of 3 and 6 inputs."""
    highs_draws = settings.size(2, 1)
    section = empty_section("Random models", highs_draws)
    three, six = random_models(1000, 3), random_models(1000, 6)
    for rts, most_dear in (("vrs", 15), ("crs", 6)):
        _, dearer = compare(settings, three, rts, settings.size(5_000, 100), highs_draws, section)
        name = f"{three.name}, {rts}: time of drawing normals"
        section.targets.append(Target(name, dearer, "<=", most_dear, " times"))
    faster, _ = compare(settings, six, "vrs", settings.size(1_000, 18), highs_draws, section)
    section.targets.append(Target(f"{six.name}, vrs: faster than highspy", faster, ">=", 200, " times"))
    for other, n_draws in ((random_models(1451, 2), 5_000), (random_models(38, 8), 50_000)):
        for rts in ("vrs", "crs"):
            compare(settings, other, rts, settings.size(n_draws, 100), highs_draws, section)
    return section


def bench_large(settings: Settings) -> Section:
    """Score 15,000 models once: the solver by itself, without noise and without proofs."""
    import paretoscope as ps
    from paretoscope.dea.envelope import Envelope
    from paretoscope.kernels.technology import describe_technology

    workload = random_models(settings.size(15_000, 3_000), 6)
    inputs, outputs = workload.roles(workload.data.mean)
    values = np.ascontiguousarray(np.hstack([inputs, outputs]).T)
    six_to_one = describe_technology(6, 1, "vrs", output_oriented=False)

    def score() -> np.ndarray:
        return Envelope(six_to_one, values).envelop()[0]

    def linprog(chosen: np.ndarray) -> np.ndarray:
        return np.array([linprog_one(inputs, outputs, "vrs", int(i)) for i in chosen])

    some = np.linspace(0, workload.n_models - 1, settings.size(20, 5)).astype(int)
    worst = assert_equal(workload.name, score()[some], linprog(some), "SciPy's linprog")
    took = by_turns(
        {
            "solver": score,
            "efficiency": lambda: ps.efficiency(workload.data),
            "linprog": lambda: linprog(some[:5]),
        },
        settings.repeats,
    )
    one, linprog_took = took["solver"] / workload.n_models, took["linprog"] / 5
    return Section(
        "One large data set",
        rows=[
            {
                "models": workload.name,
                "rts": "vrs",
                "solver, s": took["solver"],
                "ps.efficiency, s": took["efficiency"],
                "µs a programme": 1e6 * one,
                "linprog, ms a programme": 1e3 * linprog_took,
                "linprog slower by": linprog_took / one,
                "largest difference": worst,
            }
        ],
        notes=[
            "The solver starts from nothing. `ps.efficiency` proves every score as well, which the other two do not.",
            f"linprog: timed on 5 models and divided; equality asserted on {len(some)}.",
        ],
        targets=[Target(f"{workload.name}, vrs: one data set", took["solver"], "<=", 0.4, " s")],
        speed_ups=[(f"SciPy linprog: {workload.name}, vrs", linprog_took / one)],
    )
