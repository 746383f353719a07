"""Pages and RDF of what our IRIs name."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from audiokg.amounts import write_range
from audiokg.engine.local import LocalEngine
from audiokg.formats import TRIPLES, TRIPLES_WRITERS
from audiokg.paths import graph_name, turtle_files
from audiokg.queries import read_library
from audiokg.sites import name_of
from audiokg.snapshot import QUADS, write_snapshot
from audiokg.terms import BASE, SEGMENTS, expand
from audiokg.web.app import create_app
from audiokg.web.questions import Row
from audiokg.web.resource.dereference import suggest
from audiokg.web.resource.figures import Setting, Stream
from audiokg.web.resource.incoming import read_pointing
from conftest import LIMITS, ROOT

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NAMES = [graph_name(path, ROOT) for path in turtle_files(ROOT) if "data" in path.parts]
PATHS = sorted(f"/{name}" for name in NAMES if name.split("/")[0] in SEGMENTS)
#: Of these kinds every tenth page is made, of the others every one.
MANY = ("model", "publication", "dataset", "graph", "organisation")
EVERY = 10
#: Some of every kind.
SOME = [
    *("/model/encodec", "/model/encodec-24-khz", "/model/moshi", "/model/snac-24-khz"),
    *("/model/hubert", "/model/audiopalm", "/model/lscodec-50-hz", "/model/glm-4-voice"),
    *(
        "/model/facodec-ns3-facodec-16-khz",
        "/model/yue-7b-1b",
        "/model/unicodec-universal-speech-token",
    ),
    *("/dataset/librispeech", "/dataset/fleurs-54", "/dataset/wenetspeech"),
    *("/publication/arxiv-2410-00037", "/publication/deep-learning", "/source/speech-trident-v4"),
    *("/source/sparks-of-large-audio-models", "/source/survey-of-audio-language-models"),
    *("/organisation/kyutai", "/organisation/meta-ai", "/person/yossi-adi", "/licence/mit"),
    *("/task/speech-recognition", "/task/text-to-speech", "/metric/word-error-rate"),
    *("/modality/speech", "/language/zh", "/quantizer/residual-vector-quantization"),
    *("/architecture/transformer", "/strategy/self-supervised-learning", "/token/semantic"),
    *("/unit/hour", "/grade/paper", "/representation/discrete-tokens", "/benchmark/sagi"),
    *("/condition/ground-truth", "/challenge/hallucination"),
]


def read(body: bytes, name: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(body, format=TRIPLES_WRITERS[name])}


class Page(HTMLParser):
    """What a page shows: its text, links, identifiers and machine-readable values."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.data: set[str] = set()
        self.headings: list[str] = []
        self.hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden = tag == "script"
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            elif name == "id":
                self.ids.append(value or "")
            elif name == "value" and tag == "data":
                self.data.add(value or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.hidden = False

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def shows(self, term: ox.NamedNode | ox.Literal, resource: str) -> bool:
        if isinstance(term, ox.Literal):
            return term.value in self.data or " ".join(term.value.split()) in self.text
        path = "/" + term.value.removeprefix(BASE) if term.value.startswith(BASE) else term.value
        whole, _, fragment = path.partition("#")
        return (
            path in self.links
            or (BASE + whole[1:] == resource and fragment in self.ids)
            or f"{whole}?part={fragment}" in self.links
        )


def get_page(client: FlaskClient, path: str) -> Page:
    answer = client.get(path, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return Page(answer.text)


def test_there_are_resources() -> None:
    assert len(PATHS) > 300
    assert {path.split("/")[1] for path in SOME} == {*SEGMENTS} - {"query"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("*/*", "text/turtle"),
        (None, "text/turtle"),
    ],
)
@pytest.mark.parametrize("path", ["/model/mimi", "/publication/arxiv-2410-00037", "/graph/claims"])
def test_accept_decides_between_page_and_rdf(
    client: FlaskClient, path: str, accept: str | None, expected: str
) -> None:
    response = client.get(path, headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.mimetype) == (200, expected)
    assert "Accept" in response.headers["Vary"]
    assert f'<{BASE}{path[1:]}>; rel="canonical"' in response.headers.getlist("Link")


@pytest.mark.parametrize("path", PATHS[::7])
def test_turtle_and_json_ld_say_the_same(client: FlaskClient, path: str) -> None:
    turtle = read(client.get(f"{path}.ttl").data, "ttl")
    assert turtle == read(client.get(f"{path}.jsonld").data, "jsonld")
    assert any(triple.subject == ox.NamedNode(BASE + path[1:]) for triple in turtle)


@pytest.fixture(scope="module")
def named(snapshot: Path) -> dict[str, set[str]]:
    """Give the path of every IRI of ours in the snapshot, with the parts that are described."""
    # A literal may hold the text of a query, whose prefixes are no IRIs of the graph.
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', (snapshot / QUADS).read_text(encoding="utf-8"))
    paths: dict[str, set[str]] = defaultdict(set)
    for path in re.findall(rf"<{BASE}([^>#]+)", text):
        paths[path] |= set()
    for path, part in re.findall(rf"^<{BASE}([^>#]+)#([^>]+)>", text, re.MULTILINE):
        paths[path].add(part)
    return paths


def test_every_iri_leads_to_turtle_that_describes_its_parts(
    client: FlaskClient, named: dict[str, set[str]]
) -> None:
    assert len(named) > 3000
    wrong = []
    for path, parts in named.items():
        answer = client.get(f"/{path}", headers={"Accept": "text/turtle"})
        if (answer.status_code, answer.mimetype) != (200, "text/turtle"):
            wrong.append(f"{path}: {answer.status_code}")
        elif parts:
            subjects = {str(triple.subject) for triple in read(answer.data, "ttl")}
            wrong += [f"{path}#{p}" for p in parts if f"<{BASE}{path}#{p}>" not in subjects]
    assert not wrong, wrong[:20]


def test_every_iri_leads_to_a_page(client: FlaskClient, named: dict[str, set[str]]) -> None:
    kinds: dict[str, list[str]] = defaultdict(list)
    for path in sorted(named):
        kinds[path.partition("/")[0]].append(path)
    walked = [p for kind, paths in kinds.items() for p in paths[:: EVERY if kind in MANY else 1]]
    assert len(walked) > 400
    answers = {p: client.get(f"/{p}", headers={"Accept": BROWSER}).status_code for p in walked}
    assert {path: status for path, status in answers.items() if status != 200} == {}


@pytest.mark.parametrize("path", SOME)
def test_page_shows_every_triple_of_the_turtle(client: FlaskClient, path: str) -> None:
    page, iri = get_page(client, path), BASE + path[1:]
    own = [t for t in read(client.get(f"{path}.nt").data, "nt") if t.subject == ox.NamedNode(iri)]
    assert own
    hidden = [
        (t.predicate.value, str(t.object))
        for t in own
        if isinstance(t.object, ox.NamedNode | ox.Literal) and not page.shows(t.object, iri)
    ]
    assert hidden == []


@pytest.mark.parametrize("path", SOME)
def test_page_is_sound(client: FlaskClient, path: str) -> None:
    """Each id stands once, links within have a target, no heading skips a level; plain words."""
    page = get_page(client, path)
    assert not re.search(r"\b(akg|dcterms|foaf|owl|prov|skos|schema):[a-z]", page.text, re.I)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    levels = [int(heading[1]) for heading in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("format_", TRIPLES, ids=lambda f: f.name)
def test_suffix_and_parameter_give_every_format(client: FlaskClient, format_: object) -> None:
    name, media_type = format_.name, format_.media_type  # type: ignore[attr-defined]
    by_suffix = client.get(f"/model/mimi.{name}")
    by_parameter = client.get(f"/model/mimi?format={name}")
    assert by_suffix.mimetype == by_parameter.mimetype == media_type
    turtle = read(client.get("/model/mimi.ttl").data, "ttl")
    assert read(by_suffix.data, name) == turtle


def test_json_ld_reads_like_json(client: FlaskClient) -> None:
    document = json.loads(client.get("/model/mimi.jsonld").data)
    assert document["id"] == f"{BASE}model/mimi"
    assert document["label"] == "Mimi"
    assert document["introducedIn"]["id"] == f"{BASE}publication/arxiv-2410-00037"


def test_links_lead_to_every_form_and_to_the_graph(client: FlaskClient) -> None:
    links = client.get("/model/mimi").headers.getlist("Link")
    assert '</model/mimi.jsonld>; rel="alternate"; type="application/ld+json"' in links
    assert '</model/mimi.bib>; rel="alternate"; type="application/x-bibtex"' in links
    assert '</model/mimi.ttl>; rel="describedby"; type="text/turtle"' in links
    assert '</graph/model/mimi>; rel="describedby"; type="text/turtle"' in links


def test_page_shows_facts_in_words_with_place_line_and_rule(client: FlaskClient) -> None:
    text = get_page(client, "/model/glm-4-voice").text
    for shown in (
        "GLM-4-Voice",
        "first released",
        "Speech Trident, version 4 , Speech/Audio Language Models, row 18, date, line 118",
        "of dates the earlier one, is preferred.",
        "arXiv 2412.02612",
    ):
        assert shown in text
    assert "akg:" not in text


def test_evidence_tells_document_place_grade_and_day(client: FlaskClient) -> None:
    text = get_page(client, "/model/encodec-24-khz").text
    assert "sample rate 24,000 Hz GitHub facebookresearch/encodec" in text
    assert "README.md, introduction (repository or model card; read 2026-11-21)" in text
    assert "not yet read by a curator" in text


def test_figures_have_units(client: FlaskClient) -> None:
    text = get_page(client, "/model/encodec-24-khz").text
    for shown in ("24,000 Hz sample rate", "75 Hz frame rate", "2–32 codebooks"):  # noqa: RUF001
        assert shown in text
    assert "14.9 million parameters" in text


def test_family_shows_the_figures_of_its_configurations(client: FlaskClient) -> None:
    page = get_page(client, "/model/encodec")
    assert "Over its 4 configurations: 16,000–48,000 Hz" in page.text  # noqa: RUF001
    assert "EnCodec 48 kHz stereo 48,000 150 2–16 1,024" in page.text  # noqa: RUF001
    assert "/model/encodec-48-khz" in page.links


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/model/mimi", "Models that read its tokens (3) CSM 1B , by Mimi, 32 codebooks"),
        ("/model/mimi", "Moshika , by Mimi, 8 codebooks"),
        ("/model/encodec", "audiogen-medium , by EnCodec 16 kHz"),
        ("/model/encodec", "VALL-E , by EnCodec 24 kHz"),
        ("/model/mimi?incoming=akg:usesInputTokenizer", "Moshika , by Mimi, 8 codebooks"),
        ("/model/mimi?incoming=akg:usesInputTokenizer", "of 3"),
    ],
)
def test_family_is_used_by_who_uses_a_configuration(
    client: FlaskClient, path: str, shown: str
) -> None:
    assert shown in get_page(client, path).text


