"""Import Pulumi's generated gRPC classes without its SDK, in the plugin processes that need nothing else of it."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path


def import_protocol_only() -> None:
    """Make `pulumi.runtime.proto` importable by itself.

    `import pulumi` takes a quarter of a second, and every `pulumi up` starts four plugins of ours. Only for the main
    program of a plugin, before anything of Pulumi is imported there: the rest of the SDK is out of reach afterwards.
    """
    if "pulumi" in sys.modules:
        return
    spec = importlib.util.find_spec("pulumi")
    if spec is None or spec.origin is None:
        sys.exit(f"{sys.executable} has no pulumi package; install it there: pip install 'mlstage[pulumi]'")
    folder = Path(spec.origin).parent
    for name, place in (("pulumi", folder), ("pulumi.runtime", folder / "runtime")):
        package = types.ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package
