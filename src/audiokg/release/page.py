"""The changelog as a page of its own: it asks for nothing, so it can be kept and mailed."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import audiokg.web
from audiokg.release.change import SECTIONS
from audiokg.release.changelog import Changelog, Entry
from audiokg.terms import BASE, DUMP

_STYLE: Final = Path(audiokg.web.__path__[0]) / "static" / "style.css"
_PAGES: Final = Environment(
    loader=PackageLoader("audiokg.release"),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


def write_page(changelog: Changelog) -> bytes:
    """Write the changelog as HTML, with the style of the site in it."""
    text = _PAGES.get_template("changelog.html").render(
        log=changelog,
        groups=changelog.group(),
        sections=SECTIONS,
        style=Markup(_STYLE.read_text(encoding="utf-8")),  # noqa: S704 (our own file)
        base=BASE,
        dump=DUMP,
        plural=_plural,
        line=_line,
    )
    return text.encode()


def _line(entry: Entry, iri: str, name: str) -> Markup:
    """Write a sentence, the name of its subject as a link, or left out where it stands above."""
    rest = entry.sentence.removeprefix(f"{name}: ")
    if not iri:
        return escape(rest)
    return Markup('<a href="{}">{}</a>: {}').format(iri, name, rest)


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 or word == 'more' else 's'}"
