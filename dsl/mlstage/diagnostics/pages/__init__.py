"""A page for every error of mlstage, by its code: what it means, why it is one, an example that has it, and the cure.

The pages are Markdown files beside this one, read when somebody asks for one. Tests run their examples and compare
what mlstage says with what the page shows.
"""

from __future__ import annotations

from importlib.resources import files


def codes() -> tuple[str, ...]:
    """List the codes that have a page."""
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in names if name.endswith(".md")))


def page(code: str) -> str | None:
    """Give a code's page in Markdown; None if it has none."""
    return files(__name__).joinpath(f"{code}.md").read_text(encoding="utf-8") if code in codes() else None


def title(code: str) -> str:
    """Give the few words that name a code. Raises `KeyError` for one without a page."""
    text = page(code)
    if text is None:
        raise KeyError(code)
    return text.partition("\n")[0].removeprefix(f"# {code} ")
