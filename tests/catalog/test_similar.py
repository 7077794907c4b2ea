"""What is offered instead of a name or a type that AWS does not take."""

import pytest

from mlstage import catalog


@pytest.mark.parametrize(
    ("name", "use", "first"),
    [
        ("ml.g5.xlrage", "hosting", "ml.g5.xlarge"),
        ("ml.g5xlarge", "hosting", "ml.g5.xlarge"),
        ("g5.xlarge", "hosting", "ml.g5.xlarge"),
        ("ML.M5.Large", "hosting", "ml.m5.large"),
        ("ml.t3.medum", None, "ml.t3.medium"),
        ("t3.medum", None, "t3.medium"),
        ("ml.m5.4xl", "training", "ml.m5.4xlarge"),
    ],
)
def test_nearest_name(name: str, use: catalog.Use | None, first: str) -> None:
    assert catalog.nearest(name, use)[0] == first


def test_nearest_names_are_accepted_for_the_use() -> None:
    assert catalog.nearest("ml.t3.medium", "hosting")[0] == "ml.t2.medium"
    for name in catalog.nearest("ml.t3.medum", "hosting", count=10):
        assert name in catalog.instance_names("hosting")


def test_nothing_is_near_to_nonsense() -> None:
    assert catalog.nearest("a-very-long-sentence-about-nothing", "hosting") == ()
    assert catalog.nearest("", None) == ()


@pytest.mark.parametrize(
    ("name", "use", "expected"),
    [
        # t3 hosts nothing: the burstable type that does comes first, then machines of the same size.
        (
            "ml.t3.medium",
            "hosting",
            ("ml.t2.medium", "ml.c6i.large", "ml.c6in.large", "ml.c7i.large", "ml.c5.large"),
        ),
        (
            "ml.m5.large",
            "notebook",
            ("ml.m7i.large", "ml.m6i.large", "ml.m5d.large", "ml.m6id.large", "ml.t3.large"),
        ),
        # Arm hosts only: the same size on x86, of the same generation first.
        ("ml.c7g.xlarge", "training", ("ml.c7i.xlarge", "ml.c7i-flex.xlarge", "ml.c6i.xlarge", "ml.c8i.xlarge")),
        ("ml.inf1.xlarge", "transform", ("ml.inf2.xlarge",)),
    ],
)
def test_same_size(name: str, use: catalog.Use, expected: tuple[str, ...]) -> None:
    assert catalog.same_size(name, use)[: len(expected)] == expected


def test_a_gpu_is_exchanged_for_a_gpu_only() -> None:
    offered = catalog.same_size("ml.p4d.24xlarge", "transform")
    assert offered
    for name in offered:
        machine = catalog.instance(name)
        assert machine is not None
        assert (machine.gpu_count, machine.lifecycle) == (8, None), name
    for name in catalog.same_size("ml.m5.large", "notebook", count=50):
        machine = catalog.instance(name)
        assert machine is not None
        assert machine.accelerator is None, name


def test_what_is_retired_is_not_offered() -> None:
    assert "ml.p3.8xlarge" not in catalog.same_size("ml.g5.12xlarge", "hosting", count=50)


def test_every_offer_is_of_the_size_class_and_the_use() -> None:
    for name in catalog.instance_names():
        asked = catalog.instance(name)
        assert asked is not None
        for use in catalog.USES:
            if use in asked.uses:
                continue
            for other in catalog.same_size(name, use):
                machine = catalog.instance(other)
                assert machine is not None
                assert use in machine.uses, (name, use, other)
                assert asked.vcpu / 2 <= machine.vcpu <= asked.vcpu * 2, (name, use, other)
                assert asked.memory_mib / 2 <= machine.memory_mib <= asked.memory_mib * 2, (name, use, other)


def test_an_unknown_type_has_no_size() -> None:
    assert catalog.same_size("ml.g5.xlrage", "hosting") == ()


def test_the_order_of_what_is_known_does_not_matter() -> None:
    names = catalog.instance_names("hosting")
    assert catalog.closest("ml.m5.xlarg", names) == catalog.closest("ml.m5.xlarg", reversed(names))
