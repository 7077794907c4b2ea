"""A real headless Chromium for the tests of this folder, and Mermaid as it is published.

`scripts/setup-browser` gets both. Where one is missing the tests are skipped, and say why.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mlstage"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium. Playwright's loop runs as long as this lives, so it ends with the module."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine; scripts/setup-browser installs it where it can")
    with sync_playwright() as playwright:
        # As root, which is what containers are, Chromium starts without its sandbox only. Pages here are our own.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page, and see to it that nothing was asked of the network and nothing complained."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    assert said == []


@pytest.fixture(scope="session")
def mermaid_script() -> Path:
    """Give Mermaid's own code."""
    tools = Path(os.environ.get("MLSTAGE_CACHE") or _CACHE) / "tools"
    found = sorted(tools.glob("mermaid-*/mermaid.min.js"))
    if not found:
        pytest.skip("Mermaid is not there; scripts/setup-browser gets it where npm is")
    return found[-1]
