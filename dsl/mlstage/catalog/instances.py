"""What an instance type is: which SageMaker uses take it, what is in it, and whether it has a future.

`ml.g5.xlarge` and `g5.xlarge` are the same machine; the first name is SageMaker's, the second EC2's. Only `ml.` types
have uses. Figures come from AWS's own API models and descriptions; `Instance.source` says which.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias, cast, get_args

from mlstage.catalog import _files

Use: TypeAlias = Literal["hosting", "training", "processing", "transform", "notebook", "studio"]
AcceleratorKind: TypeAlias = Literal["nvidia", "neuron", "habana", "qualcomm", "amd"]
Architecture: TypeAlias = Literal["x86_64", "arm64"]
LifecycleState: TypeAlias = Literal["ageing", "retired"]

USES: Final[tuple[Use, ...]] = get_args(Use)

EC2_FILE: Final = "ec2_instances.tsv"
EC2_HAND_FILE: Final = "ec2_instances_hand.tsv"
USES_FILE: Final = "sagemaker_uses.tsv"
LIFECYCLE_FILE: Final = "lifecycle.tsv"


@dataclass(frozen=True, slots=True)
class Accelerator:
    """The accelerators of one instance type, all of one kind."""

    kind: AcceleratorKind
    name: str
    count: int
    memory_mib: int
    """Of all accelerators together."""
    neuron_cores: int
    """Of all Neuron devices together; 0 for every other kind."""

    @property
    def memory_gib(self) -> float:
        """Memory of all accelerators together."""
        return self.memory_mib / 1024


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Why a type is no longer a good choice, since when, and what to take instead (best first)."""

    state: LifecycleState
    since: str
    successors: tuple[str, ...]
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance type, under the name that it was asked for by."""

    name: str
    uses: frozenset[Use]
    vcpu: int
    memory_mib: int
    arch: Architecture
    cpu_maker: str
    burstable: bool
    current_generation: bool
    accelerator: Accelerator | None
    nvme_gb: int
    """Local NVMe disks together; 0 where there is none. SageMaker's jobs put their volume there and take no KMS key."""
    network: str
    efa: bool
    spot: bool
    """Whether EC2 sells it on Spot at all."""
    regions: frozenset[str] | None
    """Regions whose EC2 offered it when the snapshot was taken; None where the snapshot does not know the type."""
    lifecycle: Lifecycle | None
    source: str

    @property
    def ec2_name(self) -> str:
        """The machine's name in EC2."""
        return self.name.removeprefix("ml.")

    @property
    def family(self) -> str:
        """The family, such as `g5` or `m6gd`."""
        return self.ec2_name.partition(".")[0]

    @property
    def size(self) -> str:
        """The size within the family, such as `2xlarge`."""
        return self.ec2_name.partition(".")[2]

    @property
    def memory_gib(self) -> float:
        """Memory of the machine, without that of its accelerators."""
        return self.memory_mib / 1024

    @property
    def gpu_count(self) -> int:
        """How many NVIDIA GPUs it has."""
        return self.accelerator.count if self.accelerator and self.accelerator.kind == "nvidia" else 0

    @property
    def neuron_cores(self) -> int:
        """How many NeuronCores it has."""
        return self.accelerator.neuron_cores if self.accelerator else 0

    def offered_in(self, region: str) -> bool | None:
        """Say whether EC2 offers it in `region`; None where the snapshot knows the type or the region not."""
        if self.regions is None or region not in _snapshot_regions():
            return None
        return region in self.regions


@cache
def instance(name: str) -> Instance | None:
    """Return the facts about an instance type, SageMaker's (`ml.g5.xlarge`) or EC2's (`g5.xlarge`)."""
    ec2_name = name.removeprefix("ml.")
    uses: frozenset[Use] = frozenset()
    said_by: list[str] = []
    if name != ec2_name:
        taken = _files.row(USES_FILE, name)
        if taken is None:
            return None
        uses = frozenset(cast("list[Use]", taken[1].split()))
        said_by = [str(source) for source in _files.sources_of(USES_FILE).values()]
    for file in (EC2_FILE, EC2_HAND_FILE):
        if fields := _files.row(file, ec2_name):
            said_by.append(str(_files.sources_of(file)[fields[-1]]))
            return _instance(name, uses, fields, "; ".join(said_by))
    return None


def instance_names(use: Use | None = None) -> tuple[str, ...]:
    """Return the names of all SageMaker types, sorted; with `use`, of those that it accepts."""
    return tuple(name for name, uses in _files.rows(USES_FILE) if use is None or use in uses.split())


def ec2_names() -> tuple[str, ...]:
    """Return the names of all EC2 types, sorted."""
    return tuple(sorted(fields[0] for file in (EC2_FILE, EC2_HAND_FILE) for fields in _files.rows(file)))


def _instance(name: str, uses: frozenset[Use], fields: list[str], source: str) -> Instance:
    (ec2_name, vcpu, memory, arch, maker, burstable, current, kind, accelerator, count, accelerator_memory, cores,
     nvme, network, efa, spot, regions, _) = fields  # fmt: skip
    return Instance(
        name=name,
        uses=uses,
        vcpu=int(vcpu),
        memory_mib=int(memory),
        arch=cast("Architecture", arch),
        cpu_maker=maker,
        burstable=burstable == "1",
        current_generation=current == "1",
        accelerator=Accelerator(
            cast("AcceleratorKind", kind), accelerator, int(count), int(accelerator_memory), int(cores or 0)
        )
        if kind
        else None,
        nvme_gb=int(nvme or 0),
        network=network,
        efa=efa == "1",
        spot=spot == "1",
        regions=_regions(regions) if regions else None,
        lifecycle=_lifecycle(ec2_name, "ml." if name != ec2_name else ""),
        source=source,
    )


@cache
def _snapshot_regions() -> tuple[str, ...]:
    return tuple(_files.note(EC2_FILE, "regions").split())


@cache
def _regions(mask: str) -> frozenset[str]:
    """Turn the hexadecimal mask of a row into names: bit n stands for the n-th region of the file's header."""
    bits = int(mask, 16)
    return frozenset(region for place, region in enumerate(_snapshot_regions()) if bits >> place & 1)


def _lifecycle(ec2_name: str, prefix: str) -> Lifecycle | None:
    fields = _files.row(LIFECYCLE_FILE, ec2_name)
    if fields is None:
        return None
    _, state, since, successors, reason, source = fields
    return Lifecycle(
        state=cast("LifecycleState", state),
        since=since,
        successors=tuple(prefix + successor for successor in successors.split()),
        reason=reason,
        source=str(_files.sources_of(LIFECYCLE_FILE)[source]),
    )
