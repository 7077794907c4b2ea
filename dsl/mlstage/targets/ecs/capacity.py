"""Machines of a workload's own, for accelerators: an auto-scaling group that ECS itself grows and shrinks.

ECS scales the group for the tasks that wait for room (managed scaling), moves tasks off a machine before it goes
(managed draining), and keeps machines with tasks from going at all (managed termination protection).
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from mlstage.catalog.instances import Instance
from mlstage.graph import Options, Ref, Resource, Value, join
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Purchase, Spot
from mlstage.spec.targets import Ecs
from mlstage.targets import iam
from mlstage.targets.ecs.cluster import Cluster
from mlstage.targets.ecs.sizes import facts_of
from mlstage.targets.launch import agent_role, launched
from mlstage.targets.machines import chip_of
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place

# Images of machines for ECS, by SSM parameter: EC2 looks the newest one up for every machine it starts.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
_IMAGES: Final = "/aws/service/ecs/optimized-ami/amazon-linux-2023"
_NAME_LIMIT: Final = 255


@dataclass(frozen=True, slots=True)
class Capacity:
    """Machines of a workload's own in a cluster of its own, and the strategy that puts its tasks there; or Fargate."""

    cluster: Cluster
    provider: Resource | None = None
    others: tuple[Resource, ...] = ()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """In the order in which they are needed."""
        return (*self.others, *([self.provider] if self.provider else []))

    @property
    def strategies(self) -> tuple[Value, ...]:
        """Place every task on the machines; none where there are none."""
        if self.provider is None:
            return ()
        return ({"capacity_provider": Ref(self.provider.name, "name"), "weight": 1},)


def lower(
    place: Place, workload: str, on: Ecs, purchase: Purchase, *, most: int, base: int = 1, internet: bool = False
) -> Capacity:
    """Make the machines that a workload asks for, `most` at most; on Spot, `base` of them on demand."""
    facts = facts_of(on)
    if facts is None:
        return Capacity(Cluster(place))
    cluster = Cluster(place, workload)
    role = _role(cluster)
    profile = Resource(
        place.name(workload, "machine-profile"),
        "aws.iam.InstanceProfile",
        {"name": place.physical(workload, "machine", limit=128), "role": Ref(role.role.name, "name")},
        workload=workload,
    )
    template = _template(cluster, on, facts, profile, internet=internet)
    group = _group(place, workload, most, _mixed(on, template, purchase, base))
    provider = Resource(
        place.name(workload, "capacity"),
        "aws.ecs.CapacityProvider",
        {
            "name": place.physical(workload, limit=_NAME_LIMIT - 9),
            "auto_scaling_group_provider": {
                "auto_scaling_group_arn": Ref(group.name, "arn"),
                "managed_termination_protection": "ENABLED",
                "managed_draining": "ENABLED",
                "managed_scaling": {
                    "status": "ENABLED",
                    "target_capacity": 100,
                    "instance_warmup_period": 300,
                    "minimum_scaling_step_size": 1,
                    "maximum_scaling_step_size": max(1, min(most, 10)),
                },
            },
        },
        workload=workload,
    )
    joined = cluster.resources([Ref(provider.name, "name")])
    return Capacity(cluster, provider, (*joined, *role.resources, profile, template, group))


def _role(cluster: Cluster) -> iam.Role:
    there: dict[str, Value] = {"ArnEquals": {"ecs:cluster": cluster.arn}}
    instances = cluster.place.arn("ecs", f"container-instance/{cluster.name}/*")
    return agent_role(cluster.place, cluster.workload, cluster.arn, instances, there)


def _image(facts: Instance) -> str:
    if chip_of(facts):
        kind = "/neuron"
    elif facts.gpu_count:
        kind = "/gpu"
    else:
        kind = "/arm64" if facts.arch == "arm64" else ""
    return f"resolve:ssm:{_IMAGES}{kind}/recommended/image_id"


def _template(cluster: Cluster, on: Ecs, facts: Instance, profile: Resource, *, internet: bool) -> Resource:
    place, workload = cluster.place, cluster.workload
    settings = [f"ECS_CLUSTER={cluster.name}", "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"]
    settings += ["ECS_ENABLE_GPU_SUPPORT=true"] if facts.gpu_count else []
    # Containers have a role of their own; the machine's is not for them.
    settings.append("ECS_AWSVPC_BLOCK_IMDS=true")
    script = "#!/bin/bash\n" + "".join(f"echo {line} >> /etc/ecs/ecs.config\n" for line in settings)
    return Resource(
        place.name(workload, "machines"),
        "aws.ec2.LaunchTemplate",
        {
            **launched(place, workload, known(on.storage)),
            "image_id": _image(facts),
            "instance_type": facts.ec2_name,
            "iam_instance_profile": {"arn": Ref(profile.name, "arn")},
            "vpc_security_group_ids": security_groups(place, internet=internet),
            "user_data": b64encode(script.encode()).decode(),
        },
        options=Options(comment=f"user_data, in base64, is a shell script: {'; '.join(settings)}"),
        workload=workload,
    )


def _group(place: Place, workload: str, most: int, mixed: dict[str, Value]) -> Resource:
    return Resource(
        place.name(workload, "machine-group"),
        "aws.autoscaling.Group",
        {
            "name": place.physical(workload, limit=_NAME_LIMIT),
            "min_size": 0,
            "max_size": most,
            "vpc_zone_identifiers": subnets(place),
            "mixed_instances_policy": mixed,
            # ECS decides which machine may go; without it, one with tasks could.
            "protect_from_scale_in": True,
            # Protected machines would keep a group that is to be deleted alive for ever.
            "force_delete": True,
            "tags": ({"key": "AmazonECSManaged", "value": "true", "propagate_at_launch": True},),
        },
        options=Options(ignore_changes=("desired_capacity",)),
        workload=workload,
    )


def _mixed(on: Ecs, template: Resource, purchase: Purchase, base: int) -> dict[str, Value]:
    types = [known(on.instance), *known(on.fallbacks)]
    spot = isinstance(purchase, Spot)
    spread: dict[str, Value] = {
        "on_demand_allocation_strategy": "prioritized",
        "on_demand_base_capacity": base if spot else 0,
        "on_demand_percentage_above_base_capacity": 0 if spot else 100,
    }
    if spot:
        spread["spot_allocation_strategy"] = "price-capacity-optimized"
    return {
        "launch_template": {
            "launch_template_specification": {
                "launch_template_id": Ref(template.name, "id"),
                "version": join(Ref(template.name, "latest_version")),
            },
            "overrides": tuple({"instance_type": name} for name in types),
        },
        "instances_distribution": spread,
    }
