"""Draw ``facets.svg``: facets of a frontier, and what they say about a model.  Needs matplotlib.

python docs/figures/facets.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

FRONTIER = {"A": (2.0, 55.0), "B": (4.0, 68.0), "C": (10.0, 76.0), "D": (20.0, 79.0)}
OTHERS = [(8.5, 62.0), (17.0, 66.0)]
O_X, O_Y = 14.0, 72.0
BOX = {"facecolor": "#eef3f9", "edgecolor": "none", "pad": 1.5}
BLUE, RED, GREY = "#1f5fa8", "#b3372f", "#6b6b6b"


def crossing(first: str, second: str) -> float:
    """Where the line through two models reaches the output of O."""
    (x0, y0), (x1, y1) = FRONTIER[first], FRONTIER[second]
    return x0 + (O_Y - y0) * (x1 - x0) / (y1 - y0)


def main() -> None:
    """Draw and save the figure."""
    mpl.rcParams.update({"svg.hashsalt": "facets", "font.size": 10, "svg.fonttype": "path"})
    figure, axes = plt.subplots(figsize=(7.2, 4.5), layout="constrained")
    xs, ys = zip(*FRONTIER.values(), strict=True)
    axes.fill([xs[0], *xs, 23.0, 23.0], [48.0, *ys, ys[-1], 48.0], color=BLUE, alpha=0.08, linewidth=0)
    axes.plot([xs[0], *xs, 23.0], [48.0, *ys, ys[-1]], color=BLUE, linewidth=1.8)
    axes.text(2.3, 50.0, "facet of A and a slack", color=BLUE, va="center", bbox=BOX)
    axes.text(22.9, 80.3, "facet of D and a slack", color=BLUE, ha="right", va="center")

    wrong, right = crossing("A", "B"), crossing("B", "C")
    top = 78.8
    (a_x, a_y), (b_x, b_y) = FRONTIER["A"], FRONTIER["B"]
    far = b_x + (top - b_y) * (b_x - a_x) / (b_y - a_y)
    axes.plot([b_x, far], [b_y, top], color=RED, linewidth=1.2, linestyle=(0, (5, 3)))
    axes.text(far + 0.25, top + 0.6, "facet AB, continued", color=RED, va="center")

    axes.plot([0.0, O_X], [O_Y, O_Y], color=GREY, linewidth=0.9, linestyle=":")
    for at, colour in ((wrong, RED), (right, BLUE)):
        axes.plot([at, at], [48.0, O_Y], color=colour, linewidth=0.9, linestyle=":")
        axes.plot(at, O_Y, "D", color=colour, markersize=5)
    axes.plot([O_X, O_X], [48.0, O_Y], color=GREY, linewidth=0.9, linestyle=":")
    share = (O_Y - b_y) / (FRONTIER["C"][1] - b_y)
    excess = (O_Y - b_y) / (b_y - a_y)
    by_ab = (
        f"by AB: {wrong:.1f} / {O_X:.0f} = {wrong / O_X:.2f}\nweights A \N{MINUS SIGN}{excess:.2f}, B {1 + excess:.2f}"
    )
    axes.text(wrong + 0.15, 57.2, by_ab, color=RED, va="center", bbox=BOX)
    by_bc = f"by BC: {right:.1f} / {O_X:.0f} = {right / O_X:.2f}\nweights B {1 - share:.2f}, C {share:.2f}"
    axes.text(right + 0.2, 67.4, by_bc, color=BLUE, va="center", bbox=BOX)
    axes.annotate("", (right + 0.25, O_Y), (O_X - 0.25, O_Y), arrowprops={"arrowstyle": "-|>", "color": GREY})
    axes.text(O_X - 2.6, O_Y + 0.75, r"$\theta$ falls from 1", color=GREY, ha="center", va="center")

    axes.plot(*zip(*OTHERS, strict=True), "o", color=GREY, markersize=5, linestyle="none")
    for name, (x, y) in FRONTIER.items():
        is_peer = name in "BC"
        axes.plot(x, y, "o", color=BLUE, markersize=9 if is_peer else 6, zorder=3)
        away = {"A": (-0.3, 0.6), "B": (-0.35, 0.8), "C": (-0.1, 1.4), "D": (-0.1, -1.5)}[name]
        label = f"{name}, peer" if is_peer else name
        axes.text(x + away[0], y + away[1], label, color=BLUE, ha="right" if x < 9 else "center", va="center")
    axes.plot(O_X, O_Y, "o", color="black", markersize=7, zorder=3)
    axes.text(O_X + 0.4, O_Y, "O", ha="left", va="center")

    axes.set(xlim=(0.0, 23.0), ylim=(48.0, 82.0), xlabel="input: latency (ms)", ylabel="output: top-1 (%)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
