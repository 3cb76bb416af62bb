"""The words of the field, of the command line and of Python: what is understood, and how remedies are worded."""

from __future__ import annotations

import re
import shlex

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import paretoscope as ps
from helpers import measure, wide, without_advice
from paretoscope.arrays import FRONTIERS, ORIENTATIONS, RTS, SCOPES, SYNONYMS, likeliest, resolve_choice
from paretoscope.cli import app, main
from paretoscope.commands.types import BY_METRIC, NAMES, as_typed
from paretoscope.dea.efficiencies import efficiency
from paretoscope.errors import DataError, OptionError, nearest, speaking_flags
from paretoscope.flags import RENAMED, flag_of, read_names, read_pair, setting, with_flags, write_names, write_pair
from paretoscope.noise.families import DEFAULT_NOISE, FAMILIES, parse_family
from paretoscope.reporting.redoing import command_to_redo

TEXT = "model,run,ms,acc\na,1,1.5,70\na,2,1.7,70\nb,1,2.5,75\nb,2,2.3,75\n"
COMMA = 'model,latency_ms,"acc,none"\na,10,0.52\nb,12,0.60\nc,20,0.62\n'
ROLES = ("--inputs", "ms", "--outputs", "acc")


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    """Run a command on a table; its exit code, its output, and the lines of its errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, text=TEXT, name="t.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return code, out, [line for line in err.splitlines() if not line.startswith("warning:")]

    return run


# --- words of the field ---


@pytest.mark.parametrize(
    ("option", "known"),
    [("rts", RTS), ("orientation", ORIENTATIONS), ("scope", SCOPES), ("frontier", FRONTIERS)],
)
def test_every_synonym_means_a_known_word(option, known):
    for word, meant in SYNONYMS[option].items():
        assert meant in known
        assert resolve_choice(option, f" {word.upper()} ", known) == meant
    for word in known:
        assert resolve_choice(option, word.capitalize(), known) == word


@pytest.mark.parametrize(
    ("word", "meant"),
    [("drs", "nirs"), ("DRS", "nirs"), ("irs", "ndrs"), ("CCR", "crs"), ("BCC", "vrs"), ("Variable", "vrs")],
)
def test_returns_to_scale_have_several_names(word, meant):
    data = measure(wide())
    assert without_advice(efficiency, data, rts=word).rts == meant
    words = {"rts": word, "orientation": "OUT", "scope": "Means", "frontier": "Fixed"}
    sim = without_advice(ps.bootstrap, data, **words, n_resamples=20, rng=0)
    assert (sim.rts, sim.orientation, sim.scope, sim.frontier) == (meant, "output", "mean", "fixed")


def test_an_increasing_word_is_not_hinted_to_decreasing():
    for word in ("nidrs", "drss", "irss", "nirrs", "ndirs", "dsr", "isr"):
        hint = likeliest("rts", word, RTS)
        increasing, decreasing = "ndrs" in hint, "nirs" in hint
        assert not (increasing and "dr" in word[:3] and not word.startswith("nd")), word
        assert not (decreasing and word.startswith("ir")), word
    assert likeliest("rts", "nidrs", RTS) == ""  # as near to both


@pytest.mark.parametrize(
    ("word", "family"),
    [
        ("Normal", "gaussian"),
        ("log-normal", "lognormal"),
        ("Log Normal", "lognormal"),
        ("t", "student"),
        ("Student's t", "student"),
        ("STUDENT", "student"),
        ("none", "exact"),
        ("bootstrap", "empirical"),
    ],
)
def test_families_of_noise_have_several_names(word, family):
    assert str(parse_family(word)) == family


def test_synonyms_of_families_are_families():
    forms = {family.form for family in FAMILIES}
    assert set(SYNONYMS["noise"].values()) <= forms
    assert DEFAULT_NOISE in forms
    with pytest.raises(OptionError, match=r"write binomial\(50000\) for an accuracy over 50,000 images$"):
        parse_family("binomial")
    with pytest.raises(OptionError, match=r"write 3% for a standard deviation of 3 percent of the mean$"):
        parse_family("3")


def test_folds_and_kinds_have_several_names():
    frame = pd.concat([wide(run=run, iteration=[1, 2, 1, 2]) for run in (1, 2)])
    assert measure(frame, fold="Average") == measure(frame, fold="mean") != measure(frame.assign(ms=range(1, 9)))
    assert ps.frontier(measure(wide()), x="ms", y="top1", kind="Convex Hull", n_resamples=0).kind == "hull"


def test_names_are_hinted_whatever_their_case():
    assert nearest("LATENCY_MS", ["latency_ms", "top1"]) == "; did you mean 'latency_ms'?"
    assert nearest("acc", [" Acc "]) == "; did you mean ' Acc '?"
    with pytest.raises(DataError, match="did you mean 'top1'"):
        measure(wide(), outputs="TOP1")


# --- columns ---


def test_columns_of_jobs_match_whatever_their_case(call):
    text = "MODEL, Run ,ms,acc\na,1,1.5,70\na,2,1.7,70\nb,1,2.5,75\nb,2,2.3,75\n"
    code, out, _ = call("rank", "t.csv", *ROLES, "--resamples", 20, "--format", "csv", text=text)
    assert code == 0
    assert out.startswith("model,")
    long = "Model,Metric,VALUE,Unit,Target\na,ms,1,ms,cpu\na,acc,70,%,\nb,ms,2,ms,cpu\nb,acc,75,%,\n"
    code, out, err = call("rank", "t.csv", "--inputs", "ms@cpu", "--outputs", "acc", "--resamples", 20, text=long)
    assert (code, err) == (0, [])
    code, _, err = call("rank", "t.csv", "--inputs", "ms@gpu", "--outputs", "acc", text=long)
    assert (code, err) == (
        2,
        [
            "error: t.csv, column 'Target': found no 'ms@gpu'; expected one of the targets of that metric: 'ms@cpu'; "
            "select one of them; did you mean 'ms@cpu'?"
        ],
    )


def test_two_columns_that_could_be_meant_are_not_guessed(call):
    code, _, err = call("rank", "t.csv", *ROLES, text=TEXT.replace("model,run", "Model,MODEL"))
    assert code == 2
    assert err == [
        "error: t.csv: found no column 'model'; expected the model column among 'Model', 'MODEL', 'ms', 'acc'; "
        "name one of them; did you mean 'Model'?"
    ]


def test_an_exact_name_wins(call):
    text = TEXT.replace("model,run", "model,Model")
    code, out, _ = call("rank", "t.csv", *ROLES, "--resamples", 20, "--format", "csv", text=text)
    assert code == 0
    assert {line.split(",")[0] for line in out.splitlines()[1:]} == {"a", "b"}


# --- names on the command line ---

metric_names = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@given(st.lists(metric_names, min_size=1, max_size=4))
def test_any_names_survive_the_command_line(names):
    assert read_names("outputs", write_names(names)) == names
    (typed,) = as_typed((names,))
    assert NAMES.convert(shlex.split(shlex.quote(typed))[0], None, None) == names


@given(metric_names.filter(lambda name: name != "*"), st.sampled_from(["3%", "binomial(100)", "none", "gaussian"]))
def test_any_metric_survives_beside_its_value(metric, what):
    assert read_pair(write_pair(metric, what)) == (metric, what)
    (typed,) = as_typed({metric: what})
    assert BY_METRIC.convert(typed, None, None) == (metric, what)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('"acc,none"', ["acc,none"]),
        ('"acc,none", top1', ["acc,none", "top1"]),
        ('"a ""b""",c', ['a "b"', "c"]),
        ('a "b",c', ['a "b"', "c"]),
        ("a, b ,c", ["a", "b", "c"]),
        ('" a"', [" a"]),
        ("a,", ["a", ""]),
    ],
)
def test_names_as_people_type_them(text, names):
    assert read_names("outputs", text) == names


