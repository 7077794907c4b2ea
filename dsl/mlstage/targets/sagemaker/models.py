"""A model as SageMaker hosts it: the model resource and the role that its containers run under."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mlstage.catalog.instances import Instance
from mlstage.catalog.limits import limit
from mlstage.graph import Resource, Value
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.text import megabytes
from mlstage.targets import iam
from mlstage.targets.images import image_uri
from mlstage.targets.network import vpc_config
from mlstage.targets.place import Place

_HASH: Final = 9  # "-" and eight hexadecimal digits, which the pass for names puts behind what AWS makes immutable
_MODEL_NAME: Final = 63 - _HASH

# Assumed, not AWS's: what a container surely reads and unpacks in a second, in MB.
_SLOW_DOWNLOAD: Final = 25


@dataclass(frozen=True, slots=True)
class HostedModel:
    """The resources of one model, and the two names that others refer to."""

    role: iam.Role
    model: Resource

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Role first: SageMaker takes it on when the model is made."""
        return (*self.role.resources, self.model)


@dataclass(frozen=True, slots=True)
class Hosting:
    """How models are hosted: on which machine (None: serverless), in the stage's network or not.

    `part` sets apart the models of one workload. `archives` is the prefix of a multi-model endpoint's archives.
    """

    facts: Instance | None
    part: str = ""
    in_network: bool = True
    archives: str | None = None


def hosted_model(
    place: Place,
    workload: str,
    named: str,
    containers: Sequence[Model],
    hosting: Hosting,
    extra: Iterable[iam.Statement],
) -> HostedModel:
    """Make a model of one container, or of several that each request passes in turn, under a role of its own.

    The role reads the artifacts and whatever else the workload needs.
    """
    images = [image_uri(known(one.image), place.region, hosting.facts) for one in containers]
    artifacts = [artifact for one in containers if (artifact := known(one.artifact))]
    archives = [hosting.archives] if hosting.archives else []
    in_network = hosting.in_network and place.network is not None
    statements = [
        *iam.read_objects(place, "Artifact", [*artifacts, *archives]),
        *iam.pull_images(place, images),
        *iam.publish_metrics(),
        *(iam.join_network(place) if in_network else ()),
        *extra,
    ]
    about = f"Containers of {place.environment}/{workload}{f', {hosting.part}' if hosting.part else ''}"
    role = iam.role(place, workload, _joined(hosting.part, "role"), "sagemaker", statements, about)
    props: dict[str, Value] = {
        "name": place.physical(named, hosting.part, limit=_MODEL_NAME),
        "execution_role_arn": role.arn,
        **_containers(containers, images, hosting.archives),
        **(vpc_config(place) if in_network else {}),
    }
    if any(known(one.network_isolation) for one in containers):
        props["enable_network_isolation"] = True
    # The policy comes first: a model whose role cannot yet read the artifact fails when an endpoint loads it.
    name = place.name(workload, hosting.part, "model")
    return HostedModel(role, Resource(name, "aws.sagemaker.Model", props, (role.policy.name,), workload=workload))


def _joined(*parts: str) -> str:
    return "-".join(part for part in parts if part)


def _containers(containers: Sequence[Model], images: Sequence[str], archives: str | None) -> dict[str, Value]:
    written = tuple(_container(one, image) for one, image in zip(containers, images, strict=True))
    if len(written) > 1:
        return {"containers": written}
    if archives:
        return {"primary_container": {**written[0], "mode": "MultiModel", "model_data_url": archives}}
    return {"primary_container": written[0]}


def _container(model: Model, image: str) -> dict[str, Value]:
    container: dict[str, Value] = {"image": image}
    if artifact := known(model.artifact):
        container["model_data_url"] = artifact
    if variables := known(model.environment):
        container["environment"] = dict(sorted(variables.items()))
    return container


def waiting_time(containers: Sequence[Model]) -> int | None:
    """Say how long a machine needs to load a model and start, in seconds; None where no size is known."""
    sizes = [megabytes(size) for one in containers if (size := known(one.size))]
    return 60 + int(sum(sizes) / _SLOW_DOWNLOAD) if sizes else None


def time_outs(containers: Sequence[Model]) -> dict[str, Value]:
    """Give the variant's time-outs for download and start-up, from the models' sizes when they are known."""
    needed = waiting_time(containers)
    if needed is None:
        return {}
    allowed = limit("sagemaker.variant.download_timeout_s")
    wait = max(int(allowed.least), min(int(allowed.most), needed))
    return {
        "model_data_download_timeout_in_seconds": wait,
        "container_startup_health_check_timeout_in_seconds": wait,
    }
