"""The report as a person meets it: opened from disk in Chromium, with the network off, clicked through and read back.

Every page that is opened must ask for nothing and print nothing to the console; closing it checks that.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import paretoscope as ps
from helpers import whole_percent, without_advice
from paretoscope.reporting.decimals import efficiency_writer
from paretoscope.reporting.page import report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine"),
    pytest.mark.xdist_group("browser"),
    pytest.mark.slow,
]
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
FIGURES = ("explorer-figure", "box-figure", "rank-figure", "pair-figure", "spread-figure", "order-figure")
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "</script><script>alert(3)</script>"]
MOST_BYTES = 6_000_000


def synthetic(names: list[str], *, runs: int = 4) -> ps.Measurements:
    """Random models of sizes over two orders of magnitude, larger ones more accurate."""
    rng = np.random.default_rng(1)
    n = len(names)
    size, skill = np.exp(rng.normal(0.0, 1.2, n)), rng.random(n)
    table = pd.DataFrame({"model": np.repeat(names, runs), "run": np.tile(range(runs), n)})
    for metric, values, spread in (
        ("latency_ms@gpu", 5.0 * size**0.9, 0.03),
        ("latency_ms@cpu", 40.0 * size * np.exp(0.2 * rng.standard_normal(n)), 0.05),
        ("train_usd", 300.0 * size, 0.01),
        ("top1", 50.0 + 8.0 * np.log1p(size) + 5.0 * skill, 0.001),
    ):
        table[metric] = np.repeat(values, runs) * (1.0 + spread * rng.standard_normal(n * runs))
    inputs = ["latency_ms@gpu", "latency_ms@cpu", "train_usd"]
    return ps.Measurements.from_frame(table, inputs=inputs, outputs="top1", source="synthetic.csv")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def shipped() -> ps.EfficiencyDraws:
    sim: ps.EfficiencyDraws = without_advice(ps.bootstrap, ps.load("imagenet"), n_resamples=400, rng=0)
    return sim


@pytest.fixture(scope="module")
def crowd() -> ps.EfficiencyDraws:
    data = synthetic([f"family{i % 37}_variant_{i:04d}.in1k_pretrained" for i in range(1000)])
    sim: ps.EfficiencyDraws = without_advice(ps.bootstrap, data, n_resamples=200, rng=0)
    return sim


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def shipped_file(shipped: ps.EfficiencyDraws, folder: Path) -> Path:
    report(shipped, folder / "shipped.html")
    return folder / "shipped.html"


@pytest.fixture(scope="module")
def crowd_file(crowd: ps.EfficiencyDraws, folder: Path) -> Path:
    report(crowd, folder / "crowd.html")
    return folder / "crowd.html"


@contextmanager
def opened(
    browser: Browser, path: Path, *, scheme: str = "light", width: int = 1280, ready: bool = True, **options: Any
) -> Iterator[Page]:
    """Open a report; on closing, nothing may have been requested but the file, nor anything printed or thrown."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **options
    )
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(f"request {request.url[:80]}"))
    page.on("console", lambda message: seen.append(f"console {message.text}"))
    page.on("pageerror", lambda error: seen.append(f"error {error}"))
    page.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.goto(path.as_uri())
    if ready:
        page.wait_for_selector("html[data-ready]", timeout=20_000)
    yield page
    assert seen == [f"request {path.as_uri()[:80]}"]
    context.close()


def draw_all(page: Page) -> None:
    """Draw every figure, in sight or not, as printing does."""
    page.evaluate("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")


def traces(page: Page, figure: str) -> list[dict[str, Any]]:
    """What a figure shows, plain lists."""
    script = "id => JSON.parse(JSON.stringify(document.getElementById(id).data))"
    found: list[dict[str, Any]] = page.evaluate(script, f"{figure}-plot")
    return found


def models_trace(page: Page) -> dict[str, Any]:
    return next(trace for trace in traces(page, "explorer-figure") if trace.get("name") == "models")


