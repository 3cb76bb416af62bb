"""What several tests of measuring share: processes, and waiting for what they do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil


def environment(*folders: Path) -> dict[str, str]:
    """The environment of a process that finds modules in these folders, and then where this process does."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, folders), *(entry for entry in sys.path if entry)])}


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or waits for nothing but its parent's notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def workers_in(folder: Path) -> list[int]:
    """Processes of runs that were started in a folder."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "cwd"])
        if "paretoscope.measuring.worker" in (process.info["cmdline"] or ())
        and process.info["cwd"] == str(folder.resolve())
    ]
