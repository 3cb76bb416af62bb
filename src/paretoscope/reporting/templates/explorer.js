// The models over two metrics, a third as colour, and what the chosen model is asked for.
const axes = { x: 0, y: 0, colour: -1, log: { x: false, y: false } };

const metricTitle = (metric) =>
  `${metric.name}${metric.unit ? `, ${metric.unit}` : ""} (${metric.input ? "↓ better small" : "↑ better large"})`;

function fillExplorer() {
  const { metrics, models } = current();
  const option = (text, value) => create("option", { value }, text);
  const choices = () => metrics.map((metric, k) => option(metric.name, k));
  byId("x").replaceChildren(...choices());
  byId("y").replaceChildren(...choices());
  byId("colour").replaceChildren(option("tier", -1), option("P(efficient)", -2), ...choices());
  byId("model").replaceChildren(...models.map(option));
  byId("order-metric").replaceChildren(...metrics.flatMap((metric, k) =>
    metric.runs.some((runs) => runs.length > 1) ? [option(metric.name, k)] : []));
  setAxis("x", 0);
  setAxis("y", Math.max(metrics.findIndex((metric) => !metric.input), Math.min(1, metrics.length - 1)));
  byId("colour").value = axes.colour = -1;
}

function setAxis(which, k) {
  const metric = current().metrics[k];
  axes[which] = k;
  byId(which).value = k;
  axes.log[which] = metric.wide;
  byId(`${which}-log`).checked = axes.log[which];
  byId(`${which}-log`).disabled = !(Math.min(...metric.mean) > 0);
}

// P(efficient) in place of a metric.
const chances = ({ p_efficient: mean }) => ({ name: "P(efficient)", mean, wide: isWide(mean) });

// Points along lines, a few pixels apart, that labels should keep off.
function alongLines(lines) {
  return lines.flatMap((line) => line.slice(1).flatMap(([left, top], k) => {
    const [fromLeft, fromTop] = line[k];
    const steps = Math.ceil(Math.hypot(left - fromLeft, top - fromTop) / 6);
    return Array.from({ length: steps }, (_, step) => [
      fromLeft + (step / steps) * (left - fromLeft), fromTop + (step / steps) * (top - fromTop),
    ]);
  }));
}

// Where each label may stand without touching a label, a point or, if it can be helped, a line: greedy, in order.
function placeLabels(points, wanted, lines, size) {
  const around = (room) => ([left, top]) => [left - room, top - room, left + room, top + room];
  const taken = points.map(({ left, top, ringed }) => around(ringed ? 10 : 5)([left, top]));
  const onLines = alongLines(lines).map(around(2));
  const sides = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]];
  const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  const found = [];
  wanted.forEach((i) => {
    const text = shorten(points[i].name, Math.min(170, 0.45 * size.width));
    const [width, height] = [textWidth(text) + 2, FONT + 4];
    const gap = points[i].ringed ? 11 : 7;
    const boxes = sides.map(([across, down]) => {
      const left = points[i].left - width / 2 + across * (width / 2 + (down ? 3 : gap));
      const top = points[i].top - height / 2 + down * (height / 2 + gap);
      return [left, top, left + width, top + height];
    });
    const inside = boxes.filter((box) => box[0] > 0 && box[1] > 0 && box[2] < size.width + 10 && box[3] < size.height);
    const free = inside.filter((box) => !taken.some((other) => overlap(box, other)));
    const best = free.find((box) => !onLines.some((other) => overlap(box, other))) ?? free[0];
    if (!best) return;
    taken.push(best);
    found.push({ i, text, right: best[0] - points[i].left, up: points[i].top - best[1] });
  });
  return found;
}