def column(page: Page, number: int) -> list[str]:
    """The shown cells of the ranking's column."""
    rows = "document.querySelectorAll('table.ranking tbody tr:not([hidden])')"
    cells: list[str] = page.evaluate(f"k => Array.from({rows}, (row) => row.cells[k].textContent.trim())", number)
    return cells


def head(page: Page, text: str) -> Any:
    return page.locator("table.ranking thead th", has=page.get_by_role("button", name=text, exact=True)).first


def point_on_screen(page: Page, index: int) -> tuple[float, float]:
    """Where the explorer shows a model.

    Asked for again and again from here: the page's policy forbids the evaluation that Playwright's own waiting needs.
    """
    page.locator("#explorer-figure-plot").scroll_into_view_if_needed()
    script = """index => {
      const plot = document.getElementById("explorer-figure-plot");
      const models = plot.data.find((trace) => trace.name === "models");
      const points = Array.from(plot.querySelectorAll(".scatterlayer .trace")).map((t) => t.querySelectorAll(".point"));
      const box = points.find((own) => own.length === models.x.length)?.[index].getBoundingClientRect();
      return box && [box.x + box.width / 2, box.y + box.height / 2];
    }"""
    for _ in range(200):
        if found := page.evaluate(script, index):
            x, y = found
            return x, y
        page.wait_for_timeout(50)
    raise AssertionError("the explorer shows no models")


# --- the shipped dataset


