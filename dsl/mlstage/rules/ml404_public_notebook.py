"""ML404: notebooks with the internet at their back."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.rule import About, in_production, resource_rule
from mlstage.rules.truth import Answer, field, when


@resource_rule(
    id="ML404",
    name="public-notebook",
    title="Notebook or Studio domain with direct access to the internet",
    types=("aws.sagemaker.Domain", "aws.sagemaker.NotebookInstance"),
    levels=in_production(),
    fix='direct_internet_access="Disabled" with a subnet and security groups; app_network_access_type="VpcOnly" on a'
    " domain",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/appendix-notebook-and-internet-access.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/studio-notebooks-and-internet-access.html",
    ),
)
def public_notebook(resource: Resource, about: About) -> Iterator[Answer]:
    """A notebook reads production data; with a way to the internet of SageMaker's own, nobody sees what leaves.

    Direct internet access is on unless the notebook says otherwise, and goes past your VPC, its flow logs and its
    endpoint policies. Without it, what a notebook may reach is what its subnet's routes lead to.
    """
    if resource.type == "aws.sagemaker.Domain":
        place, wanted = field(resource, "app_network_access_type"), "VpcOnly"
    else:
        place, wanted = field(resource, "direct_internet_access"), "Disabled"
    yield from when(~place.is_one_of(wanted), place, f"{about.call(resource)} has direct access to the internet")


@public_notebook.bad("explore", "direct_internet_access")
def open_by_default() -> Graph:
    """A notebook that says nothing of the internet, and so has it."""
    return examples.in_production_stack(examples.notebook(direct_internet_access=None))


@public_notebook.bad("explore", "direct_internet_access")
def open_on_purpose() -> Graph:
    """A notebook in a subnet that has the internet beside it."""
    return examples.in_production_stack(examples.notebook(direct_internet_access="Enabled"))


@public_notebook.good(
    spec="""
Notebook(
    name="explore",
    instance="ml.t3.medium",
    working_hours=WorkingHours("Mon-Fri 08:00-18:00", timezone="Europe/Berlin"),
    stop_when_idle="1h",
)
""",
)
def behind_a_subnet() -> Graph:
    """A notebook whose only way is its subnet."""
    return examples.in_production_stack(examples.notebook())
