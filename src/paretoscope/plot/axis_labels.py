"""What a metric is called on an axis: its name in words, its unit, its target, and which way is better."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paretoscope.measurements import Measurements

# What names of metrics end on, and how the unit is written.
_UNITS = {
    "ns": "ns", "us": "µs", "ms": "ms", "s": "s", "sec": "s", "seconds": "s", "min": "min", "h": "h", "hours": "h",
    "kb": "kB", "mb": "MB", "gb": "GB", "kib": "KiB", "mib": "MiB", "gib": "GiB",
    "uj": "µJ", "mj": "mJ", "j": "J", "kj": "kJ", "wh": "Wh", "kwh": "kWh", "mw": "mW", "w": "W",
    "usd": "USD", "eur": "EUR", "pct": "%", "percent": "%",
}  # fmt: skip


def metric_label(data: Measurements, metric: str) -> str:
    """Name a metric for readers.

    Parameters
    ----------
    data : Measurements
        Knows units and bounds.
    metric : str
        One of its metrics.

    Examples
    --------
    >>> import paretoscope as ps
    >>> data = ps.load("imagenet")
    >>> metric_label(data, "latency_ms@cpu-1t"), metric_label(data, "top1")
    ('latency [ms], cpu-1t', 'top1 [%]')
    """
    name, _, target = metric.partition("@")
    words, unit = _split_unit(name)
    stated = data.units.get(metric, "")
    if stated and stated != unit and _UNITS.get(stated.lower(), stated) != unit:
        words, unit = name, stated
    if not unit and data.bounds.get(metric) == 100.0:
        unit = "%"
    label = words.replace("_", " ") + (f" [{unit}]" if unit else "")
    return f"{label}, {target}" if target else label


def _split_unit(name: str) -> tuple[str, str]:
    """Take the unit out of a name: ``latency_ms_p90`` is latency_p90 in ms, ``images_per_s`` images in 1/s."""
    words = name.split("_")
    for place in range(len(words) - 1, 0, -1):
        if unit := _UNITS.get(words[place].lower()):
            rest = words[:place]
            if len(rest) > 1 and rest[-1].lower() == "per":
                rest, unit = rest[:-1], f"1/{unit}"
            return "_".join(rest + words[place + 1 :]), unit
    return name, ""


def directed_label(data: Measurements, metric: str) -> str:
    """Name a metric, with an arrow along the axis to where it is better."""
    label = metric_label(data, metric)
    return f"{label} (← better)" if metric in data.inputs else f"{label} (better →)"
