"""ML302: notebooks that nobody uses and everybody pays."""
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
    id="ML302",
    name="notebook-without-idle-stop",
    title="Notebook that does not stop when nobody uses it",
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix='stop_when_idle="1h", or a lifecycle configuration whose start script stops the instance once it is idle',
    elsewhere="a lifecycle configuration whose start script stops the instance once it is idle",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/notebook-lifecycle-config.html",),
)
def notebook_without_idle_stop(graph: Graph, about: About) -> Iterator[Answer]:
    """A notebook instance is paid by the hour until somebody stops it, and closing the browser does not.

    SageMaker has no idle time-out for notebook instances: a script in the lifecycle configuration, run at every start,
    has to look for kernels that work and to stop the instance when there are none. The rule looks for such a script in
    the configuration that the notebook names.
    """
    for notebook in notebooks(graph):
        yield from when(
            ~notebook.stops_when_idle,
            field(notebook.resource, "lifecycle_config_name"),
            f"{about.call(notebook.resource)} does not stop when nobody uses it",
        )


@notebook_without_idle_stop.bad(
    "explore",
    "lifecycle_config_name",
    spec="""
Notebook(
    name="explore",
    instance="ml.t3.medium",
    working_hours=WorkingHours("Mon-Fri 08:00-18:00", timezone="Europe/Berlin"),
)
""",
)
def left_running() -> Graph:
    """A notebook without any lifecycle configuration."""
    return examples.in_production_stack(examples.notebook(), without="idle stop")


@notebook_without_idle_stop.good(
    spec="""
Notebook(
    name="explore",
    instance="ml.t3.medium",
    working_hours=WorkingHours("Mon-Fri 08:00-18:00", timezone="Europe/Berlin"),
    stop_when_idle="1h",
)
""",
)
def stopped_when_idle() -> Graph:
    """A notebook whose start script stops it after an hour of nothing."""
    return examples.in_production_stack(examples.notebook())
