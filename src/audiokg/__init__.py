"""The knowledge graph of large audio models: build, check, query and serve it.

>>> import audiokg
>>> with audiokg.open() as graph:
...     graph.get("encodec").label
'EnCodec'
"""

from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audiokg.graph.opened import open_graph as open

__version__ = version("audiokg")
__all__ = ["__version__", "open"]


def __getattr__(name: str) -> object:
    """Give `open`, which is loaded when it is first asked for."""
    if name != "open":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from audiokg.graph.opened import open_graph

    return open_graph
