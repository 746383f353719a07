"""Choose a format by ?format=, by suffix, or by Accept (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

from werkzeug.datastructures import MIMEAccept
from werkzeug.wrappers import Request

from audiokg.formats import TRIPLES, Format, find_format

HTML = Format("html", "text/html", ("application/xhtml+xml",), charset=True)


def choose(accept: MIMEAccept, formats: Sequence[Format]) -> Format | None:
    """Choose the format that the client likes best, the first of the table among equals.

    None where the client accepts none of them; the first where it says nothing.
    """
    if not accept:
        return formats[0]
    qualities = [_quality(accept, format_) for format_ in formats]
    best = max(qualities)
    return formats[qualities.index(best)] if best > 0 else None


def accepts_html(accept: MIMEAccept) -> bool:
    """Tell whether a client names HTML, as browsers do; `*/*` is not naming it."""
    return any(kind in (HTML.media_type, *HTML.aliases) and quality for kind, quality in accept)


def prefers_html(accept: MIMEAccept) -> bool:
    """Tell whether a client likes nothing better than HTML, as browsers do."""
    best = max((quality for _, quality in accept), default=0)
    return accepts_html(MIMEAccept([(kind, q) for kind, q in accept if q == best]))


def _quality(accept: MIMEAccept, format_: Format) -> float:
    """Give what the client says of a format's types by name, else of its type by a wildcard."""
    names = (format_.media_type, *format_.aliases)
    named = [float(quality) for kind, quality in accept if kind.partition(";")[0] in names]
    return max(named) if named else float(accept.quality(format_.media_type))


def choose_triples(request: Request) -> Format | None:
    """Choose the format of triples by ?format=, else by Accept; None where none fits."""
    wanted = request.args.get("format")
    return find_format(wanted, TRIPLES) if wanted else choose(request.accept_mimetypes, TRIPLES)
