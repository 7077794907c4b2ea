"""Reading the catalogue's data files: one row out of a file without parsing the rest, and who said it.

A file is tab-separated text whose first lines say what it is and where it is from:

    # EC2 instance types.
    # source moto: moto 5.2.5, DescribeInstanceTypes | Apache-2.0 | 2026-11-24
    # columns: name vcpu memory_mib
    g5.xlarge<TAB>4<TAB>16384

or JSON with the same facts under "about" and "sources". Files are read when first asked for and kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

_SOURCE = "# source "


@dataclass(frozen=True, slots=True)
class Source:
    """Who says what one data file says, under which licence, and as of when."""

    file: str
    key: str
    what: str
    licence: str
    date: str

    def __str__(self) -> str:
        """Render the source as reports print it."""
        return f"{self.what} ({self.licence}; {self.date})"


@cache
def text(file: str) -> str:
    """Return a whole data file; it ends with a line break, so that a row is always closed by one."""
    return (DATA / file).read_text(encoding="utf-8")


def row(file: str, key: str) -> list[str] | None:
    """Return the fields of the row whose first field is `key`, without parsing any other row."""
    content = text(file)
    start = content.find(f"\n{key}\t") + 1
    if not start:
        return None
    fields = content[start : content.index("\n", start)].split("\t")
    return fields if fields[0] == key else None


def rows(file: str) -> Iterator[list[str]]:
    """Yield the fields of every row, in the file's order."""
    for line in text(file).splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def note(file: str, name: str) -> str:
    """Return the text after `# name:` in a file's header, for facts that hold for the file as a whole."""
    mark = f"# {name}: "
    for line in text(file).splitlines():
        if line.startswith(mark):
            return line.removeprefix(mark)
    raise LookupError(f"{file} has no header line `{mark}`")


@cache
def sources_of(file: str) -> dict[str, Source]:
    """Return the sources that one data file names, by the short key that its rows use."""
    if file.endswith(".json"):
        import json

        found = json.loads(text(file))["sources"]
        return {key: Source(file, key, said["what"], said["licence"], said["date"]) for key, said in found.items()}
    return {source.key: source for source in _header_sources(file)}


def _header_sources(file: str) -> Iterator[Source]:
    for line in text(file).splitlines():
        if not line.startswith("#"):
            return
        if line.startswith(_SOURCE):
            key, said = line.removeprefix(_SOURCE).split(": ", 1)
            what, licence, date = said.rsplit(" | ", 2)
            yield Source(file, key, what, licence, date)


def files() -> tuple[str, ...]:
    """Return the names of all data files, sorted."""
    return tuple(sorted(path.name for path in DATA.iterdir() if path.suffix in {".tsv", ".json"}))


def sources() -> tuple[Source, ...]:
    """Return every source of every data file, so that a report can say where its figures come from."""
    return tuple(source for file in files() for source in sources_of(file).values())
