"""What people do, in a real browser: find, follow, compare, export, ask, look."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser import Watch, chromium, needs_chromium, violations
from screenshots import PAGES

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=server, accept_downloads=True)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: str) -> Iterator[Page]:
    """Open a page; at the end nothing may stand on its console, and nobody else been asked."""
    opened = context.new_page()
    watch = Watch(urlsplit(server).netloc)
    watch.over(opened)
    yield opened
    assert watch.complaints == []
    assert watch.outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_breaks_no_rule_of_accessibility(page: Page, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(PAGES[name], wait_until="networkidle")
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(PAGES[name], wait_until="networkidle")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


@pytest.mark.parametrize("name", PAGES)
def test_page_works_with_scripts_off(browser: Browser, server: str, name: str) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    answer = page.goto(PAGES[name])
    assert answer
    assert answer.status == 200
    assert len(page.inner_text("main")) > 200
    context.close()


def test_from_search_to_the_line_of_a_source(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search the graph").fill("encodek")
    page.get_by_role("banner").get_by_role("button", name="Search").click()
    page.locator("main").get_by_role("link", name="EnCodec", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("EnCodec")
    page.get_by_text("show me where").first.click()
    expect(page.locator("main details[open]").first).to_contain_text(re.compile(r"line \d+"))


def test_the_search_box_completes(page: Page) -> None:
    page.goto("/")
    box = page.get_by_label("Search the graph")
    box.press_sequentially("hube")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("HuBERT")
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("HuBERT")


def test_from_a_facet_to_csv(page: Page, tmp_path: Path) -> None:
    page.goto("/codec/?frame-rate=..25&codebooks=1")
    shown = page.locator("main table tbody tr").count()
    assert shown > 5
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV", exact=True).first.click()
    started.value.save_as(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == shown
    assert all(float(row["frame_rate_hz"]) <= 25 for row in rows)


def test_compare_and_export(page: Page) -> None:
    page.goto("/compare?id=encodec-24-khz&id=snac-24-khz")
    expect(page.locator("main")).to_contain_text("SNAC")
    assert page.locator("tr.differs").count() > 3
    link = page.get_by_role("link", name="tex", exact=True)
    assert "\\toprule" in page.request.get(link.get_attribute("href") or "").text()


def test_an_example_runs_in_the_editor(page: Page) -> None:
    page.goto("/query/codecs-at-25-hz-with-one-codebook")
    page.get_by_role("link", name=re.compile("editor")).first.click()
    run = page.locator(".tabPanel.active .yasqe_queryButton")
    expect(run).to_be_visible()
    run.click()
    rows = page.locator(".tabPanel.active .yasr_results table.results tbody tr")
    expect(rows.first).to_be_visible()
    assert rows.count() > 5


def test_family_graph_is_drawn(page: Page) -> None:
    page.goto("/lineage/moshi", wait_until="networkidle")
    expect(page.locator("canvas").first).to_be_visible()
    assert page.locator("main a[href^='/model/']").count() > 1
