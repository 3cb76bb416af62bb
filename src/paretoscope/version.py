"""The versions that a result depends on."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata

__version__ = "0.1.0"


def versions() -> dict[str, str]:
    """Versions of Python, paretoscope and the libraries that its numbers come from."""
    return {"python": platform.python_version(), "paretoscope": __version__, **_library_versions()}


@cache
def _library_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("numpy", "numba", "pandas", "highspy")}
