"""Links to Wikidata and DBLP: ask the live services, propose, leave the decision to people."""
