"""What exists in the stand-in's AWS account, kept on disk beside the state, so that AWS's own refusals can be given.

One journal per stack, a line per operation, which is also the log that people and tests read (`events`). It is appended
under a lock, because a program with several AWS providers runs several of these processes at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from mlstage.offline.cache import locked

# A journal is rewritten, without its history, when it has more lines than this and eight times what exists.
_LONGEST: Final = 4096
_SLACK: Final = 8


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that exists in the account.

    `inputs` is a digest of what it was made from, `number` how often something had been made for the same resource
    before, `facts` those of its properties that some behaviour asks for.
    """

    sequence: int
    urn: str
    token: str
    id: str
    region: str
    inputs: str
    number: int
    facts: dict[str, Any] = field(default_factory=dict)


class World:
    """The things of one stack. Use it inside `with world.held():`, which also reads what other processes wrote."""

    _things: dict[int, Thing]
    _by_token: dict[str, dict[int, Thing]]
    _by_urn: dict[str, dict[int, Thing]]
    _gone: set[tuple[str, str]]
    _made: dict[str, int]
    _read: tuple[int, int]  # the journal's inode, and how far it was read
    _lines: int
    _sequence: int

    def __init__(self, folder: Path, project: str, stack: str) -> None:
        self._journal = journal(folder, project, stack)
        self._lock = self._journal.with_suffix(".lock")
        self._forget()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the stack's account against other processes, and catch up with them."""
        with locked(self._lock):
            self._catch_up()
            yield

    def things(self, token: str) -> list[Thing]:
        """List what exists of one type, oldest first."""
        return list(self._by_token.get(token, {}).values())

    def everything(self) -> list[Thing]:
        """List what exists, oldest first."""
        return sorted(self._things.values(), key=lambda thing: thing.sequence)

    def find(self, token: str, thing_id: str) -> Thing | None:
        """Find the oldest thing with an id: in a replacement, the old one goes first."""
        return next((thing for thing in self.things(token) if thing.id == thing_id), None)

    def by_sequence(self, sequence: int) -> Thing | None:
        """Find a thing by its place in the journal."""
        return self._things.get(sequence)

    def made_for(self, urn: str, token: str, inputs: str) -> list[Thing]:
        """List what was made for one resource of the program from exactly these inputs, oldest first."""
        return [thing for thing in self._by_urn.get(urn, {}).values() if (thing.token, thing.inputs) == (token, inputs)]

    def times_made(self, urn: str) -> int:
        """Count how often something was made for one resource of the program."""
        return self._made.get(urn, 0)

    def is_gone(self, token: str, thing_id: str) -> bool:
        """Tell whether such a thing existed once and does not any more."""
        return (token, thing_id) in self._gone and self.find(token, thing_id) is None

    def add(self, thing: Thing, name: str, operation: str = "create") -> None:
        """Record that a thing was made; its sequence is given here."""
        self._write(operation, name, replace(thing, sequence=self._sequence + 1), add=True)

    def change(self, old: Thing, new: Thing, name: str) -> None:
        """Record that a thing was changed in place."""
        self._write("update", name, replace(new, sequence=self._sequence + 1), add=True, remove=old.sequence)

    def remove(self, thing: Thing, name: str) -> None:
        """Record that a thing is gone."""
        self._write("delete", name, thing, remove=thing.sequence)

    def note(self, operation: str, name: str, thing: Thing, refused: str = "") -> None:
        """Write a line for what changed nothing: an operation that AWS refuses, or one on a thing that is not there."""
        self._write(operation, name, thing, refused=refused)

    def _write(self, operation: str, name: str, thing: Thing, **effect: Any) -> None:
        entry = {
            "sequence": self._sequence + 1,
            "operation": operation,
            "token": thing.token,
            "name": name,
            "id": thing.id,
            "urn": thing.urn,
            "region": thing.region,
            "inputs": thing.inputs,
            "number": thing.number,
            "facts": thing.facts,
            **{key: value for key, value in effect.items() if value},
        }
        self._apply(entry)
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._mark()

    def _apply(self, entry: dict[str, Any]) -> None:
        self._sequence = max(self._sequence, int(entry["sequence"]))
        self._lines += 1
        if removed := self._things.pop(entry.get("remove", 0), None):
            del self._by_token[removed.token][removed.sequence]
            del self._by_urn[removed.urn][removed.sequence]
            self._gone.add((removed.token, removed.id))
        if entry.get("add"):
            if entry["operation"] == "create":
                self._made[entry["urn"]] = self._made.get(entry["urn"], 0) + 1
            named = ("sequence", "urn", "token", "id", "region", "inputs", "number", "facts")
            thing = Thing(*(entry[key] for key in named))
            self._things[thing.sequence] = thing
            self._by_token.setdefault(thing.token, {})[thing.sequence] = thing
            self._by_urn.setdefault(thing.urn, {})[thing.sequence] = thing

    def _catch_up(self) -> None:
        try:
            stat = self._journal.stat()
        except FileNotFoundError:
            self._forget()
            return
        inode, position = self._read
        if inode != stat.st_ino or stat.st_size < position:
            self._forget()
            position = 0
        if stat.st_size > position:
            with self._journal.open("rb") as file:
                file.seek(position)
                line = b"\n"
                for line in file:
                    self._take(line)
            if not line.endswith(b"\n"):
                with self._journal.open("a", encoding="utf-8") as journal_file:
                    journal_file.write("\n")  # ends the torn line of a process that was killed
            self._mark()
            if self._lines > max(_LONGEST, _SLACK * len(self._things)):
                self._shorten()

    def _take(self, line: bytes) -> None:
        try:
            self._apply(json.loads(line))
        except (ValueError, KeyError):
            return  # a torn line: its operation was never answered

    def _shorten(self) -> None:
        things = sorted(self._things.values(), key=lambda thing: thing.sequence)
        partial = self._journal.with_suffix(".partial")
        gone, made = self._gone, self._made
        with partial.open("w", encoding="utf-8") as file:
            for thing in things:
                line = {**asdict(thing), "operation": "create", "name": "", "add": True}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.write(json.dumps({"sequence": self._sequence, "operation": "shorten"}) + "\n")
        partial.replace(self._journal)
        self._forget()
        self._catch_up()
        self._gone, self._made = gone, made

    def _mark(self) -> None:
        stat = self._journal.stat()
        self._read = (stat.st_ino, stat.st_size)

    def _forget(self) -> None:
        self._things, self._by_token, self._by_urn, self._made, self._gone = {}, {}, {}, {}, set()
        self._read = (0, 0)
        self._lines = 0
        self._sequence = 0


def journal(folder: Path, project: str, stack: str) -> Path:
    """Give the journal of a stack."""
    return folder / (re.sub(r"[^\w.-]", "_", f"{project}.{stack}") + ".jsonl")


def events(folder: Path, project: str, stack: str) -> list[dict[str, Any]]:
    """Read the log of a stack: what was made, changed, deleted and refused, in order."""
    try:
        lines = journal(folder, project, stack).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line.endswith("}")]
