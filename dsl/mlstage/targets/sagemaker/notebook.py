"""Notebook instances: closed, encrypted, stopped when idle and outside working hours."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import time
from importlib.resources import files
from typing import Final

from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic
from mlstage.graph import Options, Ref, Resource, Value
from mlstage.resolve import Resolved
from mlstage.spec.per_stage import known
from mlstage.spec.stages import OwnNetwork
from mlstage.spec.text import gigabytes_up, seconds
from mlstage.spec.working_hours import WorkingHours
from mlstage.spec.workloads import Notebook
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.logs import write_job_logs
from mlstage.targets.network import security_groups, subnets
from mlstage.targets.place import Place
from mlstage.targets.sagemaker import checks
from mlstage.targets.schedules import schedule, scheduler_role

_SHORTEST_IDLE: Final = 10 * 60  # the timer looks every five minutes
_REPOSITORIES: Final = 4  # botocore 1.44.5, sagemaker: a default one, and AdditionalCodeRepositoryNamesOrUrls


def check(workload: Resolved[Notebook], blame: Blame) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a notebook instance."""
    spec = workload.workload
    yield from checks.instance_type(blame, "instance", known(spec.instance), "notebook")
    allowed, volume = limit("sagemaker.notebook.volume_gb"), gigabytes_up(known(spec.volume))
    if not allowed.least <= volume <= allowed.most:
        what = f"a notebook's volume is {allowed.least} to {allowed.most} GB, not {volume}"
        yield blame("AWS116", "volume", what, 'volume="20GB", for example')
    idle = known(spec.stop_when_idle)
    if idle and seconds(idle) < _SHORTEST_IDLE:
        what = f"stop_when_idle={idle!r} is shorter than the idleness check can see"
        yield blame("SPEC104", "stop_when_idle", what, 'stop_when_idle="10m" or more')
    if known(spec.root) and blame.place.production:
        what = "root=True in production: who works there could take away what closes the notebook"
        yield blame("AWS155", "root", what, "root=False, or root=per_stage(test=True, default=False)")
    yield from _repositories(spec, blame)


def _repositories(spec: Notebook, blame: Blame) -> Iterator[Diagnostic]:
    repositories = known(spec.repositories)
    if len(repositories) > _REPOSITORIES:
        what = f"a notebook clones {_REPOSITORIES} repositories at most, and this one {len(repositories)}"
        yield blame("AWS156", "repositories", what, "fewer of them; the others can be cloned by hand")
    if repositories and blame.place.production and isinstance(blame.place.network, OwnNetwork):
        what = "the notebook has no way to the internet in production, and its repositories lie there"
        yield blame(
            "AWS156", "repositories", what, "repositories=per_stage(test=[…], default=[]), or a Network with one"
        )


def lower(workload: Resolved[Notebook], place: Place) -> tuple[Resource, ...]:
    """Turn a notebook into an instance with its role, its idle stop and its hours."""
    spec = workload.workload
    name = place.physical(spec.formerly or spec.name)
    role = _role(spec, place, name)
    lifecycle = (_lifecycle(spec, place),) if _stops_itself(spec) else ()
    # The platform is left to AWS, whose default is Amazon Linux 2023 (botocore 1.43: CreateNotebookInstance): the name
    # of that, notebook-al2023-v1, is refused by the Terraform provider 5.100.0.
    props: dict[str, Value] = {
        "name": name,
        "instance_type": known(spec.instance),
        "role_arn": role.arn,
        "volume_size": gigabytes_up(known(spec.volume)),
        "kms_key_id": place.key_arn,
        "root_access": "Enabled" if known(spec.root) else "Disabled",
        "instance_metadata_service_configuration": {"minimum_instance_metadata_service_version": "2"},
        **_network(place),
    }
    if repositories := known(spec.repositories):
        props["default_code_repository"] = repositories[0]
        if len(repositories) > 1:
            props["additional_code_repositories"] = tuple(repositories[1:])
    if lifecycle:
        props["lifecycle_config_name"] = Ref(lifecycle[0].name, "name")
    notebook = Resource(
        place.name(spec.name, "notebook"),
        "aws.sagemaker.NotebookInstance",
        props,
        (role.policy.name,),
        workload=spec.name,
    )
    hours = known(spec.working_hours)
    return (*role.resources, *lifecycle, notebook, *(_hours(spec, place, hours, notebook) if hours else ()))


