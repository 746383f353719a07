"""The lists there are: codecs, models, datasets, publications, and one for every other kind."""

from typing import Final

from audiokg.terms import BASE, expand
from audiokg.web.listing.columns import Column, Listing

#: Segment -> the class that its list shows.
CLASSES: Final = {
    "architecture": "akg:Architecture",
    "benchmark": "akg:Benchmark",
    "challenge": "akg:Challenge",
    "condition": "akg:ReferenceCondition",
    "dataset": "akg:Dataset",
    "grade": "akg:EvidenceGrade",
    "language": "akg:Language",
    "licence": "akg:Licence",
    "metric": "akg:Metric",
    "modality": "akg:Modality",
    "model": "akg:Model",
    "organisation": "foaf:Organization",
    "person": "foaf:Person",
    "publication": "akg:Publication",
    "quantizer": "akg:QuantizationMethod",
    "representation": "akg:Representation",
    "source": "akg:Source",
    "strategy": "akg:TrainingStrategy",
    "task": "akg:Task",
    "token": "akg:TokenKind",
    "unit": "akg:SizeUnit",
}
#: Segment -> its name as a heading, and what it holds.
_WORDS: Final = {
    "architecture": ("Architectures", "Ways in which networks are built."),
    "benchmark": ("Benchmarks", "Suites and challenges that fix tasks, data and metrics."),
    "challenge": ("Challenges", "Difficulties that audio models have yet to overcome."),
    "condition": ("Reference conditions", "What results are set beside that is no model."),
    "grade": ("Evidence grades", "How near a document is to the makers of what it tells of."),
    "language": ("Languages", "Languages of datasets, each with its BCP 47 code."),
    "licence": ("Licences", "Terms under which code, weights and data may be used."),
    "metric": ("Metrics", "What results are measured in."),
    "modality": ("Modalities", "Kinds of content that models take, give and learn from."),
    "organisation": ("Organisations", "Who made models, datasets and benchmarks."),
    "person": ("People", "People whom a source credits with a model or dataset."),
    "quantizer": ("Quantization methods", "How codecs and tokenizers make discrete units."),
    "representation": ("Representations", "The forms in which audio enters and leaves models."),
    "source": ("Sources", "Lists and surveys that the graph reads row by row, each dated."),
    "strategy": ("Training strategies", "Ways in which models are trained."),
    "task": ("Tasks", "What models are made for or evaluated on."),
    "token": ("Kinds of token", "What the tokens of a tokenizer are made to carry."),
    "unit": ("Units of size", "What sizes of datasets are counted in."),
}
_YEAR: Final = Column(
    "year",
    "Year",
    "year",
    "numbers",
    example="2021..2023",
    less="or earlier",
    more="or later",
    ranges=("2026", "2025", "2024", "2023", "2022", "2021", "2020", "..2019"),
    is_single=True,
    is_shown=False,
)
_RELEASED: Final = Column(
    "released", "First released", "released", "texts", is_single=True, is_facet=False
)
_FAMILY: Final = Column("family", "Family", "families", "links", absent="none", is_facet=False)

