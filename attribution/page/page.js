const NARROW = 640, PAPER = 980;

const words = new Intl.Collator(undefined, { numeric: true });
const keyed = (place, isNumber) => (row) => [isNumber ? row.cells[place].dataset.value : row.cells[place].textContent, row];
const compare = (isNumber, down) => ([x], [y]) => {
  if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
  const order = isNumber ? Number(x) - Number(y) : words.compare(x, y);
  return down ? -order : order;
};

const tables = [...document.querySelectorAll("table.sortable")];
const everyHead = tables.flatMap((table) => [...table.tHead.rows[0].cells]);
// On paper a heading is repeated on every page only where nothing in it can be pressed.
const makePressable = () => everyHead.forEach((head) => {
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.append(...head.childNodes);
  head.append(button);
});
const makePlain = () => everyHead.forEach((head) => head.replaceChildren(...head.firstChild.childNodes));

for (const table of tables) {
  const heads = [...table.tHead.rows[0].cells];
  table.tHead.addEventListener("click", ({ target }) => {
    const head = target.closest("button")?.parentElement;
    if (!head) return;
    const isNumber = head.classList.contains("number"), sorted = head.getAttribute("aria-sort");
    const down = sorted ? sorted === "ascending" : isNumber;
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const inOrder = [...body.rows].map(keyed(heads.indexOf(head), isNumber)).sort(compare(isNumber, down));
    body.append(...inOrder.map(([, row]) => row));
  });
}
makePressable();

// A table is called by what stands above it.
const headingOf = (node) => {
  const folded = node.closest("details");
  if (folded) return folded.querySelector("summary");
  while (node && !/^H[23]$/.test(node.tagName)) node = node.previousElementSibling;
  return node;
};
for (const region of document.querySelectorAll(".scroll")) region.ariaLabel = headingOf(region)?.textContent ?? region.ariaLabel;

const source = document.getElementById("daily");
if (source) {
  const { currency, locale, separators, config, days, codes, rows } = JSON.parse(source.textContent);
  const UNITS = 10000, DAY = 86400000;
  const money = new Intl.NumberFormat(locale, { style: "currency", currency });
  const count = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const form = document.getElementById("filter");
  const sum = (picked, place) => picked.reduce((total, row) => total + (row[place] || 0), 0);

  const cell = (row, text, value) => {
    const isFirst = !row.cells.length;
    const made = row.appendChild(document.createElement(isFirst ? "th" : "td"));
    if (isFirst) made.scope = "row";
    if (value === undefined) return made.appendChild(document.createElement("div")).textContent = text;
    Object.assign(made, { className: "number", textContent: text });
    if (value !== null) made.dataset.value = value;
  };

  const fillTable = (picked) => {
    const table = document.getElementById("filtered-table"), body = table.tBodies[0];
    for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
    body.replaceChildren();
    const byCode = new Map();
    for (const row of picked) byCode.has(row[1]) ? byCode.get(row[1]).push(row) : byCode.set(row[1], [row]);
    const listed = [...byCode].map(([code, own]) => [code, own, sum(own, 5)]).sort((a, b) => b[2] - a[2]);
    for (const [code, own, units] of listed) {
      const made = body.insertRow();
      cell(made, codes[code][0]);
      cell(made, codes[code][1] ?? "–");
      const hasScans = own.some((row) => row[3] !== null);
      cell(made, hasScans ? count.format(sum(own, 3)) : "–", hasScans ? sum(own, 3) : null);
      cell(made, count.format(sum(own, 2)), sum(own, 2));
      cell(made, count.format(sum(own, 4)), sum(own, 4));
      cell(made, money.format(units / UNITS), units / UNITS);
    }
  };

  const everyDay = (from, to) => {
    const listed = [];
    for (let day = Date.parse(from); day <= Date.parse(to); day += DAY) listed.push(new Date(day).toISOString().slice(0, 10));
    return listed;
  };

  const show = () => {
    const { campaign, from, to } = Object.fromEntries(new FormData(form));
    const picked = rows.filter(([day, code]) =>
      (!campaign || codes[code][1] === campaign) && (!from || days[day] >= from) && (!to || days[day] <= to));
    const units = sum(picked, 5), sessions = sum(picked, 2);
    document.getElementById("filtered").textContent = picked.length
      ? `${money.format(units / UNITS)} from ${count.format(sum(picked, 4))} conversions and ${count.format(sessions)} scan sessions`
        + (sessions ? `, ${money.format(units / UNITS / sessions)} per session` : "")
      : "Nothing happened in this selection.";
    fillTable(picked);
    if (!rows.length) return;
    const perDay = new Map();
    for (const row of picked) perDay.set(days[row[0]], (perDay.get(days[row[0]]) || 0) + row[5]);
    // A year that is being typed is 0002 at first: only days of the data are drawn.
    const [first, last] = [days[0], days[days.length - 1]];
    const shown = everyDay(from > first ? from : first, to && to < last ? to : last);
    const visible = shown.length > 0;
    const values = shown.map((day) => (perDay.get(day) || 0) / UNITS);
    Plotly.react("filtered-figure", [{
      type: "bar", x: shown, y: values, marker: { color: "#0072B2" },
      text: values.map((value) => money.format(value)), textposition: "none", hovertemplate: "%{x}: %{text}<extra></extra>",
    }], {
      title: {
        text: `Revenue per day (${currency})`, x: 0, xanchor: "left", xref: "container", pad: { l: 8 },
        font: { size: innerWidth < NARROW ? 12 : 16 },
      },
      height: 320, margin: { l: 64, r: 16, t: 48, b: 48 },
      font: { family: "system-ui, sans-serif", size: 14 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: { visible, type: "date", ...(shown.length < 8 && { dtick: DAY, tickformat: "%b %-d, %Y" }) },
      yaxis: { visible, tickformat: ",~f" }, separators,
    }, config);
  };

  form.hidden = !rows.length;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  show();
}

const plots = () => [...document.querySelectorAll(".js-plotly-plot")];

addEventListener("load", () => {
  dispatchEvent(new Event("resize"));
  if (innerWidth < NARROW) plots().forEach((plot) => Plotly.relayout(plot, {
    "title.font.size": 12, ...(plot.layout.yaxis && { "yaxis.tickfont.size": 11 }),
  }));
});
// Paper is not as wide as the screen: figures shrink to fit it, and come back. Their own width is held meanwhile, for
// a shrunk figure that is laid out anew would take the whole width again.
addEventListener("beforeprint", makePlain);
addEventListener("afterprint", makePressable);
addEventListener("beforeprint", () => plots().forEach((plot) => {
  const room = plot.closest(".pair") ? PAPER / 2 : PAPER;
  plot.style.maxWidth = `${plot.offsetWidth}px`;
  plot.style.zoom = Math.min(1, room / plot.offsetWidth);
}));
addEventListener("afterprint", () => plots().forEach((plot) => Object.assign(plot.style, { maxWidth: "", zoom: "" })));
