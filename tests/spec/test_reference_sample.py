"""The sample by which the language was designed works to the letter: an edit of it is a change of the language."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "environments/fraud_detection.py"
DIGEST = "060d8f6cc62db76c894edb7dd4a7c51592a11f04624958022ae6f7f64a64ad55"


def test_the_sample_stands_as_it_was_written() -> None:
    assert sha256(SAMPLE.read_bytes()).hexdigest() == DIGEST, "what is to differ in a stack goes into its own file"