def test_user_is_counted_once_and_a_direct_use_needs_no_configuration() -> None:
    def row(user: str, through: str = "") -> Row:
        names = {"from": user, "property": expand("akg:extends")}
        names |= {"through": through, "throughLabel": through} if through else {}
        return {name: {"type": "uri", "value": text} for name, text in names.items()}

    (pointing,) = read_pointing([row("a"), row("a", "x"), row("b", "x"), row("b", "y")])
    assert pointing.number == 2
    assert [[way.iri for way in user.through] for user in pointing.users] == [[], ["x", "y"]]


def test_configuration_of_a_family_is_not_among_its_users() -> None:
    family, base, other = (ox.NamedNode(f"{BASE}model/{name}") for name in "fbo")
    store = ox.Store()
    store.extend(
        [
            *(quad(f"model/{name}", "rdfs:label", ox.Literal(name)) for name in "fbto"),
            *(quad(f"model/{name}", "akg:variantOf", family) for name in "bt"),
            *(quad(f"model/{name}", "akg:fineTunedFrom", base) for name in "to"),
        ]
    )
    text = read_library("page", ROOT)["incoming"].text
    found = store.query(
        text,
        use_default_graph_as_union=True,
        substitutions={ox.Variable("resource"): family},
    )
    assert isinstance(found, ox.QuerySolutions)
    assert [(row["from"], row["through"]) for row in found if row["through"]] == [(other, base)]


