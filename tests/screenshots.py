"""Write pictures of key pages, light, dark and on a phone, to be looked at."""

import os
import subprocess
import sys
from pathlib import Path

from browser import chromium
from conftest import free_port, wait_until_ready

PAGES = {
    "start": "/",
    "codec": "/model/encodec",
    "configuration": "/model/snac-24-khz",
    "language-model": "/model/moshi",
    "codecs": "/codec/?frame-rate=..25&codebooks=1",
    "compare": "/compare?id=encodec-24-khz&id=snac-24-khz&id=mimi",
    "leaderboards": "/leaderboard/",
    "timeline": "/timeline",
    "map": "/map",
    "lineage": "/lineage/moshi",
    "search": "/search?q=encodek",
    "questions": "/query/",
    "question": "/query/codecs-at-25-hz-with-one-codebook",
    "editor": "/sparql",
    "ontology": "/ontology",
    "conflicts": "/conflicts",
    "missing": "/missing",
    "next": "/next",
    "suspects": "/suspects",
    "links": "/links",
    "reconcile": "/reconcile",
    "downloads": "/dump/",
}
#: Name -> width, height, colour scheme.
SHAPES = {
    "light": (1200, 900, "light"),
    "dark": (1200, 900, "dark"),
    "phone": (390, 844, "light"),
}


def main(folder: Path) -> None:
    """Serve the snapshot of build/, and take the pictures."""
    port = free_port()
    environment = os.environ | {"AUDIOKG_PORT": str(port)}
    program = Path(sys.executable).with_name("audiokg")
    process = subprocess.Popen([program, "serve"], env=environment, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        wait_until_ready(process, address)
        take(address, folder)
    finally:
        process.terminate()
        process.wait(20)


def take(address: str, folder: Path) -> None:
    """Take each picture, the whole page long."""
    with chromium() as browser:
        for shape, (width, height, scheme) in SHAPES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page = context.new_page()
            for name, path in PAGES.items():
                page.goto(address + path, wait_until="networkidle")
                page.screenshot(path=folder / f"{name}-{shape}.png", full_page=True)
            context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
