// The figures of a page of models: boxes, ranks, pairs, noise, and sets of inputs.
const percent = (share) => `${share} %`;

function drawBoxes() {
  const part = current();
  const theme = colours();
  const shown = shownModels();
  const id = "box-figure-plot";
  const { labels, room } = nameLabels(shown.map((i) => part.models[i]), id);
  const [lowerfence, q1, median, q3, upperfence] = part.quantiles.map((values) => shown.map((i) => values[i]));
  const box = {
    type: "box", orientation: "h", y: shown.map((_, k) => k), lowerfence, q1, median, q3, upperfence,
    line: { color: theme.accent, width: 1.6 }, fillcolor: `${theme.accent}44`, width: 0.6, whiskerwidth: 0.5, hoverinfo: "skip",
  };
  const dots = { x: shown.map((i) => part.mean[i]), y: box.y, mode: "markers", marker: { color: theme.text, size: 6 } };
  const axis = efficiencyAxis(Math.min(...lowerfence));
  plot(id, [box, dots], {
    height: 24 * shown.length + 60, margin: { l: room, r: 14, t: 8, b: 46 },
    xaxis: axis, yaxis: modelAxis(labels), hovermode: "y",
  }, { tip: ({ pointIndex }) => describeBox(part, shown[pointIndex]), click: ({ pointIndex }) => choose(shown[pointIndex]) });
  byId("box-figure").querySelector(".now").textContent = remarkOn(axis);
}

function describeBox(part, i) {
  const [a, b, c, d, e] = part.quantiles.map((values) => values[i].toFixed(3));
  return `${part.models[i]}\nmean ${part.mean[i].toFixed(3)}, median ${c}\n25 % to 75 %: ${b} to ${d}\n5 % to 95 %: ${a} to ${e}`;
}

function boxTable() {
  const part = current();
  return createTable(["Model", "mean", "5 %", "25 %", "median", "75 %", "95 %"], shownModels().map((i) =>
    [part.models[i], ...[part.mean, ...part.quantiles].map((values) => values[i].toFixed(4))]));
}

const row = (matrix, width, i) => Array.from(matrix.subarray(i * width, (i + 1) * width));

function heat(theme, id) {
  return {
    type: "heatmap", zmin: 0, zmax: 100, showscale: plotWidth(id) > 480, xgap: 1, ygap: 1, colorscale: [[0, theme.panel], [1, theme.accent]],
    colorbar: { thickness: 12, outlinewidth: 0, ticksuffix: " %", len: 1 },
  };
}

function drawRanks() {
  const part = current();
  const shown = shownModels();
  const id = "rank-figure-plot";
  const { labels, room } = nameLabels(shown.map((i) => part.models[i]), id);
  const bands = part.rank_labels;
  const z = shown.map((i) => row(part.ranks, bands.length, i));
  const step = Math.ceil((bands.length * textWidth(`${bands.at(-1)}  `)) / Math.max(80, plotWidth(id) - room - 70));
  const ticks = bands.map((_, k) => k).filter((k) => k % step === 0);
  plot(id, [{ ...heat(colours(), id), z }], {
    height: 22 * shown.length + 70, margin: { l: room, r: 10, t: 8, b: 46 },
    xaxis: { title: { text: "rank", standoff: 6 }, tickvals: ticks, ticktext: ticks.map((k) => bands[k]), showgrid: false, zeroline: false, tickangle: 0 },
    yaxis: modelAxis(labels),
  }, { tip: ({ x, y, z: share }) => `${part.models[shown[y]]}\nrank ${bands[x]}: ${percent(share)}` });
  byId("rank-figure").querySelector(".now").textContent =
    bands.length < part.models.length ? `Ranks are put together into ${bands.length} bands.` : "";
}

function rankTable() {
  const part = current();
  const width = part.rank_labels.length;
  return createTable(["Model", ...part.rank_labels], shownModels().map((i) =>
    [part.models[i], ...row(part.ranks, width, i).map(percent)]));
}

const greater = (part, i, j) => part.pairwise[i * part.models.length + j];

