"""Visual search: pictures become vectors on a GPU, in a Kubernetes cluster; model and index are made anew.

The service and the jobs share a cluster of the environment's own, which EKS runs in Auto Mode: there are no
nodes to look after. A node pool says which machines may be bought, and machines come and go with the pods that need
them. So the GPU for the nightly training exists for as long as the training runs.
"""

from mlstage import (
    Autoscale,
    CpuUtilization,
    Eks,
    Environment,
    Model,
    OnDemand,
    Processing,
    RealtimeEndpoint,
    Rolling,
    Runs,
    Spot,
    Traffic,
    Training,
    Volume,
    per_stage,
)

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"

environment = Environment(
    name="visual-search",
    owner="catalog-ml",
    workloads=[
        RealtimeEndpoint(
            name="embedder",
            # The same server, built twice: a test needs no GPU to show that requests are answered.
            model=Model(
                image=per_stage(
                    test=f"{REGISTRY}/embedder:3.2-cpu",
                    prod=f"{REGISTRY}/embedder:3.2-gpu-cu124",
                ),
                artifact="s3://acme-ml-models/visual-search/2026-11-01/model.tar.gz",
                size="2GB",
            ),
            on=per_stage(
                # Without an instance, pods run in the pool that Auto Mode brings.
                test=Eks(cpu=2, memory="6GB", unpack=f"{REGISTRY}/aws-tools:2.31"),
                # With one, they get a pool of that machine, and all its GPUs. When AWS is out of the first type, a
                # bigger machine with the same GPU stands in. The load balancer is in the VPC, not on the internet.
                prod=Eks(
                    instance="g5.xlarge",
                    fallbacks=["g5.2xlarge"],
                    unpack=f"{REGISTRY}/aws-tools:2.31",
                    exposed="vpc",
                    callers=["10.80.0.0/16"],
                    # Who may call the API of the cluster, and who administers it beside whoever deploys.
                    api_callers=["203.0.113.0/24"],
                    admins=["arn:aws:iam::123456789012:role/ml-platform"],
                ),
            ),
            # Two at least in production, in two zones: nodes are replaced now and then, and pods move with them.
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=6, target=CpuUtilization(60))),
            # A new version takes one machine more at a time, and goes on only once its pods answer /ping.
            update=per_stage(test=None, prod=Rolling(percent=50)),
            expects=Traffic(requests_per_second=per_stage(test=0.1, prod=40), duration_ms=30),
        ),
        Training(
            name="nightly-training",
            image=f"{REGISTRY}/embedder-train:3.2",
            inputs={"pictures": "s3://acme-ml-data/visual-search/pictures/"},
            output="s3://acme-ml-models/visual-search/",
            on=per_stage(
                test=Eks(cpu=2, memory="8GB"),
                prod=Eks(instance="g5.2xlarge", fallbacks=["g5.4xlarge"], storage="200GB"),
            ),
            # Spot is for what can wait: a pod whose machine AWS takes back is started again, up to `retries` times, and
            # goes on from the checkpoint that it finds in S3.
            purchase=per_stage(
                test=OnDemand(),
                prod=Spot(checkpoint="s3://acme-ml-checkpoints/visual-search/"),
            ),
            max_runtime="4h",
            # Written as AWS writes it; becomes `0 2 * * 1-5` of a CronJob, in UTC. Without a schedule, as in test, the
            # CronJob is suspended and runs by hand: kubectl create job try --from=cronjob/nightly-training
            schedule=per_stage(test=None, prod="cron(0 2 ? * 2-6 *)"),
            expects=Runs(duration="2h30m"),
        ),
        Processing(
            name="weekly-index",
            # All vectors in one index that is searched in memory: hours of work on one machine, and no GPU.
            image=f"{REGISTRY}/index-builder:1.4",
            inputs={"vectors": "s3://acme-ml-data/visual-search/vectors/"},
            outputs={"index": "s3://acme-ml-models/visual-search/index/"},
            on=per_stage(
                test=Eks(cpu=2, memory="8GB"),
                prod=Eks(instance="r6i.4xlarge", fallbacks=["r6i.8xlarge", "r5.4xlarge"]),
            ),
            # A half-built index has many gigabytes, which a disk takes sooner than S3. It outlives the pod: the next
            # one finds it in /opt/ml/checkpoints, on a machine in the same zone.
            purchase=per_stage(test=OnDemand(), prod=Spot(checkpoint=Volume("200GB"))),
            max_runtime="12h",
            retries=5,
            schedule=per_stage(test=None, prod="cron(0 6 ? * 1 *)"),
            # Kubernetes tells nobody that a job failed; an alarm on the cluster's audit log does.
            on_failure=per_stage(test=None, prod="catalog-ml@acme.example"),
            expects=Runs(duration="5h"),
        ),
    ],
)
