// The query editor of /sparql: YASGUI, over the form that works without it. It asks our own server only.
import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import "./editor.css";
import { Chart } from "./chart.js";
import { registerCompleters } from "./complete.js";
import { Graph } from "./graph.js";
import { Table } from "./table.js";
import { make, terms } from "./terms.js";

const { Yasqe, Yasr } = Yasgui;
const plain = document.getElementById("plain");
const examples = document.getElementById("examples");
const answered = document.getElementById("answer");
const problem = plain.querySelector("[role=alert]");
const query = document.getElementById("query").value;
const endpoint = `${location.origin}/sparql`;

registerCompleters(Yasqe);
for (const [name, plugin] of Object.entries({ table: Table, chart: Chart, graph: Graph })) Yasr.registerPlugin(name, plugin);
Yasr.defaults.pluginOrder = ["table", "chart", "graph", "response"];
Yasr.defaults.errorRenderers = [renderProblem];
Yasgui.Tab.prototype.getShareableLink = function () {
  return `${endpoint}?${new URLSearchParams({ query: this.getQuery() })}`;
};
// The mark at a line that does not parse would bring its own style, and
const editorMethods = Object.getPrototypeOf(Yasqe.prototype);
const { setGutterMarker } = editorMethods;
editorMethods.setGutterMarker = function (line, gutter, mark) {
  if (mark) Object.assign(mark, { onmouseover: null, onmouseout: null, title: "The query does not parse here" });
  return setGutterMarker.call(this, line, gutter, mark);
};
// the library of the graph view would put a style element into the page, which our policy forbids.
document.head.append(make("meta", { id: "__________cytoscape_stylesheet" }));

const root = document.getElementById("editor");
const yasgui = new Yasgui(root, {
  autofocus: false,
  autoAddOnInit: false,
  copyEndpointOnNewTab: false,
  corsProxy: undefined,
  endpointCatalogueOptions: { getData: () => [], keys: [] },
  persistenceId: "audiokg",
  populateFromUrl: false,
  requestConfig: {
    endpoint: () => endpoint,
    method: "POST",
    acceptHeaderGraph: "text/turtle",
    acceptHeaderSelect: "application/sparql-results+json",
    headers: {},
  },
  yasqe: {
    value: query,
    prefixCcApi: null,
    screenReaderLabel: "Query",
    // Tab leaves the editor, for those who have no mouse.
    extraKeys: { Tab: false, "Shift-Tab": false },
    editorHeight: "20rem",
  },
  // Results are asked anew: the graph may have changed since.
  yasr: { prefixes: terms.prefixes, maxPersistentResponseSize: 0 },
});

/** Open a query in a tab: in the one that has it already, or in a new one. */
function open(text, name) {
  const tabs = Object.values(yasgui._tabs);
  const found = tabs.find((tab) => tab.getPersistedJson().yasqe.value === text);
  if (!found) return yasgui.addTab(true, { name: name || yasgui.createTabName(), yasqe: { value: text } });
  found.select();
  return found;
}

/** Show what the server says of a query that it does not answer. */
async function renderProblem({ text }) {
  let said = { title: "No answer", detail: text };
  try {
    said = { ...said, ...JSON.parse(text) };
  } catch {
    // The server is away: the browser's own words are all there is.
  }
  return make("div", { className: "notice", role: "alert" }, make("strong", {}, said.title), make("p", {}, said.detail));
}

/** Add a button for a new tab: YASGUI's own stands among the tabs, where a screen reader expects tabs only. */
function addButton() {
  const declared = ["akg", "rdfs"].map((prefix) => `PREFIX ${prefix}: <${terms.prefixes[prefix]}>`).join("\n");
  const empty = `${declared}\n\nSELECT * WHERE {\n  ?model a akg:NeuralAudioCodec ; rdfs:label ?name .\n}\nLIMIT 100\n`;
  const button = make("button", { type: "button", id: "new-tab" }, "New tab");
  button.addEventListener("click", () => yasgui.addTab(true, { yasqe: { value: empty } }));
  examples.append(button);
}

function start() {
  const asked = new URLSearchParams(location.search);
  const isWanted = asked.has("query") || asked.has("example") || !yasgui.persistentConfig.getTabs().length;
  const chosen = examples.querySelector("option[selected]");
  const tab = isWanted ? open(query, chosen?.textContent) : yasgui.getTab();
  root.hidden = false;
  plain.hidden = true;
  tab.getYasqe().refresh();
  addButton();
  if (problem) root.after(problem);
  if (answered) tab.getYasr().setResponse({ status: 200, ...JSON.parse(answered.textContent) });
  else if (asked.has("query") && !problem) tab.query().catch(() => {});
}

yasgui.on("query", () => problem?.remove());
examples.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [option] = examples.elements.example.selectedOptions;
  if (!option.value) return;
  const text = await fetch(`/query/${option.value}.rq?${option.dataset.arguments ?? ""}`).then((answer) => answer.text());
  open(text, option.textContent);
});
start();
