"""/dump/: the snapshot and releases as files."""

import gzip
import hashlib
import json
import subprocess
import urllib.request
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from audiokg.engine.local import LocalEngine
from audiokg.files import write_bytes
from audiokg.queries import read_library
from audiokg.release.archive import SUMS, write_gzip, write_sums
from audiokg.release.found import CRATE, find_releases
from audiokg.snapshot import MANIFEST, QUADS, read_manifest
from audiokg.web.app import create_app
from audiokg.web.download.files import read_shelves
from audiokg.web.download.views import make_download
from audiokg.web.problems import handle_problems

QUAD = b"<https://a.b/c> <https://a.b/p> <https://a.b/o> <https://a.b/g> .\n"
NAME = "audiokg-0.1.0.nq.gz"
PAGE = b"<!doctype html><style>p { color: red }</style>"


def make_release(folder: Path, version: str) -> None:
    """Write what a release has at least."""
    name = f"audiokg-{version}.nq.gz"
    digest = hashlib.sha256(QUAD).hexdigest()
    manifest: dict[str, object] = {"version": version, "modified": "2026-11-21", "sha256": digest}
    manifest |= {"triples": 1, "union": 1, "graphs": {}}
    kinds = {name: "application/gzip", "changelog.html": "text/html", "void.ttl": "text/turtle"}
    crate = {"@graph": [{"@id": one, "encodingFormat": kind} for one, kind in kinds.items()]}
    contents = {
        name: write_gzip(QUAD),
        "changelog.html": PAGE,
        "void.ttl": b"<https://a.b/c> <https://a.b/p> 1 .\n",
        MANIFEST: json.dumps(manifest).encode(),
        CRATE: json.dumps(crate).encode(),
    }
    (folder / version).mkdir(parents=True)
    for one, content in (contents | {SUMS: write_sums(contents)}).items():
        (folder / version / one).write_bytes(content)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases")
    for version in ("0.1.0", "0.9.0", "0.10.0"):
        make_release(folder, version)
    (folder / "notes").mkdir()
    (folder / "secret.txt").write_text("secret")
    (folder / "0.1.0" / "left-over.txt").write_text("not of the release")
    return folder


@pytest.fixture(scope="module")
def client(engine: LocalEngine, snapshot: Path, root: Path, releases: Path) -> FlaskClient:
    manifest = read_manifest(snapshot)
    shelves = read_shelves(manifest, snapshot, releases)
    app = create_app(engine, read_library("page", root), {}, manifest, shelves=shelves)
    app.testing = True
    return app.test_client()


