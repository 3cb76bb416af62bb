"""How a user names a model to measure."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from paretoscope.errors import DataError, OptionError, nearest, quote, unquoted
from paretoscope.files import is_file

LIGHT_MODELS: Final = {
    "alexnet": "light_bvlc_alexnet",
    "densenet121": "light_densenet121",
    "inception_v1": "light_inception_v1",
    "inception_v2": "light_inception_v2",
    "resnet50": "light_resnet50",
    "shufflenet_v1": "light_shufflenet",
    "squeezenet": "light_squeezenet",
    "vgg19": "light_vgg19",
    "zfnet512": "light_zfnet512",
}
_ENDINGS: Final = (".onnx", ".ort")
_FORMS: Final = "FILE.onnx, torchvision:NAME, timm:NAME, onnx:NAME or package.module:factory"
_NAMED = re.compile(r"(?P<name>[^=:/\\]+)=(?P<spec>.+)")
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model to measure.

    Attributes
    ----------
    name : str
        What tables call it.
    kind : str
        ``"file"`` (an ONNX file), ``"onnx"`` (one that the onnx package brings), ``"torchvision"``, ``"timm"`` or
        ``"module"`` (a factory of a PyTorch module).
    location : str
        The path of the ONNX file, the name within the library, or ``package.module:factory``.
    text : str
        The specification as it was given, without the name.
    """

    name: str
    kind: str
    location: str
    text: str

    @property
    def runtime(self) -> str:
        """The runtime that can run it: ``"onnxruntime"`` or ``"torch"``."""
        return "onnxruntime" if self.kind in ("file", "onnx") else "torch"


def parse_spec(text: str) -> ModelSpec:
    """Read the specification of one model.

    Parameters
    ----------
    text : str
        ``"models/resnet50.onnx"``; ``"torchvision:resnet18"`` or ``"timm:mobilenetv1_100"``, which are built with
        random weights; ``"onnx:resnet50"``, one of the architectures that the onnx package brings; or
        ``"package.module:factory"``, a callable that makes a PyTorch module. ``"NAME=..."`` in front renames the model.

    Raises
    ------
    OptionError
        If it is none of these.
    DataError
        If the file does not exist.

    Examples
    --------
    >>> parse_spec("small=torchvision:resnet18")
    ModelSpec(name='small', kind='torchvision', location='resnet18', text='torchvision:resnet18')
    """
    named = None if is_file(text) else _NAMED.fullmatch(text)
    name, spec = (named["name"].strip(), named["spec"].strip()) if named else ("", text.strip())
    if Path(spec).suffix.lower() in _ENDINGS:
        return ModelSpec(name or Path(spec).stem, "file", str(_existing(spec)), spec)
    library, _, entry = spec.rpartition(":")
    if library == "onnx":
        return ModelSpec(name or entry, "onnx", str(light_model(entry)), spec)
    if library in ("torchvision", "timm"):
        if not re.fullmatch(r"\w[\w.-]*", entry):
            raise OptionError(f"{spec}: found the model {quote(entry)}; expected its name in {library}, as in {_FORMS}")
        return ModelSpec(name or entry, library, entry, spec)
    if _DOTTED.fullmatch(library) and _DOTTED.fullmatch(entry):
        return ModelSpec(name or entry, "module", spec, spec)
    raise OptionError(f"{unquoted(text)}: found no model in it; expected {_FORMS}")


def parse_specs(texts: Iterable[str]) -> tuple[ModelSpec, ...]:
    """Read several specifications, whose names must differ; ``"onnx:*"`` stands for all that the onnx package brings.

    Raises
    ------
    OptionError
        If there is none, one cannot be read, or two have the same name.
    DataError
        If a file does not exist.
    """
    specs: dict[str, ModelSpec] = {}
    for spec in map(parse_spec, expand_specs(texts)):
        if other := specs.get(spec.name):
            raise OptionError(
                f"{unquoted(spec.text)}: found the name {quote(spec.name)} a second time, after "
                f"{unquoted(other.text)}; expected names that differ; write OTHER={unquoted(spec.text)}"
            )
        specs[spec.name] = spec
    if not specs:
        raise OptionError(f"models: found none; expected {_FORMS}")
    return tuple(specs.values())


def expand_specs(texts: Iterable[str]) -> list[str]:
    """Replace ``"onnx:*"`` by the specifications that it stands for.

    Examples
    --------
    >>> expand_specs(["net.onnx", "onnx:*"])[:3]
    ['net.onnx', 'onnx:alexnet', 'onnx:densenet121']
    """
    return [
        each for text in texts for each in ([f"onnx:{name}" for name in LIGHT_MODELS] if text == "onnx:*" else [text])
    ]


def light_model(name: str) -> Path:
    """Path of an architecture that the onnx package brings.

    Raises
    ------
    OptionError
        If there is none of the name, the package is not installed, or it does not bring its models.
    """
    if name not in LIGHT_MODELS:
        raise OptionError(
            f"onnx:{unquoted(name)}: found {quote(name)}; expected one of {', '.join(LIGHT_MODELS)}, or * for all"
            f"{nearest(name, LIGHT_MODELS)}"
        )
    package = importlib.util.find_spec("onnx")
    if package is None or not package.submodule_search_locations:
        raise OptionError(f"onnx:{name}: onnx is not installed; expected it for its models; pip install onnx")
    # Importing onnx would take longer than finding its folder.
    folder = Path(package.submodule_search_locations[0]) / "backend" / "test" / "data" / "light"
    if not (path := folder / f"{LIGHT_MODELS[name]}.onnx").is_file():
        raise OptionError(f"onnx:{name}: found no {path}; expected a version of onnx that brings its models; update it")
    return path


def model_sha256(spec: ModelSpec) -> str | None:
    """The hash of an ONNX file, without weights that it keeps in other files; None for a model that is code."""
    if spec.runtime != "onnxruntime":
        return None
    with Path(spec.location).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _existing(spec: str) -> Path:
    path = Path(spec).expanduser()
    if not is_file(path):
        found = "no such file"
        with suppress(OSError):  # of a name that is too long for any file
            found = "a folder" if path.is_dir() else found
        raise DataError(f"{unquoted(spec)}: found {found}; expected an ONNX file")
    return path.absolute()
