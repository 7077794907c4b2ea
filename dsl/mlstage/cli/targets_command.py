"""`mlstage targets`."""

from __future__ import annotations

import json

import click

from mlstage.cli.tables import print_table
from mlstage.targets import TARGETS
from mlstage.targets.base import No, Yes


@click.command("targets")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(style: str) -> None:
    """Show what each target can run, as its own capability record says."""
    questions = [question for question, _ in TARGETS[0].can.answers()]
    if style == "json":
        shown = {
            target.name: {question: _as_json(answer) for question, answer in target.can.answers()} for target in TARGETS
        }
        click.echo(json.dumps(shown, indent=2))
        return
    rows = [(question, *(_cell(dict(target.can.answers())[question]) for target in TARGETS)) for question in questions]
    print_table(("", *(target.name for target in TARGETS)), rows)


def _cell(answer: Yes | No) -> str:
    return answer.how if isinstance(answer, Yes) else f"no: {answer.because} → {answer.instead}"


def _as_json(answer: Yes | No) -> dict[str, object]:
    if isinstance(answer, Yes):
        return {"can": True, "how": answer.how}
    return {"can": False, "because": answer.because, "instead": answer.instead}