// What the explorer shows: two metrics with their scales, a third, and where a point comes to lie in pixels.
function explorerView(id) {
  const part = current();
  const [x, y] = [part.metrics[axes.x], part.metrics[axes.y]];
  const third = axes.colour === -2 ? chances(part) : part.metrics[axes.colour];
  const advice = part.advice[state.model];
  const point = [advice.point[axes.x], advice.point[axes.y]];
  const own = [x.mean[state.model], y.mean[state.model]];
  const away = advice.score !== null && !point.includes(null) && point.some((value, k) => value !== own[k]);
  const target = away ? point : null;
  const scale = (metric, which, k) => {
    const log = axes.log[which];
    const range = axisRange([...metric.mean, ...(target ? [target[k]] : [])].filter((value) => !log || value > 0), log);
    return log ? logAxis(range) : { type: "linear", range };
  };
  const [xScale, yScale] = [scale(x, "x", 0), scale(y, "y", 1)];
  const height = printing || plotWidth(id) < 500 ? 380 : 500;
  const margin = { l: 66, r: third ? 84 : 14, t: 14, b: 54 };
  const size = { width: plotWidth(id) - margin.l - margin.r, height: height - margin.t - margin.b };
  const placed = (value, { type }) => (type === "log" ? Math.log10(value) : value);
  const share = (value, axis) => (placed(value, axis) - axis.range[0]) / (axis.range[1] - axis.range[0]);
  return {
    part, x, y, third, own, target, xScale, yScale, height, margin, size, placed, theme: colours(),
    peers: advice.peers.map(([peer]) => peer).filter((peer) => peer !== state.model),
    curve: part.curves[`${axes.x},${axes.y}`] || {}, // of very many metrics, not every pair has one
    few: part.models.length <= PER_PAGE,
    pixel: (xValue, yValue) => [size.width * share(xValue, xScale), size.height * (1 - share(yValue, yScale))],
  };
}

// The frontier's traces, and as pixels the lines that labels keep off.
function frontierTraces({ x, curve, theme, pixel }) {
  const traces = [];
  const lines = [];
  const shape = x.input ? "hv" : "vh";
  if (curve.band?.[0].length) {
    const [grid, low, high] = curve.band;
    const line = { width: 0, shape };
    const fill = { fill: "tonexty", fillcolor: `${theme.faint}44` };
    traces.push({ x: grid, y: low, mode: "lines", line }, { x: grid, y: high, mode: "lines", line, ...fill });
  }
  if (curve.staircase) {
    // What the last model gives is within reach of all that take more, or ask for less.
    const [xs, ys] = curve.staircase;
    const stairs = x.input
      ? [[...xs, Math.max(...x.mean)], [...ys, ys.at(-1)]]
      : [[Math.min(...x.mean), ...xs], [ys[0], ...ys]];
    lines.push(stairs[0].flatMap((value, k) => {
      const corner = x.input ? [value, stairs[1][k - 1]] : [stairs[0][k - 1], stairs[1][k]];
      return [...(k ? [pixel(...corner)] : []), pixel(value, stairs[1][k])];
    }));
    const line = { color: theme.text, width: 1.6, shape };
    traces.push({ x: stairs[0], y: stairs[1], mode: "lines", name: "staircase", line });
  }
  if (curve.hull) {
    const [xs, ys] = densify(curve.hull);
    lines.push(xs.map((value, k) => pixel(value, ys[k])));
    traces.push({ x: xs, y: ys, mode: "lines", line: { color: theme.third, width: 1.8, dash: "dash" } });
  }
  return { traces, lines };
}

function modelTrace({ part, x, y, third, theme, few }) {
  const first = part.tier.map((tier) => tier === 1);
  const bars = (metric) => (few && metric.sd.some((sd) => sd > 0)
    ? { type: "data", array: metric.sd, color: theme.faint, thickness: 1, width: 0 }
    : { visible: false });
  const colour = third
    ? { ...thirdColour(third), colorscale: "Viridis", reversescale: Boolean(third.input), showscale: true }
    : { color: first.map((yes) => (yes ? theme.accent : theme.faint)) };
  return {
    x: x.mean, y: y.mean, error_x: bars(x), error_y: bars(y), mode: "markers", name: "models", cliponaxis: false,
    marker: {
      size: few ? 10 : 7, symbol: first.map((yes) => (yes ? "circle" : "circle-open")), line: { width: 1.5 }, ...colour,
    },
  };
}

