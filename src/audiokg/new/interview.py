"""Ask a person at a terminal for what a request lacks; an empty answer leaves it out."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from audiokg.new.draft import Desk
from audiokg.new.fields import FIELDS, MODELS
from audiokg.new.request import Request
from audiokg.new.values import read_source
from audiokg.stub import check_arxiv

#: Asks a question until the check of the answer does not raise InputError; gives the answer.
Ask = Callable[[str, Callable[[str], object]], str]


def complete(request: Request, desk: Desk, ask: Ask) -> Request:
    """Give the request with what a person answers."""
    if not request.label:
        request = replace(request, label=ask("Name, as its makers spell it", str))
    if desk.has_paper(request.kind) and not request.arxiv:
        request = replace(request, arxiv=ask("arXiv id of its paper", check_arxiv))
    if _lacks_title(request, desk):
        request = replace(request, title=ask("Title of the paper", str))
    if request.kind == "model" and not request.classes:
        question = f"Kind ({', '.join(MODELS)})"
        kind = ask(question, lambda word: desk.values.classes("model", (word,)))
        request = replace(request, classes=(kind,) if kind else ())
    if not request.arxiv and not request.sources:
        source = ask("Address of the document that you read", read_source)
        request = replace(request, sources=(source,) if source else ())
    return _with_fields(request, desk, ask)


def _lacks_title(request: Request, desk: Desk) -> bool:
    introduced = bool(request.arxiv) and request.kind != "publication"
    return introduced and not request.title and check_arxiv(request.arxiv) not in desk.papers


def _with_fields(request: Request, desk: Desk, ask: Ask) -> Request:
    given = {desk.values.constraint(request.kind, word) for word, _ in request.settings}
    settings = list(request.settings)
    for field in FIELDS[request.kind]:
        constraint = desk.values.constraint(request.kind, field.word)
        if constraint not in given:
            read = partial(desk.values.read, constraint)
            answer = ask(f"{field.question} ({field.word})", read)
            settings += [(field.word, answer)] if answer else []
    return replace(request, settings=tuple(settings))
