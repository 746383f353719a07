"""How a view answers: a page, or its twin for programs, by suffix, ?format= or Accept."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from flask import Response, abort, current_app, render_template, request

from audiokg.formats import Format, find_format
from audiokg.terms import shorten
from audiokg.web.negotiation import HTML, accepts_html, choose

#: The twins of a page that shows rows.
JSON: Final = Format("json", "application/json", ("text/json",))
CSV: Final = Format("csv", "text/csv", charset=True)
#: What int() takes without a complaint, and quickly.
_DIGITS: Final = re.compile("[0-9]{1,9}")
_SHOWN: Final = 40


def page(template: str, **values: object) -> Response:
    """Render a page; `shorten` and what app.py puts among the globals is there for templates."""
    text = render_template(template, shorten=shorten, **values)
    return Response(text, content_type=HTML.content_type)


def data(body: bytes | str, chosen: Format) -> Response:
    """Answer with a body in a format."""
    return Response(body, content_type=chosen.content_type)


def choose_twin(*twins: Format, suffix: str = "") -> Format:
    """Choose HTML or one of the twins, by suffix, ?format=, Accept; abort with 406.

    A browser gets HTML. A client without a wish, curl say, is a program: it gets the first twin.
    """
    formats = (HTML, *twins)
    wanted = suffix or request.args.get("format")
    if wanted:
        found = find_format(wanted, formats)
    else:
        accept = request.accept_mimetypes
        found = choose(accept, formats if accepts_html(accept) else (*twins, HTML))
    if found is None:
        abort(406, f"This comes as {', '.join(f.media_type for f in formats)}.")
    return found


def has_bundles(*names: str) -> bool:
    """Tell whether these files of static/vendor/, which make builds, are there."""
    folder = Path(current_app.static_folder or "") / "vendor"
    return all((folder / name).is_file() for name in names)


def read_number(name: str, usual: int, least: int, most: int) -> int:
    """Read a parameter that is a whole number; abort with 400 where it is none, or out of range."""
    text = request.args.get(name) or str(usual)
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
        abort(400, f"{name} is a whole number from {least} to {most}, not “{text[:_SHOWN]}”.")
    return int(text)


def split_suffix(name: str, formats: Sequence[Format]) -> tuple[str, str]:
    """Split the suffix of a format from a name; empty where there is none."""
    ident, dot, suffix = name.rpartition(".")
    known = {form.name for form in (HTML, *formats)}
    return (ident, suffix) if dot and suffix in known else (name, "")
