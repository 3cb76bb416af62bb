"""Draw the figures of ``gallery.md`` by the code that stands there, so that the code shown is the code run.

python docs/figures/gallery.py

A figure is what the last code block above its image draws last.  Needs matplotlib; run it after a change of the figures
or of the dataset.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

import paretoscope as ps

DOCS = Path(__file__).resolve().parents[1]
PIECE = re.compile(r"^```python\n(?P<code>.*?)^```$|^!\[.*?\]\((?P<image>.*?)\)$", re.MULTILINE | re.DOTALL)


def main(page: Path = DOCS / "gallery.md", folder: Path = DOCS) -> list[Path]:
    """Run the page's code from top to bottom, and save its figures below the folder."""
    mpl.use("agg")
    written: list[Path] = []
    names: dict[str, Any] = {}
    for piece in PIECE.finditer(page.read_text(encoding="utf-8")):
        if code := piece["code"]:
            exec(compile(code, page.name, "exec"), names)
            continue
        path = folder / piece["image"]
        path.parent.mkdir(parents=True, exist_ok=True)
        ps.plot.save(plt.gcf(), path, dpi=110)
        plt.close("all")
        written.append(path)
    return written


if __name__ == "__main__":
    for figure in main():
        print(figure)
