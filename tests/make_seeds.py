"""Write tests/seeds/ from the documents themselves: python tests/make_seeds.py FOLDER.

A seed keeps what the graph takes from a document, each on its own line, and nothing else: of a
list its headings and entries, of a survey its title, tables, references, and the printed words
that statements stand on. So the ingest gives the same from a seed as from the document.

Beside them, data/reading/documents.tsv counts what each section of a survey holds, for the account.
"""

import re
import sys
from pathlib import Path

from audiokg.ingest.readings import (
    CELL_COLUMNS,
    ENTRY_COLUMNS,
    STATEMENT_COLUMNS,
    read_table,
)

ROOT = Path(__file__).parents[1]
SEEDS = Path(__file__).parent / "seeds"
_LIST_LINE = re.compile(r"#{1,2} |\||\*\*")
#: A reference or a cell that runs on: this many lines are kept.
_RUN_ON = 5
GAP = " … "


def make_seed(document: Path) -> str:
    """Make the seed of a document."""
    lines = document.read_text(encoding="utf-8").splitlines()
    if document.suffix == ".md":
        kept = [line.rstrip() if _LIST_LINE.match(line) else "" for line in lines]
    else:
        kept = _survey(lines, ROOT / "data" / "reading" / document.stem)
    return "\n".join(kept).rstrip("\n") + "\n"


def _survey(lines: list[str], folder: Path) -> list[str]:
    whole: set[int] = {next(n for n, line in enumerate(lines, start=1) if line.strip())}
    for name, columns in (("entries.tsv", ENTRY_COLUMNS), ("cells.tsv", CELL_COLUMNS)):
        for row in read_table(folder / name, columns):
            line = int(row["line"])
            whole.update(range(line, line + _run_on(lines, line)))
    words: dict[int, list[str]] = {}
    for row in read_table(folder / "statements.tsv", STATEMENT_COLUMNS):
        if row["verbatim"] not in words.setdefault(int(row["line"]), []):
            words[int(row["line"])].append(row["verbatim"])
    return [
        line.rstrip() if number in whole else GAP.join(words.get(number, []))
        for number, line in enumerate(lines, start=1)
    ]


def _run_on(lines: list[str], first: int) -> int:
    """Count the lines of a table row or reference that begins on a line."""
    for count in range(1, _RUN_ON):
        following = lines[first - 1 + count] if first - 1 + count < len(lines) else ""
        goes_on = "\t" in following or following.startswith("- ") or not following.strip()
        if not goes_on:
            return count
    return _RUN_ON


def count_lines(document: Path) -> dict[str, int]:
    """Count the lines of running text in each numbered section of a survey."""
    counts: dict[str, int] = {}
    section = ""
    for line in document.read_text(encoding="utf-8").splitlines():
        heading = _SECTION.match(line)
        if line.strip().upper() in ("REFERENCES", "GLOSSARY"):
            break
        if heading:
            section = heading["number"]
        elif section and line.strip() and "\t" not in line and not line.startswith("TABLE"):
            counts[section] = counts.get(section, 0) + 1
    return counts


_SECTION = re.compile(r"^(?:#+ )?(?P<number>\d{1,2}(?:\.\d+)*)\.? +[A-Z]\S*(?: \S+){0,9}$")


def main(folder: Path) -> None:
    """Write the seeds and the counts."""
    counts = ["source\tsection\tlines"]
    for document in sorted([*folder.glob("*.md"), *folder.glob("*.txt")]):
        (SEEDS / document.name).write_text(make_seed(document), encoding="utf-8")
        if document.suffix == ".txt":
            found = count_lines(document).items()
            counts += [f"{document.stem}\t{section}\t{lines}" for section, lines in found]
    table = ROOT / "data" / "reading" / "documents.tsv"
    table.write_text("\n".join(counts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
