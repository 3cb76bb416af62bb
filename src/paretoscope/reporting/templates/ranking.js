// Sorting and filtering of the ranking; works on the table as it stands, without any figure.
function startRanking(part) {
  const table = part.querySelector("table.ranking");
  const rows = Array.from(table.tBodies[0].rows);
  const search = part.querySelector(".search");
  const tiers = part.querySelector(".tiers");
  const admissible = part.querySelector(".admissible");

  function filter() {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row) => {
      const inTier = tiers.value === "0" || Number(row.dataset.tier) <= Number(tiers.value);
      const isAdmissible = !admissible.checked || row.cells[row.cells.length - 1].textContent === "";
      row.hidden = !(inTier && isAdmissible && row.cells[0].textContent.toLowerCase().includes(wanted));
      shown += row.hidden ? 0 : 1;
    });
    part.querySelector(".count").textContent = `${shown} of ${rows.length} models`;
  }

  function sort(head) {
    const button = head.querySelector("button");
    const opposite = { ascending: "descending", descending: "ascending" };
    const order = opposite[head.getAttribute("aria-sort")] || button.dataset.first;
    each("th[aria-sort]", (other) => other.setAttribute("aria-sort", "none"), table);
    head.setAttribute("aria-sort", order);
    const key = (row) => row.cells[head.cellIndex];
    const compare = button.dataset.number === "yes"
      ? (a, b) => Number(key(a).dataset.v) - Number(key(b).dataset.v)
      : (a, b) => key(a).textContent.localeCompare(key(b).textContent, "en", { numeric: true });
    const sign = order === "ascending" ? 1 : -1;
    table.tBodies[0].append(...rows.toSorted((a, b) => sign * compare(a, b)));
  }

  [search, tiers, admissible].forEach((control) => control.addEventListener("input", filter));
  each("th[aria-sort]", (head) => head.querySelector("button").addEventListener("click", () => sort(head)), table);
  filter();
}
