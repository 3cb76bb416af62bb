"""Saved results: one .npz file with the draws as an array and everything else as a JSON header; no pickle."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from paretoscope.dea import ORIENTATIONS, RTS
from paretoscope.draws import EfficiencyDraws
from paretoscope.errors import DataError, OptionError
from paretoscope.files import write_whole
from paretoscope.measurements import Measurements
from paretoscope.noise import SCOPES
from paretoscope.notices import check_choice
from paretoscope.resampling import FRONTIERS
from paretoscope.seeds import Seed
from paretoscope.spreads import resolve_noise

_FORMAT = "paretoscope draws 1"


def save_draws(sim: EfficiencyDraws, path: str | Path) -> None:
    """Write a result; the same result gives the same bytes."""
    header = {
        "format": _FORMAT,
        "rts": sim.rts,
        "orientation": sim.orientation,
        "noise": sim.noise,
        "scope": sim.scope,
        "frontier": sim.frontier,
        "seed": {"entropy": sim.seed.entropy, "spawn_key": sim.seed.spawn_key},
        "status": sim.status,
        "n_redrawn": sim.n_redrawn,
        "notices": sim.notices,
        "versions": sim.versions,
        "fingerprint": sim.data.fingerprint,
        "data": sim.data.to_json_dict(),
    }
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    with write_whole(path) as stream:
        np.savez(stream, header=text, draws=sim.draws, efficiency=sim.efficiency.to_numpy(float))


def is_saved_draws(path: str | Path) -> bool:
    """Whether a file looks like a saved result."""
    return Path(path).suffix == ".npz"


def load_draws(path: str | Path) -> EfficiencyDraws:
    """Read a result that `save_draws` wrote.

    Raises
    ------
    DataError
        If the file is missing, is not a saved result, or is damaged.
    """
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            header = json.loads(stored["header"].tobytes().decode())
            draws, at_means = stored["draws"], stored["efficiency"]
        if not isinstance(header, dict):
            raise TypeError("a header that is no object")
        if header.get("format") != _FORMAT:
            raise DataError(f"{path}: found format {header.get('format')!r}; expected {_FORMAT!r}; save it again")
        data = Measurements.from_json_dict(header["data"])
        if data.fingerprint != header["fingerprint"]:
            raise DataError(
                f"{path}: the data do not match their fingerprint; expected an unchanged file; save it again"
            )
        _check_draws(path, draws, at_means, len(data.models))
        _check_options(header, data)
        entropy = header["seed"]["entropy"]
        seed = Seed(entropy if isinstance(entropy, int) else tuple(entropy), tuple(header["seed"]["spawn_key"]))
        seed.generator(0)
        return EfficiencyDraws(
            data=data,
            draws=draws,
            efficiency=pd.Series(at_means, pd.Index(data.models, name="model"), name="efficiency"),
            rts=header["rts"],
            orientation=header["orientation"],
            noise=header["noise"],
            scope=header["scope"],
            frontier=header["frontier"],
            seed=seed,
            status=header["status"],
            n_redrawn=header["n_redrawn"],
            notices=tuple(header["notices"]),
            versions=header["versions"],
        )
    except FileNotFoundError:
        raise DataError(
            f"{path}: no such file; expected a result written with --save or EfficiencyDraws.save"
        ) from None
    except OptionError as error:
        raise DataError(f"{path}: {error}; save it again") from error
    except (OSError, zipfile.BadZipFile, AttributeError, KeyError, ValueError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{path}: found no saved result ({type(error).__name__}); expected a file written with --save"
        ) from error


def _check_draws(path: str | Path, draws: NDArray[Any], at_means: NDArray[Any], n_models: int) -> None:
    """Refuse arrays that are no efficiencies of these models."""
    fits = draws.ndim == 2 and draws.shape[1:] == at_means.shape == (n_models,) and len(draws) > 0
    if not fits or draws.dtype != np.float64 or at_means.dtype != np.float64:
        raise DataError(
            f"{path}: found draws of shape {draws.shape} and type {draws.dtype}; "
            f"expected numbers for {n_models} models; save it again"
        )
    if not (((draws >= 0.0) & (draws <= 1.0)) | np.isnan(draws)).all():
        raise DataError(f"{path}: found efficiencies outside 0 to 1; expected the draws of a bootstrap; save it again")


def _check_options(header: dict[str, Any], data: Measurements) -> None:
    """Refuse options that `bootstrap` does not have."""
    for name, known in (("rts", RTS), ("orientation", ORIENTATIONS), ("scope", SCOPES), ("frontier", FRONTIERS)):
        check_choice(name, header[name], known)
    resolve_noise(header["noise"], data.metrics)
