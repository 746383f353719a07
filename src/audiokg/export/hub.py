"""The words of the Hugging Face Hub: what ours are there.

Licences: https://huggingface.co/docs/hub/repositories-licenses. Metrics:
https://huggingface.co/metrics. The tags of tasks stand in ontology/task.ttl. What the Hub has no
word for is not forced into one.
"""

import re
from typing import Final

from audiokg.terms import shorten

_REPOSITORY: Final = re.compile(r"https://huggingface\.co/(datasets/)?([\w.-]+(?:/[\w.-]+)?)/?")
_OTHER: Final = "other"
#: The first words of paths on the Hub that are no names of models.
_NO_OWNERS: Final = {"collections", "datasets", "docs", "papers", "spaces", "tasks"}

#: SPDX identifiers of licences that the Hub knows, as it writes them.
_LICENCES: Final = {
    **{
        spdx: spdx.lower()
        for spdx in (
            *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT"),
            *("CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-4.0"),
            *("CC-BY-NC-4.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-4.0"),
        )
    },
    "GPL-3.0-only": "gpl-3.0",
    "ODC-By-1.0": "odc-by",
    "ODbL-1.0": "odbl",
}
#: Licences without SPDX identifier that the Hub knows.
_NAMED_LICENCES: Final = {"licence:llama-2-community": "llama2"}

_METRICS: Final = {
    "metric:accuracy": "accuracy",
    "metric:bleu": "bleu",
    "metric:character-error-rate": "cer",
    "metric:f1-score": "f1",
    "metric:word-error-rate": "wer",
}


def licence_on_hub(iri: str, spdx: str, page: str) -> dict[str, str]:
    """Give the fields of a card for a licence; one that the Hub does not list is named."""
    known = _LICENCES.get(spdx) or _NAMED_LICENCES.get(shorten(iri))
    if known:
        return {"license": known}
    named = {"license": _OTHER, "license_name": iri.rpartition("/")[2]}
    return named | ({"license_link": page} if page else {})


def metric_on_hub(iri: str) -> str:
    """Give the identifier of a metric, empty if the Hub has none."""
    return _METRICS.get(shorten(iri), "")


def model_on_hub(url: str) -> str:
    """Give the identifier of the model whose repository has that address, else nothing."""
    found = _REPOSITORY.fullmatch(url)
    if not found or found[1] or found[2].partition("/")[0] in _NO_OWNERS:
        return ""
    return found[2]


def dataset_on_hub(url: str) -> str:
    """Give the identifier of the dataset whose repository has that address, else nothing."""
    found = _REPOSITORY.fullmatch(url)
    return found[2] if found and found[1] else ""
