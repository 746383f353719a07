"""What the WSGI server loads: the application over the snapshot that the environment names."""

import atexit

from flask import Flask

from audiokg.engine.local import LocalEngine
from audiokg.paths import find_root
from audiokg.queries import read_library
from audiokg.snapshot import read_manifest, snapshot_folder
from audiokg.web.app import create_app


def make_service() -> Flask:
    """Start the engine and make the application. Raises SnapshotError if there is no snapshot."""
    folder, root = snapshot_folder(), find_root()
    engine = LocalEngine(folder)
    atexit.register(engine.close)
    return create_app(
        engine, read_library("page", root), read_library("example", root), read_manifest(folder)
    )
