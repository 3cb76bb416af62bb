"""What a benchmark found, and how it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """A number that is to be reached: at least (``>=``) or at most (``<=``) a bound."""

    what: str
    found: float
    sense: str
    bound: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.found >= self.bound if self.sense == ">=" else self.found <= self.bound


@dataclass
class Section:
    """One benchmark's table, remarks, targets, and speed-ups (label, how many times slower the other one is)."""

    title: str
    rows: list[dict[str, object]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    speed_ups: list[tuple[str, float]] = field(default_factory=list)


def number(value: object) -> str:
    """Three significant digits are more than the clock supports."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if value != 0.0 and abs(value) < 1e-3:
        return f"{value:.0e}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(rows: list[dict[str, object]]) -> list[str]:
    """Markdown table; the columns are the keys of all rows, in order of appearance."""
    if not rows:
        return []
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return lines + ["| " + " | ".join(number(row.get(name, "")) for name in names) + " |" for row in rows]


def targets_table(targets: list[Target]) -> list[str]:
    """All targets, met or not."""
    words = {">=": "at least", "<=": "at most"}
    return table(
        [
            {
                "what": target.what,
                "target": f"{words[target.sense]} {number(target.bound)}{target.unit}",
                "found": f"{number(target.found)}{target.unit}",
                "": "met" if target.met else "**not met**",
            }
            for target in targets
        ]
    )


def document(sections: list[Section], machine: dict[str, str], repeats: int, quick: bool, figures: list[str]) -> str:
    """The whole of RESULTS.md."""
    lines = ["# Benchmark results", ""]
    if quick:
        lines += ["**A smoke run with small sizes: these times mean nothing.**", ""]
    lines += [
        f"Medians of {repeats} run{'s' * (repeats != 1)} that take turns; one process, one thread against one thread, "
        "unless stated. Answers were asserted equal, to 1e-8, before anything was timed. Written by "
        "`python benchmarks/run.py`.",
        "",
        *(f"- {name}: {value}" for name, value in machine.items()),
        "",
    ]
    targets = [target for section in sections for target in section.targets]
    if targets:
        lines += ["## Targets", "", *targets_table(targets), ""]
    for section in sections:
        lines += [f"## {section.title}", ""]
        if section.rows:
            lines += [*table(section.rows), ""]
        lines += [*(f"- {note}" for note in section.notes), ""] if section.notes else []
    if figures:
        lines += ["## Figures", "", *(f"![{name}](figures/{name})" for name in figures), ""]
    return "\n".join(lines)
