// Ask an endpoint with Comunica: node ask.mjs ENDPOINT QUERY. Prints one JSON object a row.
import { QueryEngine } from "@comunica/query-sparql";

const [endpoint, query] = process.argv.slice(2);
const sources = [{ type: "sparql", value: endpoint }];
const rows = await new QueryEngine().queryBindings(query, { sources });
for (const row of await rows.toArray()) {
  const values = [...row].map(([name, term]) => [name.value, term.value]);
  console.log(JSON.stringify(Object.fromEntries(values)));
}
