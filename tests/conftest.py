"""What every test may use: golden files beside the tests that own them."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import settings

# Every test runs its specs; those about what is kept of earlier runs switch it on again.
os.environ["MLSTAGE_SPEC_CACHE"] = "off"
# The same examples in every run, so that a change is never blamed for another's; `make fuzz` takes new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("fuzz", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


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
