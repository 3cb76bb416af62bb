"""Saved results as plain fields: one .npz file with two arrays and a JSON header; no pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import numpy as np

from paretoscope.arrays import FRONTIERS, ORIENTATIONS, RTS, SCOPES, Array, check_choice
from paretoscope.dea.suitability import check_suitable
from paretoscope.errors import DataError, OptionError, quote
from paretoscope.files import write_whole
from paretoscope.measurements import Measurements
from paretoscope.noise.families import resolve_noise
from paretoscope.noise.seeds import Seed
from paretoscope.resampling.archive import read_arrays

MOST_VALUES: Final = 8_000_000  # in a header, which holds two for each run; as Python's objects, a gigabyte at most

_FORMAT: Final = "paretoscope draws 1"
_LONGEST: Final = 1 << 27  # bytes of a header
_REMEDY: Final = "; save it again"
_TYPES: Final = {"header": "|u1", "draws": "<f8", "efficiency": "<f8"}

Natural = Annotated[int, msgspec.Meta(ge=0)]


class SavedSeed(msgspec.Struct, frozen=True):
    """A seed's numbers."""

    entropy: Natural | tuple[Natural, ...]
    spawn_key: tuple[Natural, ...]


class SavedStatus(msgspec.Struct, frozen=True):
    """How many scores rest on what."""

    certified: Natural
    uncertified: Natural
    exact: Natural = 0
    highs: Natural = 0  # found by HiGHS, which older versions asked


class Header(msgspec.Struct, frozen=True):
    """Everything but the arrays; the fields of `EfficiencyDraws`."""

    rts: str
    orientation: str
    noise: dict[str, str]
    scope: str
    frontier: str
    seed: SavedSeed
    status: SavedStatus
    n_redrawn: Natural
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
    text = json.dumps({"format": _FORMAT, **header}).encode()
    _check_length(path, text)
    numbers = [np.ascontiguousarray(array, _TYPES["draws"]) for array in (draws, efficiency)]
    with write_whole(path) as stream:
        np.savez(stream, header=np.frombuffer(text, np.uint8), draws=numbers[0], efficiency=numbers[1])


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
    arrays = read_arrays(Path(path), _TYPES)
    text, draws, efficiency = arrays["header"].tobytes(), arrays["draws"], arrays["efficiency"]
    _check_length(path, text)
    try:
        found = msgspec.json.decode(text, type=_Format).format
        if found != _FORMAT:
            raise DataError(f"found format {quote(found)}; expected {quote(_FORMAT)}")
        header = msgspec.json.decode(text, type=Header)
        data = Measurements.from_json_dict(header.data)
        if data.fingerprint != header.fingerprint:
            raise DataError("the data do not match their fingerprint; expected an unchanged file")
        _check_arrays(draws, efficiency, len(data.models))
        status = _status_of(header)
        _check_status(status, draws)
        _check_options(header, data)
        seed = Seed(header.seed.entropy, header.seed.spawn_key)
        seed.generator(0)
    except (DataError, OptionError) as error:
        raise DataError(f"{path}: {str(error).removesuffix(_REMEDY)}{_REMEDY}") from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DataError(
            f"{path}: found no saved result ({quote(str(error))}); expected a file written with --save"
        ) from error
    return Saved(
        header, data, seed, status, draws.astype(np.float64, copy=False), efficiency.astype(np.float64, copy=False)
    )


def _status_of(header: Header) -> dict[str, int]:
    """The counts in the order in which results have them, without the one that only older results have."""
    counts = header.status
    found = {"certified": counts.certified, "exact": counts.exact}
    found |= {"highs": counts.highs} if counts.highs else {}
    return found | {"uncertified": counts.uncertified}


def _check_length(path: str | Path, text: bytes) -> None:
    """Refuse a header that would take more memory than any machine should give to it."""
    n_values = text.count(b",") + text.count(b"{") + text.count(b"[")
    if n_values > MOST_VALUES or len(text) > _LONGEST:
        raise DataError(
            f"{path}: found a header of {n_values} values in {len(text)} bytes; expected at most {MOST_VALUES} values "
            f"in {_LONGEST} bytes; keep fewer runs, or their means"
        )


def _check_arrays(draws: Array, efficiency: Array, n_models: int) -> None:
    """Refuse arrays that are no efficiencies of these models."""
    if draws.ndim != 2 or not draws.shape[1:] == efficiency.shape == (n_models,) or not len(draws):
        raise DataError(
            f"found draws of shape {draws.shape} and efficiencies of shape {efficiency.shape}; "
            f"expected numbers for {n_models} models"
        )
    for scores in (*draws, efficiency):
        if not (((scores >= 0.0) & (scores <= 1.0)) | np.isnan(scores)).all():
            raise DataError("found efficiencies outside 0 to 1; expected the draws of a bootstrap")


def _check_status(status: Mapping[str, int], draws: Array) -> None:
    """Refuse counts that cannot be those of the draws."""
    n_unknown = int(np.isnan(draws).sum())
    if max(status.values()) > draws.size or status["uncertified"] != n_unknown:
        raise DataError(
            f"found a status of {', '.join(f'{number} {name}' for name, number in status.items())}; "
            f"expected {draws.size} scores, {n_unknown} of them uncertified"
        )


def _check_options(header: Header, data: Measurements) -> None:
    """Refuse options that `bootstrap` does not have."""
    for name, known in (("rts", RTS), ("orientation", ORIENTATIONS), ("scope", SCOPES), ("frontier", FRONTIERS)):
        check_choice(name, getattr(header, name), known)
    check_suitable(data, header.rts, header.orientation)
    resolve_noise(header.noise, data.metrics)
