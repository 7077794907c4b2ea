"""Containers, wherever they run: the image, what the program in it is told, and what it may do to its machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Join, Ref, Resource, Unknown
from mlstage.rules.truth import NO, Field, Truth, field, truth
from mlstage.rules.views.documents import document
from mlstage.rules.views.jobs import STARTERS, jobs
from mlstage.rules.views.pods import pod

MODEL: Final = "aws.sagemaker.Model"
TASK: Final = "aws.ecs.TaskDefinition"
BATCH_JOB: Final = "aws.batch.JobDefinition"
FUNCTION: Final = "aws.lambda_.Function"

# Objects of Kubernetes that start pods.
OBJECTS: Final = (
    "kubernetes.apps.v1.DaemonSet",
    "kubernetes.apps.v1.Deployment",
    "kubernetes.apps.v1.ReplicaSet",
    "kubernetes.apps.v1.StatefulSet",
    "kubernetes.batch.v1.CronJob",
    "kubernetes.batch.v1.Job",
    "kubernetes.core.v1.Pod",
)
CONTAINERS: Final = (BATCH_JOB, FUNCTION, MODEL, *STARTERS, TASK, *OBJECTS)

_ECR: Final = re.compile(r"(\d{12})\.dkr[.-]ecr[.-]")


@dataclass(frozen=True, slots=True)
class Variable:
    """One named text that a container is told; an unknown name means that nothing is known of them all."""

    name: str
    value: Field


@dataclass(frozen=True, slots=True)
class Image:
    """Where a container's program comes from, as far as its address tells."""

    at: Field

    @property
    def account(self) -> str | None:
        """The AWS account of the registry; None where it is no ECR address, or not known."""
        found = _ECR.match(self._head or "")
        return found.group(1) if found else None

    @property
    def is_of_this_stack(self) -> bool:
        """Whether the address is made from a repository of this stack."""
        value = self.at.value
        first = value.parts[0] if isinstance(value, Join) and value.parts else value
        return isinstance(first, Ref)

    @property
    def has_digest(self) -> Truth:
        """Whether it names the content itself, which nobody can change."""
        return self._says(lambda tail: "@sha256:" in tail)

    @property
    def tag(self) -> str | None:
        """The tag; empty where there is none, None where it is not known."""
        tail = self._tail
        if tail is None:
            return None
        name = tail.partition("@")[0].rpartition("/")[2]
        return name.partition(":")[2]

    @property
    def is_movable(self) -> Truth:
        """Whether it names no version: no tag, or the one that follows the newest."""
        if self.at.value is None:
            return NO
        return ~self.has_digest & self._says(lambda _: self.tag in ("", "latest"))

    @property
    def _head(self) -> str | None:
        value = self.at.value
        first = value.parts[0] if isinstance(value, Join) and value.parts else value
        return first if isinstance(first, str) else None

    @property
    def _tail(self) -> str | None:
        """What follows the last reference, which no tag reaches across.

        A plan names the same reference for a repository's URL and for a text that goes on after it with a tag, so that
        of a reference alone nothing is known.
        """
        value = self.at.value
        if isinstance(value, Join) and value.parts:
            last = value.parts[-1]
            return last if isinstance(last, str) and (":" in last or len(value.parts) == 2) else None
        return value if isinstance(value, str) else None

    def _says(self, test: Callable[[str], bool]) -> Truth:
        tail = self._tail
        return self.at.gap() if tail is None else truth(test(tail))


@dataclass(frozen=True, slots=True)
class Container:
    """One container. `part` says which part of its resource it is, where that has several.

    `command` are the words that it is started with, as far as its resource says it. `isolation` is SageMaker's switch
    that cuts it off from the network, `privileged` the one that gives it its machine.
    """

    part: str
    image: Image | None
    variables: tuple[Variable, ...] = ()
    isolation: Field | None = None
    privileged: Field | None = None
    command: tuple[Field, ...] = ()


