"""The command line: parse, call, print.

Heavy modules are imported by the commands that need them, so that help and usage errors answer at once.
"""

from __future__ import annotations

import errno
import gc
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

import click
from click.core import ParameterSource

from paretoscope.commands.faults import FaultsError
from paretoscope.commands.streams import discard, usable_streams
from paretoscope.commands.study_option import read_defaults
from paretoscope.commands.types import BY_METRIC, NAMES, as_bounds, as_noise
from paretoscope.errors import OptionError, ParetoscopeError, ParetoscopeWarning, escaped, speaking_flags
from paretoscope.flags import with_flags
from paretoscope.version import __version__

Command = Callable[..., Any]
_PATH = click.Path(path_type=Path)
_LONGEST_LINE = 2100  # of a complaint; a message of the package is shorter


def _shared(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """One decorator for several options."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


# No option has a default here: click takes what is not given from the study file, and the library has the defaults.
_data_options = _shared(
    click.argument("source", required=False),
    click.option("--outputs", type=NAMES, multiple=True, metavar="A,B", help="Metrics that are better large."),
    click.option(
        "--inputs",
        type=NAMES,
        multiple=True,
        metavar="C,D",
        help="Metrics that are better small; given again: sets side by side.",
    ),
    click.option(
        "--model", type=NAMES, multiple=True, metavar="COLUMN", help="Names the model; may be given again.  [model]"
    ),
    click.option("--target", metavar="COLUMN", help="Names the target of a row.  [target]"),
    click.option("--metric", metavar="COLUMN", help="Long tables: names the metric.  [metric]"),
    click.option("--value", metavar="COLUMN", help="Long tables: the value.  [value]"),
    click.option("--unit", metavar="COLUMN", help="Long tables: the unit.  [unit]"),
    click.option("--run", metavar="COLUMN", help="Numbers the runs.  [run]"),
    click.option("--iteration", metavar="COLUMN", help="Numbers the iterations in a run.  [iteration]"),
    click.option(
        "--repeats",
        type=NAMES,
        multiple=True,
        metavar="COLUMN",
        help="Only numbers repeats, although a metric follows it; may be given again.",
    ),
    click.option(
        "--bound",
        type=BY_METRIC,
        multiple=True,
        callback=as_bounds,
        metavar="METRIC=MAX",
        help="Largest possible value of a metric, or none.",
    ),
    click.option(
        "--drop-incomplete", metavar="WHAT", help="Leave out models or metrics that lack a value.  [refuse the table]"
    ),
    click.option("--fold", metavar="HOW", help="Iterations to one value a run: median, mean, p90, p95, p99.  [median]"),
)
_draw_options = _shared(
    click.option("--resamples", type=int, metavar="B", help="Number of draws.  [10000]"),
    click.option(
        "--noise",
        type=BY_METRIC,
        multiple=True,
        callback=as_noise,
        metavar="FAMILY",
        help="gaussian, lognormal, student, moderated, empirical, exact; one metric: top1=binomial(50000).  [gaussian]",
    ),
    click.option("--scope", metavar="WHAT", help="What varies: run (one deployment) or mean.  [run]"),
    click.option("--seed", type=int, help="Seed of the draws.  [0]"),
)
_bootstrap_options = _shared(
    click.option("--rts", metavar="RTS", help="Returns to scale: vrs, crs, nirs, ndrs, fdh.  [vrs]"),
    click.option("--orientation", metavar="WHICH", help="input or output; without inputs, output.  [input]"),
    _draw_options,
    click.option("--frontier", metavar="HOW", help="random, or fixed: only the model in question moves.  [random]"),
    click.option("--jobs", type=int, metavar="N", help="Threads; -1 for one a core.  [1]"),
)
_level_option = click.option("--level", type=float, metavar="P", help="Probability that a rank interval covers.  [0.9]")
_confidence_option = click.option(
    "--confidence", type=float, metavar="P", help="For one model to beat another, which makes tiers.  [0.95]"
)
_study_option = click.option(
    "--study",
    type=_PATH,
    is_eager=True,  # before the flags that it may hold
    callback=read_defaults,
    metavar="FILE",
    help="TOML file that holds these flags; flags win over it.",
)
_print_options = _shared(
    click.option("--format", metavar="FORM", help="table, json or csv.  [table]"),
    click.option("--escape-formulas", is_flag=True, help="CSV: an apostrophe before names such as =1+1."),
    click.option("--out", type=_PATH, metavar="FILE", help="Write the output to this file, whole or not at all."),
    _study_option,
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
)
@click.version_option(__version__, message="paretoscope %(version)s")
@click.pass_context
def app(context: click.Context) -> int:
    """Which model should I ship, when accuracy, latency and cost pull apart and every one of them is noisy?

    SOURCE is a table of measurements (CSV, TSV, Parquet, JSON lines), a saved result, or a shipped dataset: imagenet.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        return 2
    return 0


@app.command()
@_data_options
@_bootstrap_options
@_level_option
@_confidence_option
@_print_options
@click.option("--save", type=_PATH, metavar="FILE", help="Save the result to this file (.npz), to be read again.")
def rank(**flags: Any) -> None:
    """Rank models under noise: efficiency with interval, rank interval, tier."""
    from paretoscope.commands import rank as command

    command.run(flags)


@app.command()
@_data_options
@click.option("--x", metavar="METRIC", help="With --y: the frontier curve of two metrics, and its band.")
@click.option("--y", metavar="METRIC", help="See --x.")
@click.option("--kind", metavar="KIND", help="Of the curve: staircase or hull.  [staircase]")
@_draw_options
@_print_options
def front(**flags: Any) -> None:
    """Show the Pareto front, and each model's probability to be on it."""
    from paretoscope.commands import front as command

    command.run(flags)


@app.command()
@click.argument("models", nargs=-1)
@click.option("--out", type=_PATH, metavar="FILE", help="The file of runs (CSV); what it holds is not repeated.")
@click.option("--runs", type=int, metavar="K", help="Runs of each model, each a fresh process.  [5]")
@click.option("--target", metavar="NAME", help="Name of this hardware and runtime.  [such as cpu-1t]")
@click.option("--threads", type=int, metavar="N", help="Threads of the CPU.  [1]")
@click.option("--provider", metavar="NAME", help="Execution provider of onnxruntime.  [CPUExecutionProvider]")
@click.option("--device", metavar="DEVICE", help="Of torch: cpu, cuda, cuda:1.  [cpu]")
@click.option("--batch", type=int, metavar="N", help="Samples in an iteration.  [1]")
@click.option("--dim", multiple=True, metavar="NAME=SIZE", help="Size of a symbolic dimension of ONNX models.")
@click.option("--input-shape", metavar="C,H,W", help="Shape of one sample for torch.  [the model's own]")
@click.option("--compile", "compile_", is_flag=True, help="Compile torch models by torch.compile.")
@click.option("--flush-denormals", is_flag=True, help="Take denormal numbers for zero; for models without weights.")
@click.option("--train", is_flag=True, help="Time training steps of torch models.")
@click.option("--optimizer", metavar="NAME", help="Of the training step: sgd.  [sgd]")
@click.option("--min-time", type=float, metavar="SECONDS", help="Time the iterations of a run for so long.  [3]")
@click.option("--warmup", type=float, metavar="SECONDS", help="Before that, iterations that do not count.  [1]")
@click.option(
    "--timeout", type=float, metavar="SECONDS", help="Give a run up that takes longer, besides the above.  [600]"
)
@click.option("--seed", type=int, help="Seed of the order of the runs and of the inputs.  [0]")
@click.option("--iterations", type=_PATH, metavar="FILE", help="Keep the time of each iteration too (JSON lines).")
@click.option("--accuracy", metavar="FILE", help="Table of accuracies by model, or torchvision; they become columns.")
@click.option("--images", type=int, metavar="N", help="With --epochs and --price-per-hour: what a training costs.")
@click.option("--epochs", type=float, metavar="E", help="See --images.")
@click.option("--price-per-hour", type=float, metavar="USD", help="See --images.")
@click.option(
    "--until-resolved", type=float, metavar="P", help="Repeat the models whose order is open, to confidence P."
)
@click.option("--max-runs", type=int, metavar="K", help="With --until-resolved: no model gets more.  [30]")
@click.option(
    "--inputs",
    type=NAMES,
    multiple=True,
    metavar="C,D",
    help="With --until-resolved: what is better small.  [the time]",
)
@click.option(
    "--outputs", type=NAMES, multiple=True, metavar="A,B", help="With it: what is better large.  [all accuracies]"
)
@click.option("--show", is_flag=True, help="Draw each model's runs in the order of time.")
@click.option("--drop-loaded-runs", is_flag=True, help="Measure runs anew that began while other programs were busy.")
@click.option("--allow-mixed", is_flag=True, help="Mix runs of other machines, software or model files in one target.")
def measure(**flags: Any) -> int:
    """Measure MODELS: file.onnx, torchvision:resnet18, timm:NAME, onnx:NAME, package.module:factory.

    Finished runs are kept, whatever happens; the same command again goes on from there.
    """
    from paretoscope.commands import measure as command

    return command.run(flags)


@app.command()
@_data_options
@_bootstrap_options
@_level_option
@_confidence_option
@click.option("--title", metavar="TEXT", help="Title of the page; by default it names the data.")
@click.option("--out", type=_PATH, metavar="FILE", help="The file to write, such as report.html, whole or not at all.")
@_study_option
@click.pass_context
def report(context: click.Context, /, **flags: Any) -> None:
    """Write one HTML file that needs no network: verdict, ranking, figures, provenance."""
    from paretoscope.commands import report as command

    command.run(flags, _typed(context))


@app.command()
@click.argument("figure")
@_data_options
@_bootstrap_options
@click.option("--x", metavar="METRIC", help="frontier, frontier3d: metric along x; noise: the metric.")
@click.option("--y", metavar="METRIC", help="frontier, frontier3d: metric along y.")
@click.option("--z", metavar="METRIC", help="frontier3d: metric along z.")
@click.option("--kind", metavar="KIND", help="frontier: staircase or hull.  [staircase]")
@click.option(
    "--names", type=NAMES, metavar="WHICH", help="frontier, frontier3d: auto, all, front, none, or models A,B.  [auto]"
)
@click.option("--top", type=int, metavar="N", help="Show so many models one by one.  [30]")
@_confidence_option
@click.option("--out", type=_PATH, metavar="FILE", help="The file to write: .svg, .pdf or .png, whole or not at all.")
@click.option("--size", metavar="WxH", help="Width and height in inches, such as 6x4.  [what the figure needs]")
@click.option("--dpi", type=float, metavar="DPI", help="Dots per inch of a PNG.  [200]")
@_study_option
@click.pass_context
def plot(context: click.Context, /, **flags: Any) -> None:
    """Draw FIGURE: efficiency, dominance, frontier, frontier3d, compare, ranks or noise."""
    from paretoscope.commands import plot as command

    command.run(flags, _typed(context))


def _typed(context: click.Context) -> set[str]:
    """Which flags were given on the command line, and not in the study file."""
    return {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}


def _in_flags(fault: ParetoscopeError) -> str:
    """What is wrong, in the words of the command line: an option by its flag."""
    flags = {param.name or "" for command in app.commands.values() for param in command.params}
    return with_flags(str(fault), flags) if isinstance(fault, OptionError) else str(fault)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    if issubclass(category, ParetoscopeWarning):
        print(f"warning: {message}", file=sys.stderr)
    else:
        (file or sys.stderr).write(warnings.formatwarning(message, category, filename, lineno, line))


def _complain(message: str, code: int) -> int:
    """Print one line, whatever names stand in it."""
    print(escaped(message, _LONGEST_LINE), file=sys.stderr)
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        Exit code: 0 done, 1 part of the work failed or the reader of the output went away, 2 bad input or usage, 130
        interrupted.
    """
    typed = sys.argv[1:] if arguments is None else arguments
    with warnings.catch_warnings(), speaking_flags("paretoscope", *typed), usable_streams():
        warnings.simplefilter("always", ParetoscopeWarning)
        warnings.showwarning = _show_warning
        try:
            code = app(args=arguments, prog_name="paretoscope", standalone_mode=False)
            sys.stdout.flush()
        except click.ClickException as error:
            message = " ".join(error.format_message().split()).rstrip(".")
            return _complain(f"error: {message}; see paretoscope --help", 2)
        except ParetoscopeError as error:
            for fault in error.faults if isinstance(error, FaultsError) else [error]:
                _complain(f"error: {_in_flags(fault)}", 2)
                for note in getattr(fault, "__notes__", ()):
                    _complain(f"  {note}", 2)
            return 2
        except (KeyboardInterrupt, click.Abort):
            return _complain("interrupted", 130)
        except BrokenPipeError:
            discard(sys.stdout)
            return 1
        except MemoryError:
            remedy = "expected fewer models or draws; give a smaller --resamples"
            return _complain(f"error: out of memory; {remedy}", 2)
        except OSError as error:
            discard(sys.stdout)
            if error.errno == errno.EBADF and error.filename is None:
                return _complain("error: standard output: found it closed; expected it open; give --out FILE", 1)
            place = error.filename or "standard output"
            return _complain(f"error: {place}: {error.strerror}; expected room and the right to write", 2)
    return code if isinstance(code, int) else 0


def run() -> None:
    """Entry point of the command ``paretoscope``."""
    # To load pandas and Numba makes a million objects and no garbage: to look for it costs a tenth of a short command.
    gc.set_threshold(100_000)
    sys.exit(main())
