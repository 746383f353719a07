"""The family graph: what is drawn is what the graph says, and nothing is left out unsaid."""

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.queries import read_library
from audiokg.terms import AKG, BASE
from audiokg.web.lineage.drawing import MARGIN, PAGE, draw, draw_within
from audiokg.web.lineage.graph import FAMILY, Lineage, Relation, Thing, read_lineage
from audiokg.web.lineage.layout import HEIGHT, Arc, lay_out
from audiokg.web.lineage.looks import KINDS, ROLES, words_of
from audiokg.web.lineage.views import MOST, MOST_IN_PICTURE
from audiokg.web.lineage.words import SMALL
from audiokg.web.questions import Questions, value
from browser import chromium, needs_chromium
from conftest import ROOT

BROWSER = {"Accept": "text/html"}
IDS = ["encodec", "moshi", "hubert", "wav2vec-2-0", "hifi-gan", "dataset/librispeech"]
SVG = "{http://www.w3.org/2000/svg}"
PREFIXES = """
PREFIX akg: <https://w3id.org/audiokg/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
#: Written out here, so that a relation that the query of the page forgets is missed.
STEP = (
    "akg:usesComponent|akg:usesBackbone|akg:usesEncoder|akg:usesVocoder|akg:usesTokenizer|"
    "akg:usesInputTokenizer|akg:usesOutputTokenizer|akg:usesSemanticTokenizer|"
    "akg:usesAcousticTokenizer|akg:extends|akg:fineTunedFrom|akg:variantOf|akg:trainedOn|"
    "prov:wasDerivedFrom|dcterms:isVersionOf|dcterms:isPartOf"
)
MEMBERS = "(^akg:variantOf|^dcterms:isVersionOf|^dcterms:isPartOf)*"
FACTS = f"""{PREFIXES}
SELECT DISTINCT ?thing ?property ?to ?special WHERE {{
  VALUES ?property {{ {STEP.replace("|", " ")} }}
  ?thing ?property ?to .
  OPTIONAL {{ ?thing ?special ?to . ?special rdfs:subPropertyOf+ ?property }}
}}"""


@pytest.fixture(scope="session")
def questions(engine: LocalEngine) -> Questions:
    return Questions(engine)


@pytest.fixture(scope="session")
def lineage(engine: LocalEngine) -> Lineage:
    pages = read_library("page", ROOT)
    links, things = (
        engine.answer(QueryRequest(pages[name].text)).body for name in ("lineage", "lineage-things")
    )
    return read_lineage(links, things)


def ask(client: FlaskClient, ident: str, **more: str) -> dict[str, Any]:
    answer = client.get(f"/lineage/{ident}", query_string={"format": "json", **more})
    document: dict[str, Any] = json.loads(answer.data)
    return document


def iri_of(ident: str) -> str:
    return BASE + (ident if "/" in ident else f"model/{ident}")


@pytest.mark.parametrize("depth", ["1", "2"])
@pytest.mark.parametrize("ident", IDS)
def test_things_are_those_within_the_steps(
    client: FlaskClient, questions: Questions, ident: str, depth: str
) -> None:
    steps = "/".join([f"({STEP})?"] * int(depth))
    back = "/".join([f"(^({STEP}))?"] * int(depth))
    text = f"""{PREFIXES} SELECT DISTINCT ?start ?thing
    WHERE {{ ?start {MEMBERS} ?own . {{ ?own {steps} ?thing }} UNION {{ ?own {back} ?thing }} }}"""
    expected = {value(row, "thing") for row in questions.rows_of(text, start=iri_of(ident))}
    document = ask(client, ident, depth=depth)
    assert {node["data"]["id"] for node in document["elements"]["nodes"]} == expected
    assert len(expected) > 1


@pytest.mark.parametrize("ident", IDS)
def test_relations_are_the_facts_between_those_things(
    client: FlaskClient, questions: Questions, ident: str
) -> None:
    elements = ask(client, ident)["elements"]
    things = {node["data"]["id"] for node in elements["nodes"]}
    edges = {
        tuple(edge["data"][k] for k in ("source", "property", "target"))
        for edge in elements["edges"]
    }
    facts, implied = set(), set()
    for thing in things:
        for row in questions.rows_of(FACTS, thing=thing):
            fact = (thing, value(row, "property"), value(row, "to"))
            if fact[2] in things:
                facts.add(fact)
                implied |= {fact} if "special" in row else set()
    assert edges == facts - implied


@pytest.mark.parametrize("ident", IDS)
def test_what_is_not_in_the_picture_is_counted(client: FlaskClient, ident: str) -> None:
    elements = ask(client, ident)["elements"]
    drawn = {node["data"]["id"] for node in elements["nodes"] if node["data"]["drawn"]}
    page = client.get(f"/lineage/{ident}", headers=BROWSER).data.decode()
    tree = ElementTree.fromstring(client.get(f"/lineage/{ident}?format=svg").data)  # noqa: S314 (our own)
    assert {link.get("href") for link in tree.iter(f"{SVG}a")} == drawn
    pairs = {
        frozenset((edge["data"]["source"], edge["data"]["target"]))
        for edge in elements["edges"]
        if {edge["data"]["source"], edge["data"]["target"]} <= drawn
    }
    lines = tree.findall(f"{SVG}g[@class='edges']/{SVG}g")
    assert len(lines) == len(pairs)
    left = len(elements["nodes"]) - len(drawn)
    assert (f"And {left} more" in page) == (left > 0)
    assert len(drawn) == min(MOST, len(elements["nodes"]))


def test_every_relation_is_in_the_list_with_who_states_it(client: FlaskClient) -> None:
    page = client.get("/lineage/moshi", headers=BROWSER).data.decode()
    edges = ask(client, "moshi")["elements"]["edges"]
    assert page.count("<tr><td>") == len(edges)
    assert all(edge["data"]["statedBy"] for edge in edges)
    assert 'href="https://github.com/kyutai-labs/moshi">GitHub kyutai-labs/moshi</a>' in page


def test_csv_has_the_same_relations_as_json(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/lineage/encodec?format=csv").text)))
    edges = [edge["data"] for edge in ask(client, "encodec")["elements"]["edges"]]
    assert [(r["from"], r["property"], r["to"]) for r in rows] == [
        (e["source"], e["property"], e["target"]) for e in edges
    ]
    assert {"uses output tokenizer", "variant of"} <= {row["relation"] for row in rows}


def test_every_role_and_every_class_has_a_look(lineage: Lineage) -> None:
    roles = {relation.role for links in lineage.above.values() for relation in links}
    kinds = {kind for thing in lineage.things.values() for kind in thing.kinds}
    assert roles == set(ROLES)
    assert kinds <= set(KINDS)


def test_the_graph_has_no_relation_of_a_thing_to_itself(lineage: Lineage) -> None:
    links = [relation for links in lineage.above.values() for relation in links]
    assert len(links) > 900
    assert not [relation for relation in links if relation.source == relation.target]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/lineage/nothing", 404),
        ("/lineage/dataset/encodec", 404),
        ("/lineage/%3Cscript%3E", 404),
        ("/lineage/encodec?depth=0", 400),
        ("/lineage/encodec?depth=4", 400),
        ("/lineage/encodec?depth=two", 400),
        ("/lineage/encodec?format=docx", 406),
    ],
)
def test_what_there_is_not_is_refused(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_a_model_has_one_address(client: FlaskClient) -> None:
    answer = client.get("/lineage/model/encodec")
    assert answer.status_code in (301, 308)
    assert answer.location.endswith("/lineage/encodec")


def test_a_thing_without_lineage_says_so(client: FlaskClient, lineage: Lineage) -> None:
    lone = next(iri for iri in lineage.things if not lineage.has_relations(iri))
    path = "/lineage/" + lone.removeprefix(BASE).removeprefix("model/")
    page = client.get(path, headers=BROWSER)
    assert page.status_code == 200
    assert "The graph has no statement of what" in page.text
    assert client.get(f"{path}?format=svg").status_code == 200


def test_picture_of_a_resource_is_small_and_leads_to_the_whole(app: Flask) -> None:
    with app.test_request_context():
        picture = app.jinja_env.globals["lineage_picture"]
        drawn = str(picture(BASE + "model/hifi-gan"))  # type: ignore[operator]
        assert drawn.count('class="sign" transform') == MOST_IN_PICTURE
        assert '<a href="/lineage/hifi-gan">' in drawn
        assert picture(BASE + "task/audio-coding") == ""  # type: ignore[operator]


def test_pages_have_no_inline_style_or_script(client: FlaskClient) -> None:
    page = client.get("/lineage/encodec", headers=BROWSER).data.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=")


def test_hostile_labels_are_escaped(app: Flask) -> None:
    label = '<script>alert("1")</script>&'
    names = [BASE + "model/a", BASE + "model/b"]
    things = {iri: Thing(iri, label, {"Model": label}) for iri in names}
    link = Relation(names[0], AKG + "extends", names[1], label, "origin", ())
    drawing = draw(Lineage(things, {names[0]: (link,)}, {names[1]: (link,)}).around(names[0], 1), 9)
    with app.test_request_context():
        text = render_template("lineage.svg.html", drawing=drawing, alone=True, margin=MARGIN)
    tree = ElementTree.fromstring(text)  # noqa: S314 (our own)
    assert not list(tree.iter(f"{SVG}script"))
    assert f"{label} {label} {label}" in [title.text for title in tree.iter(f"{SVG}title")]


def test_facts_of_a_configuration_are_those_of_the_model() -> None:
    family, configuration, part, user = (BASE + "model/" + name for name in "fcpu")
    triples = [(configuration, FAMILY, family), (configuration, "component", part)]
    triples += [(user, "component", configuration)]
    links = [Relation(s, AKG + role, o, role, role, ()) for s, role, o in triples]
    things = {
        iri: Thing(iri, iri, {"Model": "model"}) for iri in (family, configuration, part, user)
    }
    lineage = Lineage(
        things,
        {iri: tuple(link for link in links if link.source == iri) for iri in things},
        {iri: tuple(link for link in links if link.target == iri) for iri in things},
    )
    around = lineage.around(family, 1)
    assert {thing.iri for thing in around.things} == set(things)
    places = {node.thing.iri: node.x for node in draw(around, 9).nodes}
    assert places[part] < places[configuration] < places[family] < places[user]


NAMES = st.sampled_from("abcdefghij")
GRAPHS = st.sets(st.tuples(NAMES, NAMES), max_size=40)


@given(GRAPHS, st.booleans())
def test_boxes_never_overlap_and_cycles_end(arcs: set[Arc], acyclic: bool) -> None:
    arcs = {tuple(sorted(arc)) for arc in arcs} if acyclic else arcs  # type: ignore[misc]
    widths = {name: 40.0 + 10 * number for number, name in enumerate("abcdefghij")}
    layout = lay_out(widths, sorted(arcs), 50.0, "e")
    boxes = list(layout.boxes.values())
    assert set(layout.boxes) == set(widths)
    for number, one in enumerate(boxes):
        assert one.width >= 40
        assert HEIGHT / 2 <= one.y + 1e-6 <= layout.height
        for other in boxes[:number]:
            apart = one.x >= other.x + other.width or other.x >= one.x + one.width
            assert apart or abs(one.y - other.y) >= HEIGHT
    assert set(layout.lines) == {arc for arc in arcs if arc[0] != arc[1]}
    if acyclic:
        assert all(layout.boxes[left].x < layout.boxes[right].x for left, right in layout.lines)


@given(GRAPHS)
def test_lines_run_from_box_to_box_and_pass_columns_level(arcs: set[Arc]) -> None:
    layout = lay_out(dict.fromkeys("abcdefghij", 80.0), sorted(arcs), 50.0)
    for (one, other), points in layout.lines.items():
        left, right = sorted((layout.boxes[one], layout.boxes[other]), key=lambda box: box.x)
        assert points[0] == (left.x + left.width, left.y)
        assert points[-1] == (right.x, right.y)
        assert all(a[1] == b[1] for a, b in zip(points[1:-1:2], points[2:-1:2], strict=True))


def test_what_is_after_the_hub_stands_right_of_it() -> None:
    arcs = [("data", "hub"), ("data", "user"), ("part", "user")]
    layout = lay_out(
        dict.fromkeys(("data", "part", "hub", "user"), 9.0), arcs, 9.0, "hub", ["user"]
    )
    assert layout.boxes["data"].x < layout.boxes["hub"].x < layout.boxes["user"].x


def test_every_small_picture_fits_the_page_and_can_be_read(lineage: Lineage) -> None:
    for iri in filter(lineage.has_relations, lineage.things):
        drawing = draw_within(lineage.around(iri, 1), MOST_IN_PICTURE)
        assert drawing.width * drawing.scale <= PAGE + 0.01
        assert drawing.scale * SMALL >= 10.99
        assert drawing.nodes[0].thing.iri == iri or len(drawing.nodes) > 1


def test_a_small_picture_shows_both_sides(lineage: Lineage) -> None:
    around = lineage.around(BASE + "model/encodec", 1)
    drawn = {node.thing.iri for node in draw_within(around, MOST_IN_PICTURE).nodes}
    assert drawn & around.users
    assert BASE + "dataset/audioset" in drawn


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["uses output tokenizer", "uses input tokenizer"], "input and output tokenizer"),
        (
            ["uses output tokenizer", "uses input tokenizer", "uses acoustic tokenizer"],
            "acoustic, input and output tokenizer",
        ),
        (["uses vocoder", "extends"], "extends, vocoder"),
        (["fine-tuned from", "derived from"], "derived and fine-tuned from"),
        (["trained on"], ""),
        (["uses component"], ""),
    ],
)
def test_labels_of_a_pair_are_one(labels: list[str], words: str) -> None:
    links = [Relation("a", label, "b", label, "component", ()) for label in labels]
    assert words_of(links) == words


def test_a_line_has_one_label(client: FlaskClient) -> None:
    tree = ElementTree.fromstring(client.get("/lineage/encodec?format=svg").data)  # noqa: S314 (our own)
    words = ["".join(text.itertext()) for text in tree.findall(f"{SVG}g[@class='words']/{SVG}text")]
    assert "input and output tokenizer" in words
    assert len(words) <= len(tree.findall(f"{SVG}g[@class='edges']/{SVG}g"))


def test_edges_of_a_pair_carry_the_same_words(client: FlaskClient) -> None:
    edges = [edge["data"] for edge in ask(client, "encodec")["elements"]["edges"]]
    said = {(edge["source"], edge["target"], edge["words"]) for edge in edges}
    assert len(said) == len({(source, target) for source, target, _ in said})
    assert "input and output tokenizer" in {words for *_, words in said}


@pytest.mark.parametrize(("ident", "fits"), [("encodec", False), ("moshi", True)])
def test_a_wide_picture_says_to_scroll(client: FlaskClient, ident: str, fits: bool) -> None:
    page = client.get(f"/lineage/{ident}", headers=BROWSER).text
    assert "wider than the page: scroll sideways" in page
    assert ('class="quiet sideways narrow"' in page) == fits


@needs_chromium
def test_nothing_is_cut_off_when_a_page_opens(server: str) -> None:
    with chromium() as browser:
        page = browser.new_page(base_url=server, viewport={"width": 1200, "height": 900})
        page.goto("/model/encodec")
        region = page.locator(".wide.lineage")
        assert region.evaluate("place => place.scrollWidth - place.clientWidth") == 0
        page.goto("/lineage/encodec", wait_until="networkidle")
        cy = page.locator(".explore .canvas").evaluate(
            """place => { const cy = place._cyreg.cy, box = cy.elements().renderedBoundingBox();
            return [box.x1, box.y1, cy.width() - box.x2, cy.height() - box.y2]; }"""
        )
        assert min(cy) >= 0