def containers(resource: Resource) -> Iterator[Container]:
    """Yield the containers of a resource of one of the `CONTAINERS` types."""
    match resource.type:
        case "aws.sagemaker.Model":
            yield from _of_model(resource)
        case kind if kind in STARTERS:
            yield from _of_jobs(resource)
        case "aws.ecs.TaskDefinition":
            yield from _listed(document(field(resource, "container_definitions")))
        case "aws.batch.JobDefinition":
            yield from _of_batch(resource)
        case "aws.lambda_.Function":
            yield _of_function(resource)
        case _:
            yield from _of_pods(resource)


def _of_model(resource: Resource) -> Iterator[Container]:
    isolation = field(resource, "enable_network_isolation")
    listed = field(resource, "containers").items()
    for item in (*field(resource, "primary_container").items(), *listed):
        name = item["container_hostname"].text or item.path
        part = f"container {name!r}" if len(listed) > 1 else ""
        yield Container(part, Image(item["image"]), _map(item["environment"]), isolation)


def _of_jobs(resource: Resource) -> Iterator[Container]:
    for job in jobs(resource):
        variables = tuple(one for place in job.variables for one in _map(place))
        image = job.image
        yield Container(job.words, None if image is None else Image(image), variables, job.isolation)


def _of_batch(resource: Resource) -> Iterator[Container]:
    """Read the one way of four in which a job of AWS Batch describes its containers."""
    own = document(field(resource, "container_properties"))
    if own.value is not None:
        yield _plain(own, "")
    for each in document(field(resource, "node_properties"))["nodeRangeProperties"].items():
        nodes = each["targetNodes"].text
        yield _plain(each["container"], f"nodes {nodes}" if nodes else "")
    for each in document(field(resource, "ecs_properties"))["taskProperties"].items():
        yield from _listed(each["containers"])
    yield from _of_pod(field(resource, "eks_properties")["pod_properties"], "envs", ("commands", "args"))


def _listed(at: Field) -> Iterator[Container]:
    """Read containers as ECS describes them."""
    for item in at.items():
        yield _plain(item, _called(item))


def _plain(item: Field, part: str) -> Container:
    return Container(
        part,
        Image(item["image"]),
        _pairs(item["environment"]),
        privileged=item["privileged"],
        command=_words(item, "entryPoint", "command"),
    )


def _of_pods(resource: Resource) -> Iterator[Container]:
    spec = field(resource, "spec") if resource.type == "kubernetes.core.v1.Pod" else pod(resource)
    yield from _of_pod(spec, "env", ("command", "args"))


def _of_pod(spec: Field, env: str, command: tuple[str, ...]) -> Iterator[Container]:
    listed = spec["containers"].items()
    # Of a specification that nobody knows yet, nothing is known once.
    before = () if listed == (spec,) else spec["init_containers"].items()
    for item in (*before, *listed):
        yield Container(
            _called(item),
            Image(item["image"]),
            _pairs(item[env]),
            privileged=item["security_context"]["privileged"],
            command=_words(item, *command),
        )


def _called(item: Field) -> str:
    return f"container {item['name'].text!r}" if item["name"].text else ""


def _words(item: Field, *keys: str) -> tuple[Field, ...]:
    return tuple(word for key in keys for word in item[key].items())


def _of_function(resource: Resource) -> Container:
    return Container("", Image(field(resource, "image_uri")), _map(field(resource, "environment")["variables"]))


def _map(place: Field) -> tuple[Variable, ...]:
    if isinstance(place.value, Mapping):
        return tuple(Variable(str(name), Field(place.resource, f"{place.path}.{name}", value))
                     for name, value in place.value.items())  # fmt: skip
    return _open(place)


def _pairs(place: Field) -> tuple[Variable, ...]:
    """Read a list of objects with `name` and `value`, as ECS and Kubernetes have them."""
    found: list[Variable] = []
    for item in place.items():
        if isinstance(item.value, Mapping):
            name = item["name"]
            found += [Variable(name.text, item["value"])] if name.text is not None else _open(name)
        else:
            found += _open(item)
    return tuple(found)


def _open(place: Field) -> tuple[Variable, ...]:
    """Ask of what nobody knows; a reference to another resource is no text of the author's."""
    return (Variable("", place),) if isinstance(place.value, Unknown) else ()
