"""Files that other tools saved, as JSON: whatever else lies in their place is refused in words."""

from __future__ import annotations

import codecs
import json
import sys
from pathlib import Path
from typing import Any, Final

from mlstage.readers.errors import ReadError

STANDARD_INPUT: Final = Path("-")
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Terraform keeps its plans as archives.
_ARCHIVE: Final = b"PK\x03\x04"


def read_text(path: Path, how: str) -> str:
    """Read a file that should be JSON in UTF-8, or standard input for `-`; `how` says how to save one.

    Raises `ReadError`.
    """
    try:
        content = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
    except OSError as error:
        raise ReadError(f"it cannot be read ({error.strerror})", how) from error
    if content.startswith(_ARCHIVE):
        raise ReadError("this is the plan as Terraform keeps it, which only Terraform can read", how)
    if content.startswith(_UTF16):
        cure = f"`{_redirection(how)}` in a shell that writes UTF-8; PowerShell before version 7 writes UTF-16"
        raise ReadError("it is UTF-16 and not UTF-8 text", cure)
    if not content.strip():
        raise ReadError("it is empty", how)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError("it is not UTF-8 text", how) from error


def parse(text: str, how: str) -> Any:
    """Read JSON, however it is broken. Raises `ReadError`."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ReadError("this is no JSON that can be read: it is nested too deeply", how) from error
    except json.JSONDecodeError as error:
        # At its end a file was cut off, as by a full disk or a run that was stopped.
        cut = ", and was most likely cut off" if _at_end(error, text) else ""
        place = f"line {error.lineno}, column {error.colno}"
        raise ReadError(f"this is no JSON ({error.msg} at {place}){cut}", how) from error
    except ValueError as error:
        raise ReadError(f"this is no JSON ({error})", how) from error


def _at_end(error: json.JSONDecodeError, text: str) -> bool:
    return error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip())


def _redirection(how: str) -> str:
    return next((part for part in how.split("`") if " > " in part), how)