@pytest.mark.parametrize("text", ['"acc', '"a"b', 'a,"b', ' "a" b'])
def test_an_open_quotation_mark_is_refused(call, text):
    code, _, err = call("rank", "t.csv", "--inputs", "ms", "--outputs", text)
    assert code == 2
    assert err[0].startswith("error: --outputs: found ")
    assert "quotation mark" in err[0]


def test_a_metric_with_a_comma_from_flags_to_the_report(call, tmp_path):
    options = ["--inputs", "latency_ms", "--outputs", '"acc,none"', "--resamples", 50]
    options += ["--noise", "latency_ms=5%", "--bound", '"acc,none"=1', "--noise", '"acc,none"=2%']
    code, out, err = call("rank", "t.csv", *options, "--format", "json", text=COMMA)
    assert (code, err) == (0, [])
    assert '"acc,none": "2%"' in out
    code, _, err = call("report", "t.csv", *options, "--out", "r.html", text=COMMA)
    assert (code, err) == (0, [])
    assert "--outputs=&#34;acc,none&#34;" in (page := (tmp_path / "r.html").read_text(encoding="utf-8")) or (
        "--outputs=&quot;acc,none&quot;" in page
    )


@settings(deadline=None, max_examples=50)
@given(metric_names.filter(lambda name: name.strip() and "@" not in name))
def test_the_command_that_makes_a_report_again_names_any_metric(metric):
    frame = wide().rename(columns={"top1": metric})
    assume(metric.strip().casefold() not in ("model", "ms", "run", "target"))
    data = without_advice(measure, frame, outputs=[metric], source="t.csv")
    sim = without_advice(ps.bootstrap, data, n_resamples=5, rng=1)
    words = shlex.split(command_to_redo([sim], {}).replace("\\\n", ""))
    given_words = dict(word[2:].split("=", 1) for word in words[3:] if word.startswith("--") and "noise" not in word)
    assert read_names("outputs", given_words["outputs"]) == [metric]
    noises = [word.removeprefix("--noise=") for word in words if word.startswith("--noise=")]
    assert dict(map(read_pair, noises))[metric] == "gaussian"