@pytest.mark.parametrize(
    "shown",
    [
        "tokens that go in Mimi, 8 codebooks of Moshika and Moshiko",
        "language model Helium 7B of Moshika and Moshiko",
        "trained on Fisher of Moshika and Moshiko",
    ],
)
def test_family_shows_what_its_configurations_say(client: FlaskClient, shown: str) -> None:
    assert shown in get_page(client, "/model/moshi").text


def test_what_many_configurations_say_is_counted(client: FlaskClient) -> None:
    assert re.search(r"of \d+ of its configurations", get_page(client, "/model/whisper").text)


def test_rdf_of_a_family_is_without_what_its_configurations_say(client: FlaskClient) -> None:
    own = [t for t in read(client.get("/model/moshi.nt").data, "nt") if "moshi>" in str(t.subject)]
    assert own
    assert expand("akg:usesBackbone") not in {t.predicate.value for t in own}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("encodec-24-khz", "frame rate 75 Hz computed : 24,000 Hz / 320 samples = 75 Hz"),
        ("descript-audio-codec-44-1-khz", "44,100 Hz / 512 samples ≈ 86.13 Hz"),
        ("hifi-codec-24-khz-hop-240", "computed : log₂(1,024) = 10 bit"),
    ],
)
def test_computed_number_says_how(client: FlaskClient, path: str, shown: str) -> None:
    assert shown in get_page(client, f"/model/{path}").text


