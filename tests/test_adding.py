"""Three models added as a contributor adds them: by words, and by hand with mistakes in it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audiokg.cli import main
from copied_graph import copy_graph

PAPER = "data/publication/arxiv-2401-00009.ttl"
#: By hand: a misspelt property, a misspelt tokenizer, and a paper that has no file.
MISTAKEN = """\
@prefix akg: <https://w3id.org/audiokg/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix modality: <https://w3id.org/audiokg/modality/> .
@prefix model: <https://w3id.org/audiokg/model/> .
@prefix publication: <https://w3id.org/audiokg/publication/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<> dcterms:modified "2026-11-21"^^xsd:date ;
    dcterms:source <https://arxiv.org/abs/2401.00009> .

model:my-speaker a akg:AudioLanguageModel ;
    rdfs:label "MySpeaker" ;
    akg:inputModality modality:text ;
    akg:introducedIn publication:arxiv-2401-00009 ;
    akg:outputModalty modality:speech ;
    akg:supportsTask task:text-to-speech ;
    akg:usesTokenizer model:speechtokeniser .
"""


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy_graph(tmp_path, "speechtokenizer.ttl")
    monkeypatch.setenv("AUDIOKG_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def follow(message: str, file: Path) -> None:
    """Do what a message of `check` says, and nothing else."""
    meant = re.search(
        r" (\S+?)( \S+)?: a model has no such property; did you mean (\S+)\?", message
    )
    near = re.search(r"nothing is known of (\S+); did you mean (\S+)\?", message)
    new = re.search(r"; add it: audiokg (.+)$", message)
    if meant or near:
        wrong, right = (meant[1], meant[3]) if meant else (near[1], near[2]) if near else ("", "")
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(f"{wrong} ", f"{right} "), encoding="utf-8")
    elif new:
        assert run(*new[1].split(), "--set", "title=Speaking of Mine").exit_code == 0
    else:
        assert run("format", str(file)).exit_code == 0, message


def test_model_given_in_words_passes_at_once(copy: Path) -> None:
    words = "--arxiv 2401.00007 --label Mine --set title=T --kind codec --set input=speech"
    added = run("new", "model", "mine-codec", *words.split(), "--set", "task=audio coding")
    assert added.exit_code == 0, added.output
    checked = run(
        "check", *(line.removesuffix(": written") for line in added.stdout.split("\n")[:2])
    )
    assert (checked.exit_code, checked.output) == (0, "0 errors, 0 warnings\n")


def test_messages_lead_from_three_mistakes_to_a_clean_file(copy: Path) -> None:
    file = copy / "data" / "model" / "my-speaker.ttl"
    file.write_text(MISTAKEN, encoding="utf-8")
    rounds: list[list[str]] = []
    while (checked := run("check", str(file))).stdout and len(rounds) < 4:
        rounds.append(checked.stdout.splitlines())
        for message in rounds[-1]:
            follow(message, file)
    assert [len(messages) for messages in rounds] == [1, 3]
    assert all(re.match(r"data/model/my-speaker\.ttl:\d+: ", m) for m in rounds[1])
    both = run("check", str(file), PAPER)
    assert (both.exit_code, both.output) == (0, "0 errors, 0 warnings\n")
    text = file.read_text(encoding="utf-8")
    assert "akg:outputModality modality:speech" in text
    assert "akg:usesTokenizer model:speechtokenizer" in text
