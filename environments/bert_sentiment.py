"""Sentiment of product reviews: BERT fine-tuned on a GPU, served on Inferentia.

Fine-tuning wants a GPU: it needs the memory and the full precision. Serving does not: one review at a time, 128 tokens,
an answer within 100 ms, all day long. There an Inferentia2 chip costs less than the cheapest GPU. In test nobody waits
for the answer, so a CPU has to do.
"""

from mlstage import (
    Autoscale,
    DataCapture,
    Environment,
    InvocationsPerInstance,
    Model,
    RealtimeEndpoint,
    SageMaker,
    Spot,
    Training,
    per_stage,
    waive,
)

cpu_model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/bert-sentiment-cpu:2.3",
    artifact="s3://acme-ml-models/bert-sentiment/2026-11-01/cpu/model.tar.gz",
    size="440MB",
)
neuron_model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/bert-sentiment-neuronx:2.3",
    # torch_neuronx.trace of the same weights, at sequence length 128 and batch size 1.
    artifact="s3://acme-ml-models/bert-sentiment/2026-11-01/inf2/model.tar.gz",
    compiled_for="inf2",
    size="440MB",
)

environment = Environment(
    name="bert-sentiment",
    owner="reviews-ml",
    workloads=[
        Training(
            name="fine-tuning",
            image="123456789012.dkr.ecr.us-east-1.amazonaws.com/bert-sentiment-train:2.3",
            inputs={
                "train": "s3://acme-ml-data/reviews/train/",
                "validation": "s3://acme-ml-data/reviews/validation/",
            },
            output="s3://acme-ml-models/bert-sentiment/",
            hyperparameters={"base_model": "bert-base-uncased", "max_seq_length": "128", "epochs": "3"},
            # ml.p3.2xlarge (one V100) was the usual choice; EC2 no longer offers it in us-east-1.
            on=SageMaker(instance=per_stage(test="ml.g5.xlarge", prod="ml.g5.2xlarge")),
            purchase=Spot(checkpoint="s3://acme-ml-checkpoints/bert-sentiment/"),
            max_runtime="6h",
            schedule=per_stage(prod="cron(0 1 ? * SUN *)"),
            waivers=[
                waive("ML102", reason="BERT fine-tuning is tried on a GPU before it runs in prod", until="2027-01-31"),
            ],
        ),
        RealtimeEndpoint(
            name="classifier",
            model=per_stage(test=cpu_model, prod=neuron_model),
            on=SageMaker(instance=per_stage(test="ml.m5.large", prod="ml.inf2.xlarge")),
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=6, target=InvocationsPerInstance(3000))),
            capture=per_stage(prod=DataCapture(to="s3://acme-ml-data/reviews/captured/", percent=10)),
            p95_latency="100ms",
        ),
    ],
)