function drawPairs() {
  const part = current();
  const shown = shownModels();
  const id = "pair-figure-plot";
  const names = shown.map((i) => part.models[i]);
  const { labels, room } = nameLabels(names, id);
  const below = names.map((name) => shorten(name, 170));
  const bottom = Math.ceil(Math.max(...below.map(textWidth))) + 16;
  const z = shown.map((i) => shown.map((j) => (i === j ? null : greater(part, i, j))));
  plot(id, [{ ...heat(colours(), id), z }], {
    width: Math.max(plotWidth(id), room + 14 * shown.length + 20),
    height: 22 * shown.length + bottom + 12, margin: { l: room, r: 10, t: 8, b: bottom },
    xaxis: { tickvals: below.map((_, k) => k), ticktext: below.map(plain), tickangle: -90, showgrid: false, zeroline: false, ticks: "" },
    yaxis: modelAxis(labels),
  }, {
    tip: ({ x, y, z: share }) => (share === null ? "" : `${names[y]} more efficient than ${names[x]}: ${percent(share)}\nless: ${percent(greater(part, shown[x], shown[y]))}`),
    click: ({ y }) => choose(shown[y]),
  });
  byId("pair-figure").querySelector(".now").textContent =
    shown.length < part.models.length ? `Shown are ${shown.length} of ${part.models.length} models at a time.` : "";
}

function pairTable() {
  const part = current();
  const i = state.model;
  const others = part.models.map((_, j) => j).filter((j) => j !== i);
  return createTable([`${part.models[i]} against`, "more efficient", "less efficient", "tie, about"], others.map((j) => {
    const [more, less] = [greater(part, i, j), greater(part, j, i)];
    return [part.models[j], percent(more), percent(less), percent(Math.max(0, 100 - more - less))];
  }));
}

const variation = (metric, i) => (metric.sd[i] > 0 && metric.mean[i] > 0 ? (100 * metric.sd[i]) / metric.mean[i] : null);
const SYMBOLS = ["circle", "diamond", "square", "triangle-up", "cross", "x", "star", "triangle-down"];
const GLYPHS = ["●", "◆", "■", "▲", "✚", "✖", "★", "▼"];

// A key above a figure: a symbol and a colour for each text, in order.
function setKey(id, texts, theme) {
  byId(id).querySelector(".key")?.remove();
  const items = texts.map((text, k) => {
    const item = create("li", { class: "swatch" }, text);
    item.style.setProperty("--swatch", palette(theme, k));
    item.style.setProperty("--symbol", `"${GLYPHS[k % GLYPHS.length]}"`);
    return item;
  });
  byId(id).querySelector(".plot").before(create("ul", { class: "key" }, ...items));
}

function palette(theme, k) {
  return [theme.accent, theme.second, theme.third, theme.muted][k % 4];
}

function drawSpread() {
  const part = current();
  const theme = colours();
  const shown = shownModels();
  const id = "spread-figure-plot";
  const { labels, room } = nameLabels(shown.map((i) => part.models[i]), id);
  const varying = part.metrics.filter((metric) => metric.sd.some((sd) => sd > 0));
  const traces = varying.map((metric, k) => ({
    x: shown.map((i) => variation(metric, i)), y: shown.map((_, place) => place), mode: "markers", name: plain(metric.name),
    marker: { size: 9, symbol: SYMBOLS[k % SYMBOLS.length], color: palette(theme, k) },
  }));
  const values = traces.flatMap((trace) => trace.x).filter((value) => value !== null);
  const log = values.length > 0 && Math.max(...values) > 10 * Math.min(...values);
  setKey("spread-figure", varying.map((metric) => metric.name), theme);
  plot(id, traces, {
    height: 24 * shown.length + 60, margin: { l: room, r: 20, t: 8, b: 46 },
    xaxis: { title: { text: "sd in percent of the mean", standoff: 6 }, ...(log ? logAxis(axisRange(values, true)) : { rangemode: "tozero" }) },
    yaxis: { ...modelAxis(labels), showgrid: true },
  }, { tip: ({ x, y, curveNumber }) => `${part.models[shown[y]]}\n${varying[curveNumber].name}: ${x.toPrecision(2)} %` });
  byId("spread-figure").querySelector(".now").textContent = varying.length ? (log ? "The axis is logarithmic." : "") : "No metric was repeated, or no two repeats differ.";
}

function spreadTable() {
  const part = current();
  const text = (value) => (value === null ? "no spread" : percent(value.toPrecision(2)));
  return createTable(["Model", ...part.metrics.map((metric) => metric.name)], shownModels().map((i) =>
    [part.models[i], ...part.metrics.map((metric) => text(variation(metric, i)))]));
}

const orderMetric = () => current().metrics[Number(byId("order-metric").value)];

function deviations(metric, i) {
  const mean = metric.runs[i].reduce((sum, value) => sum + value, 0) / metric.runs[i].length;
  return mean > 0 ? metric.runs[i].map((value) => 100 * (value / mean - 1)) : [];
}