# --- remedies in the words of the caller ---


def test_every_option_that_is_renamed_is_a_flag():
    flags = {flag for command in app.commands.values() for option in command.params for flag in option.opts}
    arguments = {param.name for command in app.commands.values() for param in command.params if param.opts[0][0] != "-"}
    for option, flag in RENAMED.items():
        assert flag in flags or flag.lower() in arguments, option
    assert flag_of("drop_incomplete") in flags


def test_heads_of_messages():
    assert with_flags("n_resamples: found 0", []) == "--resamples: found 0"
    assert with_flags("x, y: found", ["x", "y"]) == "--x, --y: found"
    assert with_flags("t.csv: found", ["x"]) == "t.csv: found"
    assert with_flags("no head", ["no head"]) == "no head"


def test_settings_in_both_languages():
    assert setting("noise", {"a,b": "3%"}) == "noise={'a,b': '3%'}"
    with speaking_flags():
        assert setting("noise", {"a,b": "3%"}) == "--noise '\"a,b\"=3%'"
        assert setting("bounds", {"wer": None}) == "--bound wer=none"
        assert setting("n_resamples", "5") == "--resamples 5"


PYTHON = re.compile(
    r"\b(pass|call)\b|\w+=['{\[]|\bNone\b|\(\)|n_resamples|n_jobs|\brng\b|bounds|SeedSequence|paretoscope\.\w+\("
)


@pytest.mark.parametrize(
    "arguments",
    [
        ["rank", "t.csv", "--inputs", "ms", "--outputs", ""],
        ["rank", "t.csv", *ROLES, "--level", "2"],
        ["rank", "t.csv", *ROLES, "--confidence", "0"],
        ["rank", "t.csv", *ROLES, "--seed", "-1"],
        ["rank", "t.csv", *ROLES, "--resamples", "0"],
        ["rank", "t.csv", *ROLES, "--jobs", "0"],
        ["rank", "t.csv", *ROLES, "--bound", "acc=-1"],
        ["rank", "t.csv", *ROLES, "--bound", "acc=50"],
        ["rank", "t.csv", *ROLES, "--bound", "zzz=50"],
        ["rank", "t.csv", *ROLES, "--noise", "acc=uniform"],
        ["rank", "t.csv", *ROLES, "--noise", "ms=exact"],
        ["rank", "t.csv", *ROLES, "--inputs", "zzz"],
        ["rank", "t.csv", *ROLES, "--drop-incomplete", "rows"],
        ["rank", "t.csv", "--inputs", "ms", "--outputs", "model"],
        ["rank", "-", "--inputs", "ms", "--outputs", "ms"],
        ["front", "t.csv", *ROLES, "--x", "ms", "--y", "ms"],
        ["front", "t.csv", *ROLES, "--x", "ms", "--y", "zzz"],
        ["plot", "noise", "t.csv", *ROLES, "--x", "zzz", "--out", "f.svg"],
        ["plot", "ranks", "t.csv", *ROLES, "--top", "0", "--out", "f.svg"],
        ["plot", "ranks", "t.csv", *ROLES, "--dpi", "0", "--out", "f.png"],
        ["plot", "frontier", "t.csv", *ROLES, "--x", "ms", "--y", "ms", "--out", "f.svg"],
        ["measure", "--out", "r.csv", "x.onnx", "--runs", "0"],
    ],
    ids=" ".join,
)
def test_errors_on_the_command_line_speak_of_flags(call, arguments):
    code, _, err = call(*arguments)
    assert code == 2
    assert err
    for line in err:
        assert line.startswith("error: ")
        assert not PYTHON.search(line), line


