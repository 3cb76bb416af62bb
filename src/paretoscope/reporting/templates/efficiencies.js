// The figures of the efficiencies: boxes, probabilities of ranks, and of one model against another.
const percent = (share) => `${share} %`;

function drawBoxes() {
  const part = current();
  const theme = colours();
  const shown = shownModels();
  const id = "box-figure-plot";
  const { labels, room } = nameLabels(shown.map((i) => part.models[i]), id);
  const [lowerfence, q1, median, q3, upperfence] = part.quantiles.map((values) => shown.map((i) => values[i]));
  const axis = efficiencyAxis(Math.min(...lowerfence));
  const box = {
    type: "box", orientation: "h", y: shown.map((_, k) => k), lowerfence, q1, median, q3, upperfence,
    line: { color: theme.accent, width: 1.6 }, fillcolor: `${theme.accent}44`, width: 0.6, whiskerwidth: 0.5,
    hoverinfo: "skip",
  };
  const dots = {
    x: shown.map((i) => part.mean[i]), y: box.y, mode: "markers", marker: { color: theme.text, size: 6 },
  };
  plot(id, [box, dots], {
    height: 24 * shown.length + 60, margin: { l: room, r: 14, t: 8, b: 46 }, hovermode: "y",
    xaxis: axis, yaxis: modelAxis(labels),
  }, {
    tip: ({ pointIndex }) => describeBox(part, shown[pointIndex]),
    click: ({ pointIndex }) => choose(shown[pointIndex]),
  });
  remark("box-figure", remarkOn(axis));
}

function describeBox(part, i) {
  const [a, b, c, d, e] = part.quantiles.map((values) => values[i].toFixed(3));
  const mean = `mean ${part.mean[i].toFixed(3)}, median ${c}`;
  return [part.models[i], mean, `25 % to 75 %: ${b} to ${d}`, `5 % to 95 %: ${a} to ${e}`].join("\n");
}

function boxTable() {
  const part = current();
  return createTable(["Model", "mean", "5 %", "25 %", "median", "75 %", "95 %"], shownModels().map((i) =>
    [part.models[i], ...[part.mean, ...part.quantiles].map((values) => values[i].toFixed(4))]));
}

const row = (matrix, width, i) => Array.from(matrix.subarray(i * width, (i + 1) * width));

function heat(id) {
  const theme = colours();
  return {
    type: "heatmap", zmin: 0, zmax: 100, xgap: 1, ygap: 1, colorscale: [[0, theme.panel], [1, theme.accent]],
    showscale: plotWidth(id) > 480, colorbar: { thickness: 12, outlinewidth: 0, ticksuffix: " %", len: 1 },
  };
}

function drawRanks() {
  const part = current();
  const shown = shownModels();
  const id = "rank-figure-plot";
  const { labels, room } = nameLabels(shown.map((i) => part.models[i]), id);
  const bands = part.rank_labels;
  const z = shown.map((i) => row(part.ranks, bands.length, i));
  const needed = bands.length * textWidth(`${bands.at(-1)}  `);
  const step = Math.ceil(needed / Math.max(80, plotWidth(id) - room - 70));
  const ticks = bands.map((_, k) => k).filter((k) => k % step === 0);
  plot(id, [{ ...heat(id), z }], {
    height: 22 * shown.length + 70, margin: { l: room, r: 10, t: 8, b: 46 },
    xaxis: {
      ...axisTitle("rank"), tickvals: ticks, ticktext: ticks.map((k) => bands[k]), tickangle: 0,
      showgrid: false, zeroline: false,
    },
    yaxis: modelAxis(labels),
  }, { tip: ({ x, y, z: share }) => `${part.models[shown[y]]}\nrank ${bands[x]}: ${percent(share)}` });
  remark("rank-figure", bands.length < part.models.length ? `Ranks are put together into ${bands.length} bands.` : "");
}

function rankTable() {
  const part = current();
  const width = part.rank_labels.length;
  return createTable(["Model", ...part.rank_labels], shownModels().map((i) =>
    [part.models[i], ...row(part.ranks, width, i).map(percent)]));
}

// In how many percent of the draws model i is more efficient than j.
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
  const describe = (x, y) => [
    `${names[y]} more efficient than ${names[x]}: ${percent(greater(part, shown[y], shown[x]))}`,
    `less: ${percent(greater(part, shown[x], shown[y]))}`,
  ].join("\n");
  plot(id, [{ ...heat(id), z }], {
    width: Math.max(plotWidth(id), room + 14 * shown.length + 20), // on a phone it is scrolled
    height: 22 * shown.length + bottom + 12, margin: { l: room, r: 10, t: 8, b: bottom },
    xaxis: {
      tickvals: below.map((_, k) => k), ticktext: below.map(plain), tickangle: -90, ticks: "",
      showgrid: false, zeroline: false,
    },
    yaxis: modelAxis(labels),
  }, { tip: ({ x, y, z: share }) => (share === null ? "" : describe(x, y)), click: ({ y }) => choose(shown[y]) });
  const { length } = part.models;
  remark("pair-figure", shown.length < length ? `Shown are ${shown.length} of ${length} models at a time.` : "");
}

function pairTable() {
  const part = current();
  const i = state.model;
  const others = part.models.map((_, j) => j).filter((j) => j !== i);
  const head = [`${part.models[i]} against`, "more efficient", "less efficient", "tie, about"];
  return createTable(head, others.map((j) => {
    const [more, less] = [greater(part, i, j), greater(part, j, i)];
    return [part.models[j], percent(more), percent(less), percent(Math.max(0, 100 - more - less))];
  }));
}