// A ring around the chosen model, squares around its peers, and the way to its target.
function chosenTraces({ x, y, own, target, peers, theme }) {
  const way = target && {
    x: [own[0], target[0]], y: [own[1], target[1]], mode: "lines+markers", name: "target",
    line: { color: theme.second, width: 1.6, dash: "dot" },
    marker: { symbol: ["circle", "star"], size: [1, 13], color: theme.second },
  };
  const around = (models, symbol, size, color, width) => ({
    x: models.map((i) => x.mean[i]), y: models.map((i) => y.mean[i]), mode: "markers",
    marker: { symbol, size, color, line: { width } },
  });
  return [
    ...(way ? [way] : []),
    around(peers, "square-open", 16, theme.third, 2),
    around([state.model], "circle-open", 19, theme.second, 3),
  ];
}

function labelModels({ part, x, y, own, target, peers, curve, few, size, pixel, placed, xScale, yScale }, lines) {
  const points = part.models.map((name, i) => {
    const [left, top] = pixel(x.mean[i], y.mean[i]);
    return { name, left, top, ringed: i === state.model };
  });
  const vertices = new Set(curve.staircase?.[0].map((value, k) => `${value},${curve.staircase[1][k]}`));
  const wanted = part.models.map((_, i) => i).filter((i) => few || vertices.has(`${x.mean[i]},${y.mean[i]}`));
  const way = target ? [[pixel(...own), pixel(...target)]] : [];
  const bars = !few ? [] : part.models.flatMap((_, i) => [
    [pixel(Math.max(x.mean[i] - x.sd[i], 0.01 * x.mean[i]), y.mean[i]), pixel(x.mean[i] + x.sd[i], y.mean[i])],
    [pixel(x.mean[i], Math.max(y.mean[i] - y.sd[i], 0.01 * y.mean[i])), pixel(x.mean[i], y.mean[i] + y.sd[i])],
  ]);
  const order = [...new Set([state.model, ...peers, ...wanted])];
  const labels = placeLabels(points, order, [...lines, ...way, ...bars], size);
  return labels.map(({ i, text, right, up }) => ({
    x: placed(x.mean[i], xScale), y: placed(y.mean[i], yScale), text: plain(text), showarrow: false, borderpad: 0,
    xanchor: "left", yanchor: "top", xshift: right, yshift: up,
  }));
}

function drawExplorer() {
  const id = "explorer-figure-plot";
  const view = explorerView(id);
  const { part, x, y, third, size, height, margin, few } = view;
  const { traces, lines } = frontierTraces(view);
  const annotations = labelModels(view, lines);
  // Only the models answer the pointer, not what is drawn around them.
  const silent = (trace) => ({ ...trace, hoverinfo: "skip" });
  const title = (metric, room) => ({ text: plain(shorten(metricTitle(metric), room)), standoff: 8 });
  const layout = {
    height, margin, annotations,
    xaxis: { ...view.xScale, title: title(x, size.width) }, yaxis: { ...view.yScale, title: title(y, size.height) },
  };
  plot(id, [...traces.map(silent), modelTrace(view), ...chosenTraces(view).map(silent)], layout, {
    zoom: true,
    tip: ({ pointIndex }) => describePoint(part, pointIndex, [x, y, third]),
    click: ({ pointIndex }) => choose(pointIndex),
  });
  const { length } = part.models;
  const unlabelled = length - annotations.length;
  const labelled = !few
    ? " Labelled are the chosen model, its peers and models of the frontier, where there is room."
    : unlabelled ? ` ${unlabelled} of them bear no label for lack of room.` : "";
  const nFirst = part.tier.filter((tier) => tier === 1).length;
  remark("explorer-figure", `${y.name} over ${x.name}; of ${length} models, ${nFirst} are in tier 1.${labelled}`);
}

