"""Write triples in any of our formats, with the prefixes that they use."""

import json

import pyoxigraph as ox

from audiokg.context import Json
from audiokg.errors import FormatNotFittingError
from audiokg.formats import TRIPLES_WRITERS
from audiokg.jsonld import compact
from audiokg.markup import finish_xml
from audiokg.terms import PREFIXES

_WITH_PREFIXES = {"ttl", "trig", "rdf"}


def write_triples(
    triples: list[ox.Triple], name: str, context: Json | None = None, root: str = ""
) -> bytes:
    """Write triples in the format of that name; `context` and `root` are those of JSON-LD.

    Raises FormatNotFittingError for what the format cannot hold.
    """
    if name == "jsonld":
        document = compact(triples, context or {"id": "@id", "type": "@type"} | PREFIXES, root)
        return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
    prefixes = _used_prefixes(triples) if name in _WITH_PREFIXES else None
    try:
        written = ox.serialize(triples, format=TRIPLES_WRITERS[name], prefixes=prefixes) or b""
    except OSError as error:
        raise FormatNotFittingError(f"{error}; ask for another format") from error
    return finish_xml(written) if name == "rdf" else written


def _used_prefixes(triples: list[ox.Triple]) -> dict[str, str]:
    iris = {
        term.datatype.value if isinstance(term, ox.Literal) else getattr(term, "value", "")
        for triple in triples
        for term in triple
    }
    namespaces = {iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in iris}
    return {name: iri for name, iri in PREFIXES.items() if iri in namespaces}
