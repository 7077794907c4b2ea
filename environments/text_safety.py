"""Text safety: a classifier on AWS Inferentia, in a Kubernetes cluster that the platform team runs already.

`cluster` names it. This environment gets a namespace of its own there for each stack, its node pools, and roles that
only its own pods can take on; what else is in the cluster is none of its business. The cluster runs in Auto Mode, or
has Karpenter's node pools for EKS and the agent of pod identity.
"""

from mlstage import (
    Autoscale,
    BatchInference,
    CpuUtilization,
    Eks,
    Environment,
    Model,
    RealtimeEndpoint,
    per_stage,
)

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
ON = per_stage(
    test=Eks(cluster="ml-platform", cpu=2, memory="8GB"),
    prod=Eks(
        cluster="ml-platform",
        # A Neuron device of the second generation; the pod asks for aws.amazon.com/neuron and lands nowhere else.
        instance="inf2.xlarge",
        fallbacks=["inf2.8xlarge"],
        # References, never texts: the driver reads the secret when a pod starts, under the pod's own role.
        secrets={"AUDIT_TOKEN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:text-safety/audit-AbCdEf"},
    ),
)

environment = Environment(
    name="text-safety",
    owner="trust-ml",
    workloads=[
        RealtimeEndpoint(
            name="classifier",
            # Neuron devices run only what was compiled for them, so each stack has its own artifact.
            model=Model(
                image=per_stage(
                    test=f"{REGISTRY}/text-safety:5.0",
                    prod=f"{REGISTRY}/text-safety:5.0-neuronx",
                ),
                artifact=per_stage(
                    test="s3://acme-ml-models/text-safety/5.0/model.tar.gz",
                    prod="s3://acme-ml-models/text-safety/5.0/inf2.tar.gz",
                ),
                compiled_for=per_stage(test=None, prod="inf2"),
                size="1.3GB",
            ),
            on=ON,
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=4, target=CpuUtilization(50))),
        ),
        BatchInference(
            name="weekly-rescan",
            model=Model(
                image=f"{REGISTRY}/text-safety:5.0", artifact="s3://acme-ml-models/text-safety/5.0/model.tar.gz"
            ),
            input="s3://acme-ml-data/text-safety/posts/",
            output="s3://acme-ml-data/text-safety/scores/",
            # On the CPUs of Auto Mode's own pool: four pods, each with its number in MLSTAGE_SHARD.
            on=Eks(cluster="ml-platform", cpu=4, memory="8GB"),
            replicas=per_stage(test=1, prod=4),
            schedule=per_stage(test=None, prod="rate(7 days)"),
        ),
    ],
)
