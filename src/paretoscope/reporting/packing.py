"""Bytes as text that a page may hold: gzip, then base64; and what a browser may run of it, by hash."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from paretoscope.arrays import Array

if TYPE_CHECKING:
    from collections.abc import Iterable


def pack(content: bytes) -> str:
    """Compress; the same content gives the same text, which has no character that HTML would read as markup."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")


def pack_json(content: Any) -> str:
    """Pack plain data."""
    return pack(json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii"))


def pack_shares(shares: Array) -> str:
    """Pack probabilities, row by row, as one byte each: whole percent, which is how they are shown.

    Only what is certain is shown as 0 or 100 %.
    """
    percent = np.rint(100.0 * shares)
    uncertain = (shares > 0.0) & (shares < 1.0)
    return pack(np.where(uncertain, percent.clip(1.0, 99.0), percent).astype(np.uint8).tobytes())


def script_source(scripts: Iterable[str]) -> str:
    """Name scripts by their hashes, as a Content-Security-Policy wants them."""
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii") for script in scripts)
    return " ".join(f"'sha256-{one}'" for one in hashes)
