// Results as a table that can be sorted and filtered.
import { address, isNumber, make, shorten } from "./terms.js";

const STEP = 200;

export class Table {
  label = "Table";
  priority = 10;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return Boolean(this.yasr.results?.getVariables()?.length);
  }

  draw() {
    this.names = this.yasr.results.getVariables();
    this.rows = this.yasr.results.getBindings() ?? [];
    this.shown = STEP;
    this.order = null;
    const filter = make("input", { type: "search", className: "filter", placeholder: "Filter these rows" });
    filter.setAttribute("aria-label", "Filter these rows");
    filter.addEventListener("input", () => this.#fill(filter.value));
    this.head = make("tr", {}, ...this.names.map((name) => this.#heading(name)));
    this.body = make("tbody");
    this.more = make("p", { className: "more" });
    const table = make("table", { className: "results" }, make("thead", {}, this.head), this.body);
    const frame = make("div", { className: "wide", tabIndex: 0, role: "region", ariaLabel: "Results" }, table);
    this.yasr.resultsEl.append(filter, frame, this.more);
    this.filter = filter;
    this.#fill("");
  }

  download(name) {
    return {
      getData: () => this.yasr.results.asCsv(),
      filename: `${name || "results"}.csv`,
      contentType: "text/csv",
      title: "Download as CSV",
    };
  }

  #heading(name) {
    const button = make("button", { type: "button" }, name);
    const terms = this.rows.map((row) => row[name]).filter(Boolean);
    const className = terms.length && terms.every(isNumber) ? "number" : "";
    const heading = make("th", { scope: "col", className }, button);
    button.addEventListener("click", () => {
      this.order = { name, down: this.order?.name === name && !this.order.down };
      for (const other of this.head.children) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", this.order.down ? "descending" : "ascending");
      this.#fill(this.filter.value);
    });
    return heading;
  }

  #fill(wanted) {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const text = (row) => this.names.map((name) => written(row[name])).join(" ").toLowerCase();
    const found = words.length ? this.rows.filter((row) => words.every((word) => text(row).includes(word))) : [...this.rows];
    if (this.order) found.sort((a, b) => compare(a[this.order.name], b[this.order.name]) * (this.order.down ? -1 : 1));
    this.body.replaceChildren(...found.slice(0, this.shown).map((row) => this.#row(row)));
    this.more.replaceChildren(...this.#rest(found.length, wanted));
  }

  #rest(count, wanted) {
    if (count === 0) return ["No rows."];
    if (count <= this.shown) return [];
    const button = make("button", { type: "button" }, "Show all");
    button.addEventListener("click", () => {
      this.shown = Infinity;
      this.#fill(wanted);
    });
    return [`The first ${this.shown} of ${count} rows. `, button];
  }

  #row(row) {
    const cells = this.names.map((name) => make("td", { className: isNumber(row[name]) ? "number" : "" }, cell(row[name])));
    return make("tr", {}, ...cells);
  }
}

function written(term) {
  if (!term) return "";
  return term.type === "uri" ? shorten(term.value) : term.value;
}

function cell(term) {
  const href = term?.type === "uri" && address(term.value);
  if (href) return make("a", { href }, written(term));
  return make("span", { lang: term?.["xml:lang"] ?? "" }, written(term));
}

function compare(a, b) {
  if (isNumber(a) && isNumber(b)) return Number(a.value) - Number(b.value);
  return written(a).localeCompare(written(b), "en", { numeric: true });
}
