"""The start page: what this is, what there is, what one can ask."""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response

from audiokg.queries import Query
from audiokg.web.listing.lists import LISTINGS
from audiokg.web.page import page
from audiokg.web.questions import Questions, value

#: The kinds that a newcomer looks for; the others follow in a line.
_MAIN: Final = ("model", "codec", "dataset", "publication", "task", "source")
#: Questions of the library that show what the graph is for.
_SHOWN: Final = (
    "full-duplex-dialogue",
    "sharing-a-tokenizer",
    "code-and-weights-licences",
    "datasets-for-a-task",
    "trained-and-evaluated-on-one-corpus",
    "figures-that-disagree",
)


def make_home(questions: Questions, examples: Mapping[str, Query]) -> Blueprint:
    """Make the blueprint of the start page."""
    blueprint = Blueprint("home", __name__)
    shown = [examples[name] for name in _SHOWN if name in examples]

    @blueprint.route("/")
    def home() -> Response:
        counts = {value(row, "kind"): int(value(row, "count")) for row in questions.rows("kinds")}
        return page(
            "home.html",
            main=[(LISTINGS[path], counts.get(path, 0)) for path in _MAIN],
            others=[
                (listing, counts.get(path, 0))
                for path, listing in LISTINGS.items()
                if path not in _MAIN
            ],
            newest=questions.rows("newest"),
            examples=shown,
            total=len(examples),
        )

    return blueprint
