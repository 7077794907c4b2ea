"""A model as SageMaker hosts it: the model resource and the role that its containers run under."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class HostedModel:
    """The resources of one model, and the two names that others refer to."""

    role: iam.Role
    model: Resource

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Role first: SageMaker takes it on when the model is made."""
        return (*self.role.resources, self.model)


def hosted_model(
    place: Place, workload: str, named: str, model: Model, facts: Instance | None, extra: Iterable[iam.Statement]
) -> HostedModel:
    """Make the model `named` in AWS, under a role that reads its artifact and whatever else the workload needs."""
    image, artifact = image_uri(known(model.image), place.region, facts), known(model.artifact)
    statements = [
        *iam.read_objects(place, "Artifact", [artifact] if artifact else []),
        *iam.pull_images(place, [image]),
        *iam.publish_metrics(),
        *iam.join_network(place),
        *extra,
    ]
    role = iam.role(place, workload, "role", "sagemaker", statements, f"Containers of {place.environment}/{workload}")
    container: dict[str, Value] = {"image": image}
    if artifact:
        container["model_data_url"] = artifact
    if variables := known(model.environment):
        container["environment"] = dict(sorted(variables.items()))
    props: dict[str, Value] = {
        "name": place.physical(named, limit=_MODEL_NAME),
        "execution_role_arn": role.arn,
        "primary_container": container,
        **vpc_config(place),
    }
    # The policy comes first: a model whose role cannot yet read the artifact fails when an endpoint loads it.
    resource = Resource(
        place.name(workload, "model"), "aws.sagemaker.Model", props, (role.policy.name,), workload=workload
    )
    return HostedModel(role, resource)


_HASH = 9  # "-" and eight hexadecimal digits, which the pass for names puts behind what AWS makes immutable
_MODEL_NAME = 63 - _HASH

# Assumed, not AWS's: what a container surely reads and unpacks in a second, in MB.
_SLOW_DOWNLOAD = 25


def time_outs(model: Model) -> dict[str, Value]:
    """Give the variant's time-outs for download and start-up, from the model's size when it is known."""
    size = known(model.size)
    if size is None:
        return {}
    allowed = limit("sagemaker.variant.download_timeout_s")
    needed = 60 + int(megabytes(size) / _SLOW_DOWNLOAD)
    wait = max(int(allowed.min or 60), min(int(allowed.max or 3600), needed))
    return {
        "model_data_download_timeout_in_seconds": wait,
        "container_startup_health_check_timeout_in_seconds": wait,
    }