def fetch(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    """Ask, and close the file that the answer comes from."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=named, buffered=True, follow_redirects=True)


def test_releases_are_found_the_newest_first(releases: Path) -> None:
    assert [one.version for one in find_releases(releases)] == ["0.10.0", "0.9.0", "0.1.0"]


def test_the_list_has_the_snapshot_and_the_releases(client: FlaskClient) -> None:
    told = json.loads(client.get("/dump/").data)
    assert [one["version"] for one in told["releases"]] == ["0.10.0", "0.9.0", "0.1.0"]
    assert [one["name"] for one in told["current"]["files"]] == [QUADS, "void.ttl", MANIFEST]


def test_every_address_of_the_list_answers_with_its_bytes(client: FlaskClient) -> None:
    told = json.loads(client.get("/dump/").data)
    files = [one for shelf in (told["current"], *told["releases"]) for one in shelf["files"]]
    assert len(files) > 10
    for one in files:
        answer = fetch(client, one["url"])
        assert hashlib.sha256(answer.data).hexdigest() == one["sha256"]
        assert len(answer.data) == one["bytes"]


@pytest.mark.parametrize("path", ["/dump/", "/dump/0.1.0/", "/dump/current/"])
def test_a_browser_gets_a_page(client: FlaskClient, path: str) -> None:
    answer = fetch(client, path, Accept="text/html")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "0.1.0" in answer.text


def test_a_release_is_described_in_turtle(client: FlaskClient) -> None:
    answer = fetch(client, "/dump/0.1.0/", Accept="text/turtle")
    assert answer.mimetype == "text/turtle"


def test_compressed_is_a_type_not_a_coding(client: FlaskClient) -> None:
    answer = fetch(client, f"/dump/0.1.0/{NAME}", Accept_Encoding="gzip, br, zstd")
    assert answer.mimetype == "application/gzip"
    assert "Content-Encoding" not in answer.headers
    assert gzip.decompress(answer.data) == QUAD


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", ""])
def test_a_part_is_a_part_of_the_file(client: FlaskClient, snapshot: Path, coding: str) -> None:
    path, part = f"/dump/current/{QUADS}", "bytes=100-1099"
    answer = fetch(client, path, Range=part, Accept_Encoding=coding)
    assert answer.status_code == 206
    assert answer.data == (snapshot / QUADS).read_bytes()[100:1100]


def test_a_part_beyond_the_end_is_416(client: FlaskClient) -> None:
    answer = fetch(client, f"/dump/0.1.0/{NAME}", Range="bytes=99999-")
    assert answer.status_code == 416


def test_a_file_that_is_known_is_not_sent_again(client: FlaskClient) -> None:
    path = f"/dump/0.1.0/{NAME}"
    first = fetch(client, path).headers
    for name, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = fetch(client, path, **{name: first[value]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_release_lasts_and_the_snapshot_does_not(client: FlaskClient) -> None:
    kept = {
        path: fetch(client, path).headers["Cache-Control"]
        for path in (f"/dump/0.1.0/{NAME}", f"/dump/current/{MANIFEST}")
    }
    assert [*kept.values()] == ["public, max-age=31536000", "public, max-age=60"]


def test_the_page_of_changes_may_style_itself_and_nothing_more(client: FlaskClient) -> None:
    policy = fetch(client, "/dump/0.1.0/changelog.html").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/dump/0.2.0/",
        "/dump/notes/",
        "/dump/0.1.0/left-over.txt",
        "/dump/0.1.0/..%2Fsecret.txt",
        "/dump/0.1.0/../secret.txt",
        "/dump/../secret.txt",
        "/dump/..%2f/secret.txt",
        "/dump/0.1.0/%2Fetc%2Fpasswd",
        "/dump/./secret.txt",
    ],
)
def test_what_is_no_file_of_a_release_is_404(client: FlaskClient, path: str) -> None:
    assert fetch(client, path).status_code == 404


def test_the_checksums_are_served_and_hold(client: FlaskClient, tmp_path: Path) -> None:
    sums = fetch(client, f"/dump/0.1.0/{SUMS}")
    assert (sums.status_code, sums.mimetype) == (200, "text/plain")
    for line in sums.text.splitlines():
        name = line.split("  ")[1]
        (tmp_path / name).write_bytes(fetch(client, f"/dump/0.1.0/{name}").data)
    (tmp_path / SUMS).write_bytes(sums.data)
    command = ["sha256sum", "--check", "--strict", SUMS]
    assert subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize("part", [{}, {"Range": "bytes=0-9"}, {"If_None_Match": "*"}])
@pytest.mark.parametrize("change", ["other bytes", "gone"])
def test_a_file_that_was_written_anew_is_not_sent(
    part: dict[str, str], change: str, served: tuple[FlaskClient, Path]
) -> None:
    client, folder = served
    assert fetch(client, f"/dump/current/{QUADS}").data == QUAD
    if change == "gone":
        (folder / QUADS).unlink()
    else:
        write_bytes(folder / QUADS, QUAD.replace(b"/o>", b"/n>"))
    answer = fetch(client, f"/dump/current/{QUADS}", **part)
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert "has changed since the server started; restart it" in answer.text
    assert "ETag" not in answer.headers


@pytest.fixture
def served(snapshot: Path, tmp_path: Path) -> tuple[FlaskClient, Path]:
    """Serve a snapshot of one quad; give its folder."""
    (tmp_path / QUADS).write_bytes(QUAD)
    shelves = read_shelves(read_manifest(snapshot), tmp_path, tmp_path / "nowhere")
    app = Flask("audiokg.web")
    app.register_blueprint(make_download(shelves))
    handle_problems(app)
    return app.test_client(), tmp_path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("void.ttl", None),
        (MANIFEST, None),
        (MANIFEST, b"{}"),
        (CRATE, b"{}"),
        (CRATE, b"nonsense"),
        (CRATE, b"[]"),
        (CRATE, b'{"@graph": [{}]}'),
        (CRATE, b'{"@graph": 3}'),
    ],
)
def test_a_damaged_release_is_left_out_and_logged(
    snapshot: Path,
    tmp_path: Path,
    name: str,
    content: bytes | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for version in ("0.1.0", "0.2.0"):
        make_release(tmp_path, version)
    damage(tmp_path / "0.2.0", name, content)
    shelves = read_shelves(read_manifest(snapshot), snapshot, tmp_path)
    assert [*shelves] == ["current", "0.1.0"]
    [record] = caplog.records
    assert f"{tmp_path / '0.2.0'} is left out" in record.getMessage()


def damage(folder: Path, name: str, content: bytes | None) -> None:
    """Take out a file, or write another one, of which the checksums know."""
    if content is None:
        (folder / name).unlink()
        return
    (folder / name).write_bytes(content)
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != SUMS}
    (folder / SUMS).write_bytes(write_sums(files))


def test_a_server_without_releases_says_so(app: Flask) -> None:
    answer = app.test_client().get("/dump/")
    assert answer.json == {"current": None, "releases": []}


def test_an_older_version_of_the_ontology_is_a_file_of_its_release(client: FlaskClient) -> None:
    answer = client.get("/ontology/0.9.0")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/dump/0.9.0/audiokg-0.9.0-ontology.ttl"


def test_the_server_sends_the_snapshot_whole_and_in_parts(server: str, snapshot: Path) -> None:
    address, content = f"{server}/dump/current/{QUADS}", (snapshot / QUADS).read_bytes()
    for _ in range(2):  # read from the file, and remembered by the front
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == content
        part = urllib.request.Request(address, headers={"Range": "bytes=-7"})
        with urllib.request.urlopen(part) as answer:
            assert (answer.status, answer.read()) == (206, content[-7:])
