"""Releases: the same bytes for the same checkout, checked by the tools that read them."""

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from datacite import schema45
from rocrate.rocrate import ROCrate

import audiokg.build
import audiokg.release.run
from audiokg import __version__
from audiokg.build import read_quads
from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.release.archive import SUMS, read_sums, sha256, write_sums
from audiokg.release.citing import CITATION, find_placeholders, read_citation
from audiokg.release.dumps import Item, _pack_folder
from audiokg.release.found import Release, read_release
from audiokg.release.run import find_previous, prepare_files, refuse_another, release
from audiokg.release.versions import find_mismatches, prepare, stated_date, stated_previous
from audiokg.terms import DCTERMS_MODIFIED, DUMP, SPDX, expand
from copied_graph import copy_graph

#: What states the version, beside the data.
STATING = ("pyproject.toml", "CHANGELOG.md", "CITATION.cff", "LICENSE", "ontology/audiokg.ttl")
#: What must not matter to a release.
ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
HERE = {"TZ": "America/Lima", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
FIGURE = "data/model/bigcodec-16-khz.ttl"
#: The day of publication, which is not that of the newest data.
DAY = "2027-02-03"
RATE = "SELECT ?rate { <https://w3id.org/audiokg/model/bigcodec-16-khz> <%s> ?rate }"


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout, prepared for a release, and where its releases are."""

    root: Path
    output: Path

    @property
    def first(self) -> Release:
        return read_release(self.output / __version__)

    def text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def write(self, name: str, old: str, new: str) -> None:
        text = self.text(name)
        assert old in text
        (self.root / name).write_text(text.replace(old, new), encoding="utf-8")


def copy_checkout(root: Path, folder: Path) -> Checkout:
    """Copy the checkout with a tenth of its data, prepared as the first release."""
    copy_graph(folder / "checkout", Path(FIGURE).name)
    for name in STATING:
        shutil.copyfile(root / name, folder / "checkout" / name)
    made = Checkout(folder / "checkout", folder / "releases")
    prepare_first(made.root, __version__, DAY)
    return made


def prepare_first(root: Path, version: str, date: str) -> None:
    """Prepare the first release, whatever the checkout has had before."""
    path = root / "ontology" / "audiokg.ttl"
    text = re.sub(r"\n    owl:priorVersion <[^>]*> ;", "", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    prepare(root, version, "", date)


@pytest.fixture(scope="session")
def twins(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Checkout]:
    """Make one release twice, at once, of two copies of the checkout, in two surroundings."""
    copies = [copy_checkout(root, tmp_path_factory.mktemp(name)) for name in ("one", "other")]
    running = [
        _start(copy, surroundings, umask)
        for copy, surroundings, umask in zip(copies, (HERE, ELSEWHERE), (0o022, 0o077), strict=True)
    ]
    for process in running:
        _, told = process.communicate(timeout=300)
        assert process.returncode == 0, told
    return copies


def _start(copy: Checkout, surroundings: dict[str, str], umask: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(Path(sys.executable).with_name("audiokg"), "release", __version__),
            *("--output", copy.output),
        ],
        env=os.environ | {"AUDIOKG_ROOT": str(copy.root)} | surroundings,
        cwd=copy.root,
        umask=umask,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def first(twins: list[Checkout]) -> Release:
    return twins[0].first


@pytest.fixture(scope="session")
def second(twins: list[Checkout]) -> Release:
    """Make the next release, in which one figure is another one."""
    copy = twins[1]
    copy.write(FIGURE, "akg:frameRateHz 80.0", "akg:frameRateHz 75.0")
    copy.write("CHANGELOG.md", f"## {__version__}", f"## 9.0.0\n\n- Mended.\n\n## {__version__}")
    prepare(copy.root, "9.0.0", __version__, DAY)
    with pytest.MonkeyPatch.context() as patch:
        for module in (audiokg.build, audiokg.release.run):
            patch.setattr(module, "__version__", "9.0.0")
        previous = find_previous(copy.root, None, copy.output)
        made = release(copy.root, "9.0.0", copy.output, previous)
    return read_release(made.folder)


def read_nquads(one: Release) -> set[str]:
    return {line.decode() for line in one.quads().splitlines()}


def unpack(one: Release, suffix: str) -> bytes:
    return gzip.decompress(one.read(f"audiokg-{one.version}.{suffix}.gz"))


def values(store: ox.Store, name: str, subject: str | None = None) -> list[str]:
    node = ox.NamedNode(subject) if subject else None
    found = store.quads_for_pattern(node, ox.NamedNode(expand(name)), None)
    return [str(getattr(quad.object, "value", "")) for quad in found]


# What is in a release


def test_two_releases_of_one_checkout_have_the_same_bytes(twins: list[Checkout]) -> None:
    one, other = (
        {path.name: path.read_bytes() for path in copy.first.folder.iterdir()} for copy in twins
    )
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_sha256sum_finds_every_file_whole(first: Release) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", SUMS], cwd=first.folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert {*first.sums, SUMS} == {path.name for path in first.folder.iterdir()}


def test_a_file_that_was_changed_is_noticed(first: Release, tmp_path: Path) -> None:
    folder = shutil.copytree(first.folder, tmp_path / first.version)
    (folder / "void.ttl").write_bytes(b"")
    with pytest.raises(InputError, match="is not what SHA256SUMS says"):
        read_release(folder).read("void.ttl")


def test_every_dump_says_the_same(first: Release) -> None:
    quads = read_nquads(first)
    union = {line.rsplit(" ", 2)[0] for line in quads}
    trig = {f"{quad} ." for quad in ox.parse(unpack(first, "trig"), format=ox.RdfFormat.TRIG)}
    assert trig == quads
    for suffix, form in (("ttl", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)):
        assert {str(quad.triple) for quad in ox.parse(unpack(first, suffix), format=form)} == union


def test_gzip_and_zip_tell_no_time(first: Release) -> None:
    for name in first.sums:
        if name.endswith(".gz"):
            assert first.read(name)[4:10] == b"\0\0\0\0\x02\xff"
        if name.endswith(".zip"):
            with zipfile.ZipFile(first.folder / name) as packed:
                assert {told.date_time[0] for told in packed.infolist()} == {1980}
                assert packed.namelist() == sorted(packed.namelist())


def test_own_files_are_packed_whole(first: Release, root: Path) -> None:
    for folder in ("ontology", "shapes", "queries"):
        with zipfile.ZipFile(first.folder / f"audiokg-{__version__}-{folder}.zip") as packed:
            paths = {path for path in (root / folder).rglob("*") if path.is_file()}
            assert set(packed.namelist()) == {path.relative_to(root).as_posix() for path in paths}


def test_tables_are_packed(first: Release) -> None:
    with zipfile.ZipFile(first.folder / f"audiokg-{__version__}-csv.zip") as packed:
        assert packed.read("model.csv").count(b"\n") > 50


# What describes it


def test_the_description_counts_what_the_dump_holds(first: Release) -> None:
    store = ox.Store()
    store.load(first.read("void.ttl"), format=ox.RdfFormat.TURTLE)
    union = {line.rsplit(" ", 2)[0] for line in read_nquads(first)}
    release_iri = f"{DUMP}{__version__}/"
    assert values(store, "void:triples", release_iri) == [str(len(union))]
    assert values(store, "dcat:version", release_iri) == [__version__]


def test_each_distribution_is_a_file_of_that_size_and_checksum(second: Release) -> None:
    store = ox.Store()
    store.load(second.read("void.ttl"), format=ox.RdfFormat.TURTLE)
    release_iri = f"{DUMP}9.0.0/"
    described = values(store, "dcat:distribution", release_iri)
    assert len(described) > 10
    for node in described:
        [url] = values(store, "dcat:downloadURL", node)
        content = second.read(url.removeprefix(release_iri))
        [checksum] = values(store, SPDX + "checksum", node)
        assert values(store, "dcat:byteSize", node) == [str(len(content))]
        assert values(store, SPDX + "checksumValue", checksum) == [sha256(content)]
        assert values(store, "dcat:mediaType", node)
    assert values(store, "dcat:previousVersion", release_iri) == [f"{DUMP}{__version__}/"]


def test_the_citation_is_valid(first: Release) -> None:
    tool, schema = Path(sys.executable).with_name("check-jsonschema"), "vendor.citation-file-format"
    done = subprocess.run(
        [tool, "--builtin-schema", schema, first.folder / CITATION],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_metadata_for_datacite_are_valid(second: Release) -> None:
    told = json.loads(second.read("datacite.json"))
    schema45.validator.validate(told)
    assert "doi" not in told
    assert told["version"] == "9.0.0"
    days = {one["dateType"]: one["date"] for one in told["dates"]}
    assert days == {"Issued": DAY, "Updated": second.manifest.modified}
    assert told["publicationYear"] == DAY[:4] > second.manifest.modified[:4]


def test_the_crate_names_every_file(second: Release) -> None:
    crate = ROCrate(second.folder)
    named = {entity.id for entity in crate.data_entities}
    assert named == set(second.sums) - {"ro-crate-metadata.json"}
    assert crate.root_dataset["author"]["name"] == "The audiokg contributors"
    assert str(crate.root_dataset["datePublished"]).startswith(DAY)


# What changed


def test_the_next_release_tells_the_one_change(second: Release) -> None:
    told = json.loads(second.read("changelog.json"))
    sentences = [change["sentence"] for change in told["changes"]]
    assert sentences == ["BigCodec 16 kHz: frame rate 80 Hz → 75 Hz"]
    assert told["previous"] == __version__


def test_the_difference_turns_one_dump_into_the_next(first: Release, second: Release) -> None:
    removed, added = (
        {line.decode() for line in gzip.decompress(second.read(f"{name}.nq.gz")).splitlines()}
        for name in ("removed", "added")
    )
    assert (read_nquads(first) - removed) | added == read_nquads(second)
    assert removed <= read_nquads(first)


def test_the_ontology_names_its_version_and_the_one_before(second: Release) -> None:
    store = ox.Store()
    store.load(second.read("audiokg-9.0.0-ontology.ttl"), format=ox.RdfFormat.TURTLE)
    ontology = expand("https://w3id.org/audiokg/ontology")
    assert values(store, "owl:versionIRI", ontology) == [f"{ontology}/9.0.0"]
    assert values(store, "owl:priorVersion", ontology) == [f"{ontology}/{__version__}"]


def test_a_release_is_asked_as_of_its_version(
    first: Release, second: Release, twins: list[Checkout], tmp_path: Path
) -> None:
    file = tmp_path / "rate.rq"
    file.write_text(RATE % expand("akg:frameRateHz"))
    answers = [
        CliRunner().invoke(
            main,
            ["query", str(file), "--as-of", version],
            env={"AUDIOKG_RELEASES": str(twins[1].output)},
        )
        for version in (__version__, "9.0.0", "7.7.7")
    ]
    assert [answer.output.splitlines()[-1] for answer in answers[:2]] == ["80", "75"]
    assert answers[2].exit_code == 2
    assert f"there: 9.0.0, {__version__}" in answers[2].output


# What is refused


@pytest.fixture
def small(root: Path, tmp_path: Path) -> Checkout:
    """Give the files that state the version, which say it."""
    for name in STATING:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(root / name, tmp_path / name)
    prepare_first(tmp_path, __version__, "2026-11-21")
    return Checkout(tmp_path, tmp_path / "releases")


def test_what_was_prepared_agrees(small: Checkout) -> None:
    assert find_mismatches(small.root, __version__, "", "2026-11-21") == []


@pytest.mark.parametrize(
    ("file", "old", "told"),
    [
        ("pyproject.toml", f'version = "{__version__}"', 'write “version = "'),
        ("ontology/audiokg.ttl", f"ontology/{__version__}>", "write “owl:versionIRI"),
        ("ontology/audiokg.ttl", f'versionInfo "{__version__}"', "write “owl:versionInfo"),
        ("ontology/audiokg.ttl", f"version {__version__}, 2026", "write “audiokg ontology, v"),
        ("CHANGELOG.md", f"## {__version__} (2026-11-21)", f"write “## {__version__} (2026"),
        ("CITATION.cff", f"version: {__version__}", "write “version: "),
        ("CITATION.cff", '"2026-11-21"', 'write “date-released: "2026-11-21"”'),
    ],
)
def test_a_file_that_says_otherwise_is_named(
    small: Checkout, file: str, old: str, told: str
) -> None:
    small.write(file, old, old.replace(__version__, "0.0.1").replace("-21", "-20"))
    [mismatch] = find_mismatches(small.root, __version__, "", "2026-11-21")
    line = next(
        n
        for n, text in enumerate(small.text(file).splitlines(), 1)
        if "0.0.1" in text or "-20" in text
    )
    assert str(mismatch).startswith(f"{file}:")
    assert told in str(mismatch)
    assert mismatch.line in (0, line)


def test_a_section_that_is_not_written_is_asked_for(small: Checkout) -> None:
    prepare(small.root, "3.0.0", __version__, "2027-01-01")
    [left] = find_mismatches(small.root, "3.0.0", __version__, "2027-01-01")
    assert str(left) == "CHANGELOG.md: section of the release: write “## 3.0.0 (2027-01-01)”"
    assert stated_previous(small.root) == __version__


def test_an_unreleased_section_is_refused(small: Checkout) -> None:
    small.write("CHANGELOG.md", "(2026-11-21)", "(unreleased)")
    surroundings = {"AUDIOKG_ROOT": str(small.root)}
    done = CliRunner().invoke(main, ["release", __version__], env=surroundings)
    assert done.exit_code == 2
    assert "CHANGELOG.md:3: section of the release: write" in done.output


def test_the_checkout_says_one_version(root: Path) -> None:
    wrong = find_mismatches(root, __version__, stated_previous(root), stated_date(root))
    assert {mismatch.place.file for mismatch in wrong} <= {"CHANGELOG.md"}


def make_releases(folder: Path, *versions: str) -> None:
    """Make folders that are found as releases."""
    for version in versions:
        (folder / version).mkdir(parents=True)
        sums = f"00  audiokg-{version}.nq.gz\n"
        (folder / version / SUMS).write_text(sums, encoding="utf-8")


@pytest.mark.parametrize(
    ("there", "version", "named", "before"),
    [
        ((), "4.0.0", None, ""),
        (("0.9.0", "0.10.0", "5.0.0"), "4.0.0", None, "0.10.0"),
        (("0.9.0", "0.10.0", "4.0.0"), "4.0.0", None, "0.10.0"),
        (("0.9.0", "0.10.0"), "4.0.0", "0.9.0", "0.9.0"),
    ],
)
def test_the_release_before_is_found_unless_it_is_named(
    small: Checkout, there: tuple[str, ...], version: str, named: str | None, before: str
) -> None:
    make_releases(small.output, *there)
    prepare_files(small.root, version, named, small.output, DAY)
    assert stated_previous(small.root) == before


def test_the_release_before_that_is_stated_stays(small: Checkout) -> None:
    prepare(small.root, "3.0.0", "2.0.0", DAY)
    prepare_files(small.root, "3.0.0", None, small.output, DAY)
    assert stated_previous(small.root) == "2.0.0"
    with pytest.raises(InputError, match=r"states 2\.0\.0 as the version before; name it"):
        prepare(small.root, "3.0.0", "", DAY)


def test_preparing_states_the_day_of_publication(small: Checkout) -> None:
    words = ["release", "3.0.0", "--prepare", "--output", str(small.output)]
    surroundings = {"AUDIOKG_ROOT": str(small.root)}
    done = CliRunner().invoke(main, [*words, "--date", "2027-03-04"], env=surroundings)
    assert (done.exit_code, stated_date(small.root)) == (0, "2027-03-04")
    today = datetime.now(UTC).date().isoformat()
    CliRunner().invoke(main, words, env=surroundings)
    assert today <= stated_date(small.root) <= datetime.now(UTC).date().isoformat()
    refused = CliRunner().invoke(main, ["release", "3.0.0", "--date", "2027-03-04"])
    assert (refused.exit_code, "--date goes with --prepare" in refused.output) == (2, True)


def test_a_release_has_the_day_of_its_newest_data(twins: list[Checkout]) -> None:
    days = [
        str(getattr(quad.object, "value", ""))
        for quad in read_quads(twins[0].root)
        if quad.predicate.value == DCTERMS_MODIFIED
    ]
    assert twins[0].first.manifest.modified == max(days)


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0-rc1", "../1.0.0", "latest"])
def test_what_is_no_version_is_refused(version: str) -> None:
    done = CliRunner().invoke(main, ["release", version])
    assert (done.exit_code, "is no version" in done.output) == (2, True)


def test_a_package_from_before_is_refused(small: Checkout) -> None:
    prepare(small.root, "3.0.0", "", "2026-11-21")
    with pytest.raises(InputError, match=f"installed package says {__version__}; run “make”"):
        release(small.root, "3.0.0", small.output, None)


def test_another_release_than_the_one_before_is_refused(twins: list[Checkout]) -> None:
    copy = twins[0]
    with pytest.raises(InputError, match="the ontology states no version as the one before"):
        find_previous(copy.root, __version__, copy.output)


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no release"):
        read_release(tmp_path)


def test_a_file_that_is_none_of_the_release_is_named_before_it_is_built(
    small: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_releases(small.output, __version__)
    (small.output / __version__ / "notes.txt").write_bytes(b"")
    monkeypatch.setattr(audiokg.release.run, "build", None)
    with pytest.raises(InputError, match=r"notes\.txt is no file of this release; empty"):
        release(small.root, __version__, small.output, None)


def test_what_is_left_of_an_older_making_goes(tmp_path: Path) -> None:
    write = audiokg.release.run._write
    write(tmp_path, [Item(name, "", "", b"1") for name in ("one", "other")])
    write(tmp_path, [Item("one", "", "", b"2")])
    assert {path.name for path in tmp_path.iterdir()} == {"one", SUMS}
    assert read_sums((tmp_path / SUMS).read_text()) == {"one": sha256(b"2")}


def test_what_editors_leave_behind_is_not_packed(tmp_path: Path) -> None:
    left = (".ipynb_checkpoints/a.rq", ".a.rq.swp", "a.rq~", "a.rq.orig", ".hidden.rq", "notes.txt")
    for name in ("a.rq", "page/b.rq", *left):
        path = tmp_path / "queries" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    packed = _pack_folder("x", "queries", "", tmp_path).content
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        assert files.namelist() == ["queries/a.rq", "queries/page/b.rq"]


@pytest.mark.parametrize(
    "line",
    [
        "doi: 10.5281/zenodo.XXXXXXX",
        "doi: 10.5281/zenodo.1234567",
        "doi: zenodo",
        "orcid: https://orcid.org/0000-0000-0000-0000",
        "orcid: https://orcid.org/0000-0002-1825-0097",
        "orcid: https://orcid.org/0000-0003-1415-9260",
        "url: https://example.org/audiokg",
        "repository-code: TODO",
        "title: xxx",
        "doi:",
        "orcid:",
    ],
)
def test_a_placeholder_is_refused(small: Checkout, line: str) -> None:
    (small.root / CITATION).write_text(f"{small.text(CITATION)}{line}\n")
    with pytest.raises(InputError, match=r"CITATION\.cff:\d+: “"):
        read_citation(small.root)


@pytest.mark.parametrize(
    "line",
    [
        "doi: 10.5281/zenodo.7871065",
        "doi: 10.5281/zenodo.12345678",
        "doi: 10.1000/000000-x",
        "orcid: https://orcid.org/0000-0001-7358-3217",
        "url: https://a.org/1234567/000000",
        "title: On xxx and placeholders, a todo list",
        "repository-code: https://github.com/someone/example.com",
    ],
)
def test_what_may_be_true_is_taken(line: str) -> None:
    assert [*find_placeholders(line)] == []


def test_a_line_that_is_no_checksum_is_named() -> None:
    with pytest.raises(InputError, match="SHA256SUMS:2: expected a checksum"):
        read_sums("00  a\nnothing\n")


def test_what_is_released_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / SUMS).write_bytes(write_sums({"changelog.json": b"{}"}))
    same, other = (Item("changelog.json", "", "", content) for content in (b"{}", b"[]"))
    refuse_another(tmp_path, [same])
    with pytest.raises(InputError, match=r"another changelog\.json.*take a new version"):
        refuse_another(tmp_path, [other])
