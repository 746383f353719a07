"""A model or a dataset as a card of the Hugging Face Hub: YAML, then a short text.

https://huggingface.co/docs/hub/model-cards and https://huggingface.co/docs/hub/datasets-cards;
https://github.com/huggingface/hub-docs/blob/main/modelcard.md. A card says only what the graph
says. The Hub takes identifiers of its own for datasets and base models, so only those that lie on
it are fields; the text names all. A licence is a field if all weights have that one, and the
languages of a model are those of its training data, if they are known of each dataset.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox
from huggingface_hub import DatasetCardData, EvalResult, ModelCardData

from audiokg.errors import InputError
from audiokg.export.card_text import write_text
from audiokg.export.hub import (
    dataset_on_hub,
    licence_on_hub,
    metric_on_hub,
    model_on_hub,
)
from audiokg.export.material import Material
from audiokg.export.solutions import Row, plain_row, value
from audiokg.terms import BASE, Term, shorten

#: One file, or several by name.
Files = bytes | dict[str, bytes]
#: The rows of one resource, by query without `card-`.
Facts = Mapping[str, Sequence[Row]]
_QUERIES: Final = ("bases", "corpora", "facts", "licences", "papers", "results", "tasks")
_MULTILINGUALITY: Final = {"true": "multilingual", "false": "monolingual"}


def export_model_cards(material: Material, names: Sequence[ox.NamedNode]) -> Files:
    """Write the card of a model, or of several, a file each. Raises InputError for no model."""
    return _export(material, names, "model", _model_data)


def export_dataset_cards(material: Material, names: Sequence[ox.NamedNode]) -> Files:
    """Write the card of a dataset, or of several, a file each. Raises InputError for no dataset."""
    return _export(material, names, "dataset", _dataset_data)


def _export(
    material: Material,
    names: Sequence[ox.NamedNode],
    kind: str,
    write: Callable[[Facts], ModelCardData | DatasetCardData],
) -> Files:
    files: dict[str, bytes] = {}
    for name in names:
        path = name.value.removeprefix(BASE)
        if not path.startswith(kind + "/"):
            raise InputError(f"{path} is no {kind}; this card is of a {kind}")
        facts = _read_facts(material, name)
        text = write_text(name.value, facts, material.manifest)
        head = write(facts).to_yaml(line_break="\n")
        files[path.partition("/")[2] + ".md"] = f"---\n{head}\n---\n\n{text}".encode()
    return files if names[1:] else next(iter(files.values()))


def _read_facts(material: Material, name: ox.NamedNode) -> Facts:
    """Read the rows of a resource first, then of its configurations, each in the same order."""
    rows = material.rows("card-members", resource=name)
    members = sorted({row["member"] for row in rows}, key=lambda it: (it != name, str(it)))
    return {
        query: [row for member in members for row in _ask(material, query, member)]
        for query in _QUERIES
    }


def _ask(material: Material, query: str, member: Term) -> list[Row]:
    rows = (plain_row(row) for row in material.rows(f"card-{query}", member=member))
    return sorted(rows, key=lambda row: [(key, row[key]["value"]) for key in sorted(row)])


def _model_data(facts: Facts) -> ModelCardData:
    tasks = _texts(_column(facts["tasks"], "tag")) or []
    results = [result for row in facts["results"] if (result := _result(row))]
    bases = _texts(map(model_on_hub, _column(facts["bases"], "weights")))
    licence = _licence(facts["licences"])
    return ModelCardData(
        license=licence.get("license"),
        license_name=licence.get("license_name"),
        license_link=licence.get("license_link"),
        language=_languages(facts["corpora"]),
        datasets=_texts(map(dataset_on_hub, _column(facts["corpora"], "page"))),
        base_model=bases[0] if bases and len(bases) == 1 else None,
        pipeline_tag=tasks[0] if len(tasks) == 1 else None,
        metrics=_texts(map(metric_on_hub, _column(facts["results"], "metric"))),
        tags=[*tasks, *_kinds(facts), *_arxiv_tags(facts)] or None,
        model_name=_values(facts, "rdfs:label")[0] if results else None,
        eval_results=results or None,
    )


def _dataset_data(facts: Facts) -> DatasetCardData:
    known = _values(facts, "akg:isMultilingual")
    modalities = _texts(_column(_rows(facts, "akg:contentModality"), "label")) or []
    return DatasetCardData(
        **_licence(facts["licences"]),
        language=_texts(_column(_rows(facts, "dcterms:language"), "code")),
        multilinguality=_MULTILINGUALITY.get(known[0]) if len(known) == 1 else None,
        pretty_name=_values(facts, "rdfs:label")[0],
        task_categories=_texts(_column(facts["tasks"], "tag")),
        tags=[*modalities, *_arxiv_tags(facts)] or None,
    )


def _licence(rows: Sequence[Row]) -> dict[str, Any]:
    """Give the licence that all weights, or the dataset, have; nothing if it is not the one."""
    if len({value(row, "licence") for row in rows}) != 1 or not value(rows[0], "licence"):
        return {}
    return dict(licence_on_hub(*(value(rows[0], name) for name in ("licence", "code", "page"))))


def _languages(corpora: Sequence[Row]) -> list[str] | None:
    languages = _column(corpora, "language")
    return _texts(languages) if all(languages) else None


def _result(row: Row) -> EvalResult | None:
    """Write a result for the model index, which takes exact figures and the Hub's own words."""
    task = value(row, "tag")
    dataset = dataset_on_hub(value(row, "page"))
    metric = metric_on_hub(value(row, "metric"))
    if not (task and dataset and metric) or value(row, "comparator") not in {"", "="}:
        return None
    return EvalResult(
        task_type=task,
        task_name=value(row, "taskLabel"),
        dataset_type=dataset,
        dataset_name=value(row, "datasetLabel"),
        metric_type=metric,
        metric_name=value(row, "metricLabel"),
        metric_value=float(value(row, "value")),
        source_name=value(row, "sourceLabel"),
        source_url=value(row, "source"),
    )


def _kinds(facts: Facts) -> list[str]:
    kinds = _texts(_column(_rows(facts, "rdf:type"), "label")) or []
    return [kind.replace(" ", "-") for kind in kinds]


def _arxiv_tags(facts: Facts) -> list[str]:
    return [f"arxiv:{number}" for number in _texts(_column(facts["papers"], "arxiv")) or []]


def _rows(facts: Facts, name: str) -> list[Row]:
    """Choose the facts of a property, those of the resource itself first."""
    return [row for row in facts["facts"] if shorten(value(row, "property")) == name]


def _values(facts: Facts, name: str) -> list[str]:
    return list(dict.fromkeys(_column(_rows(facts, name), "value")))


def _column(rows: Iterable[Row], name: str) -> list[str]:
    return [value(row, name) for row in rows]


def _texts(texts: Iterable[str]) -> list[str] | None:
    """Sort texts, each once; None where there is none, as the Hub has it."""
    return sorted(set(texts) - {""}) or None
