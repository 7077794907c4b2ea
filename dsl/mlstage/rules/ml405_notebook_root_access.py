"""ML405: notebooks whose users are root."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.rule import About, Change, in_production, resource_rule
from mlstage.rules.truth import Answer, Truth, field, when


@resource_rule(
    id="ML405",
    name="notebook-root-access",
    title="Notebook whose users are root",
    types=("aws.sagemaker.NotebookInstance",),
    levels=in_production(),
    fix='root_access="Disabled"; lifecycle scripts run as root all the same',
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-root-access.html",),
)
def notebook_root_access(resource: Resource, about: About) -> Iterator[Answer]:
    """Root turns off what a lifecycle script set up: the idle stop, the agent that logs, the rules of the network.

    Root access is on unless the notebook says otherwise. Packages go into an environment of the user's own, and what
    everybody needs into the lifecycle configuration, which runs as root whether users may or not.
    """
    yield from when(
        _is_root(resource), field(resource, "root_access"), f"{about.call(resource)} lets its users be root"
    )


@notebook_root_access.remedy
def _take_away(resource: Resource, _about: About) -> Iterator[Change]:
    if _is_root(resource).value:
        yield Change("root_access", "Disabled")


def _is_root(resource: Resource) -> Truth:
    return ~field(resource, "root_access").is_one_of("Disabled")


@notebook_root_access.bad("explore", "root_access")
def root_by_default() -> Graph:
    """A notebook that says nothing of root."""
    return examples.in_production_stack(examples.notebook(root_access=None))


@notebook_root_access.bad("explore", "root_access")
def root_on_purpose() -> Graph:
    """A notebook that says that its users are root."""
    return examples.in_production_stack(examples.notebook(root_access="Enabled"))


@notebook_root_access.good(
    spec="""
Notebook(
    name="explore",
    instance="ml.t3.medium",
    working_hours=WorkingHours("Mon-Fri 08:00-18:00", timezone="Europe/Berlin"),
    stop_when_idle="1h",
)
""",
)
def not_root() -> Graph:
    """A notebook whose users are not."""
    return examples.in_production_stack(examples.notebook())
