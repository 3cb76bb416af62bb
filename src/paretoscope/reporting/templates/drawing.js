// What all figures share: colours of the theme, labels that fit, the tip at the pointer, drawing when in sight.
const figures = new Map(); // id -> { draw, table, drawn }
let printing = false;

function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ground", "panel", "text", "muted", "line", "grid", "accent", "second", "third", "faint"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

// Plotly reads a part of HTML in its labels.
const plain = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const FONT = 12;
const FAMILY = "system-ui, sans-serif";
const ruler = document.createElement("canvas").getContext("2d");
function textWidth(text) {
  ruler.font = `${FONT}px ${FAMILY}`;
  return ruler.measureText(text).width;
}

// Cut from a name that is too wide what all names share, then its middle: variants differ at the ends.
function shorten(name, width) {
  if (textWidth(name) <= width) return name;
  const { head, tail } = current().place.has(name) ? current().ends : { head: 0, tail: 0 };
  const own = `${head ? "…" : ""}${name.slice(head, name.length - tail)}${tail ? "…" : ""}`;
  if (textWidth(own) <= width) return own;
  const letters = Array.from(own);
  for (let kept = letters.length - 1; kept > 2; kept -= 1) {
    const head = Math.ceil(kept / 2);
    const cut = `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (kept - head)).join("")}`;
    if (textWidth(cut) <= width) return cut;
  }
  return "…";
}

const plotWidth = (id) => (printing ? 680 : byId(id).clientWidth);

// Labels of a list of names for an axis, and the room that they take.
function nameLabels(names, id) {
  const most = Math.min(260, 0.36 * plotWidth(id));
  const labels = names.map((name) => shorten(name, most));
  return { labels: labels.map(plain), room: Math.ceil(Math.max(...labels.map(textWidth))) + 14 };
}

const axisTitle = (text) => ({ title: { text, standoff: 6 } });

// What is to be said of a figure as it is now drawn.
function remark(id, text) {
  byId(id).querySelector(".now").textContent = text;
}

// An axis of efficiencies; it starts above 0 where they are all large.
function efficiencyAxis(lowest) {
  const start = lowest < 0.5 ? 0 : lowest - 0.2 * (1 - lowest);
  const room = 0.02 * (1 - start) || 0.02;
  return { range: [start - room, 1 + room], ...axisTitle("efficiency") };
}

const remarkOn = ({ range }) => (range[0] > 0 ? "The axis does not start at 0." : "");

// An axis of models, the first on top.
function modelAxis(labels) {
  return {
    tickvals: labels.map((_, i) => i), ticktext: labels, range: [labels.length - 0.5, -0.5],
    showgrid: false, zeroline: false, fixedrange: true, ticks: "",
  };
}

// Whether values ask for a logarithmic axis; of a metric the page is told, from numbers that are not rounded.
function isWide(values) {
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) >= 10 * least;
}

// A logarithmic axis over a range of exponents, with ticks at 1, 2, 5 of each power of ten, or more where it is short.
function logAxis(range) {
  const decades = range[1] - range[0];
  const steps = decades < 0.7 ? [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9] : decades < 3.5 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = Math.floor(range[0]); power <= range[1]; power += 1) {
    ticks.push(...steps.map((step) => Number((step * 10 ** power).toPrecision(2))));
  }
  const shown = ticks.filter((value) => Math.log10(value) >= range[0] && Math.log10(value) <= range[1]);
  const text = (value) => (value >= 1e5 || value < 1e-3 ? value.toExponential() : String(value));
  return { type: "log", range, tickvals: shown, ticktext: shown.map(text) };
}

function axisRange(values, log) {
  const shown = log ? values.map(Math.log10) : values;
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const room = 0.07 * (high - low) || 0.1 * Math.abs(high) || 1;
  return [low - room, high + room];
}

function plot(id, traces, layout, { zoom = false, tip = null, click = null } = {}) {
  const theme = colours();
  const element = byId(id);
  const axis = { gridcolor: theme.grid, linecolor: theme.line, zerolinecolor: theme.line, fixedrange: !zoom };
  const whole = {
    font: { family: FAMILY, size: FONT, color: theme.text },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    showlegend: false, dragmode: zoom ? "zoom" : false, hovermode: "closest", width: plotWidth(id), ...layout,
    xaxis: { ...axis, ...layout.xaxis }, yaxis: { ...axis, ...layout.yaxis },
  };
  const config = {
    displaylogo: false, displayModeBar: false, showTips: false, typesetMath: false,
    topojsonURL: "", plotlyServerURL: "",
  };
  // The page has tips of its own, which know no markup.
  const silent = traces.map((trace) => ({ hoverinfo: "none", ...trace }));
  Plotly.react(element, silent, whole, config);
  ["plotly_hover", "plotly_unhover", "plotly_click"].forEach((event) => element.removeAllListeners(event));
  element.on("plotly_hover", ({ points, event }) => tip && showTip(tip(points[0]), event));
  element.on("plotly_unhover", hideTip);
  element.on("plotly_click", ({ points }) => click?.(points[0]));
}

function showTip(text, event) {
  const tip = byId("tip");
  if (!text) return hideTip();
  tip.textContent = text;
  tip.hidden = false;
  // Beside the pointer, on the side where there is room.
  const beside = (at, size, room) => Math.max(4, at + 14 + size > room ? at - size - 14 : at + 14);
  tip.style.left = `${beside(event.clientX, tip.offsetWidth, window.innerWidth)}px`;
  tip.style.top = `${beside(event.clientY, tip.offsetHeight, window.innerHeight)}px`;
  return undefined;
}

function hideTip() {
  byId("tip").hidden = true;
}

// A figure is drawn once it is nearly in sight, and again when what it shows has changed.
function registerFigure(id, draw, table) {
  const figure = { draw, table, drawn: false };
  figures.set(id, figure);
  const numbers = byId(id).querySelector("details.numbers");
  numbers.addEventListener("toggle", () => fillNumbers(id));
  watcher.observe(byId(id));
}

const watcher = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
    const figure = figures.get(entry.target.id);
    if (!figure.drawn) drawFigure(entry.target.id);
  }),
  { rootMargin: "300px" },
);

function drawFigure(id) {
  const figure = figures.get(id);
  figure.drawn = true;
  figure.draw();
}

function fillNumbers(id) {
  const numbers = byId(id).querySelector("details.numbers");
  if (numbers.open) numbers.querySelector(".scroll").replaceChildren(figures.get(id).table());
}

function refresh(ids = Array.from(figures.keys())) {
  ids.forEach((id) => {
    if (figures.get(id)?.drawn) drawFigure(id);
    if (figures.has(id)) fillNumbers(id);
  });
}
