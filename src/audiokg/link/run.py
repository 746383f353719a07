"""Ask for everything, in batches; what fails is left for the next run."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from audiokg.errors import ServiceError
from audiokg.link.client import Client, Row
from audiokg.link.compare import Proposal, compare
from audiokg.link.journal import Journal
from audiokg.link.known import Link, Publication, read_links, read_publications
from audiokg.link.manners import Manners
from audiokg.link.targets import TARGETS, Target
from audiokg.queries import Query

_VALUES = re.compile(r"(VALUES \?key \{)[^}]*(\})")
Progress = Callable[[str], None]


@dataclass
class Outcome:
    """The proposals of a run; `failures` says by service what went wrong, `unasked` how many keys.

    `batches` counts the questions that were answered, `remembered` those of an earlier run.
    """

    proposals: list[Proposal]
    failures: dict[str, str] = field(default_factory=dict)
    unasked: int = 0
    batches: int = 0
    remembered: int = 0


class Linker:
    """Asks the services of one target."""

    def __init__(
        self,
        library: Mapping[str, Query],
        services: Mapping[str, str],
        journal: Journal,
        manners: Manners,
        batch: int,
        progress: Progress = lambda step: None,
    ) -> None:
        self._library = library
        self._journal = journal
        self._batch = batch
        self._progress = progress
        self._clients = {name: Client(url, manners) for name, url in services.items()}
        self._outcome = Outcome([])

    def run(self, name: str, store: ox.Store) -> Outcome:
        """Compare what the snapshot says with what the target says; never raises for a service."""
        target = TARGETS[name]
        links = read_links(store, self._library, target.prefix)
        publications = read_publications(store, self._library)
        now = dict(self._records(target, links))
        found = self._find(name, target, publications, links)
        self._outcome.proposals = compare(links, now, found)
        for client in self._clients.values():
            client.close()
        return self._outcome

    def _records(self, target: Target, links: Sequence[Link]) -> Iterator[tuple[str, str | None]]:
        """Say where each reviewed record leads; leave out what got no answer."""
        for query, is_article in ((target.articles, True), (target.things, False)):
            records = sorted({link.record for link in links if link.is_article is is_article})
            for keys, rows in self._ask(query, [str(ox.NamedNode(iri)) for iri in records]):
                leads = {key: record for key, record in rows if key != record} | {
                    key: record for key, record in rows if key == record
                }
                for key in keys:
                    yield _iri(key), _iri(leads[key]) if key in leads else None

    def _find(
        self,
        name: str,
        target: Target,
        publications: Sequence[Publication],
        links: Iterable[Link],
    ) -> dict[str, dict[str, str]]:
        """Find publications by one key after the other; by title only those not linked by then."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        linked = {link.subject for link in links}
        for how, keys_of in target.by.items():
            wanted = defaultdict(list)
            for publication in publications:
                if how != "title" or not (publication.iri in linked or found[publication.iri]):
                    for key in keys_of(publication):
                        wanted[key].append(publication.iri)
            for _, rows in self._ask(f"{name}-by-{how}", sorted(wanted)):
                for key, record in rows:
                    for subject in wanted.get(key, ()):
                        found[subject].setdefault(_iri(record), how)
        return {subject: records for subject, records in found.items() if records}

    def _ask(self, name: str, keys: Sequence[str]) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
        """Ask a query for all keys; give each answered batch. A service that fails is let be."""
        query = self._library[name]
        total = -(-len(keys) // self._batch)
        for number, batch in enumerate(_batches(keys, self._batch), start=1):
            self._progress(f"{query.title.lower()}: {number} of {total}")
            rows = self._answer(query.service, fill(query.text, batch))
            if rows is None:
                self._outcome.unasked += len(batch)
            else:
                yield batch, rows

    def _answer(self, service: str, text: str) -> list[Row] | None:
        rows = self._journal.find(text)
        if rows is not None:
            self._outcome.remembered += 1
            return rows
        if service in self._outcome.failures:
            return None
        try:
            rows = self._clients[service].ask(text)
        except ServiceError as error:
            self._outcome.failures[service] = str(error)
            return None
        self._journal.add(text, rows)
        self._outcome.batches += 1
        return rows


def fill(text: str, keys: Iterable[str]) -> str:
    """Put terms (as in N-Triples) in the place of the example of `VALUES ?key { … }`."""
    return _VALUES.sub(lambda found: f"{found[1]} {' '.join(keys)} {found[2]}", text, count=1)


def _batches(keys: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(keys), size):
        yield tuple(keys[start : start + size])


def _iri(term: str) -> str:
    return term.removeprefix("<").removesuffix(">")
