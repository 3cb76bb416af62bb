"""From flags and a study file to the library's arguments."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paretoscope.errors import OptionError, nearest
from paretoscope.files import check_destination
from paretoscope.study import read_study

if TYPE_CHECKING:
    from paretoscope.measurements import Measurements
    from paretoscope.resampling.draws import EfficiencyDraws

FORMATS = ("table", "json", "csv")
_FIXED_ONCE_DRAWN = (
    "inputs",
    "outputs",
    "rts",
    "orientation",
    "noise",
    "scope",
    "frontier",
    "resamples",
    "seed",
)
_READ_OPTIONS = ("target", "metric", "value", "unit", "run", "iteration", "fold")


class Options:
    """What the user asked for: flags first, then the study file, else nothing."""

    def __init__(self, flags: dict[str, Any]) -> None:
        flags = {("format" if name == "form" else name): value for name, value in flags.items()}
        study_file = flags.pop("study")
        study = read_study(study_file, flags) if study_file else {}
        self._study_file = study_file
        self._place = str(study_file) if study_file else "study"
        self._flags = {name: value for name, value in flags.items() if value not in (None, ())}
        self._study = study

    def get(self, name: str, kind: type | tuple[type, ...] = str, default: Any = None) -> Any:
        """One option; a study's value must be of the kind."""
        if name in self._flags:
            return self._flags[name]
        value = self._study.get(name, default)
        if name in self._study and (not isinstance(value, kind) or isinstance(value, bool)):
            names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
            raise OptionError(f"{self._place}: found {name} = {value!r}; expected {names}")
        return value

    def given(self, **kinds: type | tuple[type, ...]) -> dict[str, Any]:
        """Those of the named options that were given, for a call that has its own defaults."""
        found = {name: self.get(name, kind) for name, kind in kinds.items()}
        return {name: value for name, value in found.items() if value is not None}

    def path(self, name: str) -> Path | None:
        """A file's name."""
        value = self.get(name, (str, Path))
        return None if value is None else Path(value)

    def names(self, name: str) -> list[str]:
        """A list of names: ``A,B`` on the command line, a list or ``A,B`` in a study."""
        return [one for group in self.groups(name) for one in group]

    def groups(self, name: str) -> list[list[str]]:
        """One list of names for each time the flag was given; in a study a list, or a list of lists."""
        given = self.get(name, (str, list), default=())
        if isinstance(given, list) and not any(isinstance(part, list) for part in given):
            given = [given]
        return [_split(part) for part in ([given] if isinstance(given, str) else given)]

    def noise(self) -> str | dict[str, str]:
        """``--noise gaussian --noise top1=3%`` as what `bootstrap` takes; a study may hold a table."""
        given = self.get("noise", (str, list, dict), default=())
        if isinstance(given, dict):
            return {str(name): str(spread) for name, spread in given.items()}
        found: dict[str, str] = {}
        for part in [given] if isinstance(given, str) else given:
            name, equals, spread = str(part).rpartition("=")
            name = name if equals else "*"
            if name in found:
                raise OptionError(f"noise: found {found[name]!r} and {spread!r} for {name!r}; expected one of them")
            found[name] = spread
        return found.get("*", "gaussian") if set(found) <= {"*"} else found

    def bounds(self) -> dict[str, float | None]:
        """``--bound top1=100`` or ``--bound score=none``; a study may hold a table."""
        given = self.get("bound", (str, list, dict), default=())
        if isinstance(given, dict):
            pairs = list(given.items())
        else:
            parts = [str(part).rpartition("=") for part in ([given] if isinstance(given, str) else given)]
            pairs = [(name, value) for name, _, value in parts]
        found: dict[str, float | None] = {}
        for name, value in pairs:
            try:
                found[name] = None if str(value).lower() == "none" else float(value)
            except (TypeError, ValueError):
                raise OptionError(
                    f"bound: found {value!r} for {name!r}; expected METRIC=NUMBER or METRIC=none"
                ) from None
        return found

    def destination(self, name: str) -> Path | None:
        """A file to be written; checked before anything is computed, for it must not replace what is read."""
        path = self.path(name)
        if path is None:
            return None
        check_destination(path)
        others = {other: self.path(other) for other in ("source", "study", "out", "save") if other != name}
        others["study"] = self._study_file
        for other, taken in others.items():
            if taken is not None and path.resolve() == taken.resolve():
                raise OptionError(f"{name}: found {str(path)!r}, which is the {other} too; expected a file of its own")
        return path

    def refuse(self, names: Iterable[str], beside: str) -> None:
        """Raise OptionError if one of the options was given, since it would change nothing."""
        for name in names:
            if self.get(name, object) not in (None, ()):
                raise OptionError(f"{name}: found beside {beside}; expected none; leave it out or read a table")

    def format(self) -> str:
        """How to print."""
        found = self.get("format", str, "table")
        if found not in FORMATS:
            raise OptionError(f"format: found {found!r}; expected one of {', '.join(FORMATS)}{nearest(found, FORMATS)}")
        return str(found)


def _split(part: str | Iterable[str]) -> list[str]:
    return [name.strip() for name in part.split(",")] if isinstance(part, str) else [str(name) for name in part]


def open_source(options: Options) -> Measurements | EfficiencyDraws:
    """Read the table, the dataset or the saved result that the user named."""
    from paretoscope.datasets import DATASETS, load
    from paretoscope.readers import read
    from paretoscope.resampling.draws import EfficiencyDraws
    from paretoscope.resampling.storage import is_saved_draws

    source = options.get("source")
    for group in options.groups("inputs"):
        if len(set(group)) < len(group):
            raise OptionError(f"inputs: found {', '.join(group)}; expected each metric once")
    inputs = list(dict.fromkeys(options.names("inputs")))
    outputs = options.names("outputs")
    if not source:
        raise OptionError(f"SOURCE: found nothing; expected a file or one of the datasets {', '.join(DATASETS)}")
    if source in DATASETS:
        options.refuse(("model", *_READ_OPTIONS, "bound"), "a dataset, whose columns are known")
        return load(source).select(inputs=inputs or None, outputs=outputs or None)
    if is_saved_draws(source):
        saved = EfficiencyDraws.load(source)
        options.refuse(("model", *_READ_OPTIONS, "bound", *_FIXED_ONCE_DRAWN), "a saved result, which holds its own")
        return saved
    if not Path(source).exists() and "." not in source and (hint := nearest(source, DATASETS)):
        known = ", ".join(DATASETS)
        raise OptionError(f"SOURCE: found no file and no dataset {source!r}; expected a file or {known}{hint}")
    columns: dict[str, Any] = options.given(**dict.fromkeys(_READ_OPTIONS, str))
    if model := options.names("model"):
        columns["model"] = model
    if bounds := options.bounds():
        columns["bounds"] = bounds
    return read(source, inputs=inputs, outputs=outputs, **columns)
