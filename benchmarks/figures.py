"""Speed-up by rival, and how the time of a draw grows."""

from __future__ import annotations

from pathlib import Path

# {workload family: {size: seconds a draw}}
Growth = dict[str, dict[int, float]]


def draw_figures(folder: Path, speed_ups: list[tuple[str, float]], by_models: Growth, by_metrics: Growth) -> list[str]:
    """Write what there is data for; return the names of the files."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    written = []

    def finish(figure: Figure, name: str) -> None:
        figure.savefig(folder / name, dpi=150, metadata={"Software": None})
        plt.close(figure)
        written.append(name)

    if speed_ups:
        labels, ratios = zip(*sorted(speed_ups, key=lambda one: one[1]), strict=True)
        figure, axes = plt.subplots(figsize=(8, 1.2 + 0.32 * len(labels)), layout="constrained")
        axes.margins(y=0.01)
        bars = axes.barh(range(len(labels)), ratios, tick_label=labels, color="tab:blue")
        axes.bar_label(bars, [f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}" for ratio in ratios], padding=3)
        axes.set_xscale("log")
        axes.set_xlim(min(1.0, *ratios), 12.0 * max(ratios))  # from "as fast as paretoscope"
        axes.set_xlabel("times paretoscope's time for one linear programme")
        finish(figure, "speed_up.png")

    for growth, label, name, logarithmic in (
        (by_models, "models", "growth_models.png", True),
        (by_metrics, "metrics (inputs and one output)", "growth_metrics.png", False),
    ):
        if not growth:
            continue
        figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
        for family, found in growth.items():
            axes.plot(list(found), [1e3 * value for value in found.values()], "o-", label=family)
        if logarithmic:
            axes.set_xscale("log", base=2)
            sizes = sorted({size for found in growth.values() for size in found})
            axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axes.minorticks_off()
        else:
            axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_yscale("log")
        axes.set_xlabel(label)
        axes.set_ylabel("milliseconds a draw")
        axes.grid(alpha=0.3, which="both")
        axes.legend()
        finish(figure, name)
    return written
