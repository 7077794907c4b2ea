"""Lower the project in this folder to its graphs, then time what turns them into files; prints it as JSON."""

from __future__ import annotations

import gc
import json
import time
from pathlib import Path

import jinja2  # noqa: F401  # its start is no part of writing, as cdktn's is not

from mlstage.emit.terraform import emit_terraform
from mlstage.project import study

gc.set_threshold(50_000, 20, 20)  # as the command does
stacks = study(Path.cwd()).stacks
started = time.perf_counter()
for one in stacks:
    for name, text in emit_terraform(one.graph, spec=one.spec_path, version="0").items():
        place = Path("written") / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
print(json.dumps({"seconds": time.perf_counter() - started}))
