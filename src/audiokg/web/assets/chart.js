// Results as a picture: a number for each name as bars, a number by time or by a number as dots.
import { isNumber, make, makeChoice, shorten } from "./terms.js";

const MOST_BARS = 60;
const MOST_GROUPS = 8;
const WIDTH = 860;
const LABELS = 250;
const TIME = /^\d{4}(-\d{2}(-\d{2}(T.*)?)?)?$/;

export class Chart {
  label = "Chart";
  priority = 4;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    const columns = this.#columns();
    return columns.length > 1 && columns.some((column) => column.kind === "number");
  }

  draw() {
    const columns = this.#columns();
    const numbers = columns.filter((column) => column.kind === "number");
    this.y = numbers.at(-1).name;
    const others = columns.filter((column) => column.name !== this.y);
    this.x = (["time", "name", "number"].map((kind) => others.find((column) => column.kind === kind)).find(Boolean) ?? others[0]).name;
    this.picture = make("figure", { tabIndex: 0, role: "region", ariaLabel: "Chart" });
    const choices = make(
      "p",
      { className: "line" },
      makeChoice("Show", numbers.map((column) => column.name), this.y, (name) => this.#redraw({ y: name })),
      makeChoice("by", columns.map((column) => column.name), this.x, (name) => this.#redraw({ x: name })),
    );
    this.yasr.resultsEl.append(choices, this.picture);
    this.#redraw({});
  }

  download(name) {
    const svg = this.picture?.querySelector("svg");
    if (!svg) return undefined;
    return { getData: () => standAlone(svg), filename: `${name || "chart"}.svg`, contentType: "image/svg+xml", title: "Download as SVG" };
  }

  #columns() {
    const rows = this.yasr.results?.getBindings() ?? [];
    return (this.yasr.results?.getVariables() ?? []).map((name) => ({ name, kind: kindOf(rows.map((row) => row[name]).filter(Boolean)) }));
  }

  #redraw(chosen) {
    Object.assign(this, chosen);
    const columns = this.#columns();
    const kind = columns.find((column) => column.name === this.x).kind;
    const rows = this.yasr.results.getBindings().filter((row) => row[this.x] && isNumber(row[this.y]));
    const points = rows.map((row) => ({ x: row[this.x], y: Number(row[this.y].value), row }));
    const isBars = kind === "name" || kind === "resource";
    const drawn = isBars ? bars(points, this.y) : dots(points, kind, this.x, this.y, groupBy(columns, rows, this.x));
    drawn.svg.setAttribute("role", "img");
    drawn.svg.setAttribute("aria-label", `${this.y} by ${this.x}, ${points.length} rows; the table has the values`);
    this.picture.replaceChildren(drawn.svg, make("figcaption", {}, drawn.caption));
  }
}

/** Tell what a column holds: numbers, times, names, or IRIs (resource). */
function kindOf(terms) {
  if (terms.length && terms.every(isNumber)) return "number";
  if (terms.length && terms.every((term) => TIME.test(term.value))) return "time";
  return terms.some((term) => term.type === "uri") ? "resource" : "name";
}

/** Choose the column that colours the dots: the first of few names. */
function groupBy(columns, rows, x) {
  const found = columns.find(({ name, kind }) => {
    const values = new Set(rows.map((row) => row[name]?.value));
    return name !== x && (kind === "name" || kind === "resource") && values.size > 1 && values.size <= MOST_GROUPS;
  });
  return found?.name;
}

function bars(points, y) {
  const shown = points.slice(0, MOST_BARS);
  const scale = makeScale(shown.map((point) => point.y).concat(0), LABELS, WIDTH - 70);
  const svg = canvas(shown.length * 22 + 30);
  for (const tick of scale.ticks) {
    svg.append(line(scale.at(tick), 0, scale.at(tick), shown.length * 22, "grid"), text(scale.at(tick), shown.length * 22 + 18, tick, "middle"));
  }
  shown.forEach((point, index) => {
    const [from, to] = [scale.at(0), scale.at(point.y)].sort((a, b) => a - b);
    const bar = draw("rect", { x: from, y: index * 22 + 3, width: Math.max(to - from, 1), height: 16, class: "c1" });
    bar.append(title(`${name(point.x)}: ${point.y}`));
    svg.append(text(LABELS - 8, index * 22 + 15, clip(name(point.x)), "end"), bar, text(to + 5, index * 22 + 15, point.y, "start"));
  });
  const part = points.length > shown.length ? ` The first ${shown.length} of ${points.length} rows.` : "";
  return { svg, caption: `${y}, in the order of the results.${part}` };
}

