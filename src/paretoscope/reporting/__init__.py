"""One self-contained HTML file a result: what to consider, what is open, and the figures to look at."""

from __future__ import annotations

from paretoscope.reporting.page import report

__all__ = ["report"]
