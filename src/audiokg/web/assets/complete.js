// What the editor completes: prefixes, classes and properties of the graph, from our own server.
import { shorten, terms } from "./terms.js";

const MOST = 60;

/** Register our completers in the place of those that ask other servers. */
export function registerCompleters(Yasqe) {
  const { prefixes, property, variables } = Yasqe.Autocompleters;
  const isClassPosition = Yasqe.Autocompleters.class.isValidCompletionPosition;
  for (const name of Object.keys(Yasqe.Autocompleters)) delete Yasqe.Autocompleters[name];
  Yasqe.defaults.autocompleters = [];
  Yasqe.registerAutocompleter(variables);
  Yasqe.registerAutocompleter({ ...prefixes, persistenceId: null, get: async () => declarations() });
  Yasqe.registerAutocompleter(makeCompleter("class", isClassPosition));
  Yasqe.registerAutocompleter(makeCompleter("property", property.isValidCompletionPosition));
}

function declarations() {
  return Object.entries(terms.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`);
}

function makeCompleter(kind, isValidCompletionPosition) {
  const known = new Map(terms.terms.filter((term) => term.kind === kind && !term.name.startsWith("<")).map((term) => [term.name, term]));
  return {
    name: kind,
    bulk: false,
    autoShow: true,
    isValidCompletionPosition,
    get: async (_yasqe, token) => find(known, token?.string ?? ""),
    postProcessSuggestion: (_yasqe, _token, name) => name,
    postprocessHints: (_yasqe, hints) => hints.map((hint) => ({ ...hint, displayText: describe(known.get(hint.text)) })),
  };
}

/** Find terms by the start of their name, else by a word of their name or label. */
function find(known, typed) {
  const wanted = shorten(typed.trim().replace(/^<|>$/g, "")).toLowerCase();
  if (!wanted) return [];
  const has = (test) => [...known.values()].filter(test).map((term) => term.name);
  const starts = has((term) => term.name.toLowerCase().startsWith(wanted));
  const contains = has((term) => `${term.name} ${term.label}`.toLowerCase().includes(wanted));
  return [...new Set([...starts, ...contains])].slice(0, MOST);
}

function describe(term) {
  const words = term.definition || term.label;
  const short = words.length > 90 ? `${words.slice(0, 89)}…` : words;
  return short ? `${term.name}  ${short}` : term.name;
}
