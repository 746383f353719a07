"""Search: what is typed finds what is meant, identifiers lead straight to it, suggestions come."""

import json
import re
import time
from collections import defaultdict
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from audiokg.engine.local import LocalEngine
from audiokg.identifiers import recognise
from audiokg.names import Index, Name, Weight, fold
from audiokg.queries import read_library
from audiokg.web.questions import Questions, value
from audiokg.web.search.finder import Finder
from audiokg.web.search.views import KINDS
from conftest import ROOT

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#: What is typed -> what comes first.
FIRST = {
    # names in other spellings
    "EnCodec": "model/encodec",
    "encodec": "model/encodec",
    "En-Codec": "model/encodec",
    "hu bert": "model/hubert",
    "Hu-BERT": "model/hubert",
    "wav2vec2": "model/wav2vec-2-0",
    "wav2vec 2": "model/wav2vec-2-0",
    "wave 2 vec": "model/wav2vec",
    "sound stream": "model/soundstream",
    "vall e": "model/vall-e",
    "valle2": "model/vall-e-2",
    "vallex": "model/vall-e-x",
    "audio lm": "model/audiolm",
    "Speech Tokenizer": "model/speechtokenizer",
    "glm4 voice": "model/glm-4-voice",
    "xcodec2": "model/x-codec-2",
    "z-code++": "model/z-code-plus-plus",
    "w2v bert": "model/w2v-bert",
    "musicgen": "model/musicgen",
    "whisper large v3": "model/whisper-large-v3",
    "libri light": "dataset/libri-light",
    "librispeech": "dataset/librispeech",
    "Common-Voice": "dataset/common-voice",
    "Bjorn Schuller": "person/bjorn-w-schuller",
    # errors of typing
    "encodek": "model/encodec",
    "encoddec": "model/encodec",
    "speech tokeniser": "model/speechtokenizer",
    "librispech": "dataset/librispeech",
    "libirspeech": "dataset/librispeech",
    "whsiper": "model/whisper",
    "wisper": "model/whisper",
    "moshii": "model/moshi",
    "suondstream": "model/soundstream",
    "musicgne": "model/musicgen",
    "audoilm": "model/audiolm",
    "hubret": "model/hubert",
    "wavelm": "model/wavlm",
    "commonvoise": "dataset/common-voice",
    "seamlss": "model/seamless",
    "semless m4t": "model/seamlessm4t",
    "wavtokeniser": "model/wavtokenizer",
    "descript audo codec": "model/descript-audio-codec",
    "residual vector quantisation": "quantizer/residual-vector-quantization",
    "high fidelty neural audio compresion": "publication/arxiv-2210-13438",
    "text to speach": "task/text-to-speech",
    # other names and abbreviations
    "ASR": "task/speech-recognition",
    "TTS": "task/text-to-speech",
    "speech to text": "task/speech-recognition",
    "deepfake detection": "task/synthetic-speech-detection",
    "voice cloning": "task/zero-shot-text-to-speech",
    "bandwidth extension": "task/audio-super-resolution",
    "Facebook": "organisation/meta",
    "HKUST": "organisation/hong-kong-university-of-science-and-technology",
    "DeepMind": "organisation/google-deepmind",
    "UC Berkeley": "organisation/university-of-california-berkeley",
    "DAC": "model/descript-audio-codec",
    "WER": "metric/word-error-rate",
    "RVQ": "quantizer/residual-vector-quantization",
    # titles, words of names, beginnings
    "High Fidelity Neural Audio Compression": "publication/arxiv-2210-13438",
    "neural codec language models are zero-shot": "publication/arxiv-2301-02111",
    "whis": "model/whisper",
    "spe": "model/speechgpt",
    "libri": "dataset/librispeech",
    "24khz encodec": "model/encodec-24-khz",
    "multilingual librispeech": "dataset/multilingual-librispeech",
    "frame rate (Hz)": "ontology#frameRateHz",
    "neural audio codec": "ontology#NeuralAudioCodec",
    "tasks": "task/",
    # persons, words of definitions
    "yossi adi": "person/yossi-adi",
    "full-duplex spoken dialogue": "task/full-duplex-spoken-dialogue",
    "meta ai codec": "model/encodec",
}
#: Pasted -> where it leads.
STRAIGHT = {
    "2210.13438": "/publication/arxiv-2210-13438",
    "arXiv:2210.13438v2": "/publication/arxiv-2210-13438",
    " arxiv 2210.13438 [cs.SD] ": "/publication/arxiv-2210-13438",
    "https://arxiv.org/abs/2210.13438": "/publication/arxiv-2210-13438",
    "https://arxiv.org/pdf/2210.13438v1.pdf": "/publication/arxiv-2210-13438",
    "http://export.arxiv.org/abs/2210.13438?context=cs": "/publication/arxiv-2210-13438",
    "https://huggingface.co/papers/2210.13438": "/publication/arxiv-2210-13438",
    "10.48550/arXiv.2210.13438": "/publication/arxiv-2210-13438",
    "https://doi.org/10.48550/arXiv.2210.13438": "/publication/arxiv-2210-13438",
    "conf/icml/CasanovaWSJGP22": "/publication/"
    "yourtts-towards-zero-shot-multi-speaker-tts-and-zero-shot",
    "DBLP:journals/tmlr/DefossezCSA23": "/publication/arxiv-2210-13438",
    "https://dblp.org/rec/journals/corr/abs-2210-13438.html": "/publication/arxiv-2210-13438",
    "https://github.com/facebookresearch/encodec": "/model/encodec",
    "git@github.com:facebookresearch/encodec.git": "/model/encodec",
    "https://github.com/facebookresearch/encodec/blob/main/README.md": "/model/encodec",
    "https://huggingface.co/facebook/encodec_24khz": "/model/encodec-24-khz",
    "hf.co/facebook/encodec_24khz/tree/main": "/model/encodec-24-khz",
    "facebook/encodec_24khz": "/model/encodec-24-khz",
    "https://kyutai.org/Moshi.pdf": "/publication/arxiv-2410-00037",
    "https://x-codec-audio.github.io": "/model/x-codec",
    "https://w3id.org/audiokg/model/encodec": "/model/encodec",
    "<https://w3id.org/audiokg/model/encodec.ttl>": "/model/encodec",
    "model:encodec": "/model/encodec",
    "/dataset/librispeech": "/dataset/librispeech",
    "akg:usesTokenizer": "/ontology#usesTokenizer",
    "akg:metric": "/ontology#metric",
    "akg:Metric": "/ontology#Metric",
    "https://w3id.org/audiokg/ontology#usesTokenizer": "/ontology#usesTokenizer",
}
#: Pasted, but unknown -> what kind of identifier it is.
UNKNOWN = {
    "9912.99999": "arXiv identifier",
    "10.9999/nothing.here": "DOI",
    "Q999999999": "Wikidata item",
    "conf/nowhere/Nobody99": "DBLP key",
    "0000-0000-0000-0000": "ORCID iD",
    "https://openreview.net/forum?id=nothing": "OpenReview paper",
    "https://github.com/nobody/nothing": "GitHub repository",
    "https://huggingface.co/nobody/nothing": "Hugging Face repository",
    "https://example.org/a/page": "web address",
    "www.example.org/a/page": "web address",
    "model:no-such-model": "name of this graph",
    "akg:noSuchTerm": "term of the ontology",
}


