"""``--study FILE``: what is not given as a flag may stand in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from paretoscope.commands.types import ByMetric, Names
from paretoscope.study import read_study

_KINDS: dict[click.ParamType[Any], tuple[type, ...]] = {
    click.INT: (int,),
    click.FLOAT: (int, float),
}  # all else is text


def read_defaults(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """Let the study file say what the flags do not: the callback of an eager option."""
    if path is None or ctx.resilient_parsing:
        return path
    # What must be a word of the command has no place in a file.
    others = {other.name: other for other in ctx.command.params if other is not param and not other.required}
    study = read_study(path, {name: _kinds(other.type) for name, other in others.items() if name})
    ctx.default_map = {name: _uses(others[name], value) for name, value in study.items()}
    return path


def _kinds(wanted: click.ParamType[Any]) -> tuple[type, ...]:
    if isinstance(wanted, click.types.BoolParamType):
        return (bool,)
    return wanted.kinds if isinstance(wanted, Names | ByMetric) else _KINDS.get(wanted, (str,))


def _uses(param: click.Parameter, value: Any) -> Any:
    """The value as click has it of a flag: a list where the flag can be given several times."""
    return param.type.uses(value) if param.multiple and isinstance(param.type, Names | ByMetric) else value
