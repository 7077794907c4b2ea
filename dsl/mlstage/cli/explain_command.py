"""`mlstage explain`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from mlstage.cli.output import wants_colour
from mlstage.cli.tables import print_table
from mlstage.diagnostics import pages as errors

if TYPE_CHECKING:
    from mlstage.rules.rule import Rule


@click.command("explain")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(ids: Sequence[str], style: str) -> None:
    """Explain a rule or an error: what it means, why, an example that has it, and the cure.

    Of a word of the language: what it is, and which fields it takes.

    Without ID, all of them are listed.

    \b
    mlstage explain ML101
    mlstage explain AWS103 SPEC106
    mlstage explain RealtimeEndpoint
    """
    rules = _rules()
    titles = {**{code: errors.title(code) for code in errors.codes()}, **{rule.id: rule.title for rule in rules}}
    if not ids:
        _list({**titles, **_words()}, style)
        return
    found = {one: _page(one, rules) for one in (_known(wanted, titles, rules) for wanted in ids)}
    if style == "json":
        named = titles if found.keys() <= titles.keys() else {**titles, **_words()}
        listed = [{"id": one, "title": named[one], "page": text} for one, text in found.items()]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for text in found.values():
        _show(text)


def _rules() -> tuple[Rule, ...]:
    """Give mlstage's rules and the project's own."""
    from mlstage.cli.settings import settings_here
    from mlstage.rules.loader import all_rules

    return (*all_rules(), *settings_here(None).own)


def _words() -> Mapping[str, str]:
    """Give the words of the language, which are imported only when one is asked for."""
    from mlstage.spec import reference

    return {word: reference.title(word) for word in reference.words()}


def _list(titles: Mapping[str, str], style: str) -> None:
    if style == "json":
        click.echo(json.dumps([{"id": one, "title": text} for one, text in titles.items()], indent=2))
        return
    print_table(("id", "what it is about"), list(titles.items()))


def _known(wanted: str, titles: Mapping[str, str], rules: Sequence[Rule]) -> str:
    """Find an id, in whatever case, a rule by its name, or a word. Raises `click.UsageError` with the nearest ones."""
    named = {**{one.lower(): one for one in titles}, **{rule.name: rule.id for rule in rules}}
    if found := named.get(wanted.lower()):
        return found
    named |= {word.lower(): word for word in _words()}
    if found := named.get(wanted.lower()):
        return found
    close = dict.fromkeys(named[one] for one in get_close_matches(wanted.lower(), named, n=3))
    hint = f" Did you mean {' or '.join(close)}?" if close else " `mlstage explain` lists them all."
    raise click.UsageError(f"There is no rule, error or word {wanted!r}.{hint}")


def _page(wanted: str, rules: Sequence[Rule]) -> str:
    if text := errors.page(wanted):
        return text
    if rule := next((rule for rule in rules if rule.id == wanted), None):
        from mlstage.rules.pages import page

        return page(rule)
    from mlstage.spec import reference

    return reference.page(wanted)


def _show(text: str) -> None:
    """Lay a page out on a terminal; give it as it is to whatever else reads it."""
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    colour = wants_colour(sys.stdout)
    console = Console(file=sys.stdout, no_color=not colour, highlight=False)
    console.print(Markdown(text, code_theme="ansi_dark" if colour else "bw"))
