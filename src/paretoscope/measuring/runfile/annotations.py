"""What runs carry besides measured times: the accuracy of their model, and what a training costs at their pace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from paretoscope.errors import DataError, OptionError, quote
from paretoscope.flags import option_name
from paretoscope.measuring.runfile.costs import train_hours, train_usd
from paretoscope.measuring.runfile.recording import COLUMNS, Row, as_cell

Costs = Callable[[float], Mapping[str, float]]


def make_costs(
    *, training: bool, batch: int, images: int | None, epochs: float | None, price_per_hour: float | None
) -> Costs | None:
    """A function from the milliseconds of a training step to ``train_hours`` and ``train_usd``; None if not asked for.

    Raises
    ------
    OptionError
        If only some of size, epochs and price are given, no training is measured, or one of them is not positive.
    """
    if images is None and epochs is None and price_per_hour is None:
        return None
    if images is None or epochs is None or price_per_hour is None or not training:
        given = {"images": images, "epochs": epochs, "price_per_hour": price_per_hour}
        found = [name for name, value in given.items() if value is not None] + ["training"] * training
        raise OptionError(
            f"images, epochs, price_per_hour: found {', '.join(found)} only; expected all three and training, to know "
            "what one costs; give the others too"
        )

    def costs(step_ms: float) -> dict[str, float]:
        hours = train_hours(step_ms, batch=batch, images=images, epochs=epochs)
        usd = train_usd(hours, price_per_hour=price_per_hour)
        return {"train_hours": float(f"{hours:.6g}"), "train_usd": float(f"{usd:.6g}")}

    costs(1.0)  # a mistake shows before anything is measured
    return costs


def with_costs(rows: Sequence[Row], target: str, costs: Costs | None) -> list[Row]:
    """Work out the costs of all runs of a target, since those of other assumptions could not be compared.

    Raises
    ------
    OptionError
        If runs of the target have costs and there is no function for those to come.
    """
    if costs is None:
        if any(row["train_hours"] for row in rows if row["target"] == target):
            raise OptionError(
                f"images, epochs, price_per_hour: found none, and runs of target {quote(target)} with train_hours; "
                "expected all three, for the runs to come; give them again"
            )
        return list(rows)
    return [
        row | {name: as_cell(value) for name, value in costs(float(row["train_step_ms"])).items()}
        if row["target"] == target and row["train_step_ms"]
        else row
        for row in rows
    ]


def with_accuracies(
    rows: Sequence[Row], known: Iterable[str], given: Mapping[str, Mapping[str, float]]
) -> tuple[list[Row], tuple[str, ...]]:
    """Bring accuracies into the rows of their models, in place of others that may be there.

    Parameters
    ----------
    rows : sequence of dict
    known : iterable of str
        Names of the accuracies that the rows have.
    given : mapping of str to mapping of str to float
        Accuracies by model.

    Returns
    -------
    (list of dict, tuple of str)
        The rows, and the names of all accuracies.

    Raises
    ------
    DataError
        If one bears the name of a column that measuring itself writes.
    """
    names = tuple(dict.fromkeys([*known, *(name for values in given.values() for name in values)]))
    if taken := set(names) & set(COLUMNS):
        raise DataError(
            f"accuracy: found a metric {quote(min(taken))}; expected none of the names that measuring itself uses; "
            "rename it"
        )
    added = {model: {name: as_cell(value) for name, value in values.items()} for model, values in given.items()}
    return [dict.fromkeys(names, "") | row | added.get(row["model"], {}) for row in rows], names


def accuracies_of(
    models: Iterable[str],
    rows: Iterable[Row],
    names: Sequence[str],
    given: Mapping[str, Mapping[str, float]],
    place: str,
) -> dict[str, dict[str, str]]:
    """The accuracies of each model as cells, those given first, then those of its rows.

    Raises
    ------
    DataError
        If a model lacks one.
    """
    found: dict[str, dict[str, str]] = {model: {} for model in models}
    for row in rows:
        if row["model"] in found:
            found[row["model"]] |= {name: row[name] for name in names if row[name]}
    for model, cells in found.items():
        cells |= {name: as_cell(value) for name, value in given.get(model, {}).items()}
    for name in names:
        if lacking := [model for model, cells in found.items() if name not in cells]:
            raise DataError(
                f"{place}: found the column {quote(name)}, and no value for {', '.join(lacking)}; expected one for "
                "every "
                f"model; give a table that has it, by {option_name('accuracy')}"
            )
    return found
