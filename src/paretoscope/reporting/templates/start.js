// Wire the page: controls first, then everything that was packed, then the figures.
const THEMES = ["system", "light", "dark"];

function choose(index, reveal = false) {
  state.model = index;
  byId("model").value = index;
  describeChosen();
  each("tr.chosen, .node.chosen, .edge.lit", (element) => element.classList.remove("chosen", "lit"));
  const part = `.part[data-part="${state.part}"]`;
  each(`#ranking ${part} .model[data-model="${index}"]`, (button) => button.closest("tr").classList.add("chosen"));
  each(`${part} .node[data-all~="${index}"]`, (node) => {
    const own = node.dataset.model; // of models that share a box, the first stands for it
    node.classList.add("chosen");
    each(`${part} .edge[data-from="${own}"], ${part} .edge[data-to="${own}"]`, (edge) => edge.classList.add("lit"));
  });
  refresh(["explorer-figure", "order-figure", "pair-figure"]);
  if (reveal) {
    byId("detail").scrollIntoView({ block: "center" });
    byId("detail").focus({ preventScroll: true });
  }
}

function turnPage(page) {
  const { length } = current().models;
  const last = Math.ceil(length / PER_PAGE) - 1;
  state.page = Math.min(Math.max(page, 0), last);
  const shown = shownModels();
  each(".pager", (pager) => {
    pager.hidden = last === 0;
    pager.querySelector("output").textContent = `${shown[0] + 1} to ${shown.at(-1) + 1} of ${length} models`;
    pager.querySelector("[data-step='-1']").disabled = state.page === 0;
    pager.querySelector("[data-step='1']").disabled = state.page === last;
  });
  refresh(["box-figure", "rank-figure", "pair-figure", "spread-figure", "order-figure", "set-plot"]);
}

function showPart(number) {
  const name = current()?.models[state.model];
  state.part = number;
  each(".part", (element) => { element.hidden = Number(element.dataset.part) !== number; });
  if (!parts.length) return;
  fillExplorer();
  turnPage(0);
  choose(current().place.get(name) ?? 0);
}

function startControls() {
  each("#ranking .part", startRanking);
  showPart(0);
  let theme = 0;
  byId("theme").addEventListener("click", () => {
    theme = (theme + 1) % THEMES.length;
    byId("theme").textContent = `Colours: ${THEMES[theme]}`;
    document.documentElement.dataset.theme = THEMES[theme];
    refresh();
  });
}

function startFigures() {
  const on = (element, use) => element.addEventListener("input", () => use(element));
  ["x", "y"].forEach((which) => {
    on(byId(which), ({ value }) => setAxis(which, Number(value)));
    on(byId(`${which}-log`), ({ checked }) => { axes.log[which] = checked; });
  });
  on(byId("colour"), ({ value }) => { axes.colour = Number(value); });
  ["x", "y", "x-log", "y-log", "colour"].forEach((id) => on(byId(id), () => refresh(["explorer-figure"])));
  on(byId("model"), ({ value }) => choose(Number(value)));
  on(byId("order-metric"), () => refresh(["order-figure"]));
  each("#part input", (input) => on(input, () => showPart(Number(input.value))));
  each(".pager button", (button) => button.addEventListener("click", () => {
    turnPage(state.page + Number(button.dataset.step));
  }));
  document.addEventListener("click", (event) => {
    const named = event.target.closest("[data-model]");
    if (!named) return;
    event.preventDefault();
    choose(Number(named.dataset.model), true);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => refresh());
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth !== width && !printing) { width = window.innerWidth; refresh(); }
  });
  window.addEventListener("beforeprint", () => printAs(true));
  window.addEventListener("afterprint", () => printAs(false));

  registerFigure("explorer-figure", drawExplorer, explorerTable);
  registerFigure("box-figure", drawBoxes, boxTable);
  registerFigure("rank-figure", drawRanks, rankTable);
  registerFigure("pair-figure", drawPairs, pairTable);
  registerFigure("spread-figure", drawSpread, spreadTable);
  registerFigure("order-figure", drawOrder, orderTable);
  if (parts.length > 1) registerFigure("set-plot", drawSets, setTable);
  showPart(0);
}

// On paper: every figure, at the paper's width, in light colours.
function printAs(yes) {
  printing = yes;
  const root = document.documentElement;
  if (yes) root.dataset.before = root.dataset.theme ?? "";
  root.dataset.theme = yes ? "light" : root.dataset.before;
  figures.forEach((_, id) => drawFigure(id));
}

async function start() {
  document.documentElement.classList.add("scripted");
  startControls();
  if (!window.DecompressionStream) throw new Error("this browser cannot unpack them (DecompressionStream); update it");
  const numbers = Array.from(document.querySelectorAll("#verdict .part"), (_, number) => number);
  const [library, ...unpacked] = await Promise.all([unpackText("plotly"), ...numbers.map(unpackPart)]);
  parts.push(...unpacked);
  document.head.append(create("script", {}, library));
  if (!window.Plotly) throw new Error("plotly did not start");
  startFigures();
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  byId("failure").hidden = false;
  const rest = "Verdict, tables and provenance are complete without them.";
  byId("failure").textContent = `Figures cannot be shown: ${error.message}. ${rest}`;
  each("figure.needs-script", (figure) => { figure.hidden = true; });
});