def test_number_from_elsewhere_has_no_arithmetic(client: FlaskClient) -> None:
    assert " samples = 8.33" not in get_page(client, "/model/llm-codec-16-khz").text
    assert " samples ≈ 8.33" not in get_page(client, "/model/llm-codec-16-khz").text


def test_bitrate_is_shown_step_by_step(client: FlaskClient) -> None:
    text = get_page(client, "/model/snac-24-khz").text
    assert "11.72 Hz × 1 codebook × log₂(4,096) = 12 bit → 0.1406 kbit/s" in text  # noqa: RUF001
    assert "0.98 11.72 Hz" in text
    wrong = get_page(client, "/model/lscodec-50-hz").text
    assert "0.411" in wrong
    assert "it differs from the sum by more than 2 %" in wrong


@pytest.mark.parametrize(("computed", "agrees"), [("1.02", True), ("0.97", False)])
def test_sum_agrees_within_two_per_cent(computed: str, agrees: bool) -> None:
    assert Setting("", Decimal(1), False, Decimal(computed), ()).agrees is agrees


def test_stream_without_a_figure_says_which() -> None:
    stream = Stream("", "", Decimal(50), None, None, None)
    assert stream.kbps is None
    assert stream.missing == "number of codebooks and codebook size"


@pytest.mark.parametrize(
    ("numbers", "written"),
    [([24000], "24,000"), ([8, 4], "4 or 8"), ([3, 1, 2], "1–3"), ([14900000], "14.9 million")],  # noqa: RUF001
)
def test_numbers_are_written_as_a_range(numbers: list[int], written: str) -> None:
    assert write_range(map(Decimal, numbers)) == written


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://arxiv.org/abs/2410.00037", "arXiv 2410.00037"),
        ("http://www.wikidata.org/entity/Q189436", "Wikidata Q189436"),
        ("https://github.com/a/b/blob/0f/c/README.md", "GitHub a/b, README.md"),
        ("https://huggingface.co/datasets/a/b", "Hugging Face a/b"),
        ("https://www.example.org/x/", "example.org/x"),
    ],
)
def test_address_has_a_name(address: str, name: str) -> None:
    assert name_of(address) == name


def test_results_tell_which_way_is_better(client: FlaskClient) -> None:
    text = get_page(client, "/metric/word-error-rate").text
    assert "Results, as printed Lower is better." in text
    assert "LibriSpeech" in text
    of_dataset = get_page(client, "/dataset/librispeech").text
    assert "prosody mean opinion score higher is better" in of_dataset


@pytest.mark.parametrize(("page", "shown"), [(1, "1–50 of 86"), (2, "51–86 of 86")])  # noqa: RUF001
def test_what_points_here_is_paged(client: FlaskClient, page: int, shown: str) -> None:
    path = f"/task/speech-recognition?incoming=akg:supportsTask&page={page}"
    assert shown in get_page(client, path).text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("incoming=akg:supportsTask&page=3", 404),
        ("incoming=akg:supportsTask&page=0", 400),
        ("incoming=akg:supportsTask&page=two", 400),
        ("incoming=akg:nothing", 404),
        ("incoming=nowhere:nothing", 400),
        ("part=nothing", 404),
    ],
)
def test_wrong_parameter_is_refused(client: FlaskClient, query: str, status: int) -> None:
    answer = client.get(f"/task/speech-recognition?{query}", headers={"Accept": BROWSER})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/source/speech-trident-v4?part=codec-1",
        "/model/encodec-24-khz?part=evidence-1",
        "/graph/conflicts?part=model-glm-4-voice-firstReleased",
    ],
)
def test_part_has_a_page(client: FlaskClient, path: str) -> None:
    page = get_page(client, path)
    assert path.partition("?")[0] in page.links
    assert "kind" in page.text


def test_source_shows_the_rows_of_a_section(client: FlaskClient) -> None:
    path = "/source/speech-trident-v4?section=Speech/Audio Codec Models"
    page = get_page(client, path)
    assert "codec-1" in page.ids
    assert "/model/l3ac" in page.links


def test_unknown_resource_is_404_with_the_nearest_names(client: FlaskClient) -> None:
    answer = client.get("/model/encodec-24khz")
    problem = json.loads(answer.data)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert f"{BASE}model/encodec-24-khz" in problem["suggestions"]
    assert "/model/" in problem["detail"]
    page = client.get("/model/encodec-24khz", headers={"Accept": BROWSER})
    assert page.status_code == 404
    assert "/model/encodec-24-khz" in Page(page.text).links


