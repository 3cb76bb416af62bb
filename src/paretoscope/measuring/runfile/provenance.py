"""What the runs of a file were measured on, beside them in ``FILE.machines.json``; and that a target is one machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypedDict

import msgspec

from paretoscope.errors import DataError, in_words, quote, unquoted
from paretoscope.files import write_whole
from paretoscope.flags import option_name

_SHOWN: Final = 6  # differences in one message


class _Model(TypedDict):
    spec: str
    sha256: str | None


class _Content(TypedDict, total=False):
    """What the file holds; keys of other versions are kept as they are."""

    machines: dict[str, dict[str, Any]]
    sessions: list[dict[str, Any]]
    models: dict[str, dict[str, _Model]]
    accuracies: dict[str, str]


class Provenance:
    """Fingerprints, sessions and model files of a file of runs.

    Parameters
    ----------
    runs : Path
        The file of runs.

    Raises
    ------
    DataError
        If the file beside it is no JSON, or not this module's.
    """

    def __init__(self, runs: Path) -> None:
        self.path = runs.with_name(f"{runs.name}.machines.json")
        self._content: dict[str, Any] = {"machines": {}, "sessions": [], "models": {}, "accuracies": {}}
        try:
            content = msgspec.json.decode(self.path.read_bytes(), type=dict[str, Any])
            msgspec.convert(content, _Content)
        except FileNotFoundError:
            return
        except msgspec.ValidationError as error:
            raise DataError(
                f"{self.path}: found something else ({error}); expected fingerprints; bring them back, or remove it"
            ) from None
        except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
            raise DataError(
                f"{self.path}: cannot be read as JSON ({error}); expected fingerprints; bring it back, or remove it"
            ) from None
        self._content |= content

    def fingerprint(self, machine: str) -> dict[str, Any]:
        """What is known of a machine; empty if nothing is."""
        return dict(self._content["machines"].get(machine, {}))

    def check_machine(self, target: str, known: Iterable[str], machine: str, fingerprint: Mapping[str, Any]) -> None:
        """Raise DataError if runs of the target were measured on another machine, with other software or settings."""
        for other in dict.fromkeys(known):
            if other == machine:
                continue
            there = self._content["machines"].get(other)
            if there is None:
                raise DataError(
                    f"{self.path}: found no fingerprint of machine {quote(other)}, on which runs of target "
                    f"{quote(target)} were "
                    f"measured; expected it, to know that they can be compared; measure in the same way, {_apart()}"
                )
            self._refuse(target, list(_differences(there, fingerprint)))

    def check_conditions(self, target: str, known: Iterable[str], conditions: Mapping[str, Any]) -> None:
        """Raise DataError if runs of the target are known to have been measured under other conditions."""
        for other in dict.fromkeys(known):
            there = self.fingerprint(other).get("conditions")
            if isinstance(there, Mapping):
                here = {name: conditions.get(name) for name in there}
                self._refuse(target, list(_differences(there, here)))

    @staticmethod
    def _refuse(target: str, differences: list[str]) -> None:
        if differences:
            shown = "; ".join(differences[:_SHOWN]) + ("; ..." if len(differences) > _SHOWN else "")
            raise DataError(
                f"target {quote(target)}: found runs measured otherwise ({shown}); expected one machine, software and "
                f"settings a target; measure in the same way, {_apart()}"
            )

    def check_model(self, target: str, name: str, text: str, sha256: str | None) -> None:
        """Raise DataError if runs of the target came from another model of that name."""
        there = self._content["models"].get(name, {}).get(target)
        if there is None or (there["sha256"] == sha256 is not None) or (there["spec"] == text and sha256 is None):
            return
        if there["sha256"] and sha256:
            found = f"{unquoted(text)} has changed (sha256 {there['sha256'][:12]} there, {sha256[:12]} here)"
        else:
            found = f"{quote(name)} was {unquoted(there['spec'])} there and is {unquoted(text)} here"
        raise DataError(
            f"target {quote(target)}: found runs of another model, {found}; expected one model a name; rename it by "
            f"NEW={text}, {_apart()}"
        )

    def add_session(self, session: Mapping[str, Any]) -> None:
        """Remember how measuring began."""
        self._content["sessions"].append(dict(session))

    def add_model(self, target: str, name: str, text: str, sha256: str | None) -> None:
        """Remember what a model's name means."""
        self._content["models"].setdefault(name, {})[target] = {"spec": text, "sha256": sha256}

    def add_accuracies(self, origins: Mapping[str, str]) -> None:
        """Remember where the accuracies of models come from."""
        self._content["accuracies"].update(origins)

    def add_machine(self, machine: str, fingerprint: Mapping[str, Any]) -> None:
        """Remember a fingerprint; `write` it before the first run that refers to it."""
        self._content["machines"][machine] = dict(fingerprint)

    def write(self) -> None:
        """Put it on disk, whole or not at all."""
        with write_whole(self.path) as stream:
            stream.write((json.dumps(self._content, indent=1, ensure_ascii=False) + "\n").encode())


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    """Name what differs, as in ``onnxruntime 1.22.0 there, 1.23.0 here``."""
    for name in dict.fromkeys((*there, *here)):
        old, new = there.get(name), here.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _differences(old, new)
        elif old != new:
            yield f"{name} {_word(old)} there, {_word(new)} here"


def _word(value: object) -> str:
    return "none" if value is None else value if isinstance(value, str) and value else json.dumps(value, default=str)


def _apart() -> str:
    """How to keep runs apart, or to mix them."""
    allow = in_words(python="pass allow_mixed=True", flags="give --allow-mixed")
    return f"give another {option_name('target')} or {option_name('out')}, or {allow} if they may be compared"
