"""What the catalogue says of instance types: the facts that people get wrong, one by one."""

import ast
import sys
from pathlib import Path

import pytest

from mlstage import catalog
from mlstage.catalog import _files
from mlstage.catalog.instances import EC2_FILE, EC2_HAND_FILE, LIFECYCLE_FILE, Instance

PACKAGE = Path(catalog.__file__).parent


def known(name: str) -> Instance:
    found = catalog.instance(name)
    assert found is not None, name
    return found


def names(family: str, use: catalog.Use) -> list[str]:
    return [name for name in catalog.instance_names(use) if name.startswith(f"ml.{family}.")]


def test_t3_hosts_nothing_and_t2_does() -> None:
    assert names("t3", "hosting") == []
    assert names("t3", "transform") == []
    assert names("t2", "hosting") == ["ml.t2.2xlarge", "ml.t2.large", "ml.t2.medium", "ml.t2.xlarge"]
    assert known("ml.t3.medium").uses == {"training", "processing", "notebook", "studio"}


def test_every_burstable_type_that_hosts_is_t2() -> None:
    burstable = {known(name).family for name in catalog.instance_names("hosting") if known(name).burstable}
    assert burstable == {"t2"}


def test_m5_large_is_no_notebook() -> None:
    assert known("ml.m5.large").uses == {"hosting", "training", "processing", "transform", "studio"}
    assert "ml.m5.xlarge" in catalog.instance_names("notebook")


def test_inf1_hosts_and_is_a_notebook_and_nothing_else() -> None:
    for size in ("xlarge", "2xlarge", "6xlarge", "24xlarge"):
        assert known(f"ml.inf1.{size}").uses == {"hosting", "notebook"}


def test_arm_hosts_only() -> None:
    arm = {name: known(name) for name in catalog.instance_names() if known(name).arch == "arm64"}
    graviton = {name for name, machine in arm.items() if machine.cpu_maker == "AWS"}
    assert len(graviton) == 94
    assert {name for name in graviton if arm[name].uses != {"hosting"}} == set()
    # The Grace CPU of the GB200 is Arm, too, and trains.
    assert set(arm) - graviton == {"ml.p6e-gb200.36xlarge"}


def test_hosting_types_with_local_nvme() -> None:
    families = {known(name).family for name in catalog.instance_names("hosting") if known(name).nvme_gb}
    assert families == {
        "c5d", "c6gd", "dl1", "g4dn", "g5", "g6", "g6e", "g7", "g7e", "m5d", "m6gd", "p4d", "p4de", "p5", "p5e",
        "p5en", "p6-b200", "p6-b300", "p6e-gb200", "r5d", "r6gd", "r7gd", "trn1", "trn1n", "trn2",
    }  # fmt: skip
    # No family mixes types with and without local disks.
    assert {
        name for name in catalog.instance_names("hosting") if known(name).family in families and not known(name).nvme_gb
    } == set()


@pytest.mark.parametrize(
    ("name", "kind", "accelerator", "count", "gib", "cores"),
    [
        ("ml.g4dn.xlarge", "nvidia", "NVIDIA T4", 1, 16, 0),
        ("g5.12xlarge", "nvidia", "NVIDIA A10G", 4, 89.40625, 0),
        ("ml.p4d.24xlarge", "nvidia", "NVIDIA A100", 8, 320, 0),
        ("ml.p2.8xlarge", "nvidia", "NVIDIA K80", 8, 96, 0),
        ("ml.inf1.6xlarge", "neuron", "AWS Inferentia", 4, 32, 16),
        ("ml.inf2.xlarge", "neuron", "AWS Inferentia2", 1, 32, 2),
        ("ml.inf2.48xlarge", "neuron", "AWS Inferentia2", 12, 384, 24),
        ("ml.trn1.32xlarge", "neuron", "AWS Trainium", 16, 512, 32),
        # AWS's API says 512 GiB a device; the device has 96.
        ("ml.trn2.48xlarge", "neuron", "AWS Trainium2", 16, 1536, 128),
        ("ml.dl1.24xlarge", "habana", "Habana Gaudi HL-205", 8, 256, 0),
        # One eighth of an L4.
        ("g6f.large", "nvidia", "NVIDIA L4", 1, 2861 / 1024, 0),
    ],
)
def test_accelerators(name: str, kind: str, accelerator: str, count: int, gib: float, cores: int) -> None:
    found = known(name).accelerator
    assert found is not None
    assert (found.kind, found.name, found.count, found.memory_gib, found.neuron_cores) == (
        kind,
        accelerator,
        count,
        gib,
        cores,
    )


