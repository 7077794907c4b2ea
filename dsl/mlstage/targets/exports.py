"""What a stack tells whoever uses it: names and URLs of what it made, and the command that starts each job.

Programs export it (`pulumi stack output`), Terraform has it as outputs. A job without a schedule runs only when
somebody starts it, so the stack itself says how.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from mlstage.graph import Join, Ref, Resource, Value, join
from mlstage.spec.per_stage import known
from mlstage.spec.workloads import BatchInference, Processing, Training, Workload
from mlstage.targets.eks.naming import LOOK_UP
from mlstage.targets.place import Place

# Type, part of the logical name, what it is to callers, attribute.
_SHOWN: Final = (
    ("aws.sagemaker.Endpoint", "endpoint", "endpoint", "name"),
    ("aws.sagemaker.Pipeline", "pipeline", "pipeline", "pipeline_name"),
    ("aws.sagemaker.NotebookInstance", "notebook", "notebook", "name"),
    ("aws.lambda_.FunctionUrl", "url", "url", "function_url"),
    ("aws.apigatewayv2.Api", "api", "url", "api_endpoint"),
    ("aws.lambda_.Alias", "alias", "function", "arn"),
    ("aws.sqs.Queue", "queue", "queue", "url"),
    ("aws.lb.LoadBalancer", "balancer", "host", "dns_name"),
    ("aws.sfn.StateMachine", "job", "job", "arn"),
    ("aws.batch.JobDefinition", "job", "job", "name"),
    ("aws.batch.JobQueue", "queue", "queue", "name"),
    ("kubernetes.core.v1.Service", "service", "service", "metadata.name"),
    ("kubernetes.core.v1.Service", "balancer", "host", "status.load_balancer.ingress[0].hostname"),
    ("kubernetes.batch.v1.CronJob", "job", "job", "metadata.name"),
)
_JOBS: Final = (BatchInference, Processing, Training)
_CLUSTERS: Final = ("aws.eks.Cluster", f"aws.{LOOK_UP}")


def exports(place: Place, workloads: Sequence[Workload], resources: Sequence[Resource]) -> dict[str, Value]:
    """Export what callers and operators look for, and how jobs are started."""
    name = place.environment
    found: dict[str, Value] = {
        f"{name}/{resource.workload}/{what}": Ref(resource.name, attribute)
        for resource in resources
        for type_, part, what, attribute in _SHOWN
        if resource.type == type_ and resource.name == f"{name}-{resource.workload}-{part}"
    }
    for cluster in (one for one in resources if one.type in _CLUSTERS):
        reached = f"aws eks update-kubeconfig --name {cluster.props['name']} --region {place.region}"
        found[f"{cluster.name.replace(f'{name}-', f'{name}/', 1)}/login"] = reached
    for spec in workloads:
        if isinstance(spec, _JOBS):
            theirs = [one for one in resources if one.workload == spec.name]
            found |= {f"{name}/{spec.name}/start": command for command in _starts(spec, theirs, place)}
    return found


def _starts(spec: Any, resources: Sequence[Resource], place: Place) -> Iterator[Value]:
    """Write the command that starts a job once, in whatever runs it."""
    there = f"--region {place.region}"
    by_type = {resource.type: resource for resource in resources}
    for type_, resource in by_type.items():
        match type_:
            case "aws.sagemaker.Pipeline":
                named = Ref(resource.name, "pipeline_name")
                yield join("aws sagemaker start-pipeline-execution --pipeline-name ", named, f" {there}")
            case "aws.sfn.StateMachine":
                arn = Ref(resource.name, "arn")
                yield join("aws stepfunctions start-execution --state-machine-arn ", arn, f" {there}")
            case "aws.batch.JobDefinition":
                yield _submitted(spec, resource, by_type["aws.batch.JobQueue"], there)
            case "aws.lambda_.Alias":
                yield _called(spec, Ref(resource.name, "arn"), there)
            case "kubernetes.batch.v1.CronJob":
                metadata = resource.props["metadata"]
                assert isinstance(metadata, dict), resource
                job = metadata["name"]
                yield f"kubectl create job {job}-$(date +%s) --from=cronjob/{job} --namespace {metadata['namespace']}"


def _submitted(spec: Any, definition: Resource, queue: Resource, there: str) -> Join | str:
    job, parts = Ref(definition.name, "name"), known(spec.replicas)
    array = f" --array-properties size={parts}" if parts > 1 and not isinstance(spec, Training) else ""
    to = join(" --job-queue ", Ref(queue.name, "name"), " --job-definition ", job)
    return join("aws batch submit-job --job-name ", job, to, f"{array} {there}")


def _called(spec: Any, function: Ref, there: str) -> Join | str:
    """Call a function once for each shard, as its schedule does."""
    shards = known(spec.replicas)
    call = join("aws lambda invoke --invocation-type Event --function-name ", function, f" {there}")
    options = "--cli-binary-format raw-in-base64-out"
    if shards == 1:
        payload = json.dumps({"shard": 0, "shards": 1})
        return join(call, f" {options} --payload '{payload}' /dev/null")
    payload = f'{{\\"shard\\": $shard, \\"shards\\": {shards}}}'
    many = f' {options} --payload "{payload}" /dev/null; done'
    return join(f"for shard in $(seq 0 {shards - 1}); do ", call, many)
