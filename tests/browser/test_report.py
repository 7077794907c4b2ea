"""The report in a browser, from a file: by mouse and by keyboard, in both themes, narrow, printed and read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.insight.report.projects import BAD, project, report

_PANELS = ("side", "diagram", "parity", "cost", "findings", "waivers")
_COLUMN = """([table, column]) => [...document.getElementById(table).tBodies[0].rows]
  .map(row => row.cells[column].dataset.value ?? row.cells[column].textContent.trim())"""
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# A4 on its side, less the margins that the page asks for.
_PRINTED = {"width": 1032, "height": 700}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = project(tmp_path_factory.mktemp("report") / "acme")
    done = report(folder)
    assert done.returncode == 0, done.stderr
    return (folder / "report.html").as_uri()


@pytest.fixture
def opened(page: Page, url: str) -> Page:
    page.goto(url)
    return page


def shown(page: Page) -> list[str]:
    return [name for name in _PANELS if page.locator(f"#e1-{name}").is_visible()]


def test_tabs_by_mouse_and_by_keyboard(opened: Page) -> None:
    assert shown(opened) == ["side"]
    opened.click("#e1-cost-tab")
    assert shown(opened) == ["cost"]
    for key, panel in (
        ("ArrowRight", "findings"),
        ("ArrowLeft", "cost"),
        ("End", "waivers"),
        ("ArrowRight", "side"),
        ("ArrowLeft", "waivers"),
        ("Home", "side"),
    ):
        opened.keyboard.press(key)
        assert shown(opened) == [panel], key
        tab = opened.locator(f"#e1-{panel}-tab")
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
    # Only the chosen tab is a stop of the Tab key; the next one lies in its panel.
    opened.keyboard.press("Tab")
    expect(opened.locator("#e1-side .scroll")).to_be_focused()


def test_the_first_stop_of_the_keyboard_skips_to_the_report(opened: Page) -> None:
    opened.keyboard.press("Tab")
    expect(opened.locator(".skip")).to_be_focused()
    opened.keyboard.press("Enter")
    expect(opened.locator("#main")).to_be_focused()


def test_sorting(opened: Page) -> None:
    opened.click("#e1-cost-tab")
    heading = opened.locator("#e1-costs th", has_text="Expected")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    falling = [float(one) for one in opened.evaluate(_COLUMN, ["e1-costs", 5]) if one != "\N{EN DASH}"]
    assert falling == sorted(falling, reverse=True) and len(set(falling)) > 3
    heading.get_by_role("button").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    rising = [float(one) for one in opened.evaluate(_COLUMN, ["e1-costs", 5]) if one != "\N{EN DASH}"]
    assert rising == falling[::-1]
    workload = opened.locator("#e1-costs th", has_text="Workload")
    workload.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") is None
    names = opened.evaluate(_COLUMN, ["e1-costs", 1])
    assert names == sorted(names)


def test_filters(opened: Page) -> None:
    opened.click("#e1-parity-tab")
    rows = opened.locator("#e1-p1 tbody tr:visible")
    whole = rows.count()
    panel = opened.locator("#e1-parity")
    panel.get_by_label("Search differences").fill("stop_when_idle")
    assert rows.all_inner_texts() and all("stop_when_idle" in one for one in rows.all_inner_texts())
    expect(panel.locator("output")).to_have_text(f"{rows.count()} of {whole}")
    panel.get_by_label("Search differences").fill("")
    panel.get_by_label("Verdict of differences").select_option("unmeant")
    assert rows.count() == 0
    panel.get_by_label("Verdict of differences").select_option("meant")
    assert rows.count() == whole


def test_the_theme_can_be_chosen_and_follows_the_system_until_then(browser: Browser, url: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(url)
    grounds = []
    for said in ("system", "light", "dark", "system"):
        expect(page.locator("#theme")).to_have_text(f"Theme: {said}")
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.click("#theme")
    context.close()
    assert grounds == ["rgb(13, 17, 23)", "rgb(255, 255, 255)", "rgb(13, 17, 23)", "rgb(13, 17, 23)"]


def test_links_lead_to_sources_and_into_panels_that_are_not_shown(opened: Page, url: str) -> None:
    opened.click("#e1-cost-tab")
    opened.locator("#e1-costs tbody a").first.click()
    target = opened.evaluate("location.hash")
    assert target.startswith("#source-")
    expect(opened.locator(target)).to_be_in_viewport()
    opened.goto(f"{url}#e1-parity")
    assert shown(opened) == ["parity"]


def test_an_authors_markup_is_shown_as_it_was_written(opened: Page) -> None:
    opened.click("#e1-waivers-tab")
    expect(opened.locator("#e1-waived")).to_contain_text(BAD)
    assert opened.title() == "Machine-learning environments"


def test_all_is_there_without_the_script(browser: Browser, url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    seen = [shown(page), page.locator(".filter:visible, #theme:visible").count()]
    context.close()
    assert seen == [list(_PANELS), 0]


def test_print_has_everything_in_light_colours_and_in_the_width_of_a_page(opened: Page) -> None:
    opened.click("#theme")
    opened.click("#theme")
    opened.click("#e1-parity-tab")
    opened.locator("#e1-parity").get_by_label("Verdict of differences").select_option("unmeant")
    opened.emulate_media(media="print")
    opened.set_viewport_size({"width": _PRINTED["width"], "height": _PRINTED["height"]})
    assert shown(opened) == list(_PANELS)
    assert opened.locator("#e1-p1 tbody tr:visible").count() > 3
    assert opened.locator("nav:visible, .filter:visible, #theme:visible, [role=tablist]:visible").count() == 0
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.evaluate(_WIDER) <= 0
    for table in opened.locator("table").all():
        box = table.bounding_box()
        assert box and box["x"] + box["width"] <= _PRINTED["width"] + 1, table.get_attribute("id")
    assert opened.pdf(prefer_css_page_size=True).startswith(b"%PDF-")


def test_a_narrow_window_scrolls_tables_and_not_the_page(opened: Page) -> None:
    opened.set_viewport_size({"width": 360, "height": 700})
    for name in _PANELS:
        opened.click(f"#e1-{name}-tab")
        assert opened.evaluate(_WIDER) <= 0, name


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser, url: str) -> Iterator[Page]:
    scheme: Literal["light", "dark"] = request.param
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(url)
    yield page
    context.close()


def test_nothing_stands_in_the_way_of_anybody(themed: Page) -> None:
    for name in _PANELS:
        themed.click(f"#e1-{name}-tab")
        found: dict[str, Any] = Axe().run(themed).response
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == [], name


def test_texts_of_diagrams_and_charts_can_be_read_in_both_themes(themed: Page) -> None:
    """What axe does not look at: texts inside of SVG, against the rectangle that they stand on."""
    script = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
    themed.click("#e1-diagram-tab")
    diagram = themed.evaluate(script, "#e1-diagram svg")
    themed.click("#e1-cost-tab")
    chart = themed.evaluate(script, "#e1-cost svg")
    assert len(diagram) > 20 and len(chart) > 5
    assert [one for one in (*diagram, *chart) if one["ratio"] < 4.5] == []
