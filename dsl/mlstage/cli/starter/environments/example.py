"""One real-time endpoint: a small instance in test, two to six bigger ones in production.

Change the image and the artifact to your own, and the names to what you call things. `mlstage check` says what AWS or a
good engineer would object to; `mlstage offers --use hosting` lists the instance types.
"""

from mlstage import (
    Autoscale,
    DataCapture,
    Environment,
    InvocationsPerInstance,
    Model,
    RealtimeEndpoint,
    SageMaker,
    per_stage,
)

model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/example:1.0",
    artifact="s3://example-ml-models/example/1.0/model.tar.gz",
)

environment = Environment(
    name="example",
    owner="your-team",
    workloads=[
        RealtimeEndpoint(
            name="classifier",
            model=model,
            on=SageMaker(instance=per_stage(test="ml.t2.medium", prod="ml.m5.xlarge")),
            # In prod SageMaker adds instances when each of them answers more than 600 requests a minute.
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=6, target=InvocationsPerInstance(600))),
            # A fifth of the requests and answers is kept, to see later why the model was wrong.
            capture=per_stage(prod=DataCapture(to="s3://example-ml-data/captured/", percent=20)),
        ),
    ],
)
