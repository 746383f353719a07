"""`audiokg export bibtex` and `csl-json`, read by the libraries that papers are written with."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from click.testing import CliRunner
from pybtex.backends.plaintext import Backend
from pybtex.database import BibliographyData, Person, parse_string
from pybtex.style.formatting.plain import Style
from pylatexenc.latex2text import LatexNodes2Text

from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.export.citation import Work, read_work, write_bibtex, write_csl
from audiokg.export.formats import export
from audiokg.export.material import Material
from test_export_lists import text_of, write_small

#: https://github.com/citation-style-language/schema, schemas/input, at e3ce254 (MIT).
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "csl-data.json").read_text("utf-8"))
PUBLICATIONS = (
    "PREFIX akg: <https://w3id.org/audiokg/ontology#> "
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    "PREFIX dcterms: <http://purl.org/dc/terms/> "
    "SELECT DISTINCT ?p ?title { ?p a/rdfs:subClassOf* akg:Publication ; dcterms:title ?title }"
)
HOSTILE = [
    "A_b & 100% $5 #1",
    "Braces { that do not match",
    r"a \ b ~ c ^ d } e",
    "Pérez's “Ünïcode” Fréchet",
    "@misc{evil, title = {x}",
    "two\nlines",
]


def read_bibtex(text: str) -> BibliographyData:
    """Read BibTeX; pybtex raises for a repeated key and for whatever is no BibTeX."""
    return parse_string(text, "bibtex")


def plain(tex: str) -> str:
    """Give what TeX prints, by a parser of TeX; it has no words for single braces."""
    for command, sign in ((r"\textbraceleft{}", r"\{"), (r"\textbraceright{}", r"\}")):
        tex = tex.replace(command, sign)
    # It prints the accent that stands alone for the sign.
    return str(LatexNodes2Text().latex_to_text(tex)).replace(
        "\N{MODIFIER LETTER CIRCUMFLEX ACCENT}", "^"
    )


def render(items: list[dict[str, Any]]) -> list[str]:
    """Render every item in a citation style."""
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    return [str(entry) for entry in bibliography.bibliography()]


@pytest.fixture(scope="module")
def titles(material: Material) -> dict[str, str]:
    """Key -> title of each publication."""
    rows = material.rows_of(PUBLICATIONS)
    return {row["p"].value.rpartition("/")[2]: row["title"].value for row in rows}


@pytest.fixture(scope="module")
def bibliography(material: Material) -> BibliographyData:
    return read_bibtex(text_of(material, "bibtex"))


@pytest.fixture(scope="module")
def items(material: Material) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(text_of(material, "csl-json"))
    return read


def test_every_publication_has_an_entry_with_its_title(
    bibliography: BibliographyData, titles: dict[str, str]
) -> None:
    found = {key: plain(entry.fields["title"]) for key, entry in bibliography.entries.items()}
    assert found == titles
    assert len(titles) > 450


def test_every_entry_is_formatted_by_a_style(bibliography: BibliographyData) -> None:
    entries = list(Style().format_bibliography(bibliography))
    texts = {entry.key: entry.text.render(Backend()) for entry in entries}
    assert len(texts) == len(bibliography.entries)
    assert "Alexandre Défossez, Laurent Mazaré, Manu Orsini" in texts["arxiv-2410-00037"]


def test_arxiv_papers_have_their_eprint_and_doi(
    bibliography: BibliographyData, material: Material
) -> None:
    fields = bibliography.entries["arxiv-2210-13438"].fields
    assert (fields["eprint"], fields["archivePrefix"]) == ("2210.13438", "arXiv")
    assert fields["doi"] == "10.48550/arXiv.2210.13438"
    query = "SELECT ?p { ?p <http://purl.org/spar/fabio/hasArXivId> ?id }"
    eprints = [e for e in bibliography.entries.values() if "eprint" in e.fields]
    assert len(eprints) == len(material.rows_of(query)) > 300


def test_csl_is_as_its_schema_says(items: list[dict[str, Any]], titles: dict[str, str]) -> None:
    assert list(jsonschema_rs.validator_for(SCHEMA).iter_errors(items)) == []
    assert {item["id"]: item["title"] for item in items} == titles


def test_csl_renders_in_a_style(items: list[dict[str, Any]]) -> None:
    rendered = render(items)
    assert len(rendered) == len(items)
    assert any(
        "Défossez, A. et al. (2024) “Moshi: a speech-text foundation model for" in text
        for text in rendered
    )


def test_same_snapshot_gives_the_same_bytes(again: Material, material: Material) -> None:
    for form in ("bibtex", "csl-json"):
        assert text_of(again, form) == text_of(material, form)


def test_models_are_cited_by_the_papers_that_introduce_them_each_once(material: Material) -> None:
    names = ["encodec-24-khz", "encodec", "moshi", "publication/arxiv-2410-00037"]
    keys = [*read_bibtex(text_of(material, "bibtex", *names)).entries]
    assert keys == ["arxiv-2210-13438", "arxiv-2410-00037"]


def test_resource_without_a_paper_is_refused_by_name(material: Material) -> None:
    with pytest.raises(InputError, match=r"no publication .* introduces organisation/openai"):
        export("bibtex", ["moshi", "organisation/openai"], material)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_title_and_author_come_back(text: str) -> None:
    work = Work("key", text, ("Ann Other", f"{text} Team"))
    entry = read_bibtex(write_bibtex([work])).entries["key"]
    one_line = " ".join(text.split())
    assert plain(entry.fields["title"]) == one_line
    assert len(entry.persons["author"]) == 2
    assert plain(str(entry.persons["author"][1])) == f"{one_line} Team"
    assert json.loads(write_csl([work]))[0]["title"] == text


def test_hostile_graph_gives_a_readable_bibliography(tmp_path: Path) -> None:
    small = write_small(
        tmp_path,
        "".join(
            f"publication:p{n} a akg:Publication ; dcterms:title {json.dumps(text)} ; "
            f"akg:hasAuthorship publication:a{n} . "
            f"publication:a{n} akg:authorOrdinal 1 ; akg:nameAsGiven {json.dumps(text)} ."
            for n, text in enumerate(HOSTILE)
        ),
    )
    assert len(read_bibtex(text_of(small, "bibtex")).entries) == len(HOSTILE)
    items = json.loads(text_of(small, "csl-json"))
    assert [item["title"] for item in items] == HOSTILE
    assert len(render(items)) == len(HOSTILE)


def test_accents_in_tex_are_read_as_letters() -> None:
    row = {
        name: {"type": "literal", "value": text}
        for name, text in {
            "title": "T",
            "ordinal": "1",
            "author": r"Cuay{\'a}huitl, Heriberto",
        }.items()
    }
    entry = read_bibtex(write_bibtex([read_work("key", [row])])).entries["key"]
    assert entry.persons["author"] == [Person("Cuayáhuitl, Heriberto")]


def test_withdrawn_publication_is_left_out(tmp_path: Path) -> None:
    small = write_small(
        tmp_path,
        'publication:a a akg:Publication ; dcterms:title "A" . '
        'publication:b a akg:Publication ; dcterms:title "B" ; '
        "<http://www.w3.org/2002/07/owl#deprecated> true .",
    )
    assert [*read_bibtex(text_of(small, "bibtex")).entries] == ["a"]


def test_command_writes_a_bibliography(exporter: CliRunner) -> None:
    done = exporter.invoke(main, ["export", "bibtex", "encodec"])
    assert done.exit_code == 0
    assert re.match(r"@misc\{arxiv-2210-13438,\n", done.stdout)
