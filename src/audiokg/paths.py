"""Where the graph's own files are: $AUDIOKG_ROOT, else in the wheel, else in the checkout."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).parent
#: The files that an installed package brings.
IN_WHEEL = _PACKAGE / "kg"


def find_root() -> Path:
    """Give the folder that holds ontology/, data/, shapes/ and queries/."""
    chosen = os.environ.get("AUDIOKG_ROOT")
    if chosen:
        return Path(chosen).resolve()
    return IN_WHEEL if IN_WHEEL.is_dir() else _PACKAGE.parents[1]


def turtle_files(root: Path) -> list[Path]:
    """List the Turtle files that are graphs: below ontology/ and data/, sorted."""
    folders = (root / "ontology", root / "data")
    return sorted(path for folder in folders for path in folder.rglob("*.ttl"))


def graph_name(path: Path, root: Path) -> str:
    """Name the graph of a file: its path below data/ or ontology/, without .ttl."""
    relative = path.resolve().relative_to(root.resolve())
    return relative.relative_to(relative.parts[0]).with_suffix("").as_posix()
