"""One run of `audiokg link`: from the snapshot to a written proposal."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from audiokg.errors import InputError
from audiokg.files import write_text
from audiokg.link.journal import Journal
from audiokg.link.manners import Manners
from audiokg.link.proposal import summarise, to_turtle
from audiokg.link.run import Linker
from audiokg.link.targets import SERVICES
from audiokg.queries import read_library
from audiokg.snapshot import load_store


def propose(
    target: str,
    snapshot: Path,
    root: Path,
    output: Path | None,
    services: Sequence[str],
    manners: Manners,
    batch: int,
    progress: Callable[[str], None],
) -> tuple[Path, list[str], bool]:
    """Write the proposal; give its path, the summary, and whether every question was answered.

    Raises InputError for an option that does not fit, SnapshotError if there is no snapshot.
    """
    path = output or snapshot / "link" / f"{target}.ttl"
    if batch < 1 or manners.tries < 1:
        raise InputError("--batch and --tries must be at least 1")
    asked = {name: url for name, url in choose(services).items() if name.startswith(target)}
    journal = Journal(path.with_suffix(".journal.jsonl"))
    linker = Linker(read_library("link", root), asked, journal, manners, batch, progress)
    outcome = linker.run(target, load_store(snapshot))
    day = datetime.now(UTC).date().isoformat()
    write_text(path, to_turtle(target, outcome, asked.values(), day))
    if not outcome.failures:
        journal.remove()
    return path, list(summarise(outcome)), not outcome.failures


def choose(services: Sequence[str]) -> Mapping[str, str]:
    """Give the addresses of the services, some of them replaced by NAME=URL.

    Raises InputError for what is neither.
    """
    chosen = dict(SERVICES)
    for choice in services:
        name, _, url = choice.partition("=")
        if name not in chosen or not url.startswith(("http://", "https://")):
            raise InputError(f"--service {choice}: expected NAME=URL, NAME of {', '.join(chosen)}")
        chosen[name] = url
    return chosen
