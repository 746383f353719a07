"""How to cite a paper, or a page of audiokg: BibTeX and CSL-JSON.

https://www.bibtex.org/Format/ and https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html
Authors stand in the graph as printed; which word is the family name follows BibTeX's own rule: the
last one, with what stands before it in lower case. A year that no source gives is that of the arXiv
identifier, whose first digits are the year and month of submission.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import normalize

from audiokg.export.solutions import Row, value
from audiokg.terms import BASE

#: What is a publication itself; of anything else the page is cited beside the paper.
PUBLICATIONS: Final = ("publication", "source")

#: Characters that TeX reads as commands. No bare brace: BibTeX counts even escaped ones.
_TEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
    | {sign: f"\\{sign}" for sign in "%&#_$"}
)
#: An address stands verbatim, but for what would end the field.
_ADDRESS: Final = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})
#: A letter with an accent as TeX writes it, as in Cuay{\'a}huitl -> the accent of Unicode.
_ACCENTED: Final = re.compile(r"""\{?\\(['`^"~=])\{?([A-Za-z])\}?\}?""")
_ACCENTS: Final = dict(zip("'`^\"~=", "\u0301\u0300\u0302\u0308\u0303\u0304", strict=True))
_GROUP: Final = re.compile(r"\b(team|group|consortium|contributors|collaboration)\b", re.IGNORECASE)
_OTHERS: Final = re.compile(r"^(et\.?\s*al\.?|others)$", re.IGNORECASE)
_SUFFIX: Final = re.compile(r"^(Jr\.?|Sr\.?|II|III|IV)$")
_ARXIV_YEAR: Final = re.compile(r"^(\d\d)\d\d\.\d{4,5}")
_ARXIV_DOI: Final = "10.48550/arxiv"
_FAMILY_SUFFIX_GIVEN: Final = 3
_GIVEN_FAMILY: Final = 2


@dataclass(frozen=True)
class Name:
    """The name of an author; `literal` is that of a group, or of somebody with one name."""

    family: str = ""
    given: str = ""
    particle: str = ""
    suffix: str = ""
    literal: str = ""


@dataclass(frozen=True)
class Work:
    """What is cited. `authors` are names as printed."""

    key: str
    title: str
    authors: tuple[str, ...] = ()
    year: str = ""
    arxiv: str = ""
    doi: str = ""
    url: str = ""
    version: str = ""
    note: str = ""
    is_data: bool = False


def key_of(iri: str) -> str:
    """Make the key of a citation from an IRI of ours: its identifier, no two the same."""
    segment, _, ident = iri.removeprefix(BASE).partition("/")
    return ident if segment in PUBLICATIONS else f"{segment}-{ident}"


def read_work(key: str, rows: Sequence[Row]) -> Work:
    """Read a work from the rows of queries/page/work.rq, of which there is one at least."""
    authors = {int(value(row, "ordinal")): value(row, "author") for row in rows if "author" in row}
    arxiv = value(rows[0], "arxiv")
    dois = sorted({value(row, "doi") for row in rows} - {""}, key=_is_arxiv_doi)
    pages = sorted({value(row, "page") for row in rows} - {""})
    return Work(
        key=key,
        title=value(rows[0], "title"),
        authors=tuple(_accent(authors[ordinal]) for ordinal in sorted(authors)),
        year=value(rows[0], "issued")[:4] or _arxiv_year(arxiv),
        arxiv=arxiv,
        doi=dois[0] if dois else "",
        url=f"https://arxiv.org/abs/{arxiv}" if arxiv else "".join(pages[:1]),
    )


def page_work(key: str, label: str, iri: str, version: str, modified: str) -> Work:
    """Make the work that a page of audiokg is, at a version and a date of the data."""
    return Work(
        key=key,
        title=f"{label}. In audiokg: the knowledge graph of large audio models",
        authors=("The audiokg contributors",),
        year=modified[:4],
        url=iri,
        version=version,
        note=f"Version {version}, data of {modified}",
        is_data=True,
    )


def write_bibtex(works: Iterable[Work]) -> str:
    """Write works as BibTeX, in UTF-8."""
    return "\n".join(map(_bibtex, works))


def write_csl(works: Iterable[Work]) -> str:
    """Write works as CSL-JSON, a list."""
    return json.dumps([_csl(work) for work in works], ensure_ascii=False, indent=2) + "\n"


def split_name(printed: str) -> Name:
    """Split a name as printed into its parts."""
    if "," in printed:
        return _split_reversed(printed)
    words = printed.split()
    if len(words) < _GIVEN_FAMILY or _GROUP.search(printed):
        return Name(literal=printed)
    suffix = words.pop() if len(words) > _GIVEN_FAMILY and _SUFFIX.match(words[-1]) else ""
    first = next((i for i, word in enumerate(words[1:-1], 1) if word[0].islower()), len(words) - 1)
    last = first
    while last < len(words) - 1 and words[last][0].islower():
        last += 1
    given, particle, family = words[:first], words[first:last], words[last:]
    return Name(" ".join(family), " ".join(given), " ".join(particle), suffix)


def _split_reversed(printed: str) -> Name:
    """Split a name that has its family name first: “van den Oord, Aäron”."""
    parts = [part.strip() for part in printed.split(",")]
    words = parts[0].split()
    count = next((i for i, word in enumerate(words) if not word[0].islower()), 0)
    suffix = parts[1] if len(parts) == _FAMILY_SUFFIX_GIVEN else ""
    return Name(" ".join(words[count:]), parts[-1], " ".join(words[:count]), suffix)


def _bibtex(work: Work) -> str:
    fields = {
        "title": _protect(work.title),
        "author": " and ".join(map(_bibtex_name, work.authors)),
        "year": work.year,
        "eprint": work.arxiv,
        "archivePrefix": "arXiv" if work.arxiv else "",
        "doi": work.doi.translate(_ADDRESS),
        "url": work.url.translate(_ADDRESS),
        "version": work.version,
        "note": work.note.translate(_TEX),
    }
    lines = [f"  {name} = {{{text}}},\n" for name, text in fields.items() if text]
    return f"@misc{{{work.key},\n{''.join(lines)}}}\n"


def _protect(title: str) -> str:
    """Brace the words whose capitals a style must not lower."""
    words = ((word, word.translate(_TEX)) for word in title.split())
    return " ".join(f"{{{tex}}}" if _has_capital(word[1:]) else tex for word, tex in words)


def _has_capital(text: str) -> bool:
    return any(letter.isupper() for letter in text)


def _bibtex_name(printed: str) -> str:
    if _OTHERS.match(printed):
        return "others"
    name = split_name(printed)
    if name.literal:
        return f"{{{name.literal.translate(_TEX)}}}"
    family = f"{name.particle} {name.family}".strip()
    return ", ".join(part.translate(_TEX) for part in (family, name.suffix, name.given) if part)


def _csl(work: Work) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": work.key,
        "type": "dataset" if work.is_data else "article",
        "title": work.title,
        "author": list(_csl_names(work.authors)),
        "issued": {"date-parts": [[int(work.year)]]} if work.year else None,
        "publisher": "arXiv" if work.arxiv else None,
        "number": f"arXiv:{work.arxiv}" if work.arxiv else None,
        "DOI": work.doi,
        "URL": work.url,
        "version": work.version,
        "note": work.note,
    }
    return {name: part for name, part in item.items() if part}


def _csl_names(authors: Iterable[str]) -> Iterator[dict[str, str]]:
    """Give the names in CSL, which has no word for “and others”."""
    for printed in authors:
        if not _OTHERS.match(printed):
            name = split_name(printed)
            parts = {
                "family": name.family,
                "given": name.given,
                "non-dropping-particle": name.particle,
                "suffix": name.suffix,
                "literal": name.literal,
            }
            yield {key: part for key, part in parts.items() if part}


def _accent(printed: str) -> str:
    """Give a name in the letters that its TeX stands for."""
    accented = _ACCENTED.sub(lambda found: found[2] + _ACCENTS[found[1]], printed)
    return normalize("NFC", accented)


def _is_arxiv_doi(doi: str) -> tuple[bool, str]:
    return doi.lower().startswith(_ARXIV_DOI), doi


def _arxiv_year(arxiv: str) -> str:
    found = _ARXIV_YEAR.match(arxiv)
    return f"20{found[1]}" if found else ""
