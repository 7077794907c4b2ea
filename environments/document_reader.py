"""Reading of scanned contracts: a page takes seconds on a GPU, a bundle minutes, and most hours bring none.

An asynchronous endpoint queues requests and writes the answers into S3: up to 1 GB and an hour for each, where a
real-time endpoint ends at 25 MB and a minute. It is the one kind of endpoint on instances that goes down to none. The
price of that is the first request after a pause, which waits for a machine to start: some minutes with a GPU.

    aws sagemaker-runtime invoke-endpoint-async --endpoint-name document-reader-prod-reader \\
        --input-location s3://acme-documents/inbox/contract-4711.pdf --invocation-timeout-seconds 1800
"""

from mlstage import AsyncEndpoint, Autoscale, BacklogPerInstance, Environment, Model, SageMaker, Watch, per_stage

environment = Environment(
    name="document-reader",
    owner="legal-ml",
    watch=per_stage(prod=Watch("legal-ml@acme.example")),
    workloads=[
        AsyncEndpoint(
            name="reader",
            model=Model(
                image="123456789012.dkr.ecr.us-east-1.amazonaws.com/document-reader:4.1",
                artifact="s3://acme-ml-models/document-reader/2026-11-02/model.tar.gz",
                # Unpacked. The time-outs for download and start follow from it.
                size="9GB",
            ),
            # The image runs on CPUs as well: slowly, which is enough to see that all the parts fit.
            on=SageMaker(instance=per_stage(test="ml.m5.xlarge", prod="ml.g5.xlarge")),
            input="s3://acme-documents/inbox/",
            output="s3://acme-documents/read/",
            failures="s3://acme-documents/unread/",
            replicas=per_stage(
                # Invocations per instance are never published here; what waits per instance is. While there is no
                # instance, nothing is per instance: one more policy wakes the endpoint, and mlstage adds it.
                test=Autoscale(min=0, max=1, target=BacklogPerInstance(5)),
                prod=Autoscale(min=0, max=4, target=BacklogPerInstance(5), scale_in_cooldown="15m"),
            ),
            concurrency=2,  # as many pages as fit the GPU's memory at once
            timeout="30m",
            on_failure=per_stage(prod="legal-ml@acme.example"),
            max_backlog_age="20m",
        ),
    ],
)
