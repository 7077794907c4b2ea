"""`ec2_instances.tsv` and `sagemaker_uses.tsv`, from moto's dump of EC2's types and botocore's model of SageMaker."""

from collections.abc import Iterator
from typing import Any, Final

from mlstage.catalog.derive import upstream

# The shape that lists the types accepted for each use. `InstanceType` is the notebook instance's.
USE_SHAPES: Final = {
    "hosting": "ProductionVariantInstanceType",
    "training": "TrainingInstanceType",
    "processing": "ProcessingInstanceType",
    "transform": "TransformInstanceType",
    "notebook": "InstanceType",
    "studio": "AppInstanceType",
}

# Names in those lists that are no machine: Studio's own small server, and an image's run environment.
NOT_MACHINES: Final = frozenset({"system", "ml.geospatial.interactive"})

# AWS's API says 524,288 MiB for each Trainium2 device; AWS Neuron's architecture pages say 96 GiB of HBM, which is
# also what the models that fit say. The API's figure would let a model five times too big pass.
DEVICE_MEMORY_MIB: Final = {"Trainium2": 96 * 1024}

MAKERS: Final = {"NVIDIA": "nvidia", "AMD": "amd", "Habana": "habana", "Qualcomm": "qualcomm"}

COLUMNS: Final = (
    "name", "vcpu", "memory_mib", "arch", "cpu_maker", "burstable", "current_generation", "accelerator_kind",
    "accelerator_name", "accelerator_count", "accelerator_memory_mib", "neuron_cores", "nvme_gb", "network", "efa",
    "spot", "regions", "source",
)  # fmt: skip


def uses_file(date: str) -> str:
    """Return the text of `sagemaker_uses.tsv`."""
    uses: dict[str, list[str]] = {}
    for use, shape in USE_SHAPES.items():
        for name in set(upstream.shape("sagemaker", shape)["enum"]) - NOT_MACHINES:
            uses.setdefault(name, []).append(use)
    lines = [
        "# Which uses in SageMaker accept an instance type.",
        f"# source botocore: {upstream.name_of('botocore')}, instance type enums of sagemaker/2017-07-24"
        f" | Apache-2.0 | {date}",
        "# columns: name uses",
        *(f"{name}\t{' '.join(uses[name])}" for name in sorted(uses)),
    ]
    return "\n".join(lines) + "\n"


def ec2_file(date: str) -> str:
    """Return the text of `ec2_instances.tsv`."""
    offers = upstream.offerings()
    moto = f"{upstream.name_of('moto')}, its dumps of DescribeInstanceTypes and DescribeInstanceTypeOfferings"
    lines = [
        "# EC2 instance types: what is in a machine, and which regions offer it.",
        "# Mac types are left out, and so are FPGAs and media accelerators: no machine learning runs on them here.",
        "# regions is a hexadecimal mask over the list below, lowest bit first.",
        f"# regions: {' '.join(offers)}",
        f"# source moto: {moto} | Apache-2.0 | {date}",
        f"# source moto+neuron: {moto}; memory of a Trainium2 device from AWS Neuron's documentation,"
        f" about-neuron/arch/neuron-hardware/trainium2 (96 GiB; the API says 512) | Apache-2.0; CC BY-SA 4.0 | {date}",
        f"# columns: {' '.join(COLUMNS)}",
        *("\t".join(fields) for fields in _ec2_rows(offers)),
    ]
    return "\n".join(lines) + "\n"


def _ec2_rows(offers: dict[str, set[str]]) -> Iterator[list[str]]:
    for name, facts in sorted(upstream.instance_types().items()):
        processor = facts["ProcessorInfo"]
        arch = next((arch for arch in ("x86_64", "arm64") if arch in processor["SupportedArchitectures"]), None)
        if arch is None:
            continue
        accelerator, corrected = _accelerator(facts)
        mask = sum(1 << place for place, types in enumerate(offers.values()) if name in types)
        yield [
            name,
            str(facts["VCpuInfo"]["DefaultVCpus"]),
            str(facts["MemoryInfo"]["SizeInMiB"]),
            arch,
            processor.get("Manufacturer", ""),
            _flag(facts["BurstablePerformanceSupported"]),
            _flag(facts["CurrentGeneration"]),
            *accelerator,
            str(_nvme_gb(facts) or ""),
            facts["NetworkInfo"]["NetworkPerformance"],
            _flag(facts["NetworkInfo"]["EfaSupported"]),
            _flag("spot" in facts["SupportedUsageClasses"]),
            f"{mask:x}",
            "moto+neuron" if corrected else "moto",
        ]


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _nvme_gb(facts: dict[str, Any]) -> int:
    """Return the size of the local disks, if they are NVMe: the older hard disks do not change SageMaker's rules."""
    storage = facts.get("InstanceStorageInfo")
    if not storage or storage.get("NvmeSupport") == "unsupported":
        return 0
    return int(storage["TotalSizeInGB"])


def _accelerator(facts: dict[str, Any]) -> tuple[list[str], bool]:
    """Return kind, name, count, memory and NeuronCores, and whether the memory was corrected."""
    if neuron := facts.get("NeuronInfo"):
        (device,) = neuron["NeuronDevices"]
        count = device["Count"]
        memory = DEVICE_MEMORY_MIB.get(device["Name"], device["MemoryInfo"]["SizeInMiB"])
        cores = count * device["CoreInfo"]["Count"]
        fields = ["neuron", f"AWS {device['Name']}", str(count), str(count * memory), str(cores)]
        return fields, device["Name"] in DEVICE_MEMORY_MIB
    if gpus := facts.get("GpuInfo"):
        (gpu,) = gpus["Gpus"]
        # A slice of a GPU (g6f) counts 0 whole GPUs and one logical GPU.
        count = gpu["Count"] or gpu["LogicalGpuCount"]
        name = f"{gpu['Manufacturer']} {gpu['Name']}"
        return [MAKERS[gpu["Manufacturer"]], name, str(count), str(gpus["TotalGpuMemoryInMiB"]), ""], False
    if inference := facts.get("InferenceAcceleratorInfo"):
        (chip,) = inference["Accelerators"]
        total = inference["TotalInferenceMemoryInMiB"]
        return [MAKERS[chip["Manufacturer"]], chip["Name"], str(chip["Count"]), str(total), ""], False
    return ["", "", "", "", ""], False
