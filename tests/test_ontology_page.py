"""The documentation of the ontology: complete, true to the graph, and reachable by every IRI."""

import json
import re
import time
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.formats import TRIPLES, TRIPLES_WRITERS, Format
from audiokg.queries import read_library
from audiokg.terms import AKG, BASE, expand
from audiokg.web.ontology.drawing import (
    FIGURES,
    MAIN,
    STATEMENTS,
    Drawing,
    draw_classes,
    draw_relations,
)
from audiokg.web.ontology.views import _Views
from audiokg.web.ontology.vocabulary import ONTOLOGY, Vocabulary, read_vocabulary
from audiokg.web.questions import Questions, value
from conftest import ROOT

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FILES = sorted((ROOT / "ontology").rglob("*.ttl"))
QUADS = [quad for file in FILES for quad in ox.parse(path=str(file), base_iri=BASE + "graph/x")]
TERMS = sorted(
    str(quad.subject.value) for quad in QUADS if quad.predicate.value == expand("rdfs:isDefinedBy")
)
#: What the files define and people may look up, without fragment.
PATHS = sorted(
    {
        urlsplit(quad.subject.value).path.removeprefix("/audiokg")
        for quad in QUADS
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(BASE)
    }
    - {"/graph/x"}
)


class Reader(HTMLParser):
    """Reads the anchors, the links and what a strict CSP would refuse."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.ids.update([told["id"] or ""] if "id" in told else [])
        self.links += [told["href"] or ""] if tag == "a" else []
        bad = tag == "style" or (tag == "script" and "src" not in told)
        self.inline += [tag] if bad or "style" in told or "onclick" in told else []


@pytest.fixture(scope="module")
def questions(engine: LocalEngine) -> Questions:
    return Questions(engine, read_library("page", ROOT))


@pytest.fixture(scope="module")
def vocabulary(questions: Questions) -> Vocabulary:
    return read_vocabulary(questions)


@pytest.fixture(scope="module")
def page(app: Flask) -> str:
    return app.test_client().get("/ontology", headers=BROWSER).get_data(as_text=True)


def section(page: str, name: str) -> str:
    found = re.search(rf'<section class="term[^"]*" id="{name}">.*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def holds(engine: LocalEngine, triple: str) -> bool:
    answer = engine.answer(QueryRequest(f"ASK {{ {triple} }}"))
    return bool(json.loads(answer.body)["boolean"])


def test_every_term_of_the_file_has_its_anchor_and_definition(
    page: str, vocabulary: Vocabulary
) -> None:
    ids = Reader(page).ids
    assert len(TERMS) > 180
    assert [iri for iri in TERMS if not ids[iri.removeprefix(AKG)]] == []
    assert sorted(vocabulary.terms) == TERMS
    assert all(term.text("skos:definition") for term in vocabulary.terms.values())


def test_anchors_are_unique_and_links_within_the_page_lead_somewhere(page: str) -> None:
    read = Reader(page)
    assert [name for name, count in read.ids.items() if count > 1] == []
    within = {link[1:] for link in read.links if link.startswith("#")}
    assert len(within) > 180
    assert within - set(read.ids) == set()


def test_nothing_on_the_page_needs_more_than_the_strict_policy(page: str) -> None:
    assert Reader(page).inline == []


def test_a_property_shows_what_the_ontology_says(page: str) -> None:
    shown = section(page, "usesTokenizer")
    for part in ("sub-property of", "#usesComponent", "#Model", "#AudioTokenizer", "object prop"):
        assert part in shown
    assert "#usesSemanticTokenizer" in shown
    assert "single-valued in truth" in section(page, "sampleRateHz")
    assert "functional: one value" in section(page, "statedIn")
    assert "prov:hadPrimarySource" in section(page, "statedIn")


def test_head_says_what_to_import_and_how_to_cite(page: str, vocabulary: Vocabulary) -> None:
    for told in (vocabulary.version_iri, vocabulary.tell("dcterms:bibliographicCitation")):
        assert told in page
    assert f"owl:imports &lt;{vocabulary.version_iri}&gt;" in page
    assert "dcat:Dataset" in page[page.index('id="alignments"') :]


def test_counts_are_those_of_the_graph(engine: LocalEngine, vocabulary: Vocabulary) -> None:
    text = f"SELECT (COUNT(*) AS ?n) {{ ?s <{AKG}usesTokenizer> ?o }}"
    [row] = json.loads(engine.answer(QueryRequest(text)).body)["results"]["bindings"]
    assert vocabulary.terms[AKG + "usesTokenizer"].uses.count == int(row["n"]["value"]) > 0
    model = vocabulary.terms[AKG + "Model"].uses.count
    assert model > vocabulary.terms[AKG + "AudioTokenizer"].uses.count > 100


def test_examples_are_facts_of_the_graph(engine: LocalEngine, vocabulary: Vocabulary) -> None:
    shown = 0
    for term in vocabulary.terms.values():
        for row in term.examples:
            subject = f"<{value(row, 'subject')}>"
            node = row.get("value", {"type": "class"})
            if node["type"] in ("uri", "class"):
                tail = f"a <{term.iri}>" if term.is_class else f"<{term.iri}> <{node['value']}>"
                assert holds(engine, f"{subject} {tail}"), (term.name, row)
                shown += 1
    assert shown > 100


def test_every_term_in_use_has_an_example(vocabulary: Vocabulary) -> None:
    used = [term for term in vocabulary.properties if term.uses.count]
    assert len(used) > 100
    assert [term.name for term in used if not term.examples] == []


@pytest.mark.parametrize("form", TRIPLES, ids=lambda form: form.name)
def test_every_form_says_the_same_by_suffix_parameter_and_accept(
    client: FlaskClient, form: Format
) -> None:
    paths = (f"/ontology.{form.name}", f"/ontology?format={form.name}")
    answers = [client.get(path) for path in paths]
    answers.append(client.get("/ontology", headers={"Accept": form.media_type}))
    parsed = [
        {quad.triple for quad in ox.parse(answer.data, format=TRIPLES_WRITERS[form.name])}
        for answer in answers
    ]
    store = ox.Store()  # writes numbers as the engine does: 75 for 75.0
    store.load(path=str(ROOT / "ontology" / "audiokg.ttl"), base_iri=BASE + "graph/audiokg")
    turtle = {quad.triple for quad in store}
    assert parsed == [turtle] * 3


@pytest.mark.parametrize("path", ["/ontology", "/ontology.ttl", "/ontology/0.1.0"])
def test_links_tell_canonical_and_other_forms(client: FlaskClient, path: str) -> None:
    links = client.get(path).headers.getlist("Link")
    assert f'<{ONTOLOGY}>; rel="canonical"' in links
    assert '</ontology.jsonld>; rel="alternate"; type="application/ld+json"' in links


def test_version_iri_is_served(client: FlaskClient, vocabulary: Vocabulary) -> None:
    path = "/" + vocabulary.version_iri.removeprefix(BASE)
    assert client.get(path, headers=BROWSER).mimetype == "text/html"
    assert client.get(f"{path}.ttl").data == client.get("/ontology.ttl").data


def test_another_version_is_404_and_another_form_406(client: FlaskClient) -> None:
    assert client.get("/ontology/99.0").status_code == 404
    assert client.get("/ontology.docx").status_code == 406


def test_every_iri_of_the_ontology_files_leads_to_a_page(client: FlaskClient) -> None:
    assert {"/ontology", "/task/", "/token/semantic"} <= set(PATHS)
    missing = [path for path in PATHS if client.get(path, headers=BROWSER).status_code != 200]
    assert missing == []


def test_schemes_show_all_their_concepts(page: str, vocabulary: Vocabulary) -> None:
    concepts = [value(row, "concept") for _, rows in vocabulary.schemes for row in rows]
    links = set(Reader(page).links)
    assert len(vocabulary.schemes) == 13
    assert len(concepts) == len(set(concepts)) > 300
    assert [iri for iri in concepts if "/" + iri.removeprefix(BASE) not in links] == []


def test_deprecated_term_is_marked_and_leaves_the_diagrams(
    app: Flask, questions: Questions, vocabulary: Vocabulary
) -> None:
    iri = AKG + "supportsTask"
    true = ({"type": "literal", "value": "true"},)
    instead = ({"type": "uri", "value": AKG + "capability"},)
    old = vocabulary.terms[iri]
    facts = {**old.facts, "owl:deprecated": true, "dcterms:isReplacedBy": instead}
    altered = replace(vocabulary, terms={**vocabulary.terms, iri: replace(old, facts=facts)})
    with app.test_request_context("/ontology", headers=BROWSER):
        page = _Views(questions, [altered]).ontology().get_data(as_text=True)
    shown = section(page, "supportsTask")
    assert '<span class="chip">deprecated</span>' in shown
    assert "replaced by" in shown
    assert '<text class="label"' in page
    assert ">supportsTask</text>" not in page


def test_diagram_of_classes_has_every_class_once(vocabulary: Vocabulary) -> None:
    drawing = draw_classes(vocabulary)
    names = [box.name for box in drawing.boxes]
    assert sorted(n for n in names if ":" not in n) == sorted(t.name for t in vocabulary.classes)
    assert_tidy(drawing)


def test_diagrams_draw_the_relations_of_domains_and_ranges(vocabulary: Vocabulary) -> None:
    drawings = draw_relations(vocabulary, {"a": MAIN, "b": FIGURES, "c": STATEMENTS})
    drawn = {
        name: {label for line in d.lines for label, _ in line.labels}
        for name, d in drawings.items()
    }
    main = {expand(name) for name in MAIN}
    due = {
        t.name
        for t in vocabulary.properties
        if {t.text("rdfs:domain"), t.text("rdfs:range")} <= main
    }
    assert drawn["a"] == due
    assert {"usesTokenizer", "trainedOn", "supportsTask", "introducedIn"} <= due
    assert {"hasStream", "quantizationMethod"} <= drawn["b"]
    assert {"statedIn", "entryOf", "cellOf"} <= drawn["c"]
    for drawing in drawings.values():
        assert_tidy(drawing)


def assert_tidy(drawing: Drawing) -> None:
    """Assert that boxes stand inside the drawing and not on each other."""
    for number, box in enumerate(drawing.boxes):
        assert box.width / 2 <= box.x <= drawing.width - box.width / 2
        assert box.height / 2 <= box.y <= drawing.height - box.height / 2
        for other in drawing.boxes[number + 1 :]:
            aside = abs(box.x - other.x) >= (box.width + other.width) / 2
            assert aside or abs(box.y - other.y) >= box.height


def test_page_is_quick_once_it_is_read(client: FlaskClient) -> None:
    client.get("/ontology", headers=BROWSER)
    took = []
    for _ in range(5):
        start = time.thread_time()
        client.get("/ontology", headers=BROWSER)
        took.append(time.thread_time() - start)
    assert min(took) < 0.1
