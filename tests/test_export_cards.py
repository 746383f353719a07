"""Croissant read by mlcroissant; cards of the Hugging Face Hub read by huggingface_hub."""

import json
import re
from pathlib import Path
from typing import Any

import mlcroissant
import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from huggingface_hub import DatasetCard, ModelCard

from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.export.cards import export_dataset_cards, export_model_cards
from audiokg.export.croissant import describe_dataset, export_croissant, list_missing
from audiokg.export.material import Material
from audiokg.terms import expand
from small_graph import HOSTILE, make_small

#: rdflib's own reader of JSON-LD, that mlcroissant calls, warns of rdflib's own class.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
#: Some of https://huggingface.co/docs/hub/repositories-licenses: those that the graph leads to.
LICENCES = {
    *("apache-2.0", "bsd-2-clause", "bsd-3-clause", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-4.0"),
    *("cc-by-nc-nd-4.0", "cc-by-nc-sa-4.0", "cc-by-sa-4.0", "cc0-1.0", "gpl-3.0", "llama2", "mit"),
    *("odbl", "odc-by", "other"),
}
#: The tasks of https://huggingface.co/tasks for audio.
TASKS = {
    *("audio-classification", "audio-text-to-text", "audio-to-audio", "text-to-audio"),
    *("automatic-speech-recognition", "text-to-speech"),
}
#: Required by https://docs.mlcommons.org/croissant/docs/croissant-spec.html, of a dataset.
REQUIRED = {
    *("@context", "@type", "conformsTo", "creator", "datePublished", "description", "license"),
    *("name", "url"),
}
FIELDS = {
    *("base_model", "datasets", "language", "license", "license_link", "license_name", "metrics"),
    *("model-index", "pipeline_tag", "tags"),
}
ODD = """
model:odd a akg:AudioLanguageModel ; rdfs:label {hostile} ;
    akg:fineTunedFrom model:base ; akg:trainedOn dataset:corpus ;
    akg:supportsTask task:speech-recognition ;
    akg:hasWeights <https://huggingface.co/someone/odd> .
<https://huggingface.co/someone/odd> a akg:Weights ; dcterms:license licence:glm-4 .
model:base a akg:AudioLanguageModel ; rdfs:label "Base" ;
    akg:hasWeights <https://huggingface.co/someone/base>, <https://example.org/base.pt> .
dataset:corpus a akg:Dataset ; rdfs:label {hostile} ; dcterms:language language:no ;
    foaf:page <https://huggingface.co/datasets/someone/corpus> ; dcterms:license licence:cc-by-4-0 ;
    akg:introducedBy organisation:makers ; dcterms:issued "2024" .
language:no a akg:Language ; rdfs:label "Norwegian" ; skos:notation "no" .
organisation:makers a foaf:Organization ; rdfs:label {hostile} .
dataset:told a akg:Dataset ; rdfs:label "Told" ; akg:introducedIn publication:arxiv-2401-00001 .
publication:arxiv-2401-00001 a akg:Publication ; dcterms:title "Told" ;
    fabio:hasArXivId "2401.00001" ; akg:hasAuthorship <#author-1>, <#author-2> .
<#author-1> a akg:Authorship ; akg:authorOrdinal 1 ; akg:nameAsGiven "Zoe Abel" .
<#author-2> a akg:Authorship ; akg:authorOrdinal 2 ; akg:nameAsGiven "Abel Zoe" .
dataset:two a akg:Dataset ; rdfs:label "Two" ; dcterms:license licence:mit, licence:cc-by-4-0 .
<#result> a akg:EvaluationResult ; akg:evaluates model:odd ; akg:metric metric:word-error-rate ;
    akg:numericValue 4.2 ; akg:resultKind "absolute" ; akg:comparator "=" ;
    akg:onDataset dataset:corpus ; akg:forTask task:speech-recognition ; akg:statedIn source:list .
<#about> a akg:EvaluationResult ; akg:evaluates model:odd ; akg:metric metric:word-error-rate ;
    akg:numericValue 9.9 ; akg:resultKind "absolute" ; akg:comparator "~" ;
    akg:onDataset dataset:corpus ; akg:forTask task:speech-recognition ; akg:statedIn source:list .
source:list a akg:CuratedList ; rdfs:label "A list" .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_small(tmp_path_factory.mktemp("small"), "model/odd", ODD)


@pytest.fixture(scope="module")
def model_cards(material: Material) -> dict[str, str]:
    return several(export_model_cards(material, things(material, "akg:Model")))


def things(material: Material, kind: str) -> list[ox.NamedNode]:
    query = (
        "SELECT DISTINCT ?it ?kind { ?it a ?own . "
        "?own <http://www.w3.org/2000/01/rdf-schema#subClassOf>* ?kind }"
    )
    rows = material.rows_of(query, kind=ox.NamedNode(expand(kind)))
    return [row["it"] for row in rows if isinstance(row["it"], ox.NamedNode)]


def only(files: bytes | dict[str, bytes]) -> str:
    assert isinstance(files, bytes)
    return files.decode()


def several(files: bytes | dict[str, bytes]) -> dict[str, str]:
    assert not isinstance(files, bytes)
    return {name: content.decode() for name, content in files.items()}


def croissant(material: Material, name: str) -> Any:
    return json.loads(only(export_croissant(material, [material.find(name)])))


def validate(document: Any) -> Any:
    """Give the metadata as mlcroissant reads them; it raises ValidationError for what is wrong."""
    return mlcroissant.Dataset(jsonld=document).metadata


def model_fields(text: str) -> dict[str, Any]:
    card: Any = ModelCard(text)
    data: dict[str, Any] = card.data.to_dict()
    return data


def dataset_fields(text: str) -> dict[str, Any]:
    card: Any = DatasetCard(text)
    data: dict[str, Any] = card.data.to_dict()
    return data


@pytest.fixture(scope="module")
def odd(small: Material) -> str:
    return only(export_model_cards(small, [small.find("odd")]))


def test_every_dataset_is_croissant_or_lacks_what_is_named(material: Material) -> None:
    valid, lacking = [], []
    for name in things(material, "akg:Dataset"):
        missing = list_missing(describe_dataset(material, name))
        if missing:
            with pytest.raises(InputError, match=re.escape(", ".join(missing))):
                export_croissant(material, [name])
            lacking.append(name)
        else:
            document = croissant(material, name.value)
            assert document.keys() >= REQUIRED
            issues = validate(document).ctx.issues
            assert not issues.errors
            assert [text for text in issues.warnings if "schema.org/version" not in text] == []
            valid.append(name)
    assert len(valid) >= 15
    assert lacking


def test_croissant_says_what_the_graph_says(material: Material) -> None:
    read = validate(croissant(material, "libritts"))
    assert read.name == "LibriTTS"
    assert read.license == ["https://spdx.org/licenses/CC-BY-4.0.html"]
    assert [maker.name for maker in read.creators] == ["Google"]
    assert read.cite_as.startswith("@misc{arxiv-1904-02882")
    assert not read.distribution


def test_authors_and_year_of_the_paper_stand_in_for_those_of_the_dataset(small: Material) -> None:
    said = describe_dataset(small, small.find("told"))
    assert [maker["name"] for maker in said["creator"]] == ["Zoe Abel", "Abel Zoe"]
    assert said["datePublished"] == "2024"
    assert "license" not in said


def test_a_fault_in_croissant_is_found(material: Material) -> None:
    document = croissant(material, "libritts")
    with pytest.raises(mlcroissant.ValidationError, match="ISO 8601"):
        validate(document | {"datePublished": "soon"})


def test_croissant_has_the_context_of_the_specification(
    material: Material, caplog: pytest.LogCaptureFixture
) -> None:
    validate(croissant(material, "libritts"))
    assert not [text for text in caplog.messages if "@context" in text]


def test_croissant_of_hostile_names_is_valid(small: Material) -> None:
    read = validate(croissant(small, "corpus"))
    assert read.name == HOSTILE
    assert read.creators[0].name == HOSTILE


def test_croissant_is_of_datasets_only(exporter: CliRunner) -> None:
    result = exporter.invoke(main, ["export", "croissant", "moshi"])
    assert (result.exit_code, result.output) == (
        2,
        "Error: model/moshi is no dataset, and Croissant describes datasets\n",
    )


def test_a_dataset_of_which_too_little_is_known_says_what_is_missing(exporter: CliRunner) -> None:
    result = exporter.invoke(main, ["export", "croissant", "voxceleb2"])
    assert result.exit_code == 2
    assert "no document tells its licence (dcterms:license)" in result.output


def test_several_datasets_are_several_files(exporter: CliRunner, tmp_path: Path) -> None:
    words = ["export", "croissant", "libritts", "audiocaps", "--output", str(tmp_path)]
    assert exporter.invoke(main, words).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "audiocaps.croissant.json",
        "libritts.croissant.json",
    }


def test_every_model_card_is_read_by_the_library_of_the_hub(model_cards: dict[str, str]) -> None:
    assert len(model_cards) > 500
    for text in model_cards.values():
        data = model_fields(text)
        assert data.keys() <= FIELDS
        assert data.get("license", "mit") in LICENCES
        assert data.get("pipeline_tag", "text-to-speech") in TASKS
        assert all(re.fullmatch("[a-z]{2,3}", code) for code in data.get("language", ()))


def test_every_dataset_card_is_read_by_the_library_of_the_hub(material: Material) -> None:
    files = several(export_dataset_cards(material, things(material, "akg:Dataset")))
    assert len(files) > 150
    for text in files.values():
        data = dataset_fields(text)
        assert data["pretty_name"]
        assert data.get("license", "mit") in LICENCES
        assert set(data.get("task_categories", ())) <= TASKS


def test_a_licence_stands_on_a_card_only_if_all_weights_have_it(
    material: Material, model_cards: dict[str, str]
) -> None:
    for name in things(material, "akg:Model"):
        members = material.rows("card-members", resource=name)
        bearers = [material.rows("card-licences", member=row["member"]) for row in members]
        known = {row.get("licence") for rows in bearers for row in rows}
        fields = model_fields(model_cards[name.value.rpartition("/")[2] + ".md"])
        assert ("license" in fields) is (len(known) == 1 and None not in known), name


def test_a_model_card_tells_paper_weights_and_facts(model_cards: dict[str, str]) -> None:
    text = model_cards["moshi.md"]
    data = model_fields(text)
    assert data["license"] == "cc-by-4.0"
    assert "arxiv:2410.00037" in data["tags"]
    assert "- <https://huggingface.co/kyutai/moshika-pytorch-bf16>: Creative Commons" in text
    assert "| language model | Helium 7B | Moshika |" in text


def test_the_words_of_the_hub_are_used_for_what_lies_there(odd: str) -> None:
    data = model_fields(odd)
    assert data["base_model"] == "someone/base"
    assert data["datasets"] == ["someone/corpus"]
    assert data["language"] == ["no"]
    assert (data["license"], data["license_name"]) == ("other", "glm-4")
    assert data["metrics"] == ["wer"]


def test_exact_results_on_a_dataset_of_the_hub_are_in_the_model_index(odd: str) -> None:
    [index] = model_fields(odd)["model-index"]
    [result] = index["results"]
    assert index["name"] == HOSTILE
    assert result["dataset"] == {"type": "someone/corpus", "name": HOSTILE}
    assert [metric["value"] for metric in result["metrics"]] == [4.2]
    assert result["task"]["type"] == "automatic-speech-recognition"


def test_hostile_names_stay_in_their_cells(odd: str) -> None:
    lines = odd.partition("\n---\n")[2].splitlines()
    [title] = [line for line in lines if line.startswith("# ")]
    [facts, *_] = [line for line in lines if line.startswith("| trained on |")]
    assert "\\<c\\>" in title
    assert len(re.findall(r"(?<!\\)\|", facts)) == 4


def test_two_licences_of_a_dataset_are_no_field(small: Material) -> None:
    text = only(export_dataset_cards(small, [small.find("two")]))
    assert "license" not in dataset_fields(text)
    assert text.count("<https://w3id.org/audiokg/dataset/two>: ") == 2


def test_a_card_is_of_its_kind_only(exporter: CliRunner) -> None:
    result = exporter.invoke(main, ["export", "model-card", "librispeech"])
    assert (result.exit_code, result.output) == (
        2,
        "Error: dataset/librispeech is no model; this card is of a model\n",
    )


def test_the_same_snapshot_gives_the_same_cards(
    model_cards: dict[str, str], again: Material
) -> None:
    assert only(export_model_cards(again, [again.find("moshi")])) == model_cards["moshi.md"]
