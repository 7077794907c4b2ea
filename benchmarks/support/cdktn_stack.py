"""The resources of a `main.tf.json` once more, as constructs of cdktn's typed classes: run by cdktn's own Python.

python cdktn_stack.py MAIN_TF_JSON FOLDER

Prints as JSON how many there are, the seconds since the start, and those that were spent before the first of them.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

_STARTED = time.perf_counter()
# What belongs to the language rather than to a resource's type; set as cdktn sets what it has no words for.
_META = {"lifecycle", "depends_on", "provisioner", "connection", "count", "for_each", "provider"}


def _camel(text: str) -> str:
    return "".join(part.capitalize() for part in text.split("_"))


def _typed(module: Any, name: str, value: Any) -> Any:
    """Make blocks the classes that cdktn has for them; the rest stays as it is."""
    if isinstance(value, list):
        return [_typed(module, name, one) for one in value]
    if not isinstance(value, dict) or not hasattr(module, name):
        return value
    return getattr(module, name)(**{key: _typed(module, name + _camel(key), one) for key, one in value.items()})


def _resource(stack: Any, kind: str, name: str, given: dict[str, Any]) -> None:
    from cdktn import TerraformResource

    said = {key: value for key, value in given.items() if key != "//"}
    meta = {key: value for key, value in said.items() if key in _META or not kind.startswith("aws_")}
    if kind.startswith("aws_"):
        short = kind.removeprefix("aws_")
        module = importlib.import_module(f"cdktn_provider_aws.{short}")
        plain = {key: _typed(module, _camel(short) + _camel(key), said[key]) for key in said if key not in meta}
        made = getattr(module, _camel(short))(stack, f"{kind}.{name}", **plain)
    else:
        made = TerraformResource(stack, f"{kind}.{name}", terraform_resource_type=kind)
    made.override_logical_id(name)
    for key, value in meta.items():
        made.add_override(key, value)


def main() -> None:
    """Make the stack and write it."""
    from cdktn import App, TerraformStack
    from cdktn_provider_aws.provider import AwsProvider

    tree = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    app = App(outdir=sys.argv[2])
    stack = TerraformStack(app, "stack")
    AwsProvider(stack, "aws", region="us-east-1")
    first = time.perf_counter() - _STARTED
    for kind, named in tree["resource"].items():
        for name, given in named.items():
            _resource(stack, kind, name, given)
    app.synth()
    made = sum(map(len, tree["resource"].values()))
    print(json.dumps({"resources": made, "seconds": time.perf_counter() - _STARTED, "before": first}))


if __name__ == "__main__":
    main()
