"""All benchmarks by one command: python benchmarks/run.py [--data timm_wide.csv] [--rivals] [--quick] [--only NAME...].

Asserts equal answers, then times, then writes RESULTS.md and figures/ beside this file; runs that leave something out
(--quick, --only) write to scratch/ instead.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import measure

os.environ.update(measure.ONE_THREAD)  # before NumPy is loaded

from bootstraps import bench_large, bench_random, bench_timm
from figures import draw_figures
from growth import bench_growth
from libraries import bench_rivals
from processes import bench_first_call, bench_memory, bench_rank, bench_threads
from report import Section, document, table, targets_table
from settings import Settings

HERE = Path(__file__).resolve().parent
BENCHMARKS: dict[str, Callable[[Settings], Section | None]] = {
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
    settings = Settings(data, options.rivals, options.quick, options.cache.resolve())
    output = HERE / "scratch" if options.quick or options.only else HERE

    machine = measure.machine()
    for name, value in machine.items():
        print(f"{name}: {value}")
    sections = []
    for name in options.only or BENCHMARKS:
        section = BENCHMARKS[name](settings)
        if section is not None:
            sections.append(section)
            print("", section.title, *table(section.rows), *section.notes, sep="\n", flush=True)

    output.mkdir(exist_ok=True)
    speed_ups = [one for section in sections for one in section.speed_ups]
    try:
        figures = draw_figures(output / "figures", speed_ups, settings.by_models, settings.by_metrics)
    except ModuleNotFoundError as missing:
        print(f"figures: skipped, since {missing.name} is not installed")
        figures = []
    results = output / "RESULTS.md"
    text = document(sections, machine, settings.repeats, options.quick, figures)
    remarks = (HERE / "remarks.md").read_text(encoding="utf-8")  # written by people
    results.write_text(text + ("" if options.quick or options.only else f"\n{remarks}"), encoding="utf-8")
    print("", *targets_table([target for section in sections for target in section.targets]), sep="\n")
    print(f"\nwritten: {results} and {len(figures)} figures")


if __name__ == "__main__":
    main()
