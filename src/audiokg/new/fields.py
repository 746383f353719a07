"""The fields that matter, by kind: one table for `--set`, the questions and the issue form."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Field:
    """A field: the word for it, the property that it fills, and the question that asks for it."""

    word: str
    property: str
    question: str


_ORGANISATION: Final = Field("organisation", "akg:introducedBy", "Made by")
_PAGE: Final = Field("page", "foaf:page", "Web page")
_CODE: Final = Field("code", "akg:hasCodeRepository", "Code")

#: Kind -> its fields, in the order in which they are asked for.
FIELDS: Final[dict[str, tuple[Field, ...]]] = {
    "model": (
        Field("input", "akg:inputModality", "What goes in"),
        Field("output", "akg:outputModality", "What comes out"),
        Field("task", "akg:supportsTask", "What it is for"),
        Field("tokenizer", "akg:usesTokenizer", "Tokenizer"),
        Field("dataset", "akg:trainedOn", "Training data"),
        _ORGANISATION,
        _CODE,
        Field("weights", "akg:hasWeights", "Weights"),
        Field("variant", "akg:variantOf", "Variant of"),
    ),
    "dataset": (
        Field("content", "akg:contentModality", "What it holds"),
        Field("task", "akg:suitableForTask", "What it is for"),
        Field("language", "dcterms:language", "Language"),
        Field("licence", "dcterms:license", "Licence"),
        _ORGANISATION,
        _PAGE,
    ),
    "publication": (
        Field("doi", "bibo:doi", "DOI"),
        Field("year", "dcterms:issued", "Year"),
        _PAGE,
    ),
    "benchmark": (_CODE, _PAGE),
    "organisation": (_PAGE, Field("same", "schema:sameAs", "The same elsewhere")),
    "person": (_PAGE, Field("same", "schema:sameAs", "The same elsewhere")),
}

#: Word for a kind of model -> its class.
MODELS: Final = {
    "codec": "akg:NeuralAudioCodec",
    "tokenizer": "akg:AudioTokenizer",
    "language model": "akg:AudioLanguageModel",
    "representation model": "akg:RepresentationModel",
    "generation model": "akg:AudioGenerationModel",
    "music model": "akg:MusicModel",
    "vocoder": "akg:Vocoder",
    "text language model": "akg:TextLanguageModel",
    "other audio model": "akg:AudioModel",
}
