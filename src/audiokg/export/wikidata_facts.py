"""The facts of a resource as statements of Wikidata, each with a document that states it.

A document is one of the evidence for the fact, else the one that the file is made from, else the
paper itself for what is said of a paper. The day is that on which we read it, if we did.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from audiokg.export.citation import read_work
from audiokg.export.material import Material, Row, in_order
from audiokg.export.quickstatements import (
    Reference,
    Statement,
    write_address,
    write_date,
    write_item,
    write_text,
    write_title,
)
from audiokg.export.solutions import plain_row
from audiokg.terms import BASE, GRAPH, shorten

_DBLP: Final = "https://dblp.org/rec/"
_ROR: Final = "https://ror.org/"
_INTRODUCED: Final = "akg:introducedIn"
_OTHERS: Final = {"et al", "others"}


class Known:
    """What is known of items, papers and files, each read once."""

    def __init__(self, material: Material) -> None:
        """Take what exports are made from."""
        self.material = material

    @cached_property
    def items(self) -> dict[str, str]:
        """Map resources to their items, where the link was read in a document."""
        sure = [row for row in self._links if row["verified"].value == "true"]
        return {row["resource"].value: row["item"].value for row in sure}

    @cached_property
    def unsure(self) -> dict[str, str]:
        """Map resources to the items that they may be."""
        links = {row["resource"].value: row["item"].value for row in self._links}
        return {iri: write_item(item) for iri, item in links.items() if iri not in self.items}

    @cached_property
    def records(self) -> dict[str, list[Reference]]:
        """Map organisations to the records of ROR that name their items."""
        found: dict[str, list[Reference]] = defaultdict(list)
        for row in self._links:
            if "ror" in row and row["resource"].value in self.items:
                found[row["resource"].value].append(Reference(row["ror"].value, row["day"].value))
        return found

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Map publications to where they can be read: at arXiv, else by their first DOI."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self.material.rows("wikidata-papers"):
            paper = row["publication"].value
            if "arxiv" in row:
                found[paper].append(f"https://arxiv.org/abs/{row['arxiv'].value}")
            elif "doi" in row:
                found[paper].append(f"https://doi.org/{row['doi'].value}")
        return {paper: min(addresses) for paper, addresses in found.items()}

    @cached_property
    def documents(self) -> dict[str, set[Reference]]:
        """Map each graph to the documents that it is made from."""
        found: dict[str, set[Reference]] = defaultdict(set)
        for row in self.material.rows("wikidata-files"):
            document = row["page"] if "page" in row else row["document"]
            found[row["graph"].value].add(Reference(document.value, row["day"].value))
        return found

    @cached_property
    def files(self) -> dict[str, Reference]:
        """Map each graph that is made from one document to that."""
        found = self.documents.items()
        return {graph: next(iter(each)) for graph, each in found if len(each) == 1}

    @cached_property
    def _links(self) -> list[Row]:
        return in_order(self.material.rows("wikidata-items"))


#: How the value of a property is written.
Writing = Callable[[Known, str], str]


def _text(_: Known, value: str) -> str:
    return write_text(value)


def _doi(_: Known, value: str) -> str:
    return write_text(value.upper())


def _title(_: Known, value: str) -> str:
    return write_title(value)


def _date(_: Known, value: str) -> str:
    return write_date(value)


def _address(_: Known, value: str) -> str:
    return write_address(value)


def _paper(known: Known, value: str) -> str:
    return write_address(known.addresses.get(value, ""))


def _item(known: Known, value: str) -> str:
    return write_item(known.items.get(value, ""))


def _dblp(_: Known, value: str) -> str:
    return write_text(value.removeprefix(_DBLP)) if value.startswith(_DBLP) else ""


_COMMON: Final[Mapping[str, tuple[str, Writing]]] = {
    "akg:citedAs": ("P973", _paper),
    "akg:firstReleased": ("P577", _date),
    "akg:hasCodeRepository": ("P1324", _address),
    "akg:introducedIn": ("P973", _paper),
    "dcterms:issued": ("P577", _date),
    "dcterms:language": ("P407", _item),
    "dcterms:license": ("P275", _item),
    "foaf:page": ("P973", _address),
}
#: Property of ours -> property of Wikidata and writing, by segment. The numbers were read in
#: maxlath/wikidata-properties-dumper properties/en.json (P170 creator, P178 developer, P275
#: license, P356 DOI, P407 language of work, P577 publication date, P818 arXiv ID, P854 reference
#: URL, P813 retrieved, P973 described at URL, P1324 source code repository, P1476 title, P2093
#: author name string), WolfgangFahl/pyCEURmake ceurws/wikidatasync.py (P8978 DBLP publication ID),
#: WDscholia/scholia scholia/query.py (P6782 ROR ID) and zotero/translators “Wikidata
#: QuickStatements.js” (P1545 series ordinal). A page is no P856, official website, without a source
#: that calls it so.
_PROPERTIES: Final[Mapping[str, Mapping[str, tuple[str, Writing]]]] = {
    "dataset": {**_COMMON, "akg:introducedBy": ("P170", _item)},
    "model": {**_COMMON, "akg:introducedBy": ("P178", _item)},
    "publication": {
        "bibo:doi": ("P356", _doi),
        "dcterms:issued": ("P577", _date),
        "dcterms:title": ("P1476", _title),
        "fabio:hasArXivId": ("P818", _text),
        "schema:sameAs": ("P8978", _dblp),
    },
}


def read_statements(known: Known, iri: str) -> list[Statement]:
    """Read what can be said of a resource, sorted; its authors last, in their order."""
    found: dict[tuple[str, str], set[Reference]] = defaultdict(set)
    table = _PROPERTIES.get(_segment(iri), {})
    for row in known.material.rows("wikidata-facts", resource=ox.NamedNode(iri)):
        name, write = table.get(shorten(row["property"].value), ("", _text))
        said = write(known, row["value"].value) if name else ""
        if said and (reference := _find_reference(known, iri, row)):
            found[name, said].add(reference)
    stated = [Statement(*key, _choose(references)) for key, references in sorted(found.items())]
    return [*stated, *_read_records(known, iri), *_read_authors(known, iri)]


def find_kind_reference(known: Known, iri: str) -> Reference | None:
    """Find the document that tells of which kind a resource is; None where that is not known.

    Its file tells the kind: it is from the one document that the file is made from, or of several
    from the paper that introduces the resource. A paper tells itself that it is one.
    """
    graph = GRAPH + iri.removeprefix(BASE)
    rows = known.material.rows("wikidata-facts", resource=ox.NamedNode(iri))
    papers = {row["value"].value for row in rows if shorten(row["property"].value) == _INTRODUCED}
    addresses = {known.addresses.get(paper) for paper in (iri, *papers)}
    documents = known.documents.get(graph, set())
    found = {each for each in documents if len(documents) == 1 or each.url in addresses}
    found.add(Reference(known.addresses.get(iri, "")))
    return _choose({each for each in found if _is_outside(each.url)})


def read_label(known: Known, iri: str) -> str:
    """Read the name of a resource."""
    rows = known.material.rows("wikidata-facts", resource=ox.NamedNode(iri))
    names = {row["value"].value for row in rows if shorten(row["property"].value) == "rdfs:label"}
    return min(names, default="")


def _segment(iri: str) -> str:
    return iri.removeprefix(BASE).partition("/")[0]


def _choose(references: set[Reference]) -> Reference | None:
    """Choose the document to refer to: one that was read, the first by its address."""
    return min(references, key=lambda each: (not each.day, each.url), default=None)


def _find_reference(known: Known, iri: str, row: Row) -> Reference | None:
    """Find a document on the web that states the fact of a row."""
    day = row["day"].value if "day" in row else ""
    paper = known.addresses.get(iri) or known.addresses.get(row["value"].value, "")
    candidates = [
        Reference(row["document"].value, day) if _is_stated(row) else None,
        known.files.get(row["graph"].value),
        Reference(paper),
    ]
    return next((each for each in candidates if each and _is_outside(each.url)), None)


def _is_stated(row: Row) -> bool:
    """Tell whether the evidence of a row is for its value, not for another."""
    agrees = "claimed" not in row or row["claimed"] == row["value"]
    return "document" in row and "contrary" not in row and agrees


def _is_outside(url: str) -> bool:
    return not url.startswith(BASE) and bool(write_address(url))


def _read_records(known: Known, iri: str) -> Iterator[Statement]:
    for record in known.records.get(iri, []):
        yield Statement("P6782", write_text(record.url.removeprefix(_ROR)), record)


def _read_authors(known: Known, iri: str) -> Iterator[Statement]:
    """Read the names of the authors of a paper, which its own page states."""
    if _segment(iri) != "publication" or iri not in known.addresses:
        return
    query = known.material.pages["work"]
    rows = known.material.rows_of(query.text, publication=ox.NamedNode(iri))
    work = read_work(iri, [plain_row(row) for row in in_order(rows)])
    for position, author in enumerate(work.authors, start=1):
        if author.casefold().rstrip(".") not in _OTHERS and (said := write_text(author)):
            yield Statement("P2093", said, Reference(known.addresses[iri]), position)