def colour(page: Page, selector: str, name: str) -> list[float]:
    """Red, green and blue of an element."""
    text = page.locator(selector).first.evaluate(f"element => getComputedStyle(element)['{name}']")
    return [float(number) for number in re.findall(r"\d+", text)[:3]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_reads_well_in_both_colours_and_on_a_phone(browser: Browser, shipped_file: Path, scheme: str) -> None:
    with opened(browser, shipped_file, scheme=scheme, width=360) as page:
        draw_all(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.set_viewport_size({"width": 1280, "height": 900})
        for figure in FIGURES:
            assert page.locator(f"#{figure} .main-svg").count() > 0, figure
            assert page.locator(f"#{figure}-plot .main-svg").first.bounding_box()["width"] > 800, figure  # type: ignore[index]
        ground, text = colour(page, "body", "backgroundColor"), colour(page, "body", "color")
        assert (np.mean(ground) > 200, np.mean(text) < 60) == ((scheme == "light"),) * 2
        assert colour(page, "#box-figure-plot .ytick text", "fill") == text
        page.locator("#theme").click()  # from the system's to light
        page.locator("#theme").click()
        assert np.mean(colour(page, "body", "backgroundColor")) < 60
        assert colour(page, "#box-figure-plot .ytick text", "fill") == colour(page, "body", "color")


def test_ranking_is_sorted_by_keyboard_and_agrees_with_the_result(
    browser: Browser, shipped: ps.EfficiencyDraws, shipped_file: Path
) -> None:
    summary, number = shipped.summary(), efficiency_writer(shipped)
    with opened(browser, shipped_file) as page:
        assert column(page, 0) == list(summary.index)
        assert head(page, "Rank").get_attribute("aria-sort") == "ascending"
        assert column(page, 4) == [number(name, mean) for name, mean in summary["mean"].items()]
        metric = shipped.data.inputs[0]
        place = 9 + shipped.data.metrics.index(metric)
        button = page.get_by_role("button", name=f"{metric} ↓")
        button.focus()
        for order, sign in (("ascending", 1), ("descending", -1)):
            page.keyboard.press("Enter")
            assert head(page, f"{metric} ↓").get_attribute("aria-sort") == order
            assert head(page, "Rank").get_attribute("aria-sort") == "none"
            expected = (sign * shipped.data.mean[metric]).sort_values().index
            assert column(page, 0) == list(expected)
        means = [float(cell.split(" ±")[0]) for cell in column(page, place)]
        np.testing.assert_allclose(means, sorted(shipped.data.mean[metric], reverse=True), rtol=0.05)
        page.get_by_role("button", name="Model", exact=True).click()
        assert column(page, 0)[0] == min(shipped.models, key=str.lower)


def test_ranking_is_filtered_and_searched(browser: Browser, shipped: ps.EfficiencyDraws, shipped_file: Path) -> None:
    summary = shipped.summary()
    with opened(browser, shipped_file) as page:
        name = shipped.models[-1]
        page.get_by_label("Search").fill(name.upper())
        assert set(column(page, 0)) == {other for other in shipped.models if name in other}
        page.get_by_label("Search").fill("")
        page.locator("#ranking .tiers").select_option("1")
        assert set(column(page, 0)) == set(summary.index[summary["tier"] == 1])
        page.locator("#ranking .tiers").select_option("0")
        page.get_by_label("admissible only").check()
        assert set(column(page, 0)) == set(shipped.dominance().admissible)
        shown = f"{len(shipped.dominance().admissible)} of {len(shipped.models)} models"
        assert page.locator("#ranking .count").text_content() == shown


def test_explorer_shows_any_metrics_on_fitting_scales(
    browser: Browser, shipped: ps.EfficiencyDraws, shipped_file: Path
) -> None:
    order, data = list(shipped.summary().index), shipped.data
    with opened(browser, shipped_file) as page:
        draw_all(page)
        pairs = [
            (data.inputs[0], data.outputs[0]),
            (data.outputs[0], data.inputs[-1]),
            (data.inputs[-1], data.inputs[0]),
        ]
        for x, y in pairs:
            page.locator("#x").select_option(label=x)
            page.locator("#y").select_option(label=y)
            page.locator("#colour").select_option(label=data.inputs[-1])
            models = models_trace(page)
            layout = page.evaluate(
                "(({xaxis, yaxis}) => [xaxis.type, yaxis.type])(document.getElementById('explorer-figure-plot').layout)"
            )
            for values, metric, scale in ((models["x"], x, layout[0]), (models["y"], y, layout[1])):
                means = data.mean.loc[order, metric]
                np.testing.assert_allclose(values, means, rtol=1e-5)
                assert scale == ("log" if means.max() > 10 * means.min() else "linear")
            third = data.mean.loc[order, data.inputs[-1]]
            colour = np.log10(third) if third.max() > 10 * third.min() else third
            np.testing.assert_allclose(models["marker"]["color"], colour, rtol=1e-5)
            stairs = next(trace for trace in traces(page, "explorer-figure") if trace.get("name") == "staircase")
            curve = ps.frontier(data, x, y, n_resamples=0).curve.to_numpy().T
            drawn = np.array([stairs["x"], stairs["y"]])
            np.testing.assert_allclose(drawn[:, :-1] if x in data.inputs else drawn[:, 1:], curve, rtol=1e-5)
        before = page.locator("#x-log").is_checked()
        page.locator("#x-log").click()
        kind = page.evaluate("document.getElementById('explorer-figure-plot').layout.xaxis.type")
        assert kind == ("linear" if before else "log")


def test_axes_are_logarithmic_from_a_factor_of_ten_on(browser: Browser, folder: Path) -> None:
    values = [3.0, 5.0, 8.0, 9.0, 20.0]
    columns = {"a": [*values, 30.0], "b": [*values, np.nextafter(30.0, 0.0)], "top1": range(60, 66)}
    table = pd.DataFrame({"model": list("uvwxyz"), **columns})
    data = ps.Measurements.from_frame(table, inputs=["a", "b"], outputs="top1")
    report(without_advice(ps.bootstrap, data, n_resamples=50, noise="3%", rng=0), folder / "ten.html")
    with opened(browser, folder / "ten.html") as page:
        draw_all(page)
        for metric, wide in (("a", True), ("b", False)):
            page.locator("#x").select_option(label=metric)
            page.locator("#colour").select_option(label=metric)
            assert page.locator("#x-log").is_checked() == wide
            kind = page.evaluate("document.getElementById('explorer-figure-plot').layout.xaxis.type")
            assert kind == ("log" if wide else "linear")
            shown = models_trace(page)
            expected = np.log10(shown["x"]) if wide else shown["x"]
            np.testing.assert_allclose(shown["marker"]["color"], expected)


def test_spreads_are_logarithmic_from_a_factor_of_ten_on(browser: Browser, folder: Path) -> None:
    for name, largest in (("wide", 10.0), ("narrow", 9.9)):
        spreads = np.array([1.0, 2.0, 3.0, 4.0, 5.0, largest])
        columns = {"ms": 64.0, "ms_sd": 0.64 * spreads, "top1": range(60, 66)}
        table = pd.DataFrame({"model": list("uvwxyz"), **columns})
        data = ps.Measurements.from_frame(table, inputs="ms", outputs="top1")
        report(without_advice(ps.bootstrap, data, n_resamples=50, rng=0), folder / f"{name}.html")
        with opened(browser, folder / f"{name}.html") as page:
            draw_all(page)
            kind = page.evaluate("document.getElementById('spread-figure-plot').layout.xaxis.type")
            assert (kind == "log") == (name == "wide")


def test_clicked_model_shows_peers_target_and_slacks(
    browser: Browser, shipped: ps.EfficiencyDraws, shipped_file: Path
) -> None:
    found = without_advice(ps.efficiency, shipped.data)
    order = list(shipped.summary().index)
    name = order[-1]
    with opened(browser, shipped_file) as page:
        draw_all(page)
        page.mouse.click(*point_on_screen(page, len(order) - 1))
        detail = page.locator("#detail")
        assert detail.locator("h3").first.text_content() == name
        assert f"Efficiency at the means {found.scores[name]:.4f}" in (detail.text_content() or "")
        rows = [row.locator("th, td").all_text_contents() for row in detail.locator("tbody tr").all()]
        sd = shipped.data.sd.loc[name]
        for metric, now, target, slack in rows:
            exact = (shipped.data.mean.at[name, metric], found.targets.at[name, metric], found.slacks.at[name, metric])
            for shown, value in zip((now, target, slack), exact, strict=True):
                assert float(shown) == pytest.approx(value, abs=0.06 * sd[metric], rel=1e-3)
        weights = dict(re.findall(r"(\S+), weight ([\d.]+)", " ".join(detail.locator("li").all_text_contents())))
        peers = found.peers.loc[name]
        assert {peer: float(weight) for peer, weight in weights.items()} == {
            peer: round(weight, 2) for peer, weight in peers.items() if weight > 0
        }
        target = next(trace for trace in traces(page, "explorer-figure") if trace.get("name") == "target")
        x, y = shipped.data.inputs[0], shipped.data.outputs[0]
        assert target["x"][1] == pytest.approx(found.targets.at[name, x], rel=1e-5)
        assert target["y"][1] == pytest.approx(found.targets.at[name, y], rel=1e-5)
        # A name in the ranking chooses its model too, and so does the keyboard.
        page.locator("table.ranking button.model", has_text=order[0]).first.press("Enter")
        assert detail.locator("h3").first.text_content() == order[0]
        assert page.evaluate("document.activeElement.id") == "detail"
        page.locator("#model").select_option(label=order[1])
        assert detail.locator("h3").first.text_content() == order[1]


def test_hover_shows_the_runs(browser: Browser, shipped: ps.EfficiencyDraws, shipped_file: Path) -> None:
    order = list(shipped.summary().index)
    with opened(browser, shipped_file) as page:
        draw_all(page)
        x, y = point_on_screen(page, len(order) - 1)
        page.mouse.move(x - 40, y - 40)
        page.mouse.move(x, y, steps=4)
        page.locator("#tip").wait_for(state="visible")
        lines = page.locator("#tip").inner_text().split("\n")
        assert lines[0] == order[-1]
        metric = shipped.data.inputs[0]
        start = next(k for k, line in enumerate(lines) if line.startswith(f"{metric}: "))
        values = [float(text) for text in re.findall(r"[\d.]+", lines[start + 1])]
        runs = shipped.data.runs.query("model == @order[-1] and metric == @metric")["value"]
        np.testing.assert_allclose(values, runs[: len(values)], rtol=1e-5)
        page.mouse.move(5, 5)
        page.locator("#tip").wait_for(state="hidden")


def test_figures_and_their_tables_hold_the_numbers(
    browser: Browser, shipped: ps.EfficiencyDraws, shipped_file: Path
) -> None:
    order = list(shipped.summary().index)
    draws = pd.DataFrame(shipped.draws, columns=list(shipped.models))[order]
    with opened(browser, shipped_file) as page:
        draw_all(page)
        (box, means) = traces(page, "box-figure")
        for name, share in (("lowerfence", 0.05), ("q1", 0.25), ("median", 0.5), ("q3", 0.75), ("upperfence", 0.95)):
            np.testing.assert_allclose(box[name], draws.quantile(share), atol=5.1e-5)
        np.testing.assert_allclose(means["x"], draws.mean(), atol=5.1e-5)
        ranks = whole_percent(shipped.rank_distribution().loc[order])
        np.testing.assert_array_equal(traces(page, "rank-figure")[0]["z"], ranks)
        pairwise = whole_percent(shipped.pairwise().loc[order, order])
        np.fill_diagonal(pairwise, np.nan)
        np.testing.assert_array_equal(np.array(traces(page, "pair-figure")[0]["z"], float), pairwise)
        cells = {}
        for figure in FIGURES:
            page.locator(f"#{figure} details.numbers summary").click()
            rows = page.locator(f"#{figure} details.numbers tbody tr")
            rows.first.wait_for()
            cells[figure] = [row.locator("th, td").all_text_contents() for row in rows.all()]
            assert cells[figure], figure
        np.testing.assert_allclose([float(row[1]) for row in cells["box-figure"]], draws.mean(), atol=5.1e-5)
        for name, more, less, _ in cells["pair-figure"]:
            assert more == f"{pairwise[0, order.index(name)]:.0f} %"
            assert less == f"{pairwise[order.index(name), 0]:.0f} %"
        metric = shipped.data.inputs[0]
        variation = 100 * shipped.data.sd[metric] / shipped.data.mean[metric]
        shown = {row[0]: float(row[1].removesuffix(" %")) for row in cells["spread-figure"]}
        assert shown == pytest.approx(variation.to_dict(), rel=0.06)


def test_every_figure_is_described_and_every_control_named(browser: Browser, shipped_file: Path) -> None:
    with opened(browser, shipped_file) as page:
        for figure in page.locator("figure").all():
            assert len((figure.locator("figcaption").text_content() or "").strip()) > 40
        for plot in page.locator(".plot").all():
            assert plot.get_attribute("role") == "img"
            assert plot.get_attribute("aria-label")
        unnamed = page.evaluate(
            """() => Array.from(document.querySelectorAll("select, input, button, [role=region]"))
            .filter((e) => !(e.closest("label") || e.textContent.trim() || e.ariaLabel)).length"""
        )
        assert unnamed == 0
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_diagram_chooses_models_and_lights_their_lines(
    browser: Browser, shipped: ps.EfficiencyDraws, shipped_file: Path
) -> None:
    graph = shipped.dominance().graph
    order = list(shipped.summary().index)
    with opened(browser, shipped_file) as page:
        name = next(name for name in order if graph.in_degree(name))
        page.locator(f".node[data-model='{order.index(name)}']").click()
        assert page.locator("#detail h3").first.text_content() == name
        assert page.locator(".edge.lit").count() > 0


def test_print_has_all_figures_in_light_colours_and_no_controls(
    browser: Browser, shipped_file: Path, tmp_path: Path
) -> None:
    with opened(browser, shipped_file, scheme="dark") as page:
        page.emulate_media(media="print")
        assert page.locator("nav").is_hidden()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        page.pdf(path=tmp_path / "report.pdf")
        assert page.locator(".plot .main-svg").count() >= len(FIGURES)
        assert (tmp_path / "report.pdf").stat().st_size > 20_000


def test_without_scripts_or_decompression_the_words_and_tables_remain(
    browser: Browser, shipped: ps.EfficiencyDraws, shipped_file: Path
) -> None:
    with opened(browser, shipped_file, ready=False, java_script_enabled=False) as page:
        for name in ("verdict", "ranking", "dominance", "provenance"):
            assert page.locator(f"#{name}").is_visible()
        assert page.locator("#explorer-figure").is_hidden()
        assert page.locator("noscript p").is_visible()
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(shipped_file.as_uri())
    page.locator("#failure").wait_for()
    assert "Figures cannot be shown: this browser cannot unpack them" in (page.locator("#failure").text_content() or "")
    head(page, "Rank").get_by_role("button").click()
    assert column(page, 0)[-1] in set(shipped.summary().index[shipped.summary()["rank"] == 1])
    context.close()


# --- a thousand models


def test_a_thousand_models_fit_and_can_be_sorted_searched_and_paged(
    browser: Browser, crowd: ps.EfficiencyDraws, crowd_file: Path
) -> None:
    assert crowd_file.stat().st_size <= MOST_BYTES
    summary = crowd.summary()
    order = list(summary.index)
    with opened(browser, crowd_file) as page:
        assert column(page, 0) == order
        page.get_by_role("button", name="P(efficient)").click()
        shares = [float(cell) for cell in column(page, 7)]
        assert shares == [round(value, 2) for value in sorted(summary["p_efficient"], reverse=True)]
        page.get_by_label("Search").fill("variant_0123")
        assert column(page, 0) == [name for name in order if "variant_0123" in name]
        draw_all(page)
        assert len(models_trace(page)["x"]) == len(order)
        page.locator("#efficiencies").get_by_role("button", name="Next").click()
        box = traces(page, "box-figure")[0]
        np.testing.assert_allclose(
            box["median"], pd.DataFrame(crowd.draws, columns=list(crowd.models))[order[30:60]].median(), atol=5.1e-5
        )
        pairwise = whole_percent(crowd.pairwise().loc[order[30:60], order[30:60]])
        np.fill_diagonal(pairwise, np.nan)
        np.testing.assert_array_equal(np.array(traces(page, "pair-figure")[0]["z"], float), pairwise)
        assert "31 to 60 of 1000 models" in (page.locator("#efficiencies .pager output").text_content() or "")
        page.locator("#model").select_option(label=order[700])
        page.locator("#pair-figure details.numbers summary").click()
        rows = page.locator("#pair-figure details.numbers tbody tr")
        rows.first.wait_for()
        assert rows.count() == len(order) - 1
        against = crowd.pairwise().loc[order[700], order[0]]
        assert rows.first.locator("td").first.text_content() == f"{whole_percent(against):.0f} %"


def test_a_thousand_models_on_a_phone_in_the_dark(browser: Browser, crowd_file: Path) -> None:
    with opened(browser, crowd_file, scheme="dark", width=360) as page:
        draw_all(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.locator("#dominance details").count() > 2


# --- other results


def test_hostile_names_stay_text_everywhere(browser: Browser, folder: Path) -> None:
    names = [*HOSTILE, "<b>bold</b><br>", "%{x} {{ 7*7 }} $x^2$", "&lt;i&gt;", "2020-01-01", "1e5", *"abcd"]
    data = synthetic(names)
    metrics = {metric: f"{metric}<img src=x onerror=alert(4)>" for metric in data.metrics}
    frame = data.to_frame()
    hostile = ps.Measurements.from_frame(
        frame.assign(metric=frame["metric"].map(metrics)),
        inputs=[metrics[name] for name in data.inputs],
        outputs=[metrics[name] for name in data.outputs],
    )
    report(without_advice(ps.bootstrap, hostile, n_resamples=200, rng=0), folder / "hostile.html", title=HOSTILE[0])
    with opened(browser, folder / "hostile.html") as page:
        draw_all(page)
        for figure in FIGURES:
            page.locator(f"#{figure} details.numbers summary").click()
        for number in range(len(names)):
            page.locator("#model").select_option(str(number))
            x, y = point_on_screen(page, number)
            page.mouse.move(x + 3, y)
            page.mouse.move(x, y)
        assert page.title() == HOSTILE[0]
        assert page.evaluate("document.querySelectorAll('img, b, i, iframe').length") == 0
        assert page.evaluate("document.querySelectorAll('script:not([type])').length") == 2  # the page's and plotly's
        labels = page.locator("#box-figure-plot .ytick text").all_text_contents()
        order = page.locator("table.ranking tbody th").all_text_contents()
        assert labels == [name.strip() for name in order]
        assert set(labels) == set(names)


def test_sets_of_inputs_are_switched(browser: Browser, folder: Path) -> None:
    data = ps.load("imagenet")
    comparison = without_advice(ps.compare, data, [[data.inputs[0]], list(data.inputs)], n_resamples=200, rng=0)
    report(comparison, folder / "sets.html")
    first, second = comparison.sims.values()
    with opened(browser, folder / "sets.html") as page:
        draw_all(page)
        assert page.locator("#ranking .part >> visible=true").count() == 1
        shown = [trace["x"] for trace in traces(page, "set-plot")]
        order = list(first.summary().index)
        for values, sim in zip(shown, (first, second), strict=True):
            np.testing.assert_allclose(values, sim.summary().loc[order, "mean"], atol=5.1e-5)
        page.get_by_label(next(iter(comparison.sims)), exact=True).focus()
        page.keyboard.press("ArrowDown")
        names = page.locator("#ranking .part >> visible=true").locator("tbody th").all_text_contents()
        assert [name.strip() for name in names] == list(second.summary().index)
        np.testing.assert_allclose(traces(page, "box-figure")[0]["median"], second.summary()["median"], atol=5.1e-5)
        assert page.locator("#x option").all_text_contents() == list(second.data.metrics)


@pytest.mark.parametrize("kind", ["single runs", "published", "two models", "crs with zeros"])
def test_odd_results_show_without_a_complaint(browser: Browser, folder: Path, kind: str) -> None:
    table = pd.DataFrame(
        {"model": list("abcdefg"), "ms": [1, 2, 3, 4, 5, 6, 700.0], "acc": [50, 60, 65, 61, 62, 63, 64]}
    )
    options: dict[str, Any] = {"n_resamples": 50, "rng": 0}
    if kind == "published":
        table["ms_sd"] = 0.1 * table["ms"]
    if kind == "two models":
        table = table[:2]
    if kind == "crs with zeros":
        table["acc"] -= 50
        options |= {"rts": "crs", "noise": {"ms": "3%"}}
    data = ps.Measurements.from_frame(table, inputs="ms", outputs="acc")
    path = folder / f"{kind}.html"
    report(without_advice(ps.bootstrap, data, **options), path)
    with opened(browser, path) as page:
        draw_all(page)
        for figure in FIGURES:
            page.locator(f"#{figure} details.numbers summary").click()
        page.locator("#model").select_option(str(len(table) - 1))
        page.locator("#y-log").click(force=True)
