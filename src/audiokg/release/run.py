"""Make a release: check what says its version, build, dump, compare, describe, sum up.

Nothing in it comes from a clock or from this machine, so the same checkout gives the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from audiokg import __version__
from audiokg.build import build
from audiokg.errors import InputError
from audiokg.export.material import Material
from audiokg.files import write_bytes
from audiokg.release.archive import SUMS, read_sums, sha256, write_gzip, write_sums
from audiokg.release.changelog import (
    Changelog,
    first_changelog,
    make_changelog,
    write_json,
    write_rdf,
)
from audiokg.release.citing import CITATION, Citation, read_citation, write_datacite
from audiokg.release.crate import write_crate
from audiokg.release.description import describe_release
from audiokg.release.dumps import GZIP, TURTLE, Item, make_dumps
from audiokg.release.facts import read_lines
from audiokg.release.found import CRATE, Release, find_earlier, find_release
from audiokg.release.page import write_page
from audiokg.release.versions import find_mismatches, prepare, stated_date, stated_previous
from audiokg.snapshot import QUADS, VOID

Progress = Callable[[str], None]
_JSON: Final = "application/json"


@dataclass(frozen=True)
class Made:
    """A release that was made: where, and what changed in it."""

    folder: Path
    changelog: Changelog
    files: tuple[str, ...]


def release(
    root: Path,
    version: str,
    output: Path,
    previous: Release | None,
    progress: Progress = lambda step: None,
) -> Made:
    """Make the release of a checkout in the folder of its version below `output`.

    Raises InputError where a file does not say that version, or is not written as it must be, and
    where the folder has other files.
    """
    progress("checking versions")
    before, folder = previous.version if previous else "", output / version
    _refuse_others(folder)
    mismatches = find_mismatches(root, version, before, stated_date(root))
    wrong = [*map(str, mismatches), *_find_stale(version)]
    if wrong:
        message = f"not everything says {version}; “audiokg release {version} --prepare” writes it"
        raise InputError("\n  ".join([f"{message}:", *wrong]))
    citation = read_citation(root)
    with TemporaryDirectory(prefix="audiokg-") as temporary:
        build(Path(temporary), root, progress)
        material = Material(Path(temporary), root)
        changelog = _compare(material, version, previous, progress)
        items = _items(material, changelog, citation, progress)
    refuse_another(folder, items)
    return Made(folder, changelog, _write(folder, items))


def _find_stale(version: str) -> list[str]:
    """Tell where the package, whose version the snapshot has, was installed before the files."""
    is_stale = __version__ != version
    return [f"the installed package says {__version__}; run “make”"] if is_stale else []


def find_previous(root: Path, named: str | None, output: Path) -> Release | None:
    """Find the release before: the one that is named, which must be the one the ontology states.

    Raises InputError where the two differ, or where it is not on disk.
    """
    stated = stated_previous(root)
    if not named:
        return find_release(stated, output) if stated else None
    found = find_release(named, output)
    if found.version != stated:
        message = f"the ontology states {stated or 'no version'} as the one before"
        raise InputError(f"{message}, not {found.version}; write owl:priorVersion (--prepare does)")
    return found


def prepare_files(
    root: Path, version: str, named: str | None, output: Path, date: str
) -> list[str]:
    """Write the version and the day of publication into the files that state them.

    Tell what changed and what is left to do. The release before is the one that is named, else the
    last one before this version, else the one that is stated. Raises InputError.
    """
    found = find_release(named, output) if named else find_earlier(version, output)
    before = found.version if found else stated_previous(root)
    changed = [f"{root / name}: written" for name in prepare(root, version, before, date)]
    return [*changed, *map(str, find_mismatches(root, version, before, date))]


def _compare(
    material: Material, version: str, previous: Release | None, progress: Progress
) -> Changelog:
    progress("comparing with the release before")
    lines = read_lines((material.folder / QUADS).read_bytes())
    modified = material.manifest.modified
    if previous is None:
        return first_changelog(version, modified, lines)
    old = read_lines(previous.quads())
    return make_changelog(version, previous.version, modified, old, lines)


def _items(
    material: Material, changelog: Changelog, citation: Citation, progress: Progress
) -> list[Item]:
    version, previous = changelog.version, changelog.previous
    progress("writing dumps")
    items = [*make_dumps(material, version), *_changelog_items(changelog)]
    void = describe_release(material.store, version, previous, changelog.modified, items)
    items.append(Item(VOID, "This description, in VoID and DCAT", TURTLE, void))
    items += [_copied(material.root, CITATION, "How to cite it", "application/yaml")]
    items += [_copied(material.root, "LICENSE", "The licences", "text/plain")]
    datacite = write_datacite(citation, version, previous, changelog.modified, items)
    items.append(Item("datacite.json", "The metadata for DataCite", _JSON, datacite))
    crate = write_crate(citation, citation.title, version, previous, items)
    return [*items, Item(CRATE, "The description as RO-Crate", "application/ld+json", crate)]


def _changelog_items(changelog: Changelog) -> list[Item]:
    """Write the changelog, and for all but the first release the exact difference."""
    told = [
        Item("changelog.html", "What changed, to read", "text/html", write_page(changelog)),
        Item("changelog.json", "What changed, as JSON", _JSON, write_json(changelog)),
        Item("changelog.ttl", "What changed, as Turtle", TURTLE, write_rdf(changelog)),
    ]
    if not changelog.previous:
        return told
    delta = changelog.delta
    return told + [
        Item(
            f"{name}.nq.gz",
            f"The quads that were {name}, as N-Quads",
            "application/n-quads",
            write_gzip("".join(lines).encode()),
            GZIP,
        )
        for name, lines in (("removed", delta.removed), ("added", delta.added))
    ]


def _copied(root: Path, name: str, what: str, media_type: str) -> Item:
    return Item(name, what, media_type, (root / name).read_bytes())


def _write(folder: Path, items: list[Item]) -> tuple[str, ...]:
    """Write the files and their checksums; what an older making had beside them goes."""
    contents = {item.name: item.content for item in items}
    contents[SUMS] = write_sums(contents)
    for name in _files_of(folder) - contents.keys():
        (folder / name).unlink(missing_ok=True)
    for name, content in contents.items():
        write_bytes(folder / name, content)
    return tuple(contents)


def refuse_another(folder: Path, items: list[Item]) -> None:
    """Raise InputError if the folder has a release of that version with other dumps."""
    sums = folder / SUMS
    made = read_sums(sums.read_text(encoding="utf-8")) if sums.is_file() else {}
    for item in items:
        if made.get(item.name, sha256(item.content)) != sha256(item.content):
            raise InputError(
                f"{folder} has another {item.name}: what is released stays as it is; "
                "take a new version, or remove the folder if nobody has it"
            )


def _refuse_others(folder: Path) -> None:
    """Raise InputError for what an older making of the release did not put into its folder."""
    made = _files_of(folder)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name not in made:
            raise InputError(f"{path} is no file of this release; empty {folder} first")


def _files_of(folder: Path) -> set[str]:
    """Name the files of an older making, as its checksums do."""
    sums = folder / SUMS
    return {SUMS, *read_sums(sums.read_text(encoding="utf-8"))} if sums.is_file() else set()
