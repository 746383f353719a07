"""What a check found: one problem at one place, in words that tell a curator what to do."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a problem is: an error stops a build, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Problem:
    """A problem with one subject of one file; `line` counts from 1."""

    file: str
    line: int
    subject: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Write the problem as `file:line: subject: message`."""
        prefix = "warning: " if self.severity is Severity.WARNING else ""
        return f"{self.file}:{self.line}: {self.subject}: {prefix}{self.message}"

    def as_json(self) -> dict[str, str | int]:
        """Give the problem as a JSON object."""
        return asdict(self)
