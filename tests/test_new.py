"""Adding: what is known becomes a file, what is doubtful stops it, what is missing is said."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from audiokg.check.graph_file import GraphFile, check_file, read_file
from audiokg.cli import main
from audiokg.cli import new as command
from audiokg.errors import InputError
from audiokg.names import is_near, letters
from audiokg.new.draft import Desk
from audiokg.new.interview import complete
from audiokg.new.request import Request
from audiokg.stub import check_arxiv, check_id, model_stub, name_of, publication_stub
from conftest import ROOT
from copied_graph import copy_graph

DAY = "2026-11-21"


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(ROOT, DAY)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy_graph(tmp_path, "arxiv-2210-13438.ttl", "librispeech.ttl")
    monkeypatch.setenv("AUDIOKG_ROOT", str(tmp_path))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795219200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def add(desk: Desk, **given: object) -> str:
    """Give the text of the first file of a draft of a model."""
    request = Request(**{"kind": "model", "id": "my-codec"} | given)  # type: ignore[arg-type]
    return desk.draft(request).stubs[0].text()


def test_stub_says_what_is_known_and_nothing_else() -> None:
    stub = publication_stub(arxiv="https://arxiv.org/pdf/2401.00001v2", modified=DAY)
    assert stub.file == "data/publication/arxiv-2401-00001.ttl"
    predicates = {triple.predicate.value.rpartition("/")[2] for triple in stub.triples()}
    assert predicates == {"modified", "source", "hasArXivId", "22-rdf-syntax-ns#type"}


def test_stub_is_a_file_that_passes_by_itself(tmp_path: Path) -> None:
    stub = model_stub("my-codec", modified=DAY, label="C", sources=["source:speech-trident-v4"])
    path = tmp_path / stub.file
    path.parent.mkdir(parents=True)
    path.write_text(stub.text(), encoding="utf-8")
    file = read_file(path, tmp_path)
    assert isinstance(file, GraphFile)
    assert list(check_file(file)) == []


@pytest.mark.parametrize("text", ["2413.00001", "2401.0001", "1312.61145", "encodec", ""])
def test_arxiv_id_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no arXiv id"):
        check_arxiv(text)


@pytest.mark.parametrize(
    ("text", "near"), [("My_Codec", "my-codec"), ("Café 2.0", "cafe-2-0"), ("a--b", "a-b")]
)
def test_id_of_another_form_is_refused_with_the_nearest(text: str, near: str) -> None:
    with pytest.raises(InputError, match=f"write it as {near}"):
        check_id(text)


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "model").glob("*.ttl"))[::40])
def test_ids_of_the_graph_are_ids(path: Path) -> None:
    assert check_id(path.stem) == path.stem


def test_id_is_made_of_whole_words() -> None:
    assert name_of("X-Codec 2.0 + more") == "x-codec-2-0-plus-more"
    assert len(name_of("word " * 40)) <= 60


def test_names_become_resources_and_text_becomes_literals(desk: Desk) -> None:
    settings = (
        ("tokenizer", "EnCodec, model:mimi"),
        ("task", "TTS"),
        ("akg:sampleRateHz", "24000"),
        ("streaming", "yes"),
        ("code", "https://github.com/owner/name.git"),
    )
    text = add(desk, classes=("codec",), settings=settings)
    assert "akg:usesTokenizer model:encodec,\n        model:mimi" in text
    assert "task:text-to-speech" in text
    assert "akg:sampleRateHz 24000.0" in text
    assert "<https://github.com/owner/name> a akg:CodeRepository" in text


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (("tokenizer", "EnCodek"), "nearest: model:encodec “EnCodec”"),
        (("tokenizer", "dataset:librispeech"), "no akg:AudioTokenizer is called"),
        (("tokeniser", "EnCodec"), r"nearest: tokenizer \(89\)"),
        (("task", "text-to-speach"), "nearest: task:text-to-speech"),
        (("sampleRateHz", "fast"), "give hertz as a decimal"),
        (("streaming", "perhaps"), '"yes", "no" or "optional"'),
        (("code", "github"), "give the address of the repository"),
        (("page", "https://a b"), "there are: input"),
        (("foaf:page", "https://a> <b"), "give the address of a page"),
    ],
)
def test_value_that_does_not_fit_is_refused(
    setting: tuple[str, str], message: str, desk: Desk
) -> None:
    with pytest.raises(InputError, match=message):
        add(desk, settings=(setting,))


def test_unknown_kind_of_model_is_refused_with_all_there_are(desk: Desk) -> None:
    with pytest.raises(InputError, match="codec, tokenizer, language model"):
        add(desk, classes=("kodec",))
    with pytest.raises(InputError, match="no kind of model"):
        add(desk, classes=("akg:Dataset",))


def test_every_word_for_a_field_and_kind_can_be_set(desk: Desk) -> None:
    from audiokg.new.fields import FIELDS, MODELS

    for kind, fields in FIELDS.items():
        assert all(desk.values.constraint(kind, field.word) for field in fields)
    assert set(desk.values.classes("model", tuple(MODELS))) == set(MODELS.values())
    below = {c for c, broader in desk.known.kinds() if broader.endswith("#Model")}
    assert len(below) - 1 == len(MODELS)


@pytest.mark.parametrize(
    ("given", "doubt"),
    [
        ({"id": "encodek"}, "model:encodec (EnCodec) exists; is it that?"),
        ({"label": "En Codec"}, "model:encodec (EnCodec) exists; is it that?"),
        ({"arxiv": "2210.13438"}, "introduces model:encodec (EnCodec)"),
    ],
)
def test_what_may_be_there_is_doubted(given: dict[str, str], doubt: str, desk: Desk) -> None:
    request = Request(**{"kind": "model", "id": "new-thing"} | given)  # type: ignore[arg-type]
    assert any(doubt in said for said in desk.draft(request).doubts)


def test_variant_of_a_model_is_not_doubted(desk: Desk) -> None:
    variant = (("variant", "EnCodec"),)
    request = Request("model", "encodek", arxiv="2210.13438", settings=variant)
    assert desk.draft(request).doubts == ()


def test_other_numbers_are_other_names() -> None:
    assert is_near(letters("speech-tokeniser"), letters("SpeechTokenizer"))
    assert not is_near(letters("wavlm-2"), letters("wavlm-3"))
    assert not is_near(letters("my-codec"), letters("dm-codec"))
    assert not is_near(letters("-"), letters("--"))


def test_known_paper_is_linked_and_not_written_again(desk: Desk) -> None:
    draft = desk.draft(Request("model", "new-thing", arxiv="2210.13438"))
    assert [stub.file for stub in draft.stubs] == ["data/model/new-thing.ttl"]
    introduced = ox.NamedNode("https://w3id.org/audiokg/publication/arxiv-2210-13438")
    assert introduced in [value for _, value in draft.stubs[0].facts]


def test_paper_of_a_person_and_known_arxiv_id_are_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="no paper introduces a person"):
        desk.draft(Request("person", "ada-lovelace", arxiv="2401.00001"))
    with pytest.raises(InputError, match="is publication:arxiv-2210-13438"):
        desk.draft(Request("publication", "another", arxiv="2210.13438"))
    with pytest.raises(InputError, match="is there already"):
        desk.draft(Request("model", "encodec"))


def test_nothing_is_overwritten_and_nothing_half_written(copy: Path) -> None:
    paper = copy / "data" / "publication" / "arxiv-2401-00001.ttl"
    shutil.copy(copy / "data" / "publication" / "arxiv-2210-13438.ttl", paper)
    before = paper.read_bytes()
    done = run("new", "model", "my-codec", "--arxiv", "2401.00001", "--anyway")
    assert done.exit_code == 2
    assert "never overwrites" in done.stderr
    assert paper.read_bytes() == before
    assert not (copy / "data" / "model" / "my-codec.ttl").exists()


def test_doubt_stops_until_anyway(copy: Path) -> None:
    words = ("new", "dataset", "libri-speech", "--label", "Another")
    stopped = run(*words)
    assert (stopped.exit_code, (copy / "data/dataset/libri-speech.ttl").exists()) == (2, False)
    assert "if it is another one, add --anyway" in stopped.stderr
    assert run(*words, "--anyway").exit_code == 0
    assert (copy / "data/dataset/libri-speech.ttl").exists()


@pytest.mark.parametrize(
    "words", [("new", "model"), ("new", "task", "x"), ("new", "model", "x", "--set", "a")]
)
def test_incomplete_command_says_what_is_missing(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert "Error: " in done.output


def test_terminal_is_asked_for_what_is_missing(desk: Desk) -> None:
    answers = {"Name": "MyCodec", "arXiv": "2401.00001", "Title": "T", "Kind": "codec"}
    answers |= {"What goes in": "speech", "Tokenizer": "EnCodec"}
    asked: list[str] = []

    def ask(question: str, check: Callable[[str], object]) -> str:
        asked.append(question)
        answer = next((a for words, a in answers.items() if question.startswith(words)), "")
        if answer:
            check(answer)
        return answer

    request = complete(Request("model", "my-codec", settings=(("task", "TTS"),)), desk, ask)
    assert request.settings == (("task", "TTS"), ("input", "speech"), ("tokenizer", "EnCodec"))
    assert (request.label, request.arxiv, request.classes) == ("MyCodec", "2401.00001", ("codec",))
    assert not any("(task)" in question for question in asked)


def test_wrong_answer_at_the_terminal_is_asked_again(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_is_terminal", lambda: True)
    answers = "nonsense\nhttps://example.org/list\nhttps://example.org/ada\n\n"
    words = ["new", "person", "ada-byron", "--label", "Ada Byron"]
    done = CliRunner().invoke(main, words, input=answers)
    assert done.exit_code == 0, done.output
    assert "“nonsense” is no address of a document" in done.stderr
    text = (copy / "data/person/ada-byron.ttl").read_text(encoding="utf-8")
    assert "foaf:page <https://example.org/ada>" in text
