"""What AWS and the tools do that nobody expects, said before it happens: one function for each trap.

To add one, write the function and name it in `TRAPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from mlstage.insight.outline import Outline, WorkloadOutline
from mlstage.insight.review.steps import Step
from mlstage.insight.review.workloads import WorkloadChange
from mlstage.rules.words import type_words

# How much a trap weighs: `danger` loses data or breaks callers, `mind` needs a thought, `handled` is taken care of.
Weight = Literal["danger", "mind", "handled"]


@dataclass(frozen=True, slots=True)
class Trap:
    """One trap that a change meets: what happens, and what to do. `terraform` says what differs there."""

    name: str
    weight: Weight
    workload: str
    says: str
    do: str
    terraform: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """All that a trap may look at."""

    before: Outline | None
    after: Outline | None
    changes: tuple[WorkloadChange, ...]
    steps: tuple[Step, ...]

    @property
    def production(self) -> bool:
        """Whether the stack is one of production."""
        return (self.after or self.before or _NOTHING).tier == "production"


_NOTHING: Final = Outline("", "", "", "", {}, ())
# What is lost with a resource. What keeps nothing that cannot be made again is not here.
LOST: Final[Mapping[str, str]] = {
    "aws.cloudwatch.LogGroup": "the logs in it",
    "aws.dynamodb.Table": "the items in it",
    "aws.ebs.Volume": "the data on it",
    "aws.ecr.Repository": "the images in it",
    "aws.efs.FileSystem": "the files in it",
    "aws.kms.Key": "all data that is encrypted with it",
    "aws.rds.Cluster": "the data in it",
    "aws.rds.Instance": "the data in it",
    "aws.s3.Bucket": "the objects in it",
    "aws.sagemaker.FeatureGroup": "the features in its online store",
    "aws.sagemaker.NotebookInstance": "the files on its volume",
    "aws.sqs.Queue": "the requests that wait in it",
    "kubernetes.core.v1.PersistentVolumeClaim": "the files on its volume",
}


def region_changes(setting: Setting) -> Iterator[Trap]:
    """Tell of another region: all is deleted in one and made in the other."""
    before, after = setting.before, setting.after
    if before and after and before.region != after.region:
        says = f"every regional resource is deleted in {before.region} and made anew in {after.region}; no data moves"
        do = f"a stack for {after.region} beside this one, then move callers, then destroy this one"
        yield Trap("region-change", "danger", "", says, do)


def data_goes(setting: Setting) -> Iterator[Trap]:
    """Tell of what holds data and is deleted, or deleted and made again."""
    for step in setting.steps:
        lost = LOST.get(step.resource.type)
        if lost and step.operation in ("delete", "replace"):
            verb = "is deleted" if step.operation == "delete" else "is made anew"
            what = "it" if step.operation == "delete" else "the old one"
            says = f"{type_words(step.resource.type)} {step.resource.name} {verb}, and with {what} go {lost}"
            do = "copy what is needed first"
            if (days := step.resource.props.get("deletion_window_in_days")) is not None:
                do += f"; for {days} days `aws kms cancel-key-deletion` takes the deletion back"
            if step.before and step.before.options.protect:
                do += "; it is protected, and the deployment fails until `pulumi state unprotect`"
            yield Trap("data-loss", "danger", step.resource.workload, says, do)


def logs_are_cut(setting: Setting) -> Iterator[Trap]:
    """Tell of a shorter retention, which deletes what is older at once and for ever."""
    for step in setting.steps:
        for change in step.changes:
            if change.path != "retention_in_days" or step.operation != "update":
                continue
            before, after = change.before, change.after
            if isinstance(after, int) and after and (not isinstance(before, int) or not before or after < before):
                says = f"CloudWatch deletes what is older than {after} days from {step.resource.name}"
                yield Trap(
                    "logs-cut", "mind", step.resource.workload, says, "export older logs first, if anybody needs them"
                )


def renamed_without_formerly(setting: Setting) -> Iterator[Trap]:
    """Tell of a new name without `formerly`, which deletes what is deployed and makes another one."""
    for name, former in _written_the_same(setting).items():
        says = f"{former} is deleted and {name}, written the same, is made: the old name is gone"
        yield Trap("renamed-without-formerly", "danger", name, says, f'formerly="{former}" in {name}')


def _written_the_same(setting: Setting) -> Mapping[str, str]:
    """Give for each workload that is added one that is removed and is written as it is, if there is one."""
    if setting.before is None or setting.after is None:
        return {}
    added = [setting.after.by_name[one.name] for one in setting.changes if one.status == "added"]
    gone = [setting.before.by_name[one.name] for one in setting.changes if one.status == "removed"]
    pairs = ((new.name, next((one.name for one in gone if _alike(one, new)), "")) for new in added)
    return {name: former for name, former in pairs if former}


def _alike(one: WorkloadOutline, other: WorkloadOutline) -> bool:
    """Say whether two workloads share most of what their authors wrote."""
    if one.kind != other.kind:
        return False
    written = {name for workload in (one, other) for name in workload.fields if name not in workload.usual}
    equal = [name for name in written if one.fields.get(name) == other.fields.get(name)]
    return len(equal) * 2 > len(written)


# What answers, and what its service is called; of a workload with a queue, the queue is what callers know.
_ANSWERING: Final[Mapping[str, str]] = {
    "aws.sagemaker.Endpoint": "SageMaker",
    "aws.ecs.Service": "ECS",
    "aws.lambda_.Function": "Lambda",
    "aws.lb.LoadBalancer": "ECS",
    "kubernetes.apps.v1.Deployment": "EKS",
    "kubernetes.core.v1.Service": "EKS",
}
_QUEUE: Final = "aws.sqs.Queue"
# Workloads that somebody calls; what runs by a schedule leaves nobody without an answer.
_CALLED: Final = frozenset({"RealtimeEndpoint", "AsyncEndpoint"})


def _is_called(setting: Setting, workload: str) -> bool:
    outlines = [one for one in (setting.before, setting.after) if one and workload in one.by_name]
    return any(one.by_name[workload].kind in _CALLED for one in outlines)


def endpoint_is_made_again(setting: Setting) -> Iterator[Trap]:
    """Tell of what answers and cannot be changed in place, so that there is a gap."""
    for step in setting.steps:
        again = step.operation == "replace" and step.deletes_first and step.resource.type in _ANSWERING
        if again and _is_called(setting, step.resource.workload):
            says = f"{step.resource.name} is deleted before the new one is there: callers get errors meanwhile"
            do = "a second workload under a new name, then move callers, then remove the first"
            yield Trap("gap-in-service", "danger", step.resource.workload, says, do)


def endpoint_goes(setting: Setting) -> Iterator[Trap]:
    """Tell of what answers and is removed, unless it comes back under a new name, which is told of as such."""
    renamed = _written_the_same(setting).values()
    for change in setting.changes:
        if change.status == "removed" and change.kind in _CALLED and change.name not in renamed:
            do = "move its callers first; its metrics in CloudWatch say whether there are any left"
            yield Trap("callers-left", "danger", change.name, f"{change.name} is deleted: its callers get errors", do)


def target_changes(setting: Setting) -> Iterator[Trap]:
    """Tell of a workload that moves to another service and leaves its address behind."""
    for change in setting.changes:
        if change.status not in ("changed", "renamed") or change.kind not in _CALLED:
            continue
        names = (change.name, change.was or change.name)
        ours = [step for step in setting.steps if step.resource.workload in names]
        gone, new = ([s for s in ours if s.operation == kind and s.resource.type in _ANSWERING] for kind in _MOVING)
        if gone and new and not any(step.resource.type == _QUEUE and _stays(step) for step in ours):
            services = _ANSWERING[gone[0].resource.type], _ANSWERING[new[0].resource.type]
            says = f"{change.name} moves from {services[0]} to {services[1]}: callers need its new address"
            do = "a second workload on the new target, then move callers, then remove the first"
            yield Trap("moved-to-another-target", "danger", change.name, says, do)


_MOVING: Final = ("delete", "create")


def _stays(step: Step) -> bool:
    return step.operation in ("same", "update")


def scaled_variant_changes(setting: Setting) -> Iterator[Trap]:
    """Tell of a variant that is re-typed or removed while it is registered for scaling, which AWS refuses."""
    for change in setting.changes:
        endpoints = [s for s in change.of("aws.sagemaker.Endpoint") if s.operation == "update" and _locked_changes(s)]
        if not endpoints:
            continue
        again = [step for step in change.of("aws.appautoscaling.Target") if step.because == "lock"]
        gone = [step for step in change.of("aws.appautoscaling.Target") if step.operation == "delete"]
        if again:
            says = "AWS refuses to change a variant that is registered for scaling"
            do = "nothing: its scaling is deregistered, the endpoint updated, and the scaling registered, in one run"
            yield Trap("scaled-variant-update", "handled", change.name, says, do, "the same, in one `terraform apply`")
        if gone:
            says = (
                "AWS refuses to change or remove a variant that is registered for scaling, and the scaling goes as well"
            )
            do = "nothing: Pulumi deregisters it before it updates the endpoint"
            terraform = (
                "two steps: apply with the scaling taken out first, then the rest; Terraform promises no order between"
                " a deletion and the update of what it depended on"
            )
            yield Trap("scaled-variant-update", "handled", change.name, says, do, terraform)


def _locked_changes(step: Step) -> bool:
    return bool(step.before and step.after) and dict(step.before.options.locked) != dict(step.after.options.locked)  # type: ignore[union-attr]


def capacity_is_reset(setting: Setting) -> Iterator[Trap]:
    """Tell of a new configuration, which starts with its initial count, however far scaling had come."""
    for change in setting.changes:
        updates = [
            s
            for s in change.of("aws.sagemaker.Endpoint")
            if s.operation == "update" and s.changed("endpoint_config_name")
        ]
        scaled = [s for s in change.steps if s.resource.type == "aws.appautoscaling.Target" and s.after and s.before]
        for step in scaled if updates else []:
            least, most = (step.resource.props.get(name) for name in ("min_capacity", "max_capacity"))
            if least != most:
                says = f"the new fleet starts with {least} machines, however many there are now (up to {most})"
                yield Trap(
                    "capacity-reset", "mind", change.name, says, "deploy when traffic is low, or raise `min` before"
                )


def rollback_looks_like_success(setting: Setting) -> Iterator[Trap]:
    """Tell of updates in production: one that nothing watches stays, and one that is taken back looks well."""
    for step in setting.steps:
        if step.resource.type != "aws.sagemaker.Endpoint" or step.operation != "update" or not setting.production:
            continue
        assert step.after is not None
        guarded = step.after.props.get("deployment_config")
        if step.changed("endpoint_config_name") and not guarded:
            says = f"no alarm watches the update of {step.resource.name}, and nothing takes it back"
            yield Trap(
                "unwatched-update", "mind", step.resource.workload, says, "watch it yourself, or `update=Canary()`"
            )
        elif step.changed("endpoint_config_name"):
            says = "when an alarm rings AWS goes back to the former configuration, and calls that a success"
            do = "nothing: the run compares what serves with what was asked for, and fails if it went back"
            yield Trap("silent-rollback", "handled", step.resource.workload, says, do, "the same, by a postcondition")


def names_meet(setting: Setting) -> Iterator[Trap]:
    """Tell of names that are taken over: Terraform moves an address to a free one only."""
    if setting.after is None:
        return
    names = {step.resource.name: step.resource.type for step in setting.steps if step.after}
    for step in setting.steps:
        taken = [
            alias
            for alias in (step.after.options.aliases if step.after else ())
            if names.get(alias) == step.resource.type
        ]
        if taken:
            says = f"{step.resource.name} was {taken[0]}, and another resource has that name now"
            move = "`terraform state mv` by hand, before the first apply: `moved` needs a free address"
            yield Trap(
                "names-meet", "handled", step.resource.workload, says, "nothing: Pulumi follows the aliases", move
            )


TRAPS: Final[tuple[Callable[[Setting], Iterator[Trap]], ...]] = (
    region_changes,
    data_goes,
    renamed_without_formerly,
    endpoint_is_made_again,
    endpoint_goes,
    target_changes,
    scaled_variant_changes,
    capacity_is_reset,
    rollback_looks_like_success,
    logs_are_cut,
    names_meet,
)
_ORDER: Final[tuple[Weight, ...]] = ("danger", "mind", "handled")


def traps(setting: Setting) -> tuple[Trap, ...]:
    """Give every trap that a change meets, the worst first."""
    found = dict.fromkeys(trap for tell in TRAPS for trap in tell(setting))
    return tuple(sorted(found, key=lambda trap: _ORDER.index(trap.weight)))
