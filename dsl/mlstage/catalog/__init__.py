"""Facts about AWS, dated and sourced: instance types, limits, regions; `prices` and `perf` hold the figures.

The facts are data files beside this package. Each is read when it is first asked for; one look-up reads one row.
`prices` and `perf` are modules of their own, so that who asks for neither does not pay for them:
`from mlstage.catalog import prices`.
"""

from mlstage.catalog._files import Source, sources
from mlstage.catalog.instances import (
    USES,
    Accelerator,
    AcceleratorKind,
    Architecture,
    Instance,
    Lifecycle,
    LifecycleState,
    Use,
    ec2_names,
    instance,
    instance_names,
)
from mlstage.catalog.limits import (
    FargateSize,
    Limit,
    LimitKind,
    fargate_size_for,
    fargate_sizes,
    limit,
    limit_keys,
)
from mlstage.catalog.regions import Region, nearest_region, partition, region, regions
from mlstage.catalog.similar import closest, nearest, same_size

__all__ = [
    "USES",
    "Accelerator",
    "AcceleratorKind",
    "Architecture",
    "FargateSize",
    "Instance",
    "Lifecycle",
    "LifecycleState",
    "Limit",
    "LimitKind",
    "Region",
    "Source",
    "Use",
    "closest",
    "ec2_names",
    "fargate_size_for",
    "fargate_sizes",
    "instance",
    "instance_names",
    "limit",
    "limit_keys",
    "nearest",
    "nearest_region",
    "partition",
    "region",
    "regions",
    "same_size",
    "sources",
]
