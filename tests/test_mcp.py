"""The MCP server, asked by the SDK's own client over standard input and output."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from click.testing import CliRunner
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from audiokg.cli import main
from audiokg.mcp.writing import MOST_CHARACTERS
from audiokg.queries import read_library
from audiokg.terms import BASE
from conftest import ROOT

TOOLS = {"search", "describe", "compare", "schema", "list_queries", "run_query", "sparql"}
EVERYTHING = "SELECT ?s ?p ?o { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
Talk = Callable[[Client], Coroutine[Any, Any, Any]]


@pytest.fixture(scope="module")
def talk(snapshot: Path) -> Iterator[Callable[[Talk], Any]]:
    """Start the server, give what talks to it, and end it."""
    server = StdioServerParameters(
        command=str(Path(sys.executable).with_name("audiokg")),
        args=["mcp", "--timeout", "3"],
        env={"AUDIOKG_SNAPSHOT": str(snapshot)},
    )
    with (
        Path(os.devnull).open("w") as silence,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(server, errlog=silence))) as client,
    ):

        async def meet(about: Talk) -> Any:
            return await asyncio.wait_for(about(client), 60)

        yield lambda about: portal.call(meet, about)


def text_of(result: CallToolResult) -> str:
    assert result.structured_content is None
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.fixture(scope="module")
def answers(talk: Callable[[Talk], Any]) -> dict[str, CallToolResult]:
    """Give the answers to ASKED, one after the other."""

    async def ask_all(client: Client) -> dict[str, CallToolResult]:
        return {name: await client.call_tool(*asked) for name, asked in ASKED.items()}

    found: dict[str, CallToolResult] = talk(ask_all)
    return found


ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "search": ("search", {"text": "encodek", "kind": "model", "limit": 2}),
    "search nothing": ("search", {"text": "qqqqqqqq"}),
    "describe": ("describe", {"resource": "encodec-24-khz"}),
    "describe family": ("describe", {"resource": "model:encodec"}),
    "describe property": (
        "describe",
        {"resource": "encodec-24-khz", "properties": ["akg:bitrateKbps", "akg:durationHours"]},
    ),
    "compare": (
        "compare",
        {"resources": ["encodec-24-khz", "snac-24-khz"], "properties": ["akg:sampleRateHz"]},
    ),
    "schema": ("schema", {}),
    "schema class": ("schema", {"term": "akg:NeuralAudioCodec"}),
    "list_queries": ("list_queries", {}),
    "list_queries few": ("list_queries", {"text": "bitrate codec"}),
    "run_query": ("run_query", {"name": "small-codecs"}),
    "run_query bound": (
        "run_query",
        {"name": "codecs-at-25-hz-with-one-codebook", "parameters": {"rate": 12.5}},
    ),
    "sparql": ("sparql", {"query": EVERYTHING, "limit": 3}),
    "sparql page": ("sparql", {"query": EVERYTHING, "limit": 3, "offset": 3}),
    "sparql long": ("sparql", {"query": EVERYTHING, "limit": 1000}),
    "construct": ("sparql", {"query": "CONSTRUCT WHERE { ?s ?p ?o }"}),
    "construct few": ("sparql", {"query": "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1"}),
    "ask": ("sparql", {"query": "ASK { ?s ?p ?o }"}),
    "no such resource": ("describe", {"resource": "encodek"}),
    "no such class": ("schema", {"term": "akg:Codek"}),
    "no such prefix": ("schema", {"term": "nope:x"}),
    "no such question": ("run_query", {"name": "nothing"}),
    "no such parameter": ("run_query", {"name": "small-codecs", "parameters": {"x": 1}}),
    "no free name": ("run_query", {"name": "small-codecs", "parameters": {"query": 1, "self": 2}}),
    "no query": ("sparql", {"query": "small-codecs"}),
    "too many rows": ("sparql", {"query": EVERYTHING, "limit": 100_000}),
    "syntax": ("sparql", {"query": "SELECT *\n{ ?s ?p"}),
    "update": ("sparql", {"query": "DROP ALL # now"}),
    "service": ("sparql", {"query": "ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"}),
    "deep": ("sparql", {"query": "ASK " + "{ " * 5000 + "} " * 5000}),
    "blank nodes": ("sparql", {"query": "ASK { " + "[ ?p " * 300 + "] " * 300 + "}"}),
    "still there": ("search", {"text": "Mimi", "limit": 1}),
}


def test_server_says_what_it_offers(talk: Callable[[Talk], Any]) -> None:
    async def look(client: Client) -> tuple[Any, ...]:
        tools, prompts = await client.list_tools(), await client.list_prompts()
        return client.server_info, client.instructions, tools.tools, prompts.prompts

    info, instructions, tools, prompts = talk(look)
    assert info.name == "audiokg"
    assert "Cite the sources" in instructions
    assert {tool.name for tool in tools} == TOOLS
    assert [prompt.name for prompt in prompts] == ["ask"]
    for tool in tools:
        assert tool.description
        assert tool.annotations.read_only_hint
        assert tool.output_schema is None
        assert tool.input_schema["type"] == "object"
        assert len(tool.description) + len(str(tool.input_schema)) < 1500


def test_every_tool_is_asked() -> None:
    assert {tool for tool, _ in ASKED.values()} == TOOLS


SAID = {
    "search": "first 2 of ",
    "search nothing": "nothing is called “qqqqqqqq”",
    "describe": "akg:frameRateHz (frame rate): 75 Hz — computed by the build",
    "describe family": "configurations and versions, which have figures of their own: model:enc",
    "describe property": "akg:durationHours: unknown",
    "compare": "akg:sampleRateHz\t24,000 Hz\t24,000 Hz",
    "schema": "\nakg:NeuralAudioCodec (",
    "schema class": "\nakg:trainedOn (",
    "list_queries": "- small-codecs (most=20000000): ",
    "list_queries few": "- codecs-below-a-bitrate (",
    "run_query bound": "model:glm-4-voice-tokenizer\tGLM-4-Voice-Tokenizer\t12.5",
    "sparql": "first 3 of ",
    "sparql page": "rows 4 to 6 of ",
    "construct": "# first ",
    "construct few": "# 1 triple\n",
    "ask": "true",
    "still there": "model:mimi\tMimi\t",
}


@pytest.mark.parametrize("name", SAID)
def test_tool_answers(name: str, answers: dict[str, CallToolResult]) -> None:
    assert not answers[name].is_error
    assert SAID[name] in text_of(answers[name])


REFUSED = {
    "no such resource": "no resource “encodek”; near to it are model/encodec",
    "no such class": "nothing has the class akg:Codek",
    "no such prefix": "unknown prefix 'nope'",
    "no such question": "list_queries lists them",
    "no such parameter": "“x” is no parameter of small-codecs; there are: most",
    "no free name": "“query” is no parameter of small-codecs; there are: most",
    "no query": "this is no SPARQL query",
    "too many rows": "less than or equal to 1000",
    "syntax": "line 2, column ",
    "update": "this graph is read-only",
    "service": "is not offered here",
    "deep": "nested more than 40 deep",
    "blank nodes": "nested more than 40 deep",
}


@pytest.mark.parametrize("name", REFUSED)
def test_tool_refuses_in_a_sentence(name: str, answers: dict[str, CallToolResult]) -> None:
    assert answers[name].is_error
    assert REFUSED[name] in text_of(answers[name])
    assert "Traceback" not in text_of(answers[name])


def test_every_answer_is_looked_at() -> None:
    assert set(ASKED) == {*SAID, *REFUSED, "run_query", "sparql long"}


def test_facts_name_their_sources(answers: dict[str, CallToolResult]) -> None:
    text = text_of(answers["describe property"])
    [line] = [line for line in text.splitlines() if line.startswith("akg:bitrateKbps")]
    assert line.endswith("1.5, 3, 6, 12, 24 kbit/s — [1: README.md, introduction]")
    assert (
        "\n[1] GitHub facebookresearch/encodec <https://github.com/facebookresearch/encodec>"
        in text
    )


def test_rows_are_those_of_the_library(answers: dict[str, CallToolResult]) -> None:
    lines = text_of(answers["run_query"]).splitlines()
    expected = (ROOT / "tests" / "expected" / "small-codecs.csv").read_text().splitlines()
    assert lines[0] == f"{len(expected) - 1} rows"
    assert lines[2].split("\t") == expected[0].split(",")
    assert len(lines) == len(expected) + 2


def test_nothing_is_cut_in_silence(answers: dict[str, CallToolResult]) -> None:
    text = text_of(answers["sparql long"])
    head, *lines = text.splitlines()
    assert len(text) < MOST_CHARACTERS + 5000
    shown = len(lines) - 2
    assert head.startswith(f"first {shown:,} of ")
    assert head.endswith("use limit and offset, or LIMIT and OFFSET in the query")


def test_library_is_listed_whole(answers: dict[str, CallToolResult]) -> None:
    text = text_of(answers["list_queries"])
    names = set(read_library("example", ROOT))
    assert {
        line[2:].partition(":")[0].partition(" ")[0]
        for line in text.splitlines()
        if line[:2] == "- "
    } == names


def test_documents_and_prompt(talk: Callable[[Talk], Any]) -> None:
    async def read(client: Client) -> list[str]:
        texts = []
        for uri in ("ontology", "model/mimi"):
            [content] = (await client.read_resource(BASE + uri)).contents
            assert isinstance(content, TextResourceContents)
            assert content.mime_type == "text/turtle"
            texts.append(content.text)
        with pytest.raises(MCPError, match="nothing is known of"):
            await client.read_resource(BASE + "model/nothing")
        prompt = await client.get_prompt("ask", {"question": "Which codecs run at 12.5 Hz?"})
        return [*texts, str(prompt.messages[0].content)]

    ontology, mimi, prompt = talk(read)
    assert "akg:NeuralAudioCodec" in ontology
    assert "model:mimi" in mimi
    assert "Which codecs run at 12.5 Hz?" in prompt


def test_a_long_query_is_ended_and_holds_up_no_other(talk: Callable[[Talk], Any]) -> None:
    async def both(client: Client) -> list[tuple[str, bool]]:
        answered: list[tuple[str, bool]] = []

        async def ask(query: str) -> None:
            result = await client.call_tool("sparql", {"query": query})
            answered.append((text_of(result), result.is_error))

        await asyncio.gather(ask(ENDLESS), ask("ASK {}"))
        return answered

    first, (said, failed) = talk(both)
    assert first == ("true", False)
    assert failed
    assert "ran longer than 3 s" in said


def test_server_that_cannot_start_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runner: CliRunner
) -> None:
    monkeypatch.setenv("AUDIOKG_SNAPSHOT", str(tmp_path))
    done = runner.invoke(main, ["mcp"])
    assert done.exit_code == 2
    assert "run “audiokg build” first" in done.output


def test_missing_sdk_says_which_extra_brings_it(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for loaded in [*sys.modules]:
        if loaded.partition(".")[0] == "mcp" or loaded.startswith("audiokg.mcp."):
            monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, "mcp", None)
    done = runner.invoke(main, ["mcp"])
    assert done.exit_code == 2
    assert 'pip install "audiokg[mcp]"' in done.output