function middle(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function drawOrder() {
  const part = current();
  const now = byId("order-figure").querySelector(".now");
  const id = "order-figure-plot";
  if (byId("order-metric").value === "") {
    Plotly.purge(id);
    now.textContent = "There are no repeated runs to show.";
    return;
  }
  const theme = colours();
  const metric = orderMetric();
  const all = part.models.map((_, i) => (metric.runs[i].length > 1 ? deviations(metric, i) : []));
  const shown = shownModels().filter((i) => i !== state.model && all[i].length);
  const numbers = (values) => values.map((_, run) => run + 1);
  const longest = Math.max(...all.map((values) => values.length));
  const medians = Array.from({ length: longest }, (_, run) => middle(all.flatMap((values) => (run < values.length ? [values[run]] : []))));
  const line = (values, name, style, size) => ({ x: numbers(values), y: values, name: plain(name), mode: "lines+markers", line: style, marker: { size, color: style.color } });
  const lines = [...shown.map((i) => [i, theme.faint, 1, 4]), ...(all[state.model].length ? [[state.model, theme.second, 2.2, 7]] : [])];
  const traces = lines.map(([i, color, width, size]) => line(all[i], part.models[i], { color, width }, size));
  traces.push(line(medians, "median of all models", { color: theme.text, width: 3 }, 5));
  plot(id, traces, {
    height: 380, margin: { l: 60, r: 14, t: 10, b: 46 },
    xaxis: { title: { text: "run, in the order of the table", standoff: 6 }, dtick: longest <= 20 ? 1 : undefined, zeroline: false },
    yaxis: { title: { text: "difference from the mean, %", standoff: 6 } },
  }, {
    tip: ({ curveNumber, x, y }) => `${curveNumber < lines.length ? part.models[lines[curveNumber][0]] : "median of all models"}\nrun ${x}: ${y.toPrecision(2)} %`,
  });
  now.textContent = `${metric.name}.${part.runs_kept ? ` Of each model, only the first ${part.runs_kept} runs are kept in this page.` : ""}`;
}

function orderTable() {
  const part = current();
  if (byId("order-metric").value === "") return create("p", {}, "There are no repeated runs.");
  const metric = orderMetric();
  const shown = shownModels();
  const longest = Math.max(...shown.map((i) => metric.runs[i].length));
  const runs = Array.from({ length: longest }, (_, run) => run);
  return createTable(["Model", ...runs.map((run) => `run ${run + 1}`)], shown.map((i) =>
    [part.models[i], ...runs.map((run) => String(metric.runs[i][run] ?? ""))]));
}

const setNames = () => Array.from(document.querySelectorAll("#part label"), (label) => label.textContent.trim());

function drawSets() {
  const theme = colours();
  const shown = shownModels(parts[0]).map((i) => parts[0].models[i]);
  const id = "set-plot-plot";
  const { labels, room } = nameLabels(shown, id);
  const places = parts.map((part) => shown.map((name) => part.place.get(name)));
  const traces = parts.map((part, set) => {
    const x = places[set].map((i) => part.mean[i]);
    return {
      x, y: shown.map((_, k) => k + (set - (parts.length - 1) / 2) * (0.6 / parts.length)), mode: "markers",
      marker: { size: 9, symbol: SYMBOLS[set % SYMBOLS.length], color: palette(theme, set) },
      error_x: {
        type: "data", symmetric: false, thickness: 2, width: 0, color: palette(theme, set),
        array: places[set].map((i, k) => Math.max(0, part.quantiles[4][i] - x[k])),
        arrayminus: places[set].map((i, k) => Math.max(0, x[k] - part.quantiles[0][i])),
      },
    };
  });
  const names = setNames();
  setKey("set-plot", names, theme);
  const axis = efficiencyAxis(Math.min(...places.flatMap((own, set) => own.map((i) => parts[set].quantiles[0][i]))));
  byId("set-plot").querySelector(".now").textContent = remarkOn(axis);
  plot(id, traces, {
    height: (16 + 9 * parts.length) * shown.length + 60, margin: { l: room, r: 14, t: 8, b: 46 },
    xaxis: axis, yaxis: { ...modelAxis(labels), showgrid: true },
  }, { tip: ({ curveNumber, pointIndex }) => `${names[curveNumber]}\n${describeBox(parts[curveNumber], places[curveNumber][pointIndex])}` });
}

function setTable() {
  return createTable(["Model", ...setNames()], shownModels(parts[0]).map((i) => {
    const name = parts[0].models[i];
    return [name, ...parts.map((part) => part.mean[part.place.get(name)].toFixed(4))];
  }));
}
