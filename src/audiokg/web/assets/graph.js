// Results as a network: triples, or rows with two or more resources.
import cytoscape from "cytoscape";
import { address, make, shorten } from "./terms.js";

const MOST_EDGES = 800;
const TRIPLES = [["subject", "predicate", "object"], ["s", "p", "o"]];
const LABEL = "http://www.w3.org/2000/01/rdf-schema#label";

export class Graph {
  label = "Graph";
  priority = 3;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return this.#read().edges.length > 0;
  }

  draw() {
    const { edges, labels, omitted } = this.#read();
    const shown = edges.slice(0, MOST_EDGES);
    const nodes = new Set(shown.flatMap((edge) => [edge.source, edge.target]));
    const frame = make("div", { className: "network", role: "img", ariaLabel: `A network of ${nodes.size} resources; the table has the values` });
    const part = shown.length < edges.length ? `The first ${shown.length} of ${edges.length} links. ` : `${edges.length} links. `;
    const kinds = new Set(shown.map((edge) => edge.label));
    const kind = kinds.size === 1 ? [...kinds][0] : "";
    const all = kind ? `All links are ${kind}. ` : "";
    const rest = omitted ? `${omitted} triples with text or numbers are not drawn. ` : "";
    this.yasr.resultsEl.append(frame, make("p", { className: "quiet" }, `${part}${all}${rest}Press a resource to read about it.`));
    this.picture = cytoscape({
      container: frame,
      elements: [
        ...[...nodes].map((id) => ({ data: { id, label: labels.get(id) ?? shorten(id) } })),
        ...shown.map((edge) => ({ data: edge })),
      ],
      layout: { name: "cose", animate: false, nodeDimensionsIncludeLabels: true, padding: 20 },
      style: look(frame, kinds.size > 1),
    });
    // Labels are readable at the zoom that shows the whole network.
    const size = Math.min(11 / this.picture.zoom(), 36);
    this.picture.edges().style({ width: size / 8 });
    this.picture.nodes().style({ "font-size": size, width: size, height: size });
    this.picture.on("tap", "node", (event) => {
      const href = address(event.target.id());
      if (href) location.assign(href);
    });
  }

  destroy() {
    this.picture?.destroy();
    this.picture = undefined;
  }

  download(name) {
    return { getData: () => this.picture.png({ full: true, scale: 2 }), filename: `${name || "graph"}.png`, contentType: "image/png", title: "Download as PNG" };
  }

  #read() {
    const names = this.yasr.results?.getVariables() ?? [];
    const rows = this.yasr.results?.getBindings() ?? [];
    const triple = TRIPLES.find((three) => three.every((name) => names.includes(name)));
    return triple ? readTriples(rows, triple) : readPairs(rows, names);
  }
}

function readTriples(rows, [subject, predicate, object]) {
  const labels = new Map();
  const edges = [];
  let omitted = 0;
  for (const row of rows) {
    const [from, by, to] = [row[subject], row[predicate], row[object]];
    if (by?.value === LABEL) labels.set(from.value, to.value);
    else if (from && to && isThing(from) && isThing(to)) edges.push({ source: from.value, target: to.value, label: shorten(by?.value ?? "") });
    else omitted += 1;
  }
  return { edges, labels, omitted };
}

/** Link the first two resources of each row; which of them a column of text names, nobody knows. */
function readPairs(rows, names) {
  const [from, to] = names.filter((name) => rows.some((row) => row[name]?.type === "uri"));
  const pairs = new Map();
  for (const row of to ? rows : []) {
    if (row[from]?.type !== "uri" || row[to]?.type !== "uri") continue;
    const [source, target] = [row[from].value, row[to].value];
    pairs.set(`${source} ${target}`, { source, target, label: "" });
  }
  return { edges: [...pairs.values()], labels: new Map(), omitted: 0 };
}

function isThing(term) {
  return term.type === "uri" || term.type === "bnode";
}

/** Give the style of the drawing, in the colours of the page. */
function look(frame, hasKinds) {
  const colour = (name) => {
    const probe = frame.appendChild(make("span", { className: `colour-${name}` }));
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const [ink, line, accent, paper] = ["ink", "line", "accent", "paper"].map(colour);
  const text = { color: ink, "text-background-color": paper, "text-background-opacity": 0.8 };
  return [
    { selector: "node", style: { ...text, label: "data(label)", "background-color": accent, "text-valign": "bottom", "text-margin-y": 3 } },
    { selector: "edge", style: { ...text, label: hasKinds ? "data(label)" : "", width: 1, "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle", "curve-style": "bezier", "arrow-scale": 0.7, "font-size": 10 } },
  ];
}
