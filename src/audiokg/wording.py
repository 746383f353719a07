"""Plain words, for pages and exports: names of properties, their groups, what a rule means.

A property that is not in the table is shown under its label in the ontology, in the last group.
"""

from dataclasses import dataclass
from typing import Final

from audiokg.terms import expand, shorten

#: The groups of a page, in order: key -> heading.
GROUPS: Final = {
    "kind": "What it is",
    "numbers": "In numbers",
    "makeup": "How it works",
    "built": "What it is built from",
    "training": "What it learned from",
    "tasks": "Tasks, abilities, limits",
    "papers": "Papers and links",
    "release": "Makers and release",
    "names": "Names",
    "record": "In this graph",
}


@dataclass(frozen=True)
class Word:
    """How a property is said: group, name, unit, and the heading over what points by it."""

    group: str
    name: str
    unit: str = ""
    inverse: str = ""


#: In the order in which they stand on a page.
_TABLE: Final = {
    "rdf:type": Word("kind", "kind", inverse="Instances"),
    "skos:definition": Word("kind", "definition"),
    "dcterms:description": Word("kind", "description"),
    "akg:variantOf": Word("kind", "version or configuration of", "", "Versions and configurations"),
    "dcterms:isVersionOf": Word("kind", "version of", "", "Versions"),
    "dcterms:isPartOf": Word("kind", "part of", "", "Parts"),
    "prov:wasDerivedFrom": Word("kind", "derived from", "", "Derived from it"),
    "skos:broader": Word("kind", "a kind of", "", "Narrower"),
    "owl:differentFrom": Word("kind", "not the same as", "", "Not the same as"),
    "owl:deprecated": Word("kind", "withdrawn"),
    "dcterms:isReplacedBy": Word("kind", "replaced by", "", "Replaces"),
    "akg:higherIsBetter": Word("kind", "higher is better"),
    "akg:usesEmbeddingModel": Word("kind", "embedding model", "", "Metrics computed with it"),
    "akg:audioDomain": Word("kind", "kind of audio", "", "Codecs and tokenizers for it"),
    "akg:contentModality": Word("kind", "holds", "", "Datasets that hold it"),
    "dcterms:language": Word("kind", "language", "", "Datasets in it"),
    "akg:isMultilingual": Word("kind", "multilingual"),
    "akg:sampleRateHz": Word("numbers", "sample rate", "Hz"),
    "akg:frameRateHz": Word("numbers", "frame rate", "Hz"),
    "akg:hopLength": Word("numbers", "hop length", "samples"),
    "akg:codebookCount": Word("numbers", "codebooks"),
    "akg:codebookSize": Word("numbers", "codebook size", "codes"),
    "akg:bitsPerToken": Word("numbers", "bits per token", "bit"),
    "akg:bitrateKbps": Word("numbers", "bitrate", "kbit/s"),
    "akg:computedBitrateKbps": Word("numbers", "bitrate as computed", "kbit/s"),
    "akg:bitrateScalable": Word("numbers", "bitrate can be chosen"),
    "akg:embeddingDimension": Word("numbers", "embedding dimension"),
    "akg:parameterCount": Word("numbers", "parameters"),
    "akg:hasPart": Word("numbers", "parts"),
    "akg:durationHours": Word("numbers", "duration", "h"),
    "akg:languageCount": Word("numbers", "languages"),
    "akg:quantizationMethod": Word("makeup", "quantization", "", "Tokenizers that quantize so"),
    "akg:tokenKind": Word("makeup", "tokens", "", "Tokenizers with such tokens"),
    "akg:hasArchitecture": Word("makeup", "architecture", "", "Models built so"),
    "akg:inputModality": Word("makeup", "takes", "", "Models that take it"),
    "akg:inputRepresentation": Word("makeup", "takes audio as", "", "Models that take audio so"),
    "akg:outputModality": Word("makeup", "gives", "", "Models that give it"),
    "akg:outputRepresentation": Word("makeup", "gives audio as", "", "Models that give audio so"),
    "akg:streaming": Word("makeup", "streaming"),
    "akg:isFullDuplex": Word("makeup", "listens while it speaks"),
    "akg:usesBackbone": Word("built", "language model", "", "Models built around it"),
    "akg:usesEncoder": Word("built", "audio encoder", "", "Models that take its features"),
    "akg:usesInputTokenizer": Word("built", "tokens that go in", "", "Models that read its tokens"),
    "akg:usesOutputTokenizer": Word(
        "built", "tokens that come out", "", "Models that write its tokens"
    ),
    "akg:usesSemanticTokenizer": Word(
        "built", "semantic tokens", "", "Models with its semantic tokens"
    ),
    "akg:usesAcousticTokenizer": Word(
        "built", "acoustic tokens", "", "Models with its acoustic tokens"
    ),
    "akg:usesTokenizer": Word("built", "tokenizers, in all", "", "Models with its tokens, in all"),
    "akg:usesVocoder": Word("built", "vocoder", "", "Models that it is the vocoder of"),
    "akg:fineTunedFrom": Word("built", "fine-tuned from", "", "Fine-tuned from it"),
    "akg:extends": Word("built", "extends", "", "Extended by"),
    "akg:usesComponent": Word("built", "components, in all", "", "Models with it inside, in all"),
    "akg:trainedOn": Word("training", "trained on", "", "Models trained on it"),
    "akg:hasTrainingUse": Word("training", "how much of each"),
    "akg:trainingHours": Word("training", "hours of audio, all together", "h"),
    "akg:trainingTokens": Word("training", "tokens, all together"),
    "akg:trainingDataSize": Word("training", "amount, as printed"),
    "akg:trainedWith": Word("training", "trained with", "", "Models trained so"),
    "akg:trainedFromScratch": Word("training", "language model trained from scratch"),
    "akg:supportsTask": Word("tasks", "tasks", "", "Models for it"),
    "akg:suitableForTask": Word("tasks", "used for", "", "Datasets for it"),
    "akg:capability": Word("tasks", "abilities, as printed"),
    "akg:hasLimitation": Word("tasks", "struggles with", "", "Models that struggle with it"),
    "akg:limitation": Word("tasks", "limits, as printed"),
    "akg:evaluatedOn": Word("tasks", "evaluated on", "", "Models evaluated on it"),
    "akg:comparedWith": Word("tasks", "compared with", "", "Compared with it"),
    "akg:outperforms": Word("tasks", "said to be better than", "", "Said to be better"),
    "akg:reportedResult": Word("tasks", "results, as printed"),
    "akg:coversTopic": Word("tasks", "topics covered"),
    "akg:introducedIn": Word("papers", "introduced in", "", "Introduced here"),
    "akg:citedAs": Word("papers", "cited as", "", "What sources cite it for"),
    "cito:cites": Word("papers", "cites", "", "Surveys and lists that cite it"),
    "dcterms:title": Word("papers", "title"),
    "fabio:hasArXivId": Word("papers", "arXiv identifier"),
    "bibo:doi": Word("papers", "DOI"),
    "schema:sameAs": Word("papers", "the same elsewhere"),
    "skos:exactMatch": Word("papers", "the same concept elsewhere"),
    "skos:closeMatch": Word("papers", "nearly the same", "", "Nearly the same"),
    "schema:termCode": Word("papers", "tag of the Hugging Face hub"),
    "dcterms:hasVersion": Word("papers", "published version"),
    "foaf:page": Word("papers", "web page"),
    "akg:introducedBy": Word("release", "made by", "", "Made by it"),
    "akg:firstReleased": Word("release", "first released"),
    "akg:releaseYear": Word("release", "year of release"),
    "dcterms:issued": Word("release", "published"),
    "akg:hasCodeRepository": Word("release", "code", "", "Code of it"),
    "akg:codeStatus": Word("release", "state of the code"),
    "akg:hasWeights": Word("release", "weights"),
    "dcterms:license": Word("release", "licence", "", "Under it"),
    "akg:access": Word("release", "access"),
    "akg:isPublic": Word("release", "public"),
    "rdfs:label": Word("names", "name"),
    "skos:prefLabel": Word("names", "preferred name"),
    "skos:altLabel": Word("names", "other names"),
    "skos:notation": Word("names", "short form"),
    "skos:hiddenLabel": Word("names", "also found as"),
    "skos:editorialNote": Word("record", "note of the curators"),
    "skos:inScheme": Word("record", "vocabulary", "", "Terms"),
    "skos:topConceptOf": Word("record", "top term of", "", "Top terms"),
    "akg:claimsOnly": Word("record", "makes claims only"),
}
WORDS: Final = {expand(name): word for name, word in _TABLE.items()}
_ORDER: Final = {iri: place for place, iri in enumerate(WORDS)}
_LAST: Final = "record"