def test_an_ec2_type_is_the_same_machine_without_uses() -> None:
    ours, ec2 = known("ml.g5.xlarge"), known("g5.xlarge")
    assert ec2.uses == frozenset()
    assert (ours.vcpu, ours.memory_gib, ours.network, ours.nvme_gb) == (4, 16, "Up to 10 Gigabit", 250)
    assert (ec2.vcpu, ec2.memory_gib, ec2.network, ec2.nvme_gb) == (4, 16, "Up to 10 Gigabit", 250)
    assert (ours.family, ours.size, ours.ec2_name, ours.gpu_count, ec2.gpu_count) == ("g5", "xlarge", "g5.xlarge", 1, 1)


@pytest.mark.parametrize("name", ["ml.g5.xlrage", "ml.c1.medium", "ml.", "", "g5", "g5.xlarge\t4", "name", "# regions"])
def test_what_is_no_type_is_none(name: str) -> None:
    assert catalog.instance(name) is None


def test_every_type_of_sagemaker_has_a_machine_and_a_source() -> None:
    for name in catalog.instance_names():
        found = known(name)
        assert found.vcpu > 0, name
        assert found.memory_mib > 0, name
        assert "botocore" in found.source, name
        assert found.uses, name


def test_every_row_has_all_its_fields_and_a_known_source() -> None:
    for file in (EC2_FILE, EC2_HAND_FILE):
        width = len(_files.note(file, "columns").split())
        for fields in _files.rows(file):
            assert len(fields) == width, fields[0]
            assert fields[-1] in _files.sources_of(file), fields[0]


def test_no_type_stands_in_both_files() -> None:
    derived = {fields[0] for fields in _files.rows(EC2_FILE)}
    assert {fields[0] for fields in _files.rows(EC2_HAND_FILE)} & derived == set()


def test_p3_is_retired_and_names_what_to_take() -> None:
    lifecycle = known("ml.p3.2xlarge").lifecycle
    assert lifecycle is not None
    assert (lifecycle.state, lifecycle.successors) == ("retired", ("ml.g6.2xlarge", "ml.g5.2xlarge"))
    assert "us-east-1" in lifecycle.reason
    assert known("ml.p3.2xlarge").offered_in("us-east-1") is False
    assert known("ml.p3dn.24xlarge").lifecycle is None


def test_inf1_is_ageing_since_neuron_2_26() -> None:
    lifecycle = known("inf1.xlarge").lifecycle
    assert lifecycle is not None
    assert (lifecycle.state, lifecycle.successors) == ("ageing", ("inf2.xlarge",))
    assert "2.26" in lifecycle.reason


def test_what_is_offered_nowhere_is_retired_and_nothing_else() -> None:
    nowhere = {name for name in catalog.ec2_names() if known(name).regions == frozenset()}
    retired = {fields[0] for fields in _files.rows(LIFECYCLE_FILE) if fields[1] == "retired"}
    assert nowhere == retired


def test_successors_have_a_future_and_take_the_same_uses() -> None:
    for fields in _files.rows(LIFECYCLE_FILE):
        old = catalog.instance(f"ml.{fields[0]}") or known(fields[0])
        assert old.lifecycle is not None
        for successor in old.lifecycle.successors:
            assert known(successor).lifecycle is None, fields[0]
            assert "hosting" in known(successor).uses or not old.uses, fields[0]
        taken = {use for successor in old.lifecycle.successors for use in known(successor).uses}
        assert old.uses <= taken, fields[0]


def test_long_past_generations_are_ageing_and_those_that_sagemaker_s_documents_start_with_are_not() -> None:
    old = known("ml.m4.xlarge").lifecycle
    assert old is not None
    assert (old.state, old.successors) == ("ageing", ("ml.m6i.xlarge", "ml.m5.xlarge"))
    assert known("ml.m5.xlarge").lifecycle is None
    stated = {fields[0] for fields in _files.rows(LIFECYCLE_FILE) if fields[-1] == "generation"}
    assert {name for name in stated if known(name).current_generation} == set()


def test_where_a_type_is_offered() -> None:
    g5 = known("ml.g5.xlarge")
    assert g5.offered_in("us-east-1") is True
    assert g5.offered_in("ap-southeast-1") is False
    assert g5.offered_in("eu-nowhere-1") is None
    assert known("ml.p6e-gb200.36xlarge").offered_in("us-east-1") is None


def test_generations() -> None:
    asked = ("ml.m4.xlarge", "ml.m5.large", "ml.m7i.large", "ml.g5.xlarge", "ml.g6.xlarge")
    assert {name for name in asked if known(name).current_generation} == {"ml.m7i.large", "ml.g6.xlarge"}


def test_the_catalogue_imports_the_standard_library_only() -> None:
    """The derivation is the maintainer's; what runs for users must start in no time."""
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            for module in modules:
                assert module.startswith("mlstage.catalog") or module.partition(".")[0] in sys.stdlib_module_names, (
                    f"{path.name} imports {module}"
                )
                assert not module.startswith("mlstage.catalog.derive"), f"{path.name} imports {module}"
