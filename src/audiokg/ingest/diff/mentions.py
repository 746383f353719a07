"""Find where files name a row of a list by its number, and the number is now another row's."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from audiokg.ingest.diff.decisions import row_iri

#: Where rows are named by number, but for the two files of a source that are written anew.
_FOLDERS: Final = ("data", "ontology", "queries", "shapes")
_OWN: Final = ("data/source", "data/identity")
_ROW: Final = r"([a-z]+(?:-[a-z]+)*-\d+)"


def find_mentions(source: str, places: Mapping[str, str], root: Path) -> Iterator[tuple[str, str]]:
    """Yield file:line and what to mend; `places` maps the earlier id of each row to that of now.

    A row that is not in `places` is gone.
    """
    pattern = re.compile(re.escape(row_iri(source, "").value) + _ROW)
    for path in _files(root):
        text = path.read_text(encoding="utf-8")
        if row_iri(source, "").value not in text:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            for ident in sorted(set(pattern.findall(line))):
                now = places.get(ident, "")
                if now != ident:
                    name = path.relative_to(root).as_posix()
                    yield f"{name}:{number}", f"names {ident}, which is {_where(now)}"


def _where(now: str) -> str:
    return f"{now} now" if now else "gone"


def _files(root: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            own = path.relative_to(root).as_posix().startswith(_OWN)
            if path.suffix in (".ttl", ".rq") and not own:
                yield path
