// The figures of the runs: how far they spread, and how they follow each other; and efficiencies by set of inputs.
const SYMBOLS = ["circle", "diamond", "square", "triangle-up", "cross", "x", "star", "triangle-down"];
const GLYPHS = ["●", "◆", "■", "▲", "✚", "✖", "★", "▼"];
const palette = (theme, k) => [theme.accent, theme.second, theme.third, theme.muted][k % 4];

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

// A model's standard deviation in percent of the size of its mean, if it has one.
function variation(metric, i) {
  return metric.sd[i] > 0 && metric.mean[i] !== 0 ? (100 * metric.sd[i]) / Math.abs(metric.mean[i]) : null;
}

function drawSpread() {
  const part = current();
  const theme = colours();
  const shown = shownModels();
  const id = "spread-figure-plot";
  const { labels, room } = nameLabels(shown.map((i) => part.models[i]), id);
  const varying = part.metrics.filter((metric) => metric.sd.some((sd) => sd > 0));
  const traces = varying.map((metric, k) => ({
    x: shown.map((i) => variation(metric, i)), y: shown.map((_, place) => place), mode: "markers",
    marker: { size: 9, symbol: SYMBOLS[k % SYMBOLS.length], color: palette(theme, k) },
  }));
  const values = traces.flatMap((trace) => trace.x).filter((value) => value !== null);
  const log = isWide(values);
  const scale = log ? logAxis(axisRange(values, true)) : { rangemode: "tozero" };
  setKey("spread-figure", varying.map((metric) => metric.name), theme);
  plot(id, traces, {
    height: 24 * shown.length + 60, margin: { l: room, r: 20, t: 8, b: 46 },
    xaxis: { ...axisTitle("sd in percent of the mean"), ...scale }, yaxis: { ...modelAxis(labels), showgrid: true },
  }, {
    tip: ({ x, y, curveNumber }) => `${part.models[shown[y]]}\n${varying[curveNumber].name}: ${x.toPrecision(2)} %`,
  });
  const none = "No metric was repeated, or no two repeats differ.";
  remark("spread-figure", varying.length ? (log ? "The axis is logarithmic." : "") : none);
}

function spreadTable() {
  const part = current();
  const text = (value) => (value === null ? "no spread" : percent(value.toPrecision(2)));
  return createTable(["Model", ...part.metrics.map((metric) => metric.name)], shownModels().map((i) =>
    [part.models[i], ...part.metrics.map((metric) => text(variation(metric, i)))]));
}

// The metric whose runs are shown in their order; none if nothing was repeated.
function orderMetric() {
  const { value } = byId("order-metric");
  return value === "" ? null : current().metrics[Number(value)];
}

function deviations(runs) {
  const mean = runs.reduce((sum, value) => sum + value, 0) / runs.length;
  return runs.length > 1 && mean !== 0 ? runs.map((value) => (100 * (value - mean)) / Math.abs(mean)) : [];
}

function middle(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function drawOrder() {
  const id = "order-figure-plot";
  const metric = orderMetric();
  if (!metric) {
    Plotly.purge(id);
    remark("order-figure", "There are no repeated runs to show.");
    return;
  }
  const part = current();
  const theme = colours();
  const all = metric.runs.map(deviations);
  const longest = Math.max(...all.map((values) => values.length));
  const medians = Array.from({ length: longest }, (_, run) =>
    middle(all.filter((values) => run < values.length).map((values) => values[run])));
  const line = (name, y, color, width, size) => ({
    name, x: y.map((_, run) => run + 1), y, mode: "lines+markers", line: { color, width }, marker: { size, color },
  });
  const others = shownModels().filter((i) => i !== state.model && all[i].length);
  const lines = others.map((i) => line(part.models[i], all[i], theme.faint, 1, 4));
  if (all[state.model].length) lines.push(line(part.models[state.model], all[state.model], theme.second, 2.2, 7));
  lines.push(line("median of all models", medians, theme.text, 3, 5));
  plot(id, lines.map((one) => ({ ...one, name: plain(one.name) })), {
    height: 380, margin: { l: 60, r: 14, t: 10, b: 46 },
    xaxis: { ...axisTitle("run, in the order of the table"), zeroline: false, ...(longest <= 20 ? { dtick: 1 } : {}) },
    yaxis: axisTitle("difference from the mean, %"),
  }, { tip: ({ curveNumber, x, y }) => `${lines[curveNumber].name}\nrun ${x}: ${y.toPrecision(2)} %` });
  const kept = part.runs_kept ? ` Of each model, only the first ${part.runs_kept} runs are kept in this page.` : "";
  remark("order-figure", `${metric.name}.${kept}`);
}

function orderTable() {
  const part = current();
  const metric = orderMetric();
  if (!metric) return create("p", {}, "There are no repeated runs.");
  const shown = shownModels();
  const longest = Math.max(...shown.map((i) => metric.runs[i].length));
  const runs = Array.from({ length: longest }, (_, run) => run);
  return createTable(["Model", ...runs.map((run) => `run ${run + 1}`)], shown.map((i) =>
    [part.models[i], ...runs.map((run) => String(metric.runs[i][run] ?? ""))]));
}

const setNames = () => Array.from(document.querySelectorAll("#part label"), (label) => label.textContent.trim());

function drawSets() {
  const theme = colours();
  const names = setNames();
  const shown = shownModels(parts[0]).map((i) => parts[0].models[i]);
  const places = parts.map((part) => shown.map((name) => part.place.get(name)));
  const id = "set-plot-plot";
  const { labels, room } = nameLabels(shown, id);
  const traces = parts.map((part, set) => {
    const columns = [part.quantiles[0], part.mean, part.quantiles[4]];
    const [low, x, high] = columns.map((values) => places[set].map((i) => values[i]));
    const color = palette(theme, set);
    return {
      x, y: shown.map((_, k) => k + (set - (parts.length - 1) / 2) * (0.6 / parts.length)), mode: "markers",
      marker: { size: 9, symbol: SYMBOLS[set % SYMBOLS.length], color },
      error_x: {
        type: "data", symmetric: false, thickness: 2, width: 0, color,
        array: x.map((value, k) => Math.max(0, high[k] - value)),
        arrayminus: x.map((value, k) => Math.max(0, value - low[k])),
      },
    };
  });
  const axis = efficiencyAxis(Math.min(...parts.flatMap((part, set) => places[set].map((i) => part.quantiles[0][i]))));
  setKey("set-plot", names, theme);
  plot(id, traces, {
    height: (16 + 9 * parts.length) * shown.length + 60, margin: { l: room, r: 14, t: 8, b: 46 },
    xaxis: axis, yaxis: { ...modelAxis(labels), showgrid: true },
  }, {
    tip: ({ curveNumber: set, pointIndex }) => `${names[set]}\n${describeBox(parts[set], places[set][pointIndex])}`,
  });
  remark("set-plot", remarkOn(axis));
}

function setTable() {
  return createTable(["Model", ...setNames()], shownModels(parts[0]).map((i) => {
    const name = parts[0].models[i];
    return [name, ...parts.map((part) => part.mean[part.place.get(name)].toFixed(4))];
  }));
}
