"""`python -m mlstage.catalog.derive [--check | --write --date YYYY-MM-DD]`."""

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from difflib import unified_diff
from typing import Final

from mlstage.catalog import _files
from mlstage.catalog.derive.instances import ec2_file, uses_file
from mlstage.catalog.derive.limits import limits_file, unwitnessed
from mlstage.catalog.derive.regions import regions_file
from mlstage.catalog.instances import EC2_FILE, USES_FILE
from mlstage.catalog.limits import LIMITS_FILE
from mlstage.catalog.regions import REGIONS_FILE

DERIVED: Final[dict[str, Callable[[str], str]]] = {
    EC2_FILE: ec2_file,
    LIMITS_FILE: limits_file,
    REGIONS_FILE: regions_file,
    USES_FILE: uses_file,
}

_PROVENANCE: Final = ("# source ", '"what": "botocore ', '"date": ')


def differences() -> Iterator[str]:
    """Yield what differs between the committed data and what the installed packages say, one line each.

    A newer package that says the same is no difference: a file keeps its date and its source until its facts change.
    """
    for file, derive in DERIVED.items():
        committed, fresh = _facts(_files.text(file)), _facts(derive(_date_of(file)))
        for line in unified_diff(committed, fresh, n=0, lineterm=""):
            if line[:1] in "+-" and not line.startswith(("+++", "---")):
                yield f"{file}: {line}"
    yield from unwitnessed()


def write(date: str) -> tuple[str, ...]:
    """Write every derived file anew whose facts differ, and return the names of those written."""
    changed = []
    for file, derive in DERIVED.items():
        fresh = derive(date)
        if _facts(fresh) != _facts(_files.text(file)):
            (_files.DATA / file).write_text(fresh, encoding="utf-8")
            changed.append(file)
    _files.text.cache_clear()
    _files.sources_of.cache_clear()
    return tuple(changed)


def main(arguments: list[str] | None = None) -> int:
    """Print or write what differs; 1 when something differs and was not written."""
    parser = argparse.ArgumentParser(prog="python -m mlstage.catalog.derive", description=__doc__)
    parser.add_argument("--check", action="store_true", help="print what differs (the default)")
    parser.add_argument("--write", action="store_true", help="update the data files")
    parser.add_argument("--date", help="the day the packages were read, written into the files that change")
    options = parser.parse_args(arguments)
    if options.check and options.write:
        parser.error("--check and --write exclude each other: name one")
    if options.write and not re.fullmatch(r"\d{4}-\d\d-\d\d", options.date or ""):
        parser.error("--write needs the day the packages were read: add --date YYYY-MM-DD")
    if options.write:
        for file in write(options.date):
            print(f"wrote {file}")
    found = list(differences())
    for line in found:
        print(line)
    if not found:
        print("the catalogue says what the installed botocore and moto say", file=sys.stderr)
    return 1 if found else 0


def _facts(text: str) -> list[str]:
    """Return the lines of a file without those that name the packages it was taken from, and the day."""
    return [line for line in text.splitlines() if not line.lstrip().startswith(_PROVENANCE)]


def _date_of(file: str) -> str:
    """Return the date of a file's derived part: that of its first source."""
    return next(iter(_files.sources_of(file).values())).date


if __name__ == "__main__":
    sys.exit(main())
