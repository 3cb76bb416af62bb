"""The versions that a result depends on."""

from __future__ import annotations

import platform
from importlib import metadata

__version__ = "0.1.0"


def versions() -> dict[str, str]:
    """Versions of Python, paretoscope and the libraries that its numbers come from."""
    libraries = {name: metadata.version(name) for name in ("numpy", "numba", "pandas", "highspy")}
    return {"python": platform.python_version(), "paretoscope": __version__, **libraries}
