"""Photos, tagged on GPUs of one's own: a service on ECS, and the archive by night on what is left of AWS's machines.

Why ECS and not SageMaker: the image is the company's own web server, several of its replicas share a machine's GPUs by
hand, and the same machines are cheaper as EC2. What SageMaker would have brought along is here instead: managed
scaling of the machines, a load balancer, alarms, a rollback when a new version does not become healthy.
"""

from mlstage import (
    Autoscale,
    BatchInference,
    Ecs,
    Environment,
    InvocationsPerInstance,
    Model,
    OnDemand,
    RealtimeEndpoint,
    Rolling,
    Spot,
    Watch,
    per_stage,
)

model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/image-tagger:5.1.0",
    artifact="s3://acme-ml-models/tagger/2026-10-02/model.tar.gz",
    size="3GB",
)
# Brings the artifact to where the container looks for it, as SageMaker would.
unpack = "123456789012.dkr.ecr.us-east-1.amazonaws.com/aws-cli:2.31.0"

environment = Environment(
    name="image-tagger",
    owner="media-ml",
    watch=per_stage(prod=Watch("media-ml@acme.example")),
    workloads=[
        RealtimeEndpoint(
            name="tagger",
            model=model,
            # In test a CPU is slow and good enough. In production AWS is at times out of one type of GPU machine: the
            # second is taken then. Both have one A10G or better, or ECS would refuse to mix them.
            on=per_stage(
                test=Ecs(cpu=4, memory="16GB", unpack=unpack),
                prod=Ecs(instance="g5.xlarge", fallbacks=["g5.2xlarge"], unpack=unpack),
            ),
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=8, target=InvocationsPerInstance(900))),
            update=per_stage(prod=Rolling(percent=50)),
        ),
        BatchInference(
            name="archive",
            model=model,
            input="s3://acme-ml-data/photos/archive/",
            output="s3://acme-ml-data/photos/tags/",
            on=Ecs(cpu=8, memory="32GB", unpack=unpack),
            # Nobody waits for the archive: a task that AWS takes back is started again.
            purchase=per_stage(test=OnDemand(), prod=Spot()),
            schedule=per_stage(prod="cron(0 1 ? * SAT *)"),
            retries=5,
        ),
    ],
)
