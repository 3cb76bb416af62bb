"""What a timing depends on besides the model: the machine and its software."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import importlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from paretoscope.measuring.run.conditions import Conditions
from paretoscope.version import __version__

_CPUS: Final = Path("/sys/devices/system/cpu")
_CPU_KEYS: Final = ("model name", "Model", "Hardware", "CPU part")  # the first for x86, the others for ARM
_GPU_PROVIDERS: Final = ("CUDAExecutionProvider", "TensorrtExecutionProvider")
_PATIENCE_S: Final = 10.0


def fingerprint(conditions: Conditions) -> dict[str, Any]:
    """Describe the machine, its software and the conditions, as far as they must agree within a target.

    It asks the runtime's own module for its version, so the runtime is imported; a run's worker takes it, and
    `processes.check` and `RunResult` bring it to a process that does not want to import one.

    Returns
    -------
    dict
        ``cpu``, ``gpu`` (None if not used), ``cores_usable``, ``cores_physical``, ``governor`` (each None where the
        system does not tell), ``machine``, ``system``, ``python``, ``versions`` (a dict) and ``conditions`` (a dict).
    """
    gpu, versions = _graphics(conditions)
    return {
        "cpu": cpu_model(),
        "gpu": gpu,
        "cores_usable": _usable_cores(),
        "cores_physical": _physical_cores(),
        "governor": _read(_CPUS / "cpu0" / "cpufreq" / "scaling_governor"),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": _runtime_versions(conditions.runtime) | versions,
        "conditions": conditions.to_json_dict(),
    }


def machine_id(fingerprint: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits that stand for a fingerprint.

    Examples
    --------
    >>> machine_id({"cpu": "a"}) == machine_id({"cpu": "b"})
    False
    """
    text = json.dumps(fingerprint, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def usable_cores(fingerprint: Mapping[str, Any]) -> int | None:
    """Cores that the system may use, of a fingerprint that may come from a file; None where it does not tell."""
    cores = fingerprint.get("cores_usable")
    return cores if isinstance(cores, int) and cores > 0 else None


def session_record() -> dict[str, Any]:
    """What is worth remembering about a session but may differ between two of one target.

    Returns
    -------
    dict
        ``started`` (UTC, ISO 8601, to the second), ``git`` (a dict of ``commit`` and ``dirty``, or None if the current
        directory is in no repository with a commit), ``load_average`` (over a minute; None where the system does not
        tell) and ``paretoscope`` (its version).
    """
    return {
        "started": utc_now(),
        "git": _git_state(),
        "load_average": load_average(),
        "paretoscope": __version__,
    }


def utc_now() -> str:
    """The time, UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def load_average() -> float | None:
    """The system's load over the last minute; psutil would say 0 on Windows, where it has only begun to count."""
    with contextlib.suppress(OSError, AttributeError):
        return round(os.getloadavg()[0], 2)
    return None


# --- the machine ---


def cpu_model() -> str:
    """What the processor calls itself."""
    return (
        described_cpu(_read(Path("/proc/cpuinfo")) or "")
        or _ask("sysctl", "-n", "machdep.cpu.brand_string")
        or platform.processor()
        or platform.machine()
    )


def described_cpu(text: str) -> str | None:
    """What /proc/cpuinfo calls the first core."""
    lines = [[side.strip() for side in line.split(":", 1)] for line in text.splitlines() if ":" in line]
    described = dict(reversed(lines))
    return next((described[key] for key in _CPU_KEYS if described.get(key)), None)


def _usable_cores() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _physical_cores() -> int | None:
    """Cores, however many threads each has.

    Where /sys does not tell, as in some containers, psutil looks elsewhere and finds a number: a machine would have
    another id than in the files that it has.
    """
    siblings = {_read(path) for path in _CPUS.glob("cpu[0-9]*/topology/thread_siblings_list")} - {None}
    if siblings:
        return len(siblings)
    count = _ask("sysctl", "-n", "hw.physicalcpu")
    return int(count) if count and count.isdecimal() else None


# --- the software ---


def _runtime_versions(runtime: str) -> dict[str, str]:
    versions = {runtime: str(importlib.import_module(runtime).__version__)}
    if runtime == "torch":
        for library in ("torchvision", "timm"):  # the architectures are theirs
            with contextlib.suppress(metadata.PackageNotFoundError):
                versions[library] = metadata.version(library)
    return versions


def _graphics(conditions: Conditions) -> tuple[str | None, dict[str, str]]:
    """The name of the GPU and the versions of its software, if the conditions use one that can be asked."""
    if conditions.provider in _GPU_PROVIDERS:
        first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
        name, driver = _ask_nvidia(first)
        return name, {"driver": driver} if driver else {}
    if conditions.device.startswith("cuda"):
        import torch

        _, driver = _ask_nvidia("0")  # one driver serves all
        found = {"driver": driver, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
        return torch.cuda.get_device_name(conditions.device), {key: str(value) for key, value in found.items() if value}
    return None, {}


def _ask_nvidia(device: str) -> tuple[str | None, str | None]:
    answer = _ask("nvidia-smi", "-i", device, "--query-gpu=name,driver_version", "--format=csv,noheader")
    name, _, driver = (answer or "").rpartition(",")
    return name.strip() or None, driver.strip() or None


def _git_state() -> dict[str, Any] | None:
    commit = _ask("git", "rev-parse", "HEAD")
    if not commit:
        return None
    return {"commit": commit, "dirty": bool(_ask("git", "status", "--porcelain"))}


def _ask(*command: str) -> str | None:
    """What a command prints, or None if there is no such command or it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE_S)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip()


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
