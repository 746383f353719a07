"""Names for addresses elsewhere: “arXiv 2410.00037” rather than an address."""

import re
from dataclasses import dataclass
from typing import Final

from audiokg.terms import BASE, shorten

#: What an address looks like -> how it is called; the first that fits decides.
_SITES: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"^https?://arxiv\.org/(?:abs|pdf)/(?P<id>[\w.\-/]+?)(?:\.pdf)?$", "arXiv"),
        (r"^https?://doi\.org/(?P<id>.+)$", "DOI"),
        (r"^https?://dblp\.org/rec/(?P<id>.+?)(?:\.html)?$", "DBLP"),
        (r"^https?://dblp\.org/pid/(?P<id>.+?)(?:\.html)?$", "DBLP"),
        (r"^https?://www\.wikidata\.org/(?:entity|wiki)/(?P<id>Q\d+)$", "Wikidata"),
        (r"^https?://huggingface\.co/(?:datasets/)?(?P<id>[\w.\-]+/[\w.\-]+)/?$", "Hugging Face"),
        (
            r"^https?://huggingface\.co/(?:datasets/)?(?P<id>[\w.\-]+/[\w.\-]+)/.*?(?P<file>[^/]+)/?$",
            "Hugging Face",
        ),
        (r"^https?://huggingface\.co/(?P<id>.+?)/?$", "Hugging Face"),
        (r"^https?://github\.com/(?P<id>[\w.\-]+/[\w.\-]+)/?$", "GitHub"),
        (r"^https?://github\.com/(?P<id>[\w.\-]+/[\w.\-]+)/.*?(?P<file>[^/]+)/?$", "GitHub"),
        (r"^https?://orcid\.org/(?P<id>[\dX\-]+)$", "ORCID"),
        (r"^https?://ror\.org/(?P<id>\w+)$", "ROR"),
        (r"^https?://openreview\.net/forum\?id=(?P<id>[\w\-]+)$", "OpenReview"),
        (r"^https?://aclanthology\.org/(?P<id>.+?)/?$", "ACL Anthology"),
        (r"^https?://zenodo\.org/records?/(?P<id>\d+)$", "Zenodo"),
        (r"^https?://(?:www\.)?openslr\.org/(?P<id>\d+)/?$", "OpenSLR"),
        (r"^https?://spdx\.org/licenses/(?P<id>.+)\.html$", "SPDX"),
        (r"^https?://w3id\.org/mlso/vocab/ml_task_type/(?P<id>.+)$", "MLSO task type"),
    )
)
_LONGEST: Final = 50


@dataclass(frozen=True)
class Link:
    """Something that a page links to; without `iri` it is text alone."""

    iri: str
    label: str


def name_of(iri: str) -> str:
    """Name an address by the site and the identifier there, else by the address, shortened."""
    for pattern, name in _SITES:
        found = pattern.match(iri)
        if found:
            parts = (found["id"], found.groupdict().get("file"))
            return f"{name} {_cut(', '.join(filter(None, parts)))}"
    if iri.startswith(BASE):
        return iri.removeprefix(BASE)
    short = shorten(iri)
    bare = re.sub(r"^<?https?://(www\.)?|/?>?$", "", short)
    return _cut(bare)


def link_to(iri: str, label: str = "") -> Link:
    """Make a link, named by its label, else by its address."""
    return Link(iri, label or (name_of(iri) if iri else ""))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
