"""BibTeX and CSL-JSON: what is written is read back by a parser that shares nothing with it."""

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from audiokg.export.citation import Name, Work, read_work, split_name, write_bibtex, write_csl

_TEX = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
} | {f"\\{sign}": sign for sign in "%&#_$"}
_COMMAND = re.compile("|".join(re.escape(command) for command in _TEX))


def groups(text: str) -> Iterator[str]:
    """Give the outermost groups in braces, as BibTeX counts them: a backslash hides none."""
    depth, start = 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if sign == "{" and depth == 1:
            start = place + 1
        elif sign == "}" and depth == 0:
            yield text[start:place]
        assert depth >= 0, f"a brace too many at {place}"
    assert depth == 0, "a brace is open at the end"


def plain(tex: str) -> str:
    """Read TeX's commands back; what is left of braces protects capitals."""
    parts: list[str] = []
    end = 0
    for found in _COMMAND.finditer(tex):
        parts += [re.sub("[{}]", "", tex[end : found.start()]), _TEX[found.group()]]
        end = found.end()
    return "".join([*parts, re.sub("[{}]", "", tex[end:])])


def read_bibtex(text: str) -> list[dict[str, str]]:
    entries = []
    for body in groups(text):
        key, _, fields = body.partition(",")
        names = re.findall(r"^  (\w+) = ", fields, re.MULTILINE)
        values = list(groups(fields))
        assert len(names) == len(values)
        entries.append({"key": key, **dict(zip(names, values, strict=True))})
    return entries


def authors_of(entry: dict[str, str]) -> list[str]:
    """Split at “ and ” outside braces, as BibTeX does."""
    depth, parts, last = 0, [], 0
    field = entry["author"]
    for place, sign in enumerate(field):
        depth += (sign == "{") - (sign == "}")
        if depth == 0 and field.startswith(" and ", place):
            parts.append(field[last:place])
            last = place + len(" and ")
    return [*parts, field[last:]]


@pytest.mark.parametrize(
    "title",
    [
        "90%* of ChatGPT & $5: an_example #1",
        "Braces { that do not match",
        "a \\ b ~ c ^ d } e",
        "“So what if ChatGPT wrote it?” Fréchet",
        "EnCodec: High Fidelity",
    ],
)
def test_title_comes_back_as_it_was(title: str) -> None:
    [entry] = read_bibtex(write_bibtex([Work("key", title)]))
    assert plain(entry["title"]) == title


def test_capitals_inside_a_word_are_protected() -> None:
    assert "{EnCodec}" in write_bibtex([Work("key", "The EnCodec model")])
    assert "{model}" not in write_bibtex([Work("key", "The EnCodec model")])


@pytest.mark.parametrize(
    ("printed", "name", "bibtex"),
    [
        ("Alexandre Défossez", Name("Défossez", "Alexandre"), "Défossez, Alexandre"),
        ("M. A. Ponti", Name("Ponti", "M. A."), "Ponti, M. A."),
        (
            "Aaron van den Oord",
            Name("Oord", "Aaron", "van den"),
            "van den Oord, Aaron",
        ),
        ("A. v. d. Oord", Name("Oord", "A.", "v. d."), "v. d. Oord, A."),
        (
            "Félix de Chaumont Quitry",
            Name("Chaumont Quitry", "Félix", "de"),
            "de Chaumont Quitry, Félix",
        ),
        ("van den Oord, Aaron", Name("Oord", "Aaron", "van den"), "van den Oord, Aaron"),
        ("John Smith Jr.", Name("Smith", "John", "", "Jr."), "Smith, Jr., John"),
        ("OpenAI", Name(literal="OpenAI"), "{OpenAI}"),
        ("the Sesame team", Name(literal="the Sesame team"), "{the Sesame team}"),
        ("The Rock and Roll Team", Name(literal="The Rock and Roll Team"), None),
        ("Rajpurkar, Pranav", Name("Rajpurkar", "Pranav"), "Rajpurkar, Pranav"),
    ],
)
def test_name_is_split_as_bibtex_splits_it(printed: str, name: Name, bibtex: str | None) -> None:
    assert split_name(printed) == name
    [entry] = read_bibtex(write_bibtex([Work("key", "T", (printed, "Second Author"))]))
    assert authors_of(entry) == [bibtex or f"{{{printed}}}", "Author, Second"]