function dots(points, kind, x, y, group) {
  const value = kind === "time" ? (term) => Date.parse(term.value) : (term) => Number(term.value);
  const placed = points.map((point) => ({ ...point, at: value(point.x) })).filter((point) => Number.isFinite(point.at));
  const across = kind === "time" ? makeYears(placed.map((point) => point.at), 70, WIDTH - 20) : makeScale(placed.map((point) => point.at), 70, WIDTH - 20);
  const up = makeScale(placed.map((point) => point.y), 390, 20);
  const svg = canvas(440);
  for (const tick of up.ticks) svg.append(line(70, up.at(tick), WIDTH - 20, up.at(tick), "grid"), text(62, up.at(tick) + 4, tick, "end"));
  for (const tick of across.ticks) svg.append(line(across.at(tick), 20, across.at(tick), 390, "grid"), text(across.at(tick), 408, across.label?.(tick) ?? tick, "middle"));
  svg.append(text(WIDTH - 20, 432, x, "end"), text(8, 12, y, "start"));
  const groups = group ? [...new Set(placed.map((point) => point.row[group]?.value))] : [];
  for (const point of placed) {
    const colour = groups.indexOf(point.row[group]?.value) + 1 || 1;
    const dot = draw("circle", { cx: across.at(point.at), cy: up.at(point.y), r: 4.5, class: `dot c${colour}` });
    dot.append(title(Object.entries(point.row).map(([key, term]) => `${key}: ${name(term)}`).join("\n")));
    svg.append(dot);
  }
  return { svg, caption: make("span", {}, `${placed.length} dots: ${y} by ${x}. `, ...groups.map((value, index) => legend(value, index))) };
}

function legend(value, index) {
  return make("span", { className: "legend" }, make("span", { className: `swatch c${index + 1}` }), value === undefined ? "none" : shorten(value));
}

/** Make a linear scale with round ticks. */
function makeScale(values, start, end) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const width = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(width / 5));
  const step = power * ([1, 2, 5, 10].find((factor) => width / (power * factor) <= 6) ?? 10);
  const [from, to] = [Math.floor(low / step) * step, Math.ceil((high === low ? high + width : high) / step) * step];
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => Number((from + index * step).toPrecision(12)));
  return { ticks, at: (value) => start + ((value - from) / (to - from)) * (end - start) };
}

function makeYears(times, start, end) {
  const years = times.map((time) => new Date(time).getUTCFullYear());
  const [first, last] = [Math.min(...years), Math.max(...years) + 1];
  const step = Math.ceil((last - first) / 10);
  const ticks = [];
  for (let year = first; year <= last; year += step) ticks.push(Date.UTC(year));
  const [from, to] = [Date.UTC(first), Date.UTC(last)];
  return { ticks, label: (time) => new Date(time).getUTCFullYear(), at: (time) => start + ((time - from) / (to - from)) * (end - start) };
}

function name(term) {
  return term.type === "uri" ? shorten(term.value) : term.value;
}

function clip(label) {
  return label.length > 36 ? `${label.slice(0, 35)}…` : label;
}

function draw(kind, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function canvas(height) {
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, class: "chart" });
}

function line(x1, y1, x2, y2, kind) {
  return draw("line", { x1, y1, x2, y2, class: kind });
}

function text(x, y, content, anchor) {
  const element = draw("text", { x, y, "text-anchor": anchor });
  element.textContent = content;
  return element;
}

function title(content) {
  const element = draw("title", {});
  element.textContent = content;
  return element;
}

/** Write a picture with its colours in it, for a file. */
function standAlone(svg) {
  const copy = svg.cloneNode(true);
  const seen = [...svg.querySelectorAll("rect, circle, line, text")];
  [...copy.querySelectorAll("rect, circle, line, text")].forEach((element, index) => {
    const style = getComputedStyle(seen[index]);
    for (const key of ["fill", "stroke", "font-family", "font-size"]) element.setAttribute(key, style.getPropertyValue(key));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return copy.outerHTML;
}
