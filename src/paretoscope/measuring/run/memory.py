"""The memory that this process has had."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_resident_bytes() -> int:
    """The most memory that this process had since it began.

    psutil knows it on Windows only.  On Linux `getrusage` would not do: there a process that was forked starts with the
    peak of its parent.

    Raises
    ------
    ImportError
        On Windows, which has neither.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    import resource

    peak_rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_rss if sys.platform == "darwin" else peak_rss * 1024
