"""Read the issue form of .github/ISSUE_TEMPLATE/new-model.yml, as GitHub writes a filled one.

GitHub gives each field as a heading `### Label` with the answer below, `_No response_` if there is
none (https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from audiokg.errors import InputError
from audiokg.identifiers import read_orcid
from audiokg.new.fields import FIELDS
from audiokg.new.request import Request
from audiokg.stub import check_arxiv, check_id, name_of

_NONE: Final = "_No response_"
_HEADING: Final = re.compile(r"^### (.+?)\s*$")
#: Id of a field of the form -> its label; then those that are settings.
OWN_FIELDS: Final = {
    "name": "Name",
    "id": "Id",
    "arxiv": "arXiv id",
    "title": "Title of the paper",
    "kind": "Kind",
    "sources": "Documents that you read",
    "orcid": "Your ORCID iD",
    "notes": "Anything else",
}
SETTINGS: Final = {field.word: field.question for field in FIELDS["model"]}
FORM: Final = OWN_FIELDS | SETTINGS


@dataclass(frozen=True)
class Filled:
    """A filled form: what it asks to add, whom to credit, and what no field has room for."""

    request: Request
    orcid: str = ""
    notes: str = ""


def read_form(text: str) -> Filled:
    """Read a filled form. Raises InputError that says which field to mend."""
    answers = _answers(text)
    if not answers.get("name"):
        raise InputError("the form has no answer to “### Name”; is this the text of the issue?")
    orcid = answers.get("orcid", "")
    request = Request(
        kind="model",
        id=check_id(answers.get("id") or name_of(answers["name"])),
        label=answers["name"],
        title=answers.get("title", ""),
        arxiv=check_arxiv(answers["arxiv"]) if answers.get("arxiv") else "",
        classes=tuple(_listed(answers.get("kind", ""))),
        sources=tuple(answers.get("sources", "").split()),
        settings=tuple(
            (word, value)
            for word in SETTINGS
            for value in filter(None, map(str.strip, answers.get(word, "").splitlines()))
        ),
    )
    return Filled(request, check_orcid(orcid) if orcid else "", answers.get("notes", ""))


def check_orcid(text: str) -> str:
    """Give the address of an ORCID iD. Raises InputError for a mistyped one."""
    address = read_orcid(text)
    if not address:
        raise InputError(f"“{text}” is no ORCID iD, as in 0000-0002-1825-0097; is it mistyped?")
    return address


def _answers(text: str) -> dict[str, str]:
    """Give the answer of each field by id. Raises InputError for a field that comes twice."""
    ids = {label: id_ for id_, label in FORM.items()}
    lines: dict[str, list[str]] = {}
    current = ""
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading and heading[1] in ids:
            current = ids[heading[1]]
            if current in lines:
                raise InputError(f"the form has “### {heading[1]}” twice; leave one")
            lines[current] = []
        elif current:
            lines[current].append(line)
    answers = {id_: "\n".join(answer).strip() for id_, answer in lines.items()}
    return {id_: "" if answer == _NONE else answer for id_, answer in answers.items()}


def _listed(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, text.split(",")))