def _stops_itself(spec: Notebook) -> bool:
    hours = known(spec.working_hours)
    return bool(known(spec.stop_when_idle) or (hours and hours.holidays))


def _network(place: Place) -> dict[str, Value]:
    """Put the notebook into the stage's network; in production it has no other way out."""
    if place.network is None:
        return {"direct_internet_access": "Enabled"}
    return {
        "direct_internet_access": "Disabled" if place.production else "Enabled",
        "subnet_id": subnets(place)[0],
        "security_groups": security_groups(place),
    }


def _role(spec: Notebook, place: Place, name: str) -> iam.Role:
    own = place.arn("sagemaker", f"notebook-instance/{name}")
    read, write = known(spec.read), known(spec.write)
    statements = [
        *iam.read_objects(place, "Data", read),
        *iam.keep_objects(place, "Results", write),
        *iam.use_key(place, volumes=True),
        *write_job_logs(place, "/aws/sagemaker/NotebookInstances", f"{name}/*"),
        *iam.join_network(place),
    ]
    if _stops_itself(spec):
        actions = ["sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"]
        statements.append(iam.allow("StopItself", actions, [own]))
    return iam.role(
        place,
        spec.name,
        "role",
        "sagemaker",
        statements,
        f"Notebook {place.environment}/{spec.name} and who works in it",
    )


def _lifecycle(spec: Notebook, place: Place) -> Resource:
    script = files("mlstage.targets.sagemaker").joinpath("idle_stop.sh").read_text(encoding="utf-8")
    idle, hours = known(spec.stop_when_idle), known(spec.working_hours)
    holidays = sorted(hours.holidays) if hours else []
    # The script is plain text in the package; only what stands in its unit file is the author's.
    told = f"{seconds(idle) if idle else 0} {','.join(holidays) or '-'} {hours.timezone if hours else 'UTC'}"
    text = script.replace("IDLE_SECONDS HOLIDAYS ZONE", told)
    after = [f"when nobody has used it for {idle}"] if idle else []
    after += ["on holidays, unless somebody works"] if holidays else []
    return Resource(
        place.name(spec.name, "lifecycle"),
        "aws.sagemaker.NotebookInstanceLifecycleConfiguration",
        {
            "name": place.physical(spec.formerly or spec.name, "idle-stop"),
            "on_start": b64encode(text.encode()).decode(),
        },
        options=Options(comment=f"A shell script in base64: stops the instance {', and '.join(after)}."),
        workload=spec.name,
    )


def _hours(spec: Notebook, place: Place, hours: WorkingHours, notebook: Resource) -> tuple[Resource, ...]:
    """Start and stop it by EventBridge Scheduler, which follows daylight saving in the zone given."""
    arn = Ref(notebook.name, "arn")
    actions = ["sagemaker:StartNotebookInstance", "sagemaker:StopNotebookInstance"]
    role = scheduler_role(place, spec.name, iam.allow("StartAndStop", actions, [arn]))
    name = str(notebook.props["name"])
    start, stop = (
        schedule(
            place,
            spec.name,
            verb,
            {
                "arn": f"arn:{place.partition}:scheduler:::aws-sdk:sagemaker:{verb}NotebookInstance",
                "input": json.dumps({"NotebookInstanceName": name}),
            },
            _cron(at, hours.days),
            role,
            hours.timezone,
        )
        for verb, at in (("start", hours.start), ("stop", hours.end))
    )
    return (*role.resources, start, stop)


def _cron(at: time, days: tuple[str, ...]) -> str:
    return f"cron({at.minute} {at.hour} ? * {','.join(day.upper() for day in days)} *)"
