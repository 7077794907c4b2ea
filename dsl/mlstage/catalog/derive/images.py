"""`python -m mlstage.catalog.derive.images --write --date YYYY-MM-DD`: AWS's own images, from the `sagemaker` package.

Apart from the rest of the derivation, since it needs a package that nobody else does: run it where `sagemaker<3` is
installed, in an environment of its own (`uv run --with 'sagemaker<3' --with-editable . python -m …`).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from mlstage.catalog import _files
from mlstage.catalog.images import IMAGES_FILE, REGISTRIES_FILE

# Our name -> the package's, by processor. What it has for each is asked for version by version.
_FRAMEWORKS: Final[dict[str, dict[str, str]]] = {
    "xgboost": {"cpu": "xgboost", "graviton": "xgboost"},
    "sklearn": {"cpu": "sklearn", "graviton": "sklearn"},
    "pytorch": {"cpu": "pytorch", "gpu": "pytorch", "graviton": "pytorch"},
    "tensorflow": {"cpu": "tensorflow", "gpu": "tensorflow", "graviton": "tensorflow"},
    "huggingface": {
        "cpu": "huggingface",
        "gpu": "huggingface",
        "neuron": "huggingface-neuron",
        "neuronx": "huggingface-neuronx",
    },
    "huggingface-llm": {"gpu": "huggingface-llm"},
    "triton": {"cpu": "sagemaker-tritonserver", "gpu": "sagemaker-tritonserver"},
    "model-monitor": {"cpu": "model-monitor"},
}
# Older ones are left out: AWS no longer patches them.
_OLDEST: Final[dict[str, tuple[int, ...]]] = {
    "xgboost": (1, 2),
    "sklearn": (0, 23),
    "pytorch": (2, 0),
    "tensorflow": (2, 12),
    "huggingface": (4, 12),
    "huggingface-llm": (2, 0),
}
_SCOPES: Final = ("inference", "training", "monitoring")
# One machine of each sort: the package chooses the processor's image by it.
_MACHINES: Final = {
    "cpu": "ml.m5.xlarge",
    "gpu": "ml.g5.xlarge",
    "graviton": "ml.c7g.xlarge",
    "neuron": "ml.inf1.xlarge",
    "neuronx": "ml.inf2.xlarge",
}
_ADDRESS: Final = re.compile(r"(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.[a-z.]+/([^:]+):(.+)")


def main(arguments: list[str] | None = None) -> int:
    """Print what differs, or write it."""
    parser = argparse.ArgumentParser(prog="python -m mlstage.catalog.derive.images", description=__doc__)
    parser.add_argument("--write", action="store_true", help="update the data files")
    parser.add_argument("--date", help="the day the package was read, written into the files that change")
    options = parser.parse_args(arguments)
    if options.write and not re.fullmatch(r"\d{4}-\d\d-\d\d", options.date or ""):
        parser.error("--write needs the day the package was read: add --date YYYY-MM-DD")
    if find_spec("sagemaker") is None:
        parser.error("the package `sagemaker` (below 3) is not installed here: see --help")
    changed = 0
    for file, text in derived(options.date or "").items():
        path = _files.DATA / file
        facts = [line for line in text.splitlines() if not line.startswith("# source")]
        old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if facts == [line for line in old if not line.startswith("# source")]:
            continue
        changed += 1
        print(f"{'wrote' if options.write else 'differs:'} {file}")
        if options.write:
            path.write_text(text, encoding="utf-8")
    return 1 if changed and not options.write else 0


def derived(date: str) -> dict[str, str]:
    """Give both files: the images, and the accounts that hold them by region."""
    images: list[tuple[str, ...]] = []
    registries: dict[tuple[tuple[str, str], ...], str] = {}
    for framework, scope, processor, version_of, address, accounts in sorted(_images()):
        repository, tag = address
        group = registries.setdefault(accounts, f"accounts-{len(registries) + 1}")
        images.append((f"{framework}/{scope}/{processor}/{version_of}", repository, tag, group))
    source = f"# source sagemaker: sagemaker {version('sagemaker')}, image_uri_config | Apache-2.0 | {date}"
    head = [
        "# AWS's own container images for SageMaker: framework/purpose/processor/version.",
        source,
        "# columns: image repository tag registries",
    ]
    accounts_head = [
        "# The account that holds AWS's own images in each region; images of one family share a list.",
        source,
        "# columns: registries accounts by region",
    ]
    listed = [f"{name}\t{' '.join('='.join(pair) for pair in found)}" for found, name in registries.items()]
    return {
        IMAGES_FILE: "\n".join([*head, *("\t".join(row) for row in images)]) + "\n",
        REGISTRIES_FILE: "\n".join([*accounts_head, *listed]) + "\n",
    }


Row = tuple[str, str, str, str, tuple[str, str], tuple[tuple[str, str], ...]]


def _images() -> Iterator[Row]:
    seen: set[tuple[str, ...]] = set()
    for framework, processors in _FRAMEWORKS.items():
        for processor, name in processors.items():
            for scope, section in _sections(name, processor):
                for listed, details in section["versions"].items():
                    if _number(listed) < _OLDEST.get(framework, ()):
                        continue
                    row = _image(framework, name, scope, processor, listed, details)
                    if row and row[:4] not in seen:
                        seen.add(row[:4])
                        yield row


def _sections(name: str, processor: str) -> Iterator[tuple[str, dict[str, Any]]]:
    spec = find_spec("sagemaker")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "image_uri_config" / f"{name}.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    if "versions" in config:
        for scope in config.get("scope", _SCOPES):
            if scope in _SCOPES:
                yield scope, config
        return
    for scope in _SCOPES:
        key = f"{scope}_graviton" if processor == "graviton" else scope
        if key in config:
            yield scope, config[key]


def _image(framework: str, name: str, scope: str, processor: str, listed: str, details: dict[str, Any]) -> Row | None:
    """Ask the package for one image; None where it has none of this processor."""
    base = None
    if "registries" not in details:  # Hugging Face lists PyTorch's versions, or only TensorFlow's, below its own
        bases = [key for key in details if key.startswith("pytorch")]
        if not bases:
            return None
        base = bases[-1]
        details = details[base]
    accounts = tuple(sorted((region, str(account)) for region, account in details["registries"].items()))
    accounts = tuple((region, account) for region, account in accounts if re.fullmatch(r"\d{12}", account))
    address = _retrieve(name, listed, scope, processor, base, details)
    if address is None or not _is_for(processor, address):
        return None
    return framework, scope, processor, listed or "latest", address, accounts


def _is_for(processor: str, address: tuple[str, str]) -> bool:
    """Drop what the package answers for a processor that it has no image for."""
    words = set(re.split(r"[-_.]", "-".join(address)))
    other = {"gpu": "cpu", "cpu": "gpu"}.get(processor)
    return other is None or other not in words


def _retrieve(
    name: str, listed: str, scope: str, processor: str, base: str | None, details: dict[str, Any]
) -> tuple[str, str] | None:
    from sagemaker import image_uris  # type: ignore[import-not-found,unused-ignore]

    region = "us-east-1" if "us-east-1" in details["registries"] else min(details["registries"])
    tool = processor if processor in name.split("-") and base else None
    try:
        found = image_uris.retrieve(
            "huggingface" if tool else name,
            region=region,
            version=listed or None,
            py_version=(details.get("py_versions") or [None])[-1],
            instance_type=_MACHINES[processor],
            image_scope=scope,
            base_framework_version=base,
            inference_tool=tool,
        )
    except (ValueError, KeyError, TypeError) as error:
        print(f"no {name} {listed} for {scope} on {processor}: {error}", file=sys.stderr)
        return None
    match = _ADDRESS.fullmatch(found if ":" in found else f"{found}:latest")
    return (match[2], match[3]) if match else None


def _number(listed: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", listed)[:2])


if __name__ == "__main__":
    sys.exit(main())
