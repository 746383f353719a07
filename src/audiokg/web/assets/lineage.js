// The family graph as something to zoom, move and expand: cytoscape in place of the server's picture.
// What it does is there without it: the picture, its links and the list below.
import cytoscape from "cytoscape";
import dagre from "cytoscape-dagre";

cytoscape.use(dagre);

const KINDS = {
  NeuralAudioCodec: "--c1",
  AudioTokenizer: "--c6",
  RepresentationModel: "--c3",
  AudioLanguageModel: "--c2",
  TextLanguageModel: "--c4",
  Vocoder: "--c7",
  AudioGenerationModel: "--c5",
  MusicModel: "--c5",
};
const OTHER = "--c8";
const LINES = {
  component: ["--ink", "solid"],
  origin: ["--c2", "dashed"],
  family: ["--c1", "dashed"],
  data: ["--c8", "dotted"],
};

/** Make an element with attributes and text. */
function make(name, attributes = {}, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** Give the colour that a variable of the page has now, in light or dark. */
function colour(name) {
  const probe = document.body.appendChild(make("span"));
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Give the sign of a node's kind, as in the legend, as an image. */
function sign(node, fill) {
  const path = `<path d="${node.data("sign")}" fill="${fill}"/>`;
  const image = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 16 16" width="16" height="16">${path}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(image)}`;
}

function styles() {
  const colours = Object.fromEntries(Object.entries(KINDS).map(([kind, name]) => [kind, colour(name)]));
  const other = colour(OTHER);
  const own = (node) => colours[node.data("kind")] ?? other;
  const words = { "font-family": "system-ui, sans-serif", "text-background-color": colour("--paper"), "text-background-opacity": 1 };
  return [
    {
      selector: "node",
      style: {
        ...words, shape: "round-rectangle", width: "data(width)", height: 28, "background-color": colour("--paper"), "border-width": 1.2, "border-color": own,
        label: "data(text)", color: colour("--ink"), "font-size": 13, "text-valign": "center", "text-margin-x": 9, "text-background-opacity": 0,
        "background-image": (node) => sign(node, own(node)), "background-width": 16, "background-height": 16, "background-position-x": 6,
      },
    },
    {
      selector: "edge",
      style: {
        ...words, width: 1.3, "curve-style": "bezier", "target-arrow-shape": "triangle", "arrow-scale": 0.8,
        label: "data(words)", "text-wrap": "wrap", "text-max-width": 100, color: colour("--quiet"), "font-size": 10,
      },
    },
    ...Object.entries(LINES).map(([role, [name, style]]) => ({ selector: `edge[role = "${role}"]`, style: { "line-color": colour(name), "target-arrow-color": colour(name), "line-style": style } })),
    { selector: "node.start", style: { "font-weight": "bold", "border-width": 3 } },
  ];
}

/** Give the elements that the picture shows of an answer of /lineage/<id>?format=json. */
async function read(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const { thing, elements } = await answer.json();
  const nodes = elements.nodes.filter((node) => node.data.drawn);
  const shown = new Set(nodes.map((node) => node.data.id));
  const inside = elements.edges.filter(({ data }) => shown.has(data.source) && shown.has(data.target));
  // Two things have one line, with the words of all their relations.
  const pairs = inside.map(({ data }) => ({ data: { ...data, id: `${data.source} ${data.target}` } }));
  const edges = [...new Map(pairs.map((edge) => [edge.data.id, edge])).values()];
  return { thing, nodes, edges, left: elements.nodes.length - nodes.length };
}

class Explorer {
  constructor(place, found) {
    this.place = place;
    const canvas = make("div", { class: "canvas", "aria-hidden": "true" });
    this.status = make("p", { role: "status", class: "quiet" });
    this.tools = make("div", { class: "tools", role: "group", "aria-label": "Family graph" });
    this.choice = make("select");
    place.replaceChildren(this.tools, canvas, this.status);
    place.hidden = false;
    this.cy = cytoscape({ container: canvas, elements: [...found.nodes, ...found.edges], style: styles(), minZoom: 0.1, maxZoom: 4, layout: { name: "preset", padding: 16 } });
    this.cy.getElementById(found.thing).addClass("start");
    this.expanded = new Set([found.thing]);
    this.listen();
    this.frame(canvas);
    this.offer();
    this.tell(found.left);
  }

  listen() {
    const label = make("label", {}, "Add what lies around ");
    label.append(this.choice);
    this.tools.append(label);
    this.button("Add", () => this.expand(this.choice.value));
    this.button("Zoom in", () => this.zoom(1.3));
    this.button("Zoom out", () => this.zoom(1 / 1.3));
    this.button("Fit", () => this.cy.fit(undefined, 20));
    // A double click is two clicks: cytoscape says onetap only when no second one follows.
    this.cy.on("onetap", "node", (event) => location.assign(event.target.data("path")));
    this.cy.on("dbltap", "node", (event) => this.expand(event.target.id()));
    this.cy.on("mouseover mouseout", "node", (event) => {
      this.cy.container().classList.toggle("pointing", event.type === "mouseover");
    });
    // A wheel over the picture goes on scrolling the page.
    this.cy.container().addEventListener("wheel", (event) => this.cy.userZoomingEnabled(event.ctrlKey || event.metaKey), { capture: true, passive: true });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.cy.style(styles()));
  }

  /** Show all there is, in the width that the page has. */
  frame(canvas) {
    const { w, h } = this.cy.elements().boundingBox();
    const zoom = Math.min(1, (canvas.clientWidth - 32) / w);
    canvas.style.height = `${Math.round(Math.min(Math.max(h * zoom + 32, 240), innerHeight * 0.8))}px`;
    this.cy.resize();
    this.cy.fit(undefined, 16);
    if (this.cy.zoom() > 1) this.cy.zoom(1).center();
  }

  button(text, act) {
    const button = make("button", { type: "button" }, text);
    button.addEventListener("click", act);
    this.tools.append(button);
  }

  zoom(factor) {
    const { width, height } = this.cy.container().getBoundingClientRect();
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: { x: width / 2, y: height / 2 } });
  }

  async expand(id) {
    const node = this.cy.getElementById(id);
    if (!id || this.expanded.has(id)) return;
    try {
      const found = await read(`${node.data("lineage")}?depth=1&format=json`);
      this.expanded.add(id);
      const fresh = [...found.nodes, ...found.edges].filter(({ data }) => this.cy.getElementById(data.id).empty());
      this.cy.add(fresh);
      this.arrange();
      this.tell(found.left, `Added ${fresh.filter(({ data }) => !data.source).length} around ${node.data("label")}. `);
    } catch {
      this.status.textContent = `What lies around ${node.data("label")} could not be fetched.`;
    }
  }

  /** Lay out anew: what is used left, as in the picture. */
  arrange() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.cy.layout({ name: "dagre", rankDir: "RL", nodeSep: 10, rankSep: 110, animate: !still, animationDuration: 250, fit: true, padding: 16 }).run();
    this.offer();
  }

  /** List what can be added to: what nobody has asked for yet. */
  offer() {
    const names = this.cy.nodes().filter((node) => !this.expanded.has(node.id()));
    this.choice.replaceChildren(...names.map((node) => make("option", { value: node.id() }, node.data("label"))));
  }

  tell(left, before = "") {
    const rest = left ? ` ${left} more are only in the list.` : "";
    this.status.textContent = `${before}${this.cy.nodes().length} things, ${this.cy.edges().length} lines.${rest} A click opens a page, a double click adds what lies around; Ctrl and the wheel zoom.`;
  }
}

/** Put something to explore in place of the picture. */
export async function explore(place) {
  return new Explorer(place, await read(place.dataset.address));
}
