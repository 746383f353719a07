"""Bring Turtle files into their canonical form."""

from pathlib import Path

from audiokg.canonical import canonical
from audiokg.errors import InputError
from audiokg.files import write_text
from audiokg.turtle import TurtleSyntaxError, declare, graph_iri, read_triples


def format_file(path: Path, root: Path, write: bool) -> bool:
    """Say whether a file is not canonical, and write it so if asked to.

    A prefix of ours that the file uses and does not declare is declared.
    Raises InputError for a file that does not parse or has a blank node; it stays as it is.
    """
    base = graph_iri(path, root)
    text = path.read_text(encoding="utf-8")
    try:
        wanted = canonical(read_triples(declare(text), base), base)
    except TurtleSyntaxError as error:
        raise InputError(f"{path}:{error.line}: this is not Turtle: {error}") from error
    except ValueError as error:
        raise InputError(f"{path}:1: {error}") from error
    if write:
        return write_text(path, wanted)
    return text != wanted
