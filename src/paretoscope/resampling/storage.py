"""Saved results as plain fields: one .npz file with two arrays and a JSON header; no pickle."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from paretoscope.arrays import FRONTIERS, ORIENTATIONS, RTS, SCOPES, Array, check_choice
from paretoscope.errors import DataError, OptionError
from paretoscope.files import write_whole
from paretoscope.measurements import Measurements
from paretoscope.noise.families import resolve_noise
from paretoscope.noise.seeds import Seed

_FORMAT: Final = "paretoscope draws 1"


class SavedSeed(msgspec.Struct, frozen=True):
    """A seed's numbers."""

    entropy: int | tuple[int, ...]
    spawn_key: tuple[int, ...]


class SavedStatus(msgspec.Struct, frozen=True):
    """How many scores rest on what."""

    certified: int
    uncertified: int
    exact: int = 0
    highs: int = 0  # found by HiGHS, which older versions asked


class Header(msgspec.Struct, frozen=True):
    """Everything but the arrays; the fields of `EfficiencyDraws`."""

    rts: str
    orientation: str
    noise: dict[str, str]
    scope: str
    frontier: str
    seed: SavedSeed
    status: SavedStatus
    n_redrawn: int
    notices: tuple[str, ...]
    versions: dict[str, str]
    fingerprint: str
    data: dict[str, Any]


class _Format(msgspec.Struct):
    format: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What a file holds, checked: the header, what its data, seed and status mean, and the arrays."""

    header: Header
    data: Measurements
    seed: Seed
    status: dict[str, int]
    draws: Array
    efficiency: Array


def write_saved(path: str | Path, header: Mapping[str, Any], draws: Array, efficiency: Array) -> None:
    """Write a result; the same one gives the same bytes.

    Parameters
    ----------
    path : path
    header : mapping
        The fields of `Header`.
    draws : (n_resamples, n_models) array
    efficiency : (n_models,) array
    """
    text = np.frombuffer(json.dumps({"format": _FORMAT, **header}).encode(), np.uint8)
    with write_whole(path) as stream:
        np.savez(stream, header=text, draws=draws, efficiency=efficiency)


def is_saved_draws(path: str | Path) -> bool:
    """Whether a file looks like a saved result."""
    return Path(path).suffix == ".npz"


def read_saved(path: str | Path) -> Saved:
    """Read a result that `write_saved` wrote.

    Raises
    ------
    DataError
        If the file is missing, is not a saved result, or is damaged.
    """
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            text = stored["header"].tobytes()
            draws, efficiency = stored["draws"], stored["efficiency"]
        found = msgspec.json.decode(text, type=_Format).format
        if found != _FORMAT:
            raise DataError(f"{path}: found format {found!r}; expected {_FORMAT!r}; save it again")
        header = msgspec.json.decode(text, type=Header)
        data = Measurements.from_json_dict(header.data)
        if data.fingerprint != header.fingerprint:
            raise DataError(
                f"{path}: the data do not match their fingerprint; expected an unchanged file; save it again"
            )
        _check_arrays(path, draws, efficiency, len(data.models))
        _check_options(header, data)
        seed = Seed(header.seed.entropy, header.seed.spawn_key)
        seed.generator(0)
    except FileNotFoundError:
        raise DataError(
            f"{path}: no such file; expected a result written with --save or EfficiencyDraws.save"
        ) from None
    except OptionError as error:
        raise DataError(f"{path}: {error}; save it again") from error
    except DataError:
        raise
    except (
        OSError,
        zipfile.BadZipFile,
        AttributeError,
        KeyError,
        ValueError,
        TypeError,
        msgspec.MsgspecError,
    ) as error:
        raise DataError(
            f"{path}: found no saved result ({type(error).__name__}); expected a file written with --save"
        ) from error
    return Saved(header, data, seed, _status_of(header), draws, efficiency)


def _status_of(header: Header) -> dict[str, int]:
    """The counts, without the one that only older results have."""
    counts = msgspec.structs.asdict(header.status)
    return {name: count for name, count in counts.items() if count or name != "highs"}


def _check_arrays(path: str | Path, draws: Array, efficiency: Array, n_models: int) -> None:
    """Refuse arrays that are no efficiencies of these models."""
    fits = draws.ndim == 2 and draws.shape[1:] == efficiency.shape == (n_models,) and len(draws) > 0
    if not fits or draws.dtype != np.float64 or efficiency.dtype != np.float64:
        raise DataError(
            f"{path}: found draws of shape {draws.shape} and type {draws.dtype}; "
            f"expected numbers for {n_models} models; save it again"
        )
    if not (((draws >= 0.0) & (draws <= 1.0)) | np.isnan(draws)).all():
        raise DataError(f"{path}: found efficiencies outside 0 to 1; expected the draws of a bootstrap; save it again")


def _check_options(header: Header, data: Measurements) -> None:
    """Refuse options that `bootstrap` does not have."""
    for name, known in (("rts", RTS), ("orientation", ORIENTATIONS), ("scope", SCOPES), ("frontier", FRONTIERS)):
        check_choice(name, getattr(header, name), known)
    resolve_noise(header.noise, data.metrics)
