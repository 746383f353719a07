"""The journal of an unfinished run: what was answered is not asked again.

One line a batch of questions, written when its answer is whole. A run that gets all its answers
removes it.
"""

import hashlib
import json
from pathlib import Path

from audiokg.errors import InputError
from audiokg.files import write_bytes
from audiokg.link.client import Row


class Journal:
    """Answers by batch, kept in a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises InputError for a line that is no answer; the last may be cut."""
        self.path = path
        self._answers: dict[str, list[Row]] = {}
        # Bytes: of text, splitlines also cuts at marks that may stand in a line of JSON.
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                self._answers[entry["batch"]] = [(key, record) for key, record in entry["rows"]]
            except (ValueError, KeyError, TypeError) as error:
                if number < len(lines):
                    said = f"{path}:{number}: this is no answer; remove the file to start anew"
                    raise InputError(said) from error
                write_bytes(path, b"".join(lines[:-1]))

    def find(self, query: str) -> list[Row] | None:
        """Give the rows that answered a query, None if nothing did."""
        return self._answers.get(_digest(query))

    def add(self, query: str, rows: list[Row]) -> None:
        """Keep the rows that answered a query."""
        self._answers[_digest(query)] = rows
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as stream:
            entry = {"batch": _digest(query), "rows": rows}
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def remove(self) -> None:
        """Remove it: the run is finished."""
        self.path.unlink(missing_ok=True)


def _digest(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()
