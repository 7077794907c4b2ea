"""The page itself: one file that needs nothing else, asks nobody, and runs only the script that is in it.

Its policy of content allows nothing but its own style sheet and script, each by its hash; so whatever an author's text
may hold, it is shown and not run. Without the script every part of the page is there, one below the other.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from mlstage.catalog.prices import NOTICE
from mlstage.insight.cost.report import MEANING
from mlstage.insight.cost.warnings import warnings
from mlstage.insight.diagram.build import resources
from mlstage.insight.diagram.describe import sentences
from mlstage.insight.diagram.svg import number, printable
from mlstage.insight.parity_report import SHARED, counted, heading
from mlstage.insight.report.material import Material
from mlstage.insight.report.sources import BASES, Sources
from mlstage.insight.report.view import is_open, sections

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


def page(material: Material) -> str:
    """Lay a report out as HTML; the same material gives the same bytes."""
    from markupsafe import Markup

    style, script = _text("report.css"), _text("report.js")
    sources = Sources.of(stack.estimate for stack in material.stacks)
    prices = dict.fromkeys(price for stack in material.stacks for price in stack.estimate.prices())
    return _template().render(
        material=material,
        sections=tuple(sections(material, sources)),
        elsewhere=tuple(material.findings("")),
        sources=sources,
        bases=BASES,
        warnings=tuple(warnings(prices, material.day)),
        meaning=MEANING,
        notice=NOTICE,
        # Both are files of ours, without anything of an author's in them.
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
    )


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return (files("mlstage.insight.report") / "templates" / name).read_text(encoding="utf-8")


def _ticks(text: str) -> Markup:
    """Show what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = printable(text).split("`")
    if len(parts) % 2 == 0:
        return escape(printable(text))
    shown = (Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts))
    return Markup("").join(shown)


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loaded = Environment(
        loader=PackageLoader("mlstage.insight.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    loaded.filters["n"] = number
    loaded.filters["ticks"] = _ticks
    loaded.filters["picture"] = Markup  # diagrams come escaped from a template of their own
    loaded.globals.update(
        resources=resources, counted=counted, heading=heading, is_open=is_open, sentences=sentences, shared=SHARED
    )
    return loaded.get_template("report.html.j2")
