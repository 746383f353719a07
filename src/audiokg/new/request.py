"""What somebody asks to add, before it is known whether it can be."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Request:
    """A new resource in the words of who adds it; what is empty is not known.

    `title` is that of the paper that introduces it, `settings` are pairs of a field and its value.
    """

    kind: str
    id: str
    label: str = ""
    title: str = ""
    arxiv: str = ""
    classes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


def with_settings(request: Request, pairs: Iterable[tuple[str, str]]) -> Request:
    """Give the request with fields that are set; `title` and `source` are no properties of it."""
    given = list(pairs)
    title = next((value for word, value in given if word == "title"), request.title)
    sources = tuple(value.strip() for word, value in given if word == "source")
    settings = tuple((word, value) for word, value in given if word not in ("title", "source"))
    return replace(
        request,
        title=title,
        sources=(*request.sources, *sources),
        settings=(*request.settings, *settings),
    )
