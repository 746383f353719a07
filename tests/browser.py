"""A real browser (Debian's chromium) for tests and screenshots, and what it must not see."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parent / "clients/node_modules/axe-core/axe.min.js"
#: Needs a browser; where all clients are demanded (.ci/run) nothing is left out.
needs_chromium = pytest.mark.skipif(
    not CHROMIUM and "AUDIOKG_ALL_CLIENTS" not in os.environ,
    reason="chromium is not installed: apt-get install chromium",
)
#: WCAG 2.2, levels A and AA, and what axe-core finds good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Watch:
    """What a page said on the console, and asked of other hosts."""

    host: str
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._see(request.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _see(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.host:
            self.outside.append(url)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's chromium."""
    with sync_playwright() as playwright:
        # Without a sandbox of its own: it runs as root in containers, and sees our pages only.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield running
        finally:
            running.close()


def violations(page: Page) -> list[str]:
    """Run axe-core on a page; name each rule broken, with the first element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run(document, {options}).then(result => result.violations)")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
