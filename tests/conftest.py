"""What every test may use: golden files beside the tests that own them."""

from __future__ import annotations

from collections.abc import Callable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--accept`."""
    parser.addoption("--accept", action="store_true", help="write golden files anew; read the difference before commit")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file at a path beside the test: `golden("golden/scorer.py", text)`."""

    def compare(path: str, text: str) -> None:
        place = request.path.parent / path
        if request.config.getoption("--accept"):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
        assert place.is_file(), f"there is no {place.name} yet; write it with --accept"
        assert text == place.read_text(encoding="utf-8"), f"{path} differs; read why, then accept it with --accept"

    return compare
