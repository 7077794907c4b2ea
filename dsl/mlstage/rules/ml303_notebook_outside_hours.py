"""ML303: notebooks that run through the night."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, field, when
from mlstage.rules.views.notebooks import notebooks


@stack_rule(
    id="ML303",
    name="notebook-outside-hours",
    title="Notebook that no schedule stops in the evening",
    levels=Levels(test=Level.ADVISORY, production=Level.ADVISORY, other=Level.ADVISORY),
    fix='working_hours=WorkingHours("Mon-Fri 08:00-18:00", timezone="Europe/Berlin"), or a schedule of'
    " EventBridge Scheduler whose target is `aws-sdk:sagemaker:stopNotebookInstance`",
    elsewhere="a schedule of EventBridge Scheduler whose target is `aws-sdk:sagemaker:stopNotebookInstance`",
    sources=(
        "https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopNotebookInstance.html",
    ),
)
def notebook_outside_hours(graph: Graph, about: About) -> Iterator[Answer]:
    """A working week has 50 hours and a calendar week 168: a notebook without a schedule is paid for all of them.

    An idle stop alone is not enough, because a kernel that somebody forgot in a loop never idles. The rule looks for a
    schedule of EventBridge Scheduler that stops this notebook; what a function of your own does at night it cannot see,
    and a waiver can say.
    """
    for notebook in notebooks(graph):
        yield from when(
            ~notebook.stops_by_the_clock,
            field(notebook.resource, "instance_type"),
            f"{about.call(notebook.resource)} is stopped by no schedule",
        )


@notebook_outside_hours.bad(
    "explore",
    "instance_type",
    spec="""
Notebook(name="explore", instance="ml.t3.medium", stop_when_idle="1h")
""",
)
def no_evening() -> Graph:
    """A notebook without a schedule."""
    return examples.in_production_stack(examples.notebook(), without="hours")


@notebook_outside_hours.bad("explore", "instance_type")
def started_but_not_stopped() -> Graph:
    """A schedule that starts the notebook, and none that stops it."""
    notebook = examples.notebook()
    return examples.in_production_stack(
        notebook, examples.stop_schedule(notebook, "startNotebookInstance"), without="hours"
    )


@notebook_outside_hours.good(
    spec="""
Notebook(
    name="explore",
    instance="ml.t3.medium",
    working_hours=WorkingHours("Mon-Fri 08:00-18:00", timezone="Europe/Berlin"),
    stop_when_idle="1h",
)
""",
)
def stopped_in_the_evening() -> Graph:
    """A schedule that stops the notebook at six."""
    return examples.in_production_stack(examples.notebook())