// A third metric as colour, logarithmic where it spans a factor of ten, like the axes.
function thirdColour(third) {
  const log = third.wide;
  const color = log ? third.mean.map(Math.log10) : third.mean;
  const { tickvals, ticktext } = log ? logAxis([Math.min(...color), Math.max(...color)]) : {};
  const ticks = log ? { tickvals: tickvals.map(Math.log10), ticktext } : {};
  const title = { text: plain(shorten(third.name, 280)), side: "right" };
  return { color, colorbar: { title, thickness: 12, outlinewidth: 0, ...ticks } };
}

// On a logarithmic axis, a straight mixture is a bent line.
function densify([xs, ys]) {
  const dense = [[], []];
  xs.slice(1).forEach((_, k) => {
    for (let step = 0; step < 24; step += 1) {
      dense[0].push(xs[k] + (step / 24) * (xs[k + 1] - xs[k]));
      dense[1].push(ys[k] + (step / 24) * (ys[k + 1] - ys[k]));
    }
  });
  dense[0].push(xs.at(-1));
  dense[1].push(ys.at(-1));
  return dense;
}

function describePoint(part, i, metrics) {
  const lines = metrics.filter((metric) => metric?.name).map((metric) => {
    const k = part.metrics.indexOf(metric);
    if (k < 0) return `${metric.name}: ${metric.mean[i].toFixed(2)}`;
    const own = metric.runs[i];
    const runs = own.length > 1 ? `\n  runs: ${own.slice(0, 12).join(", ")}${own.length > 12 ? ", …" : ""}` : "";
    return `${metric.name}: ${metric.text[i]} ${metric.unit}`.trim() + runs;
  });
  return [part.models[i], ...new Set(lines)].join("\n");
}

function explorerTable() {
  const part = current();
  const shown = [axes.x, axes.y, ...(axes.colour >= 0 ? [axes.colour] : [])];
  const head = ["Model", ...shown.flatMap((k) => [part.metrics[k].name, "sd of a run"]), "tier"];
  return createTable(head, part.models.map((name, i) => [
    name, ...shown.flatMap((k) => [part.metrics[k].mean[i], part.metrics[k].sd[i]]).map(String), String(part.tier[i]),
  ]));
}

// The chosen model in words and numbers.
function describeChosen() {
  const part = current();
  const i = state.model;
  const advice = part.advice[i];
  const rows = part.metrics.map((metric, k) => [metric.name, ...advice.cells[k]]);
  const peers = advice.peers.map(([peer, weight]) => create("li", {}, `${part.models[peer]}, weight ${weight}`));
  const [low, high] = [part.quantiles[0][i], part.quantiles[4][i]].map((value) => value.toFixed(2));
  const atMeans = `Efficiency at the means ${advice.score === null ? "unknown" : advice.score.toFixed(4)}`;
  const overDraws = `over the draws ${part.mean[i].toFixed(2)} (5 % to 95 %: ${low} to ${high})`;
  const onFrontier = `on the frontier in ${(100 * part.p_efficient[i]).toFixed(0)} % of them`;
  const scrolled = { class: "scroll", role: "region", tabindex: "0", "aria-label": "Metrics, targets and slacks" };
  byId("detail").replaceChildren(
    create("h3", {}, part.models[i]),
    create("p", {}, advice.text),
    create("p", {}, `${atMeans}; ${overDraws}, ${onFrontier}; tier ${part.tier[i]}.`),
    create("div", scrolled, createTable(["Metric", "now", "target", "of it slack"], rows)),
    ...(peers.length ? [create("h3", {}, "Compared with (peers)"), create("ul", {}, ...peers)] : []),
  );
}
