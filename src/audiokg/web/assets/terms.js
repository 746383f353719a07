// IRIs as readers see them: short names by our prefixes, links to our own pages.
const OURS = "https://w3id.org/audiokg/";

/** Prefixes and the terms to complete, as the server gives them. */
export const terms = await fetch("/sparql/terms.json")
  .then((answer) => (answer.ok ? answer.json() : { prefixes: {}, terms: [] }))
  .catch(() => ({ prefixes: {}, terms: [] }));

/** Write an IRI as prefix:name where a prefix fits; a part of a resource of ours as its path; else as it is. */
export function shorten(iri) {
  for (const [prefix, namespace] of Object.entries(terms.prefixes)) {
    const name = iri.slice(namespace.length);
    if (iri.startsWith(namespace) && name && !/[/#?:]/.test(name)) return `${prefix}:${name}`;
  }
  return iri.startsWith(OURS) ? iri.slice(OURS.length) : iri;
}

/** Give where an IRI is read about: here if it is ours; null if it is no web address. */
export function address(iri) {
  if (iri.startsWith(OURS)) return `/${iri.slice(OURS.length)}`;
  return /^https?:/.test(iri) ? iri : null;
}

/** Make an element of HTML with properties and children. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Make a <select> with a label; `choose` is called with what is chosen. */
export function makeChoice(label, values, chosen, choose) {
  const select = make("select", {}, ...values.map((value) => make("option", { value }, value)));
  select.value = chosen;
  select.addEventListener("change", () => choose(select.value));
  return make("label", {}, `${label} `, select);
}

/** Tell whether a term is a number. */
export function isNumber(term) {
  return term?.type !== "uri" && /#(integer|decimal|double|float|int|long|nonNegativeInteger|positiveInteger)$/.test(term?.datatype ?? "");
}
