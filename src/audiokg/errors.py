"""The errors that audiokg raises.

AudioKGError
├── InputError            a file, option or parameter that cannot be used as it is
│   ├── SourceTextError   a line of a source's own text that cannot be read
│   └── QueryFileError    a .rq file that cannot be read
├── SnapshotError         no snapshot, or one that does not fit its manifest
├── ToolError             a tool that a check needs is missing or failed
├── ServiceError          a service on the web that did not answer
└── QueryError            a query that got no answer
    ├── QuerySyntaxError       it does not parse
    ├── QueryRefusedError      it asks for what is not offered
    ├── QueryTooLargeError     it is larger or deeper than the limits allow
    ├── QueryTimeoutError      it ran longer than the limit
    ├── QueryOutOfMemoryError  it needed more memory than the limit
    ├── ResultTooLargeError    its result is larger than the limit
    ├── EndpointError          another endpoint, asked by SERVICE, did not answer
    ├── WorkerCrashedError     the process that evaluated it died
    ├── FormatNotFittingError  its result cannot be had in the wanted format
    ├── EngineBusyError        no worker was free in time
    └── HungUpError            the client is gone
"""


class AudioKGError(Exception):
    """Any error of audiokg that a user can act on; its text is one sentence for them."""


class InputError(AudioKGError):
    """A file, option or parameter that cannot be used as it is."""


class SourceTextError(InputError):
    """A line of a source's own text that cannot be read."""

    def __init__(self, path: str, line: int, expected: str) -> None:
        super().__init__(f"{path}:{line}: {expected}")
        self.line = line


class QueryFileError(InputError):
    """A .rq file that cannot be read."""


class SnapshotError(AudioKGError):
    """No snapshot, or one that does not fit its manifest."""


class ToolError(AudioKGError):
    """A tool that a check needs is missing or failed."""


class ServiceError(AudioKGError):
    """A service on the web that did not answer."""


class QueryError(AudioKGError):
    """A query that got no answer."""


class QuerySyntaxError(QueryError):
    """The query does not parse; `line` and `column` count from 1, None where unknown."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column

    def __reduce__(self) -> tuple[type, tuple[str, int | None, int | None]]:
        return type(self), (str(self), self.line, self.column)


class QueryRefusedError(QueryError):
    """The query asks for what is not offered (update, SERVICE)."""


class QueryTooLargeError(QueryError):
    """The query is larger or deeper than the limits allow."""


class QueryTimeoutError(QueryError):
    """The query ran longer than the limit."""


class QueryOutOfMemoryError(QueryError):
    """The query needed more memory than the limit."""


class ResultTooLargeError(QueryError):
    """The result is larger than the limit."""


class EndpointError(QueryError):
    """Another endpoint, asked by SERVICE, did not answer as it should."""


class WorkerCrashedError(QueryError):
    """The process that evaluated the query died."""


class FormatNotFittingError(QueryError):
    """The wanted format is none for the form of the query, or cannot hold its result."""


class EngineBusyError(QueryError):
    """No worker was free in time."""


class HungUpError(QueryError):
    """The client is gone; nobody reads this."""