@dataclass(frozen=True)
class Rule:
    """A rule of queries/build/ that decides between sources: its name, and what it means."""

    name: str
    meaning: str


RULES: Final = {
    "curated": Rule("curated", "The curators read the documents and keep the preferred value."),
    "more-trusted-source": Rule(
        "more trusted source",
        "The more trusted source is preferred: a paper before a survey, a survey before a list.",
    ),
    "equal-trust-lowest-value": Rule(
        "equal trust, lowest value",
        "The sources are trusted alike; the lower value, of dates the earlier one, is preferred.",
    ),
    "equal-trust-negated": Rule(
        "equal trust, denial", "The sources are trusted alike; the denial is preferred."
    ),
    "stated-over-computed": Rule(
        "stated over computed",
        "The bitrate is kept as stated, though it differs from the sum by more than 2 %.",
    ),
}
#: Classes that have no label in the graph.
_KINDS: Final = {expand("foaf:Organization"): "organisation", expand("foaf:Person"): "person"}
_BOOLEANS: Final = {"true": "yes", "false": "no"}


def word_for(iri: str, label: str = "") -> Word:
    """Say a property in plain words, by the table, else by its label in the ontology."""
    if iri in WORDS:
        return WORDS[iri]
    return Word(_LAST, label.removeprefix("has ") or shorten(iri))


def inverse_of(iri: str, label: str = "") -> str:
    """Name what points at something by a property."""
    word = word_for(iri, label)
    return word.inverse or f"“{word.name}” of"


def place_of(iri: str) -> int:
    """Give the place of a property in the order of a page."""
    return _ORDER.get(iri, len(_ORDER))


def explain(rule: str) -> str:
    """Say what a rule means; a rule of a later build under its own name."""
    return RULES[rule].meaning if rule in RULES else f"Rule: {rule}."


def say_kind(iri: str) -> str:
    """Name a class that has no label in the graph; empty for all else."""
    return _KINDS.get(iri, "")


def say_boolean(text: str) -> str:
    """Say true and false as yes and no."""
    return _BOOLEANS.get(text, text)
