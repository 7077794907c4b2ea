"""Where a workload runs, and that place's own options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from mlstage.spec.arns import Caller, CertificateArn, Cidr, ClusterName, HttpPath, RoleArn, SecretArn
from mlstage.spec.base import Foreign, Many, Node, Problem
from mlstage.spec.per_stage import Staged, known
from mlstage.spec.says import Says
from mlstage.spec.scaling import Autoscale
from mlstage.spec.text import Duration, Image, Size

HealthCommand = Annotated[str, Field(min_length=1), Says("a command", '"find /tmp/alive -mmin -5 | grep -q ."')]
InstanceType = Annotated[str, Field(min_length=1), Says("an instance type", '"ml.m5.xlarge"')]


class SageMaker(Node):
    """Amazon SageMaker on instances: `instance` is an `ml.` type, `volume` the EBS volume of each instance.

    Types with local NVMe disks take no volume. Without `volume`, SageMaker's own default holds for endpoints, and 30 GB
    for jobs.
    """

    instance: Staged[InstanceType]
    volume: Staged[Size | None] = None


class SageMakerServerless(Node):
    """Amazon SageMaker without instances: capacity comes per request and costs nothing while nobody asks.

    `memory` decides the vCPUs as well. `concurrency` is how many requests are served at once, the next one being
    refused. `provisioned` keeps that many places warm, or scales them; the others start cold.
    """

    memory: Staged[Size]
    concurrency: Staged[Annotated[int, Field(ge=1)]]
    provisioned: Staged[Annotated[int, Field(ge=1)] | Autoscale | None] = None


Architecture = Literal["x86_64", "arm64"]
_Places = Annotated[int, Field(ge=1), Says("a whole number from 1", "2")]


class Lambda(Node):
    """AWS Lambda: the container image as a function, which costs nothing while nobody calls it.

    `memory` decides the vCPUs as well (1,769 MB are one), `storage` is `/tmp`. `timeout` ends an invocation, after 15
    minutes at the latest. `provisioned` keeps that many execution environments warm, or scales them by
    `ProvisionedConcurrencyUtilization`; the others start cold. `concurrency` is how many there may be at once.

    The image has to speak Lambda's runtime API; one that listens on port 8080, as SageMaker's do, learns it from the
    Lambda Web Adapter. A real-time endpoint is called through a function URL, or an HTTP API of API Gateway: both take
    requests signed by IAM only. `architecture` is the image's, where no `Model` says it.
    """

    memory: Staged[Size]
    timeout: Staged[Duration] = "1m"
    storage: Staged[Size] = "512MB"
    provisioned: Staged[_Places | Autoscale | None] = None
    concurrency: Staged[_Places | None] = None
    endpoint: Staged[Literal["function_url", "api_gateway"]] = "function_url"
    architecture: Staged[Architecture | None] = None

    @classmethod
    def foreign(cls, field: str, value: object) -> Foreign | None:
        if field not in _MACHINES:
            return None
        name = value if isinstance(value, str) else "…"
        what = f"Lambda has no `{field}`: there are no machines to choose, and none with a GPU or a Neuron device"
        instead = f'on=SageMaker(instance="{_on_sagemaker(name)}"), or Lambda(memory="4GB") and no `{field}`'
        why = "A function is given memory, and vCPUs in proportion to it: 10,240 MB and 6 vCPUs at most."
        return Foreign("AWS200", what, instead, why)


# How authors ask for a machine where there is none to be had.
_MACHINES: Final = frozenset({"instance", "instances", "instance_type", "gpu", "gpus", "accelerator"})


def _on_sagemaker(instance: str) -> str:
    return instance if instance.startswith("ml.") or "." not in instance else f"ml.{instance}"


Vcpus = Annotated[float, Field(gt=0, le=192, allow_inf_nan=False), Says("a number of vCPUs", "2")]
Port = Annotated[int, Field(ge=1, le=65535), Says("a port", "8080")]
Ec2Type = Annotated[str, Field(min_length=1), Says("an EC2 instance type", '"g5.xlarge"')]


class _Machines(Node):
    """What a container is given wherever it is not SageMaker or Lambda that runs it.

    `command` replaces the image's command for jobs. `secrets` names environment variables that hold a secret; their
    ARNs stand here, never their text. `architecture` is the image's, where no `Model` says it.
    """

    cpu: Staged[Vcpus | None] = None
    memory: Staged[Size | None] = None
    instance: Staged[Ec2Type | None] = None
    fallbacks: Staged[Many[Ec2Type]] = ()
    storage: Staged[Size | None] = None
    command: Staged[Many[str]] = ()
    secrets: Staged[Mapping[str, SecretArn]] = Field(default_factory=dict)
    architecture: Staged[Architecture | None] = None

    @classmethod
    def foreign(cls, field: str, value: object) -> Foreign | None:
        if field in {"gpu", "gpus", "accelerator", "accelerators"}:
            what = f"{cls.__name__} has no `{field}` (here {value!r}): accelerators come with the machine"
            return Foreign("AWS200", what, f'{cls.__name__}(instance="g5.xlarge"), and every GPU of it')
        return None

    def problems(self) -> Iterator[Problem]:
        instance, cpu, memory = known(self.instance), known(self.cpu), known(self.memory)
        name = type(self).__name__
        if instance is None and (cpu is None or memory is None):
            missing = "memory" if cpu is not None else "cpu"
            what = f"{name} needs `cpu` and `memory`, or the EC2 `instance` that it runs on"
            others = ("cpu", "memory", "instance")
            yield Problem("SPEC102", missing, what, f'{name}(cpu=2, memory="4GB")', others=others)
        if known(self.fallbacks) and instance is None:
            what = "`fallbacks` are other types of machine for the same container, and no `instance` is given"
            yield Problem("SPEC104", "fallbacks", what, 'instance="g5.xlarge", fallbacks=["g5.2xlarge"]')


class _Containers(_Machines):
    """What containers on ECS and EKS are given besides.

    `port` and `health` are SageMaker's own contract by default: requests on port 8080, and GET /ping answers 200 once
    the model is loaded. `unpack` is an image with `sh`, `aws` and `tar`, which unpacks the model's artifact into
    /opt/ml/model before the container starts, as SageMaker does; without it, the container reads the address in
    MLSTAGE_MODEL_ARTIFACT.
    """

    port: Staged[Port] = 8080
    health: Staged[HttpPath] = "/ping"
    unpack: Staged[Image | None] = None


class Ecs(_Containers):
    """Amazon ECS: on Fargate by `cpu` and `memory`, on EC2 machines with an `instance`, where accelerators are.

    Fargate has certain pairs of CPU and memory only; what is asked for is rounded up. A real-time endpoint stands
    behind a load balancer in the VPC, or on the internet with exposed="internet", under TLS once there is a
    `certificate`. `callers` may reach it: IPv4 ranges or security groups; by default whatever runs in the same VPC.
    `fallbacks` are types to take when AWS is out of `instance`: of the same architecture and accelerator. Nobody asks
    the tasks of an async endpoint whether they still work, as no load balancer stands before them: `health_command` is
    what a shell in their container says it by, with exit code 0 as long as they do.
    """

    exposed: Staged[Literal["vpc", "internet"]] = "vpc"
    certificate: Staged[CertificateArn | None] = None
    callers: Staged[Many[Caller]] = ()
    health_command: Staged[HealthCommand | None] = None


class Eks(_Containers):
    """Amazon EKS in Auto Mode: `cpu` and `memory` are a pod's, `instance` the machine of a node pool of its own.

    Without a `cluster` the environment gets one of its own; with its name, pods join one that is there and that the
    stack's AWS identity may use. A real-time endpoint is a Service inside the cluster; exposed="vpc" puts a network
    load balancer before it, exposed="internet" a public one, under TLS once there is a `certificate`. `callers` may
    reach that load balancer. `api_callers` may reach the API of the environment's own cluster over the internet; by
    default everyone may try, and IAM decides. Whoever deploys must be among them, or come from inside the VPC. `admins`
    are IAM roles that may administer that cluster, as whoever deploys may; others see nothing of it.
    """

    cluster: Staged[ClusterName | None] = None
    exposed: Staged[Literal["cluster", "vpc", "internet"]] = "cluster"
    certificate: Staged[CertificateArn | None] = None
    callers: Staged[Many[Cidr]] = ()
    api_callers: Staged[Many[Cidr]] = ()
    admins: Staged[Many[RoleArn]] = ()


class Batch(_Machines):
    """AWS Batch: jobs that wait in a queue for machines, on Fargate by `cpu` and `memory`, on EC2 with an `instance`.

    `Spot` capacity comes first and On-Demand capacity when there is none; what AWS takes back is run again. Several
    `replicas` of a batch or processing job are one array job, whose parts find their number in
    AWS_BATCH_JOB_ARRAY_INDEX; of training, they are machines that find each other (a multi-node parallel job).
    `fallbacks` are types to take when AWS is out of `instance`: of the same architecture and accelerator.
    """


Target = SageMaker | SageMakerServerless | Lambda | Ecs | Eks | Batch