def test_and_others_is_a_word_of_bibtex_and_none_of_csl() -> None:
    work = Work("key", "T", ("First Author", "et. al."))
    assert authors_of(read_bibtex(write_bibtex([work]))[0])[-1] == "others"
    assert len(json.loads(write_csl([work]))[0]["author"]) == 1


def test_address_cannot_end_its_field() -> None:
    [entry] = read_bibtex(write_bibtex([Work("key", "T", url="https://a.org/}{?q=%20_")]))
    assert entry["url"] == "https://a.org/%7D%7B?q=%20_"


def literal(**texts: str) -> dict[str, dict[str, str]]:
    return {name: {"type": "literal", "value": text} for name, text in texts.items()}


def test_rows_become_one_work_with_its_authors_in_order() -> None:
    same = {"title": "T", "arxiv": "2410.00037", "doi": "10.48550/arXiv.2410.00037"}
    rows = [
        literal(**same, ordinal="10", author="Tenth Author"),
        literal(**same, ordinal="2", author="Second Author"),
        literal(**same | {"doi": "10.1/x"}, ordinal="2", author="Second Author"),
    ]
    work = read_work("key", rows)
    assert work.authors == ("Second Author", "Tenth Author")
    assert (work.year, work.doi) == ("2024", "10.1/x")
    assert work.url == "https://arxiv.org/abs/2410.00037"


def test_year_is_left_out_where_nothing_gives_it() -> None:
    work = read_work("key", [literal(title="T")])
    assert "year" not in write_bibtex([work])
    assert "issued" not in json.loads(write_csl([work]))[0]


def test_paper_is_served_as_bibtex_and_csl(client: FlaskClient) -> None:
    answer = client.get("/publication/arxiv-2410-00037.bib")
    assert answer.content_type == "application/x-bibtex; charset=utf-8"
    [entry] = read_bibtex(answer.text)
    assert (entry["key"], entry["eprint"]) == ("arxiv-2410-00037", "2410.00037")
    assert authors_of(entry)[0] == "Défossez, Alexandre"
    [item] = json.loads(client.get("/publication/arxiv-2410-00037.csl.json").data)
    assert item["author"][4] == {"family": "Pérez", "given": "Patrick"}
    assert item["issued"] == {"date-parts": [[2024]]}


@pytest.mark.parametrize("media_type", ["application/x-bibtex", "text/html", "text/turtle"])
def test_accept_decides_for_citations_too(client: FlaskClient, media_type: str) -> None:
    answer = client.get("/publication/arxiv-2410-00037", headers={"Accept": media_type})
    assert answer.mimetype == media_type


@pytest.mark.parametrize("path", ["/model/encodec", "/model/encodec-24-khz"])
def test_model_is_cited_by_its_paper_and_by_its_page(client: FlaskClient, path: str) -> None:
    paper, page = read_bibtex(client.get(f"{path}.bib").text)
    assert paper["eprint"] == "2210.13438"
    assert page["url"] == f"https://w3id.org/audiokg{path}"
    assert re.fullmatch(r"Version \S+, data of \d{4}-\d\d-\d\d", page["note"])


def test_every_publication_can_be_cited(client: FlaskClient) -> None:
    names = [
        row["resource"]["value"].rpartition("/")[2]
        for row in json.loads(
            client.get(
                "/sparql",
                query_string={
                    "query": "PREFIX akg: <https://w3id.org/audiokg/ontology#> "
                    "SELECT ?resource { ?resource akg:hasAuthorship ?slot } "
                    "GROUP BY ?resource ORDER BY ?resource"
                },
            ).data
        )["results"]["bindings"]
    ]
    assert len(names) > 400
    for name in names:
        [entry] = read_bibtex(client.get(f"/publication/{name}.bib").text)
        assert entry["key"] == name
        assert authors_of(entry)
