"""Call the application as PEP 3333 asks (https://peps.python.org/pep-3333/)."""

import io
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from werkzeug.wsgi import FileWrapper

from audiokg.web.exchange import Headers, Request, Response

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
#: Set in the environment when the client is gone.
HANG_UP: Final = "audiokg.hang_up"
#: What a view wants to have in the log of its request.
NOTES: Final = "audiokg.notes"

#: No matter any more: the body is here already, whole, no other protocol is spoken (werkzeug would
#: look for a page of its own for a WebSocket), and the front compares tags and dates.
_SETTLED: Final = (
    *("content-type", "content-length", "transfer-encoding", "connection", "upgrade"),
    *("if-match", "if-none-match", "if-modified-since", "if-unmodified-since"),
)


def call_app(app: Wsgi, environ: dict[str, Any]) -> Response:
    """Give the whole response of the application."""
    status, headers = 500, []
    notes: dict[str, str | int] = {}
    environ[NOTES] = notes

    def start(line: str, given: Headers, _error: object = None) -> None:
        nonlocal status, headers
        status, headers = int(line.split(" ", 1)[0]), given

    parts = app(environ, start)
    # A part of a file comes as an iterable over the file (werkzeug).
    whole = getattr(parts, "iterable", parts) if status == HTTPStatus.PARTIAL_CONTENT else parts
    path = whole.path if isinstance(whole, _WholeFile) else ""
    try:
        body = b"" if path else b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    is_beyond = status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    if is_beyond and environ.get("HTTP_RANGE", "").lower().startswith("bytes=-"):
        # More bytes at the end than there are: all of it is meant (RFC 9110, section 14.1.2).
        del environ["HTTP_RANGE"]
        return call_app(app, environ)
    response = Response(status, [(n.lower(), v) for n, v in headers], body, notes, path)
    if body and not response.header("content-length"):  # by which a cut body is seen
        response.headers.append(("content-length", str(len(body))))
    if path:  # the log has what is sent, though we do not hold it
        notes["bytes"] = int(response.header("content-length"))
    return response


class _WholeFile(FileWrapper):
    """A file that is sent by its path, not read here (PEP 3333, wsgi.file_wrapper).

    So is a part of it, of which Content-Range tells.
    """

    @property
    def path(self) -> str:
        """Give its path."""
        return str(self.file.name)


def _split_host(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and not port.endswith("]") else (host, "")


def make_environ(request: Request) -> dict[str, Any]:
    """Make the environment of PEP 3333; the path as bytes in Latin-1, as that asks."""
    host, port = _split_host(request.headers.get("host") or request.server)
    path = request.target.partition("?")[0]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": request.query_string,
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _WholeFile,
        HANG_UP: request.hang_up,
    }
    for name, value in request.headers.items():
        if name not in _SETTLED:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