@pytest.fixture(scope="module")
def finder(engine: LocalEngine) -> Finder:
    return Finder(Questions(engine, read_library("page", ROOT)))


def search(client: FlaskClient, text: str, more: str = "") -> Any:
    return json.loads(client.get(f"/search?q={quote(text)}&format=json{more}").data)


def see(client: FlaskClient, address: str) -> str:
    return client.get(address, headers={"Accept": BROWSER}).get_data(as_text=True)


@pytest.mark.parametrize("text", FIRST)
def test_what_is_meant_comes_first(finder: Finder, text: str) -> None:
    hits = finder.find(text).hits
    assert [hit.thing.path for hit in hits[:1]] == ["/" + FIRST[text]]


def test_the_table_is_long_enough() -> None:
    assert len(FIRST) >= 60


def test_every_name_of_one_model_or_dataset_alone_finds_it_first(finder: Finder) -> None:
    owners = defaultdict(set)
    for row in finder.questions.rows("search-names"):
        if value(row, "property").rpartition("#")[2] in ("label", "altLabel", "prefLabel"):
            owners[fold(value(row, "name")).replace(" ", "")].add(
                (value(row, "resource"), value(row, "name"))
            )
    things = finder.catalogue.things
    names = [
        (text, thing)
        for named in owners.values()
        for thing, text in named
        if len({one for one, _ in named}) == 1
        and thing in things
        and things[thing].kind in ("model", "dataset")
    ]
    missed = [text for text, thing in names if finder.find(text).hits[0].thing.iri != thing]
    assert len(names) > 700
    assert missed == []


