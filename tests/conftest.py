"""Fixtures: the graph as built from the checkout, an engine, an application, a running server."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from audiokg.build import build
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import Limits
from audiokg.export.material import Material
from audiokg.queries import read_library
from audiokg.snapshot import VOID, read_manifest
from audiokg.web.app import create_app

ROOT = Path(__file__).parents[1]
SEEDS = Path(__file__).parent / "seeds"
#: Short limits, so that hostile queries end soon.
LIMITS = Limits(timeout=2.0, memory=512 << 20, result=8 << 20)
_START_SECONDS = 60.0
# How fast an example runs is no property under test.
settings.register_profile("audiokg", deadline=None)
settings.load_profile("audiokg")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-expected", action="store_true", help="write tests/expected/ anew, then review it"
    )


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshot")
    build(folder, ROOT)
    return folder


@pytest.fixture(scope="session")
def engine(snapshot: Path) -> Iterator[LocalEngine]:
    running = LocalEngine(snapshot, LIMITS)
    yield running
    running.close()


@pytest.fixture(scope="session")
def app(engine: LocalEngine, snapshot: Path) -> Flask:
    pages, examples = read_library("page", ROOT), read_library("example", ROOT)
    made = create_app(
        engine,
        pages,
        examples,
        read_manifest(snapshot),
        (snapshot / VOID).read_bytes(),
        federated=read_library("federated", ROOT),
    )
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def runner(snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("AUDIOKG_SNAPSHOT", str(snapshot))
    return CliRunner()


@pytest.fixture(scope="session")
def material(snapshot: Path) -> Material:
    """Give what exports are made from, loaded once."""
    return Material(snapshot, ROOT)


@pytest.fixture(scope="session")
def again(snapshot: Path) -> Material:
    """Give the same, loaded another time."""
    return Material(snapshot, ROOT)


@pytest.fixture
def exporter(runner: CliRunner, material: Material, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Give a runner whose `export` finds the snapshot loaded."""
    monkeypatch.setattr("audiokg.cli.give.Material", lambda folder, root: material)
    return runner


@pytest.fixture(scope="session")
def server(snapshot: Path) -> Iterator[str]:
    """Run `audiokg serve` for real; give its address."""
    port = free_port()
    environment = os.environ | {"AUDIOKG_SNAPSHOT": str(snapshot), "AUDIOKG_PORT": str(port)}
    process = subprocess.Popen(
        [Path(sys.executable).with_name("audiokg"), "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{address}/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server did not get ready")
