// What the page shows, and what is packed into it.
const state = { part: 0, model: 0, page: 0 };
const parts = [];
const PER_PAGE = 30;

const byId = (id) => document.getElementById(id);
const each = (selector, use, within = document) => within.querySelectorAll(selector).forEach(use);

async function unpack(id) {
  const packed = atob(byId(id).textContent);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const unpackText = async (id) => new TextDecoder().decode(await unpack(id));

async function unpackPart(number) {
  const [text, pairwise, ranks] = await Promise.all([
    unpackText(`data-${number}`), unpack(`pairwise-${number}`), unpack(`ranks-${number}`),
  ]);
  const data = JSON.parse(text);
  const place = new Map(data.models.map((name, i) => [name, i]));
  return { ...data, pairwise, ranks, place, ends: commonEnds(data.models) };
}

// What all names begin and end with, up to a mark between words; what is short is not worth leaving out.
function commonEnds(names) {
  const shared = (at) => {
    let length = 0;
    while (length < names[0].length && names.every((name) => at(name, length) === at(names[0], length))) length += 1;
    while (length > 0 && /[\p{L}\p{N}]/u.test(at(names[0], length - 1))) length -= 1;
    return names.length > 2 && length > 4 ? length : 0;
  };
  return { head: shared((name, k) => name[k]), tail: shared((name, k) => name[name.length - 1 - k]) };
}

const current = () => parts[state.part];

// The models that the paged figures show, as places in the ranking.
function shownModels(part = current()) {
  const start = state.page * PER_PAGE;
  const end = Math.min(start + PER_PAGE, part.models.length);
  return Array.from({ length: end - start }, (_, k) => start + k);
}

function create(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

// A table from a head and rows of text; the first cell of a row is its head.
function createTable(head, rows) {
  const line = (cells, tag) => cells.map((text) => create(tag, tag === "th" ? { scope: "col" } : {}, text));
  return create(
    "table", {},
    create("thead", {}, create("tr", {}, ...line(head, "th"))),
    create("tbody", {}, ...rows.map(([first, ...rest]) =>
      create("tr", {}, create("th", { scope: "row" }, create("span", { class: "name" }, first)), ...line(rest, "td")))),
  );
}