def test_warnings_speak_the_language_of_the_caller(capsys, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("model,ms,acc\na,1,70\nb,2,75\nc,3,74\nd,3,73\ne,4,77\nf,5,79\n")
    main(["rank", str(file), *ROLES, "--resamples", "20", "--rts", "crs"])
    err = capsys.readouterr().err
    assert "a spread such as --noise ms=3%" in err
    assert "under --rts crs the smallest inputs will win almost regardless of it; --rts vrs weighs it" in err
    data = ps.read(file, inputs="ms", outputs="acc")
    sim = without_advice(ps.bootstrap, data, rts="crs", n_resamples=20, rng=0)
    assert any("a spread such as noise={'ms': '3%'}" in notice for notice in sim.notices)
    assert any("under rts='crs' the smallest" in notice for notice in sim.notices)


def test_a_rate_above_a_hundred(call):
    text = "model,metric,value,unit\na,ms,10,ms\nb,ms,20,ms\na,wer,12,%\nb,wer,104,%\na,acc,70,%\nb,acc,75,%\n"
    code, _, err = call("rank", "t.csv", "--inputs", "ms,wer", "--outputs", "acc", text=text)
    assert code == 2
    assert err[0].endswith("correct it, or give --bound wer=none if the metric has no largest value")
    code, _, err = call("rank", "t.csv", "--inputs", "ms,wer", "--outputs", "acc", "--bound", "wer=none", text=text)
    assert (code, err) == (0, [])


# --- several faults ---


def test_all_faults_are_said_at_once_the_file_first(call):
    code, _, err = call(
        "rank", "nosuch.csv", "--rts", "foo", "--noise", "bar", "--noise", "x=baz", "--inputs", "x", "--outputs", "x",
        "--resamples", 0, "--format", "xml", "--out", "no/such/file",
    )  # fmt: skip
    assert code == 2
    starts = [
        "error: nosuch.csv: found no such file",
        "error: --inputs, --outputs: found 'x' in both",
        "error: --rts: found 'foo'",
        "error: --format: found 'xml'",
        "error: --noise: found 'bar'",
        "error: --noise for 'x': found 'baz'",
        "error: --resamples: found 0",
        "error: no/such/file: cannot be written",
    ]
    assert len(err) == len(starts)
    for line, start in zip(err, starts, strict=True):
        assert line.startswith(start)


def test_a_fault_in_the_table_does_not_hide_those_of_the_flags(call):
    code, _, err = call("rank", "t.csv", "--inputs", "ms", "--outputs", "zzz", "--rts", "foo")
    assert code == 2
    assert [line.split(":")[1] for line in err] == [" t.csv", " --rts"]


def test_one_fault_is_said_once(call):
    code, _, err = call("rank", "t.csv", "--inputs", "ms,ms", "--outputs", "acc")
    assert (code, len(err)) == (2, 1)
    code, _, err = call("rank", "t.csv", *ROLES, "--fold", "max")
    assert (code, err) == (2, ["error: --fold: found 'max'; expected one of median, mean, p90, p95, p99"])


def test_other_commands_say_all_faults_too(call):
    _, _, err = call("plot", "rankss", "no.csv", "--rts", "foo", "--size", "3")
    assert [line.split(":")[1].strip() for line in err] == ["no.csv", "--rts", "FIGURE", "--out", "--size"]
    _, _, err = call("front", "no.csv", "--scope", "foo", "--x", "ms")
    assert [line.split(":")[1].strip() for line in err] == ["no.csv", "--scope", "--x, --y"]
    _, _, err = call("report", "no.csv", "--level", 2)
    assert [line.split(":")[1].strip() for line in err] == ["no.csv", "--level", "--out"]