def test_search_is_quick(finder: Finder) -> None:
    finder.find("warm")
    took = []
    for text in (*FIRST, "a", "s", "speech", "model"):
        start = time.thread_time()
        finder.find(text)
        took.append(time.thread_time() - start)
    assert sorted(took)[len(took) // 2] < 0.005
    assert max(took) < 0.015


@pytest.mark.parametrize("text", STRAIGHT)
def test_identifier_leads_straight_to_the_page(client: FlaskClient, text: str) -> None:
    answer = client.get(f"/search?q={quote(text)}", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["Location"]) == (302, STRAIGHT[text])


def test_every_identifier_of_the_graph_finds_its_resource(finder: Finder) -> None:
    rows = finder.questions.rows("search-identifiers")
    things = finder.catalogue.things
    same = [row for row in rows if value(row, "property").endswith(("sameAs", "doi", "hasArXivId"))]
    same = [row for row in same if value(row, "resource") in things]
    missed = [
        value(row, "identifier")
        for row in same
        if value(row, "resource")
        not in {hit.thing.iri for hit in finder.find(value(row, "identifier")).hits}
    ]
    assert len(same) > 1500
    assert missed == []


def test_program_gets_the_result_instead_of_being_sent_on(client: FlaskClient) -> None:
    found = search(client, "2210.13438")
    assert found["identifier"]["kind"] == "arXiv identifier"
    assert [result["path"] for result in found["results"]] == ["/publication/arxiv-2210-13438"]


def test_shared_address_lists_all_that_have_it(client: FlaskClient) -> None:
    text = "https://github.com/facebookresearch/fairseq"
    assert search(client, text)["total"] > 10
    assert "things have the GitHub repository" in see(client, f"/search?q={quote(text)}")


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_identifier_is_called_what_it_is(client: FlaskClient, text: str) -> None:
    found = search(client, text)
    assert (found["total"], found["identifier"]["kind"]) == (0, UNKNOWN[text])
    assert f"Nothing in the graph has the {UNKNOWN[text]}" in see(
        client, f"/search?q={quote(text)}"
    )


@pytest.mark.parametrize("text", ["https://example.org/a/", "www.example.org/a"])
def test_unknown_address_is_linked_whole(client: FlaskClient, text: str) -> None:
    assert re.search(r'href="https://(www\.)?example\.org/a"', see(client, f"/search?q={text}"))


@pytest.mark.parametrize("text", ["speech/audio", "24 kHz", "GPT-4o", "AudioLM: a Language Model"])
def test_text_is_not_taken_for_an_identifier(text: str) -> None:
    found = recognise(text)
    assert found is None or not found.certain


@pytest.mark.parametrize("text", ["Défossez", "defossez", "Alexandre Defosez"])
def test_author_finds_the_papers(finder: Finder, text: str) -> None:
    hits = [hit for hit in finder.find(text).hits if hit.by == "author"]
    assert "/publication/arxiv-2210-13438" in {hit.thing.path for hit in hits}
    assert len(hits) >= 5


def test_results_are_paged_and_counted(client: FlaskClient) -> None:
    whole = search(client, "speech", "&limit=100")
    parts = [search(client, "speech", f"&limit=50&offset={start}") for start in (0, 50)]
    assert whole["total"] == parts[0]["total"] > 100
    assert whole["results"] == parts[0]["results"] + parts[1]["results"]
    page = see(client, "/search?q=speech")
    assert f"{whole['total']} results" in page
    assert "here 1 to 20" in page
    assert 'rel="next" href="/search?q=speech&amp;offset=20"' in page


def test_kind_filters(client: FlaskClient) -> None:
    found = search(client, "speech", "&kind=dataset")
    assert {result["kind"] for result in found["results"]} == {"dataset"}
    assert found["total"] == found["kinds"]["dataset"]


def test_same_kind_families_come_before_versions_and_papers(client: FlaskClient) -> None:
    results = search(client, "encod")["results"]
    paths = [result["path"] for result in results]
    order = ["/model/encodec", "/model/encodec-24-khz", "/publication/arxiv-2210-13438"]
    assert [path for path in paths if path in order] == order


@pytest.mark.parametrize(
    "wrong", ["kind=nothing", "limit=0", "limit=101", "limit=x", "offset=-1", "limit=%C2%B2"]
)
def test_wrong_parameter_is_400(client: FlaskClient, wrong: str) -> None:
    answer = client.get(f"/search?q=a&{wrong}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_too_long_a_text_is_400(client: FlaskClient) -> None:
    assert client.get(f"/search?q={'a' * 301}").status_code == 400


def test_nothing_asked_gives_hints(client: FlaskClient) -> None:
    assert "arXiv identifier" in see(client, "/search")
    assert search(client, "")["results"] == []


def test_nothing_found_gives_what_is_nearest(client: FlaskClient) -> None:
    found = search(client, "which model is full duplex")
    labels = [result["label"] for result in found["suggestions"]]
    assert found["total"] == 0
    assert "full-duplex spoken dialogue" in labels
    assert "Nearest to it" in see(client, "/search?q=which+model+is+full+duplex")


def test_markup_in_a_search_is_text(client: FlaskClient) -> None:
    page = see(client, f"/search?q={quote('<script>alert(1)</script>')}")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_every_result_has_a_page(client: FlaskClient) -> None:
    for kind in KINDS:
        for result in search(client, "a", f"&kind={kind}&limit=2")["results"]:
            path = urlsplit(result["path"]).path
            assert client.get(path, headers={"Accept": BROWSER}).status_code == 200, path


def test_suggestions_are_of_open_search(client: FlaskClient) -> None:
    answer = client.get("/search/suggest?q=encod")
    text, names, kinds, addresses = json.loads(answer.data)
    assert answer.mimetype == "application/x-suggestions+json"
    assert (text, names[0], addresses[0]) == ("encod", "EnCodec", "http://localhost/model/encodec")
    assert kinds[0].startswith("model · neural audio codec")
    assert len(names) == len(kinds) == len(addresses) <= 8


def test_open_search_describes_the_search(client: FlaskClient) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.mimetype == "application/opensearchdescription+xml"
    assert b'template="http://localhost/search?q={searchTerms}"' in answer.data


@given(st.text(max_size=300))
def test_no_text_breaks_the_search(app: Flask, text: str) -> None:
    client = app.test_client()
    for path in ("/search", "/search/suggest"):
        answer = client.get(path, query_string={"q": text}, headers={"Accept": BROWSER})
        assert answer.status_code in (200, 302)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_name_of_ours_counts_more_than_one_of_a_source() -> None:
    names = [
        Name("a", "Echo", "source", Weight.GIVEN),
        Name("b", "ECHO", "name", Weight.LABEL),
        Name("c", "Echo", "author", Weight.AUTHOR),
    ]
    found = Index(names, {}, {}).search("echo")
    assert [(match.thing, match.how) for match in found] == [(t, "exact") for t in "bac"]