@pytest.mark.parametrize("path", ["/graph/model/nothing", "/model/%3Cb%3E", "/nowhere/at-all"])
def test_unknown_path_is_404(client: FlaskClient, path: str) -> None:
    for accept in (BROWSER, "text/turtle"):
        answer = client.get(path, headers={"Accept": accept})
        assert answer.status_code == 404
        assert answer.mimetype != "text/html" or b"<b>" not in answer.data


def test_suggestions_know_labels_and_any_case() -> None:
    names = {f"{BASE}model/a-1": "EnCodec", f"{BASE}model/whisper": "Whisper"}
    assert suggest("ENCODEC", names) == [f"{BASE}model/a-1"]
    assert suggest("wisper", names) == [f"{BASE}model/whisper"]
    assert suggest("xyz", names) == []


def test_unacceptable_is_406(client: FlaskClient) -> None:
    assert client.get("/model/mimi", headers={"Accept": "image/png"}).status_code == 406
    assert client.get("/model/mimi?format=docx").status_code == 406


def test_large_graph_says_that_its_page_shows_a_part(client: FlaskClient) -> None:
    assert "This is the beginning" in get_page(client, "/graph/claims").text
    assert "This is the beginning" not in get_page(client, "/graph/model/mimi").text


def test_scheme_comes_as_rdf_and_its_page_is_the_list(client: FlaskClient) -> None:
    turtle = read(client.get("/task/", headers={"Accept": "text/turtle"}).data, "ttl")
    subjects = {triple.subject for triple in turtle}
    assert {ox.NamedNode(BASE + "task/"), ox.NamedNode(BASE + "task/text-to-speech")} <= subjects
    assert get_page(client, "/task/").headings
    assert client.get("/model/", headers={"Accept": "text/turtle"}).status_code == 406


@pytest.mark.parametrize("path", ["/", "/model/mimi", "/sparql", "/health", "/nothing"])
def test_every_answer_has_security_and_cors_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path, headers={"Accept": BROWSER}).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers


def test_health_and_readiness(client: FlaskClient) -> None:
    assert client.get("/health").data == b"ok\n"
    assert client.get("/ready").data == b"ready\n"


def quad(subject: str, name: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    graph = ox.NamedNode(f"{BASE}graph/{subject}")
    return ox.Quad(ox.NamedNode(BASE + subject), ox.NamedNode(expand(name)), value, graph)


@pytest.fixture(scope="module")
def retired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Serve three models: one that is, one that was merged into it, one that was withdrawn."""
    folder = tmp_path_factory.mktemp("retired")
    true = ox.Literal("true", datatype=ox.NamedNode(expand("xsd:boolean")))
    new = ox.NamedNode(BASE + "model/new")
    quads = [
        *(quad(f"model/{name}", "rdfs:label", ox.Literal(name)) for name in ("new", "old", "off")),
        *(quad(f"model/{name}", "owl:deprecated", true) for name in ("old", "off")),
        quad("model/old", "dcterms:isReplacedBy", new),
    ]
    manifest = write_snapshot(folder, quads, "0", "2026-01-01")
    engine = LocalEngine(folder, LIMITS, workers=1)
    yield create_app(engine, read_library("page", ROOT), {}, manifest).test_client()
    engine.close()


@pytest.mark.parametrize("accept", [BROWSER, "text/turtle", "*/*"])
def test_merged_resource_is_301_to_what_replaced_it(retired: FlaskClient, accept: str) -> None:
    answer = retired.get("/model/old", headers={"Accept": accept})
    assert (answer.status_code, answer.location) == (301, "/model/new")
    assert retired.get("/model/new", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("path", ["/model/old.nt", "/model/old?format=nt"])
def test_record_of_merged_resource_can_be_read(retired: FlaskClient, path: str) -> None:
    assert b"isReplacedBy> <https://w3id.org/audiokg/model/new>" in retired.get(path).data
    assert "was merged into" in get_page(retired, "/model/old.html").text


def test_withdrawn_resource_is_410_that_says_so(retired: FlaskClient) -> None:
    for accept in (BROWSER, "text/turtle"):
        answer = retired.get("/model/off", headers={"Accept": accept})
        assert answer.status_code == 410
        assert "was withdrawn" in answer.text
    record = retired.get("/model/off.ttl")
    assert (record.status_code, record.mimetype) == (410, "text/turtle")
    assert "deprecated" in record.text
