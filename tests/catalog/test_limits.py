"""What the catalogue says of AWS's limits, and that each says who said so."""

import json
import re

import pytest

from mlstage import catalog
from mlstage.catalog import _files
from mlstage.catalog.limits import LIMITS_FILE

DATED = re.compile(r"20\d\d(-\d\d(-\d\d)?)?")


def test_serverless_memory() -> None:
    bounds = catalog.limit("sagemaker.serverless.memory_mb")
    assert (bounds.least, bounds.most, bounds.kind) == (1024, 6144, "integer")
    steps = catalog.limit("sagemaker.serverless.memory_choices_mb")
    assert [mb for mb in (1024, 1536, 2048, 6144, 7168) if steps.allows(mb)] == [1024, 2048, 6144]
    # The bounds alone would take 1536.
    assert bounds.allows(1536)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("scorer", True),
        ("a" * 63, True),
        ("a" * 64, False),
        ("fraud-scorer-", False),
        ("-fraud", False),
        ("fraud--scorer", True),
        ("fraud_scorer", False),
        ("scorer\n", False),
        ("", False),
    ],
)
def test_endpoint_names(name: str, allowed: bool) -> None:
    assert catalog.limit("sagemaker.endpoint.name").allows(name) is allowed


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        ("sagemaker.serverless.max_concurrency", 1, 200),
        ("sagemaker.variant.download_timeout_s", 60, 3600),
        ("sagemaker.variant.health_timeout_s", 60, 3600),
        ("sagemaker.variant.volume_gb", 1, 512),
        ("sagemaker.notebook.volume_gb", 5, 16384),
        ("sagemaker.training.max_runtime_s", 1, 28 * 86400),
        # botocore's ceilings for these three are those of Lambda Managed Instances.
        ("lambda.memory_mb", 128, 10240),
        ("lambda.timeout_s", 1, 900),
        ("lambda.tmp_mb", 512, 10240),
        ("fargate.ephemeral_gib", 21, 200),
    ],
)
def test_bounds(key: str, least: int, most: int) -> None:
    assert (catalog.limit(key).least, catalog.limit(key).most) == (least, most)


@pytest.mark.parametrize(
    ("key", "most"),
    [
        ("sagemaker.realtime.payload_mb", 25),
        ("sagemaker.realtime.timeout_s", 60),
        ("sagemaker.realtime.stream_timeout_s", 480),
        ("sagemaker.serverless.payload_mb", 4),
        ("sagemaker.serverless.image_gb", 10),
        ("sagemaker.async.payload_s3_bytes", 2**30),
        ("sagemaker.async.timeout_s", 3600),
        ("sagemaker.transform.max_payload_mb", 100),
        ("lambda.image_gb", 10),
        ("lambda.payload_mb.sync", 6),
    ],
)
def test_upper_bounds(key: str, most: int) -> None:
    assert catalog.limit(key).most == most
    assert catalog.limit(key).allows(most)
    assert not catalog.limit(key).allows(most + 1)


def test_a_kms_key_beside_local_nvme() -> None:
    """Jobs refuse it; an endpoint takes it since botocore 1.44.5, though it does not encrypt the local disks."""
    refused = [
        use
        for use in ("endpoint_config", "training", "processing", "transform")
        if catalog.limit(f"sagemaker.{use}.kms_with_nvme_refused").holds
    ]
    assert refused == ["training", "processing", "transform"]


def test_choices() -> None:
    assert catalog.limit("lambda.architecture").choices == ("x86_64", "arm64")
    assert catalog.limit("ecs.resource_requirement").choices == ("GPU", "InferenceAccelerator", "NeuronDevice")
    assert catalog.limit("eks.ami_for.neuron").value in catalog.limit("eks.ami_type").choices
    assert "gpu" in catalog.limit("sagemaker.serverless.unsupported").choices


def test_tags_in_any_script() -> None:
    assert catalog.limit("sagemaker.tag.value").allows("Zürich büro: team@example.org")
    assert not catalog.limit("sagemaker.tag.value").allows("50% off")


def test_every_limit_has_a_source_and_a_date_and_says_something() -> None:
    for key in catalog.limit_keys():
        found = catalog.limit(key)
        assert found.source, key
        assert DATED.fullmatch(found.date), (key, found.date)
        said = (found.min, found.max, found.value, found.pattern, found.choices or None)
        assert any(one is not None for one in said), key
        if found.min is not None and found.max is not None:
            assert found.min <= found.max, key
        if found.pattern is not None:
            re.compile(found.pattern)


def test_hand_facts_name_their_source() -> None:
    hand = json.loads(_files.text(LIMITS_FILE))["hand"]
    for key, fact in hand.items():
        assert fact["source"] in _files.sources_of(LIMITS_FILE), key
        if "says" in fact:
            # Only what botocore carries can be looked up by the derivation.
            assert (fact["source"], "/" in fact["where"]) == ("botocore", True), key


def test_a_derived_limit_names_its_shape() -> None:
    found = catalog.limit("sagemaker.endpoint.name")
    assert found.source == "botocore 1.44.5, service models, sagemaker/EndpointName"


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"no limit sagemaker\.endpoint\.nam; nearest: sagemaker\.endpoint\.name"):
        catalog.limit("sagemaker.endpoint.nam")


def test_a_bound_that_is_not_there_is_our_mistake() -> None:
    with pytest.raises(LookupError, match=r"lambda\.gpu has no figure for `max`"):
        _ = catalog.limit("lambda.gpu").most
    with pytest.raises(LookupError, match=r"lambda\.memory_mb is not a yes or no"):
        _ = catalog.limit("lambda.memory_mb").holds
    assert catalog.limit("lambda.gpu").holds is False


def test_fargate_sizes() -> None:
    sizes: dict[int, list[int]] = {}
    for size in catalog.fargate_sizes():
        sizes.setdefault(size.cpu, []).append(size.memory_mib)
    assert sizes[256] == [512, 1024, 2048]
    assert sizes[512] == [1024, 2048, 3072, 4096]
    assert {cpu: (memory[0], memory[-1], len(memory)) for cpu, memory in sizes.items()} == {
        256: (512, 2048, 3),
        512: (1024, 4096, 4),
        1024: (2048, 8192, 7),
        2048: (4096, 16384, 13),
        4096: (8192, 30720, 23),
        8192: (16384, 61440, 12),
        16384: (32768, 122880, 12),
    }


@pytest.mark.parametrize(
    ("cpu", "memory", "expected"),
    [
        (256, 512, (256, 512)),
        (256, 3000, (512, 3072)),
        (1024, 512, (1024, 2048)),
        (1000, 9000, (2048, 9216)),
        (4096, 32768, (8192, 32768)),
        (16384, 122880, (16384, 122880)),
        (16385, 1024, None),
        (256, 131072, None),
    ],
)
def test_fargate_rounds_up(cpu: int, memory: int, expected: tuple[int, int] | None) -> None:
    found = catalog.fargate_size_for(cpu, memory)
    assert (found and (found.cpu, found.memory_mib)) == expected