CODECS: Final = Listing(
    "codec",
    "Neural audio codecs and tokenizers",
    "Models that turn audio into discrete tokens. A row is a configuration, as its makers "
    "trained and released it; its figures have evidence on its own page.",
    "list-codecs",
    "codec",
    (
        _FAMILY,
        Column(
            "frame-rate",
            "Frame rate",
            "frameRates",
            "numbers",
            "Hz",
            "akg:frameRateHz",
            "lowestFrameRate",
            "highestFrameRate",
            ("..12.5", "..25", "..50", "..75", "75.."),
            hint="Of any of its token streams.",
        ),
        Column(
            "bitrate",
            "Bitrate",
            "bitrates",
            "numbers",
            "kbit/s",
            "akg:bitrateKbps",
            "lowestBitrate",
            "highestBitrate",
            ("..0.5", "..1", "..2", "..6", "6.."),
            hint="In any of its settings.",
        ),
        Column(
            "codebooks",
            "Codebooks",
            "codebooks",
            "numbers",
            "",
            "akg:codebookCount",
            "fewestCodebooks",
            "mostCodebooks",
            ("1", "2..4", "5..8", "9.."),
            hint="In any of its settings.",
        ),
        Column("quantizer", "Quantizer", "quantizers", "links"),
        Column("token", "Kind of token", "tokens", "links"),
        Column("domain", "Domain", "domains", "links", hint="Trained or offered for."),
        Column(
            "speech-only",
            "Trained on speech only",
            "speechOnly",
            "texts",
            hint="Yes: every known corpus is speech alone. No: a corpus or domain is more.",
            is_single=True,
        ),
        Column("streaming", "Streaming", "streaming", "texts"),
        Column("weights", "Weights", "weights", "links", known="released"),
        Column("weights-licence", "Licence of weights", "weightsLicences", "links"),
        Column("code-licence", "Licence of code", "codeLicences", "links"),
        _RELEASED,
        _YEAR,
    ),
    note="The date is that of the family where a configuration has none of its own.",
    is_compared=True,
)
MODELS: Final = Listing(
    "model",
    "Models",
    "Every model of the graph: audio language models, codecs and tokenizers, representation "
    "models, and the text language models behind them; families and their configurations.",
    "list-models",
    "model",
    (
        Column("kind", "Kind", "kinds", "links"),
        _FAMILY,
        Column("task", "Task", "tasks", "links"),
        Column("tokenizer", "Tokenizer used", "tokenizers", "links"),
        Column("corpus", "Training corpus", "corpora", "links"),
        Column("organisation", "Organisation", "makers", "links"),
        Column("parameters", "Parameters", "parameters", "numbers", is_single=True, is_facet=False),
        _RELEASED,
        _YEAR,
    ),
    note="Tasks, organisation and date are those of the family where a configuration has none "
    "of its own.",
    is_compared=True,
)
DATASETS: Final = Listing(
    "dataset",
    "Datasets",
    "Corpora that models learn from or are evaluated on, named or only described.",
    "list-datasets",
    "dataset",
    (
        Column(
            "size",
            "Size",
            "hours",
            "numbers",
            "h",
            ranges=("..100", "100..", "1000..", "10000..", "100000.."),
            example="100..1000",
            is_single=True,
        ),
        Column("content", "Content", "contents", "links"),
        Column("language", "Language", "languages", "links"),
        Column(
            "languages",
            "Number of languages",
            "languageCount",
            "numbers",
            ranges=("1", "2..9", "10..99", "100.."),
            is_single=True,
        ),
        Column("licence", "Licence", "licences", "links"),
        Column("access", "Access", "access", "texts"),
        Column(
            "task", "Task", "tasks", "links", hint="Named by a source, or of a model trained on it."
        ),
        Column(
            "models", "Models trained on it", "models", "numbers", is_single=True, is_facet=False
        ),
    ),
    is_compared=True,
)
PUBLICATIONS: Final = Listing(
    "publication",
    "Publications",
    "Papers, preprints and reports that introduce what the graph catalogues, or that its "
    "sources refer to.",
    "list-publications",
    "publication",
    (
        Column("issued", "Issued", "issued", "texts", is_single=True, is_facet=False),
        _YEAR,
        Column("venue", "Venue", "venues", "links"),
        Column(
            "introduces", "Introduces", "introduced", "links", absent="none here", is_facet=False
        ),
        Column(
            "introduces-kind", "Introduces a", "kinds", "links", absent="none here", is_shown=False
        ),
        Column("kind", "Kind", "sorts", "links", is_shown=False),
        Column("authors", "Authors", "authorCount", "numbers", is_single=True, is_facet=False),
        Column(
            "arxiv", "arXiv", "arxiv", "texts", absent="none known", is_single=True, is_facet=False
        ),
        Column("doi", "DOI", "doi", "texts", is_single=True, is_facet=False, is_shown=False),
    ),
    sort="-issued",
    note="The month is that of the arXiv identifier where no date is stated.",
)


def _list_kind(segment: str) -> Listing:
    title, lead = _WORDS[segment]
    return Listing(
        segment,
        title,
        lead,
        "list",
        "resource",
        (
            Column(
                "definition", "Definition", "definition", "texts", is_single=True, is_facet=False
            ),
            Column("uses", "Mentioned by", "uses", "numbers", is_single=True, is_facet=False),
        ),
        note="“Mentioned by” counts the other resources whose description names this one.",
        terms={"class": expand(CLASSES[segment]), "start": f"{BASE}{segment}/"},
    )


#: Path -> list.
LISTINGS: Final = {
    listing.path: listing
    for listing in (CODECS, MODELS, DATASETS, PUBLICATIONS, *map(_list_kind, _WORDS))
}
