"""The service manifest (https://reconciliation-api.github.io/specs/0.2/#service-manifest)."""

from typing import Any, Final

from audiokg import __version__
from audiokg.terms import AKG, BASE
from audiokg.web.reconcile.asked import CONTENTS
from audiokg.web.reconcile.vocabulary import Vocabulary

Json = dict[str, Any]
#: The most queries in a batch.
BATCH: Final = 50
#: The most values of properties in all queries of a batch.
MOST_VALUES: Final = 500
#: The most things to fetch of, properties to fetch at once, and to propose.
MOST_IDS: Final = 500
MOST_COLUMNS: Final = 50
MOST_PROPOSED: Final = 1000
#: In pixels.
_PREVIEW: Final = {"width": 420, "height": 260}
#: What columns of tables in this field are about.
_DEFAULT_TYPES: Final = (
    "akg:Model",
    "akg:AudioTokenizer",
    "akg:NeuralAudioCodec",
    "akg:AudioLanguageModel",
    "akg:RepresentationModel",
    "akg:Dataset",
    "akg:Publication",
    "akg:Task",
    "akg:Metric",
    "foaf:Organization",
    "foaf:Person",
)


def write_manifest(root: str, logo: str, vocabulary: Vocabulary) -> Json:
    """Write the manifest of the service of a server at an address."""
    here = f"{root}reconcile"
    known = [vocabulary.types[id_] for id_ in _DEFAULT_TYPES if id_ in vocabulary.types]
    return {
        "versions": ["0.2"],
        "name": "audiokg: large audio models",
        "identifierSpace": BASE,
        "schemaSpace": AKG,
        "documentation": here,
        "logo": logo,
        "serviceVersion": __version__,
        "defaultTypes": [{"id": type_.id, "name": type_.name} for type_ in known],
        "view": {"url": f"{here}/view?id={{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", **_PREVIEW},
        "suggest": {
            what: {"service_url": here, "service_path": f"/suggest/{what}"}
            for what in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/properties"},
            "property_settings": _settings(),
        },
        "batchSize": BATCH,
    }


def _settings() -> list[Json]:
    """Describe what can be set for each property that is fetched."""
    choices = [{"value": value, "name": name} for value, name in CONTENTS.items()]
    return [
        {
            "name": "limit",
            "label": "Values",
            "type": "number",
            "default": 0,
            "help_text": "The most values of one row; 0 for all.",
        },
        {
            "name": "content",
            "label": "Things of this graph as",
            "type": "select",
            "default": "entity",
            "choices": choices,
            "help_text": "Reconciled values lead on to more columns; names and IRIs are text.",
        },
    ]
