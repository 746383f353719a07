"""Identifiers that people paste: recognise one in its many spellings, and give it one key.

One table says it all: a kind, its spellings, the key that they share, and where it leads. An arXiv
identifier is the same thing bare, with a version, as an address of a page or a PDF, as a DOI.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from audiokg.terms import BASE, SEGMENTS


@dataclass(frozen=True)
class Identifier:
    """An identifier: what kind it is, its keys (the most exact first), and its address.

    `certain` is false where other text could look the same, as in `facebook/encodec`.
    """

    kind: str
    keys: tuple[str, ...]
    address: str
    certain: bool = True


@dataclass(frozen=True)
class _Form:
    kind: str
    pattern: re.Pattern[str]
    key: str
    address: str
    fold: Callable[[str], str] = str.casefold


_WEB = r"(?:https?://)?(?:www\.)?"
_TAIL = r"/?(?:[?#].*)?"
_DOI = rf"(?:doi[:\s]\s*|{_WEB}(?:dx\.)?doi\.org/)"
_ARXIV = r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?"
_ARXIV_SITES = (
    r"(?:[a-z-]+\.)?arxiv\.org/(?:abs|pdf|html)|alphaxiv\.org/abs|ar5iv\.org/(?:abs|html)"
    r"|(?:huggingface\.co|hf\.co)/papers"
)
_DBLP = r"(?:dblp[:\s]\s*|(?:https?://)?dblp\.(?:org|uni-trier\.de)/(?:rec/(?:html/|bibtex/)?)?)"
_DBLP_KEY = r"((?:conf|journals|books|series|phd|tr|reference)/[\w-]+/[\w-]+)"
_DBLP_END = r"(?:\.(?:html|bib|xml|rdf|nt|ttl))?"
_ORCID: Final = "ORCID iD"
_ID = r"([a-z0-9-]+)(?:\.[a-z]+)?"
_REPOSITORY = r"([\w.-]+/[\w.-]+?)"


_PATH = r"(?P<path>(?:/.*)?)"


def _form(
    kind: str, pattern: str, key: str, address: str, fold: Callable[[str], str] = str.casefold
) -> _Form:
    return _Form(kind, re.compile(pattern, re.IGNORECASE), key, address, fold)


_FORMS: Final = (
    _form(
        "arXiv identifier",
        rf"(?:arxiv[:\s]\s*|{_WEB}(?:{_ARXIV_SITES})/|{_DOI}?10\.48550/arxiv\.)?{_ARXIV}{_TAIL}"
        r"(?:\s*\[[\w.-]+\])?",
        "arxiv:{0}",
        "https://arxiv.org/abs/{0}",
    ),
    _form(
        "DOI",
        rf"{_WEB}zenodo\.org/records?/(\d+).*",
        "doi:10.5281/zenodo.{0}",
        "https://doi.org/10.5281/zenodo.{0}",
    ),
    _form("DOI", rf"{_DOI}?(10\.\d{{4,9}}/\S+)", "doi:{0}", "https://doi.org/{0}"),
    _form(
        "Wikidata item",
        r"(?:wd:|wikidata[:\s]\s*|(?:https?://)?(?:www\.|m\.)?wikidata\.org/(?:wiki|entity)/)?"
        rf"(Q[1-9]\d+){_TAIL}",
        "wikidata:{0}",
        "https://www.wikidata.org/wiki/{0}",
    ),
    _form(
        "DBLP key",
        rf"{_DBLP}?{_DBLP_KEY}{_DBLP_END}{_TAIL}",
        "dblp:{0}",
        "https://dblp.org/rec/{0}",
    ),
    _form(
        "DBLP person",
        rf"{_DBLP}(?:pid/)?([\w-]+/[\w-]+){_DBLP_END}{_TAIL}",
        "dblp-person:{0}",
        "https://dblp.org/pid/{0}",
    ),
    _form(
        _ORCID,
        rf"(?:orcid[:\s]\s*|{_WEB}orcid\.org/)?(\d{{4}}-\d{{4}}-\d{{4}}-\d{{3}}[\dX]){_TAIL}",
        "orcid:{0}",
        "https://orcid.org/{0}",
    ),
    _form(
        "OpenReview paper",
        rf"{_WEB}openreview\.net/(?:forum|pdf)\?id=([\w-]+).*",
        "openreview:{0}",
        "https://openreview.net/forum?id={0}",
    ),
    _form(
        "ACL Anthology paper",
        rf"{_WEB}aclanthology\.org/([\w.-]+?)(?:\.pdf|\.bib)?{_TAIL}",
        "acl:{0}",
        "https://aclanthology.org/{0}/",
    ),
    _form(
        "name of this graph",
        rf"(?:{re.escape(BASE)}|/)?({'|'.join(SEGMENTS)})[/:]{_ID}{_TAIL}",
        "audiokg:{0}/{1}",
        BASE + "{0}/{1}",
    ),
    _form(
        "term of the ontology",
        rf"(?:{re.escape(BASE)}ontology#|/ontology#|akg:)([a-z]+)",
        "audiokg:ontology#{0}",
        BASE + "ontology#{0}",
        str,  # akg:Metric is a class, akg:metric a property
    ),
    _form(
        "Hugging Face repository",
        r"(?:https?://)?(?:huggingface\.co|hf\.co)/(?!docs/|blog/|collections/)"
        rf"((?:datasets/|spaces/)?[\w.-]+/[\w.-]+){_PATH}{_TAIL}",
        "url:huggingface.co/{0}",
        "https://huggingface.co/{0}",
    ),
    _form(
        "GitHub repository",
        rf"(?:{_WEB}|git@)github\.com[/:]{_REPOSITORY}(?:\.git)?{_PATH}{_TAIL}",
        "url:github.com/{0}",
        "https://github.com/{0}",
    ),
    _form("web address", r"(https?://(?:www\.)?)([^\s#]+?)/?(?:#.*)?", "url:{1}", "{0}{1}"),
    _form("web address", r"www\.([^\s#]+?)/?(?:#.*)?", "url:{0}", "https://www.{0}"),
)
_ORCID_SIGNS: Final = "0123456789X"
_BARE_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+")
_SITES: Final = ("huggingface.co", "huggingface.co/datasets", "github.com")


def recognise(text: str) -> Identifier | None:
    """Recognise what stands alone in a text as an identifier; None for other text."""
    pasted = text.strip().strip("<>").rstrip(".,;")
    return next(filter(None, (_read(form, pasted) for form in _FORMS)), None) or _bare(pasted)


def read_orcid(text: str) -> str:
    """Give the address of an ORCID iD, empty for text that is none, or is mistyped.

    The last sign is a checksum, ISO 7064 MOD 11-2, with a capital X for ten
    (https://support.orcid.org/hc/en-us/articles/360006897674).
    """
    found = recognise(text)
    if not found or found.kind != _ORCID or not found.address.isascii():
        return ""
    signs = found.address.rpartition("/")[2].replace("-", "")
    total = 0
    for digit in signs[:-1]:
        total = (total + int(digit)) * 2
    return found.address if _ORCID_SIGNS[(12 - total % 11) % 11] == signs[-1] else ""


def key_of(text: str) -> str:
    """Give the most exact key of an identifier or address; any other text is its own key."""
    found = recognise(text)
    return found.keys[0] if found else text.casefold()


def _read(form: _Form, text: str) -> Identifier | None:
    match = form.pattern.fullmatch(text)
    if not match:
        return None
    key = form.fold(form.key.format(*match.groups()))
    path = form.fold(match.groupdict().get("path") or "").rstrip("/")
    keys = (key + path, key) if path else (key,)
    return Identifier(form.kind, keys, form.address.format(*match.groups()))


def _bare(text: str) -> Identifier | None:
    """Read `owner/name`, which names a repository if one is known."""
    if not _BARE_REPOSITORY.fullmatch(text):
        return None
    keys = tuple(f"url:{site}/{text}".casefold() for site in _SITES)
    return Identifier("name of a repository", keys, "", certain=False)
