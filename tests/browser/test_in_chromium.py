"""The report as its readers have it: in a browser, on a phone, on paper, by keyboard. See `make browser`."""

import base64
import json
import re
from importlib.resources import files
from typing import Any

import pytest

Keys = pytest.importorskip("selenium.webdriver.common.keys", reason="see conftest.py").Keys
AXE = pytest.importorskip("axe_playwright_python", reason="axe is not installed: make browser installs it")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
A4 = 680  # CSS pixels that are printed on, of a page's 794: margins of 1.5 cm


def resized(page: Any, width: int, media: str = "", scheme: str = "light") -> None:
    metrics = {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [feature]})


def faults(page: Any) -> list[str]:
    """What axe finds in the page as it stands: the rule, and the first element that breaks it."""
    page.execute_script((files(AXE) / "axe.min.js").read_text(encoding="utf-8"))
    found = page.execute_async_script(
        "const done = arguments[1];"
        "axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}}).then((result) => done(result.violations));",
        LEVELS,
    )
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}" for each in found]


def test_nothing_is_complained_of_and_nothing_is_fetched(page: Any) -> None:
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert asked.count(page.current_url) == 1
    own = ("data:", "chrome:", "chrome-untrusted:")  # Chromium's start page may still be loading
    assert [url[:80] for url in asked if url != page.current_url and not url.startswith(own)] == []
    assert page.get_log("browser") == []


def test_pictures_are_there(page: Any) -> None:
    widths = page.execute_script("return [...document.images].map((image) => image.naturalWidth)")
    assert widths and all(widths)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_accessibility(page: Any, width: int, scheme: str) -> None:
    resized(page, width, scheme=scheme)
    background = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    assert faults(page) == []


def test_a_fault_would_be_found(page: Any) -> None:
    page.execute_script("document.querySelector('caption').style.color = '#ccc'; document.images[0].alt = ''")
    page.execute_script("document.images[0].removeAttribute('alt')")
    assert {fault.partition(":")[0] for fault in faults(page)} == {"color-contrast", "image-alt"}


def test_a_phone_need_not_scroll_sideways(page: Any) -> None:
    resized(page, 360)
    assert page.execute_script("return [innerWidth, document.documentElement.scrollWidth]") == [360, 360]


@pytest.mark.parametrize("page", ["wide"], indirect=True)
def test_a_table_is_sorted_by_keyboard(page: Any) -> None:
    table = "document.getElementById('table1')"
    column = f"[...{table}.tBodies[0].rows].map((row) => row.cells[1].textContent.trim())"
    written = page.execute_script(f"return {column}")
    numbers = [float(re.match(r"[\d.]+", text)[0]) for text in written]
    assert len(set(numbers)) > 3
    page.execute_script("document.querySelector('#tables').scrollIntoView()")
    page.execute_script(f"{table}.parentElement.focus()")
    keyboard = page.switch_to.active_element
    keyboard.send_keys(Keys.TAB)  # Method
    page.switch_to.active_element.send_keys(Keys.TAB)  # the first target's UA
    button = page.switch_to.active_element
    assert (button.tag_name, button.text.strip()) == ("button", "UA")
    for key, state, expected in (
        (Keys.ENTER, "descending", sorted(numbers, reverse=True)),
        (Keys.SPACE, "ascending", sorted(numbers)),
        (Keys.ENTER, None, numbers),
    ):
        button.send_keys(key)
        shown = [float(re.match(r"[\d.]+", text)[0]) for text in page.execute_script(f"return {column}")]
        assert shown == expected
        states = page.execute_script(f"return [...{table}.querySelectorAll('th')].map((th) => th.ariaSort)")
        assert [each for each in states if each] == ([state] if state else [])
        assert page.switch_to.active_element == button, "the focus stays"


def test_sorting_loses_no_row_and_puts_what_is_missing_last(page: Any) -> None:
    """In every column of every table; the third press brings back what was written."""
    wrong = page.execute_script("""
        const wrong = [];
        for (const table of document.querySelectorAll("table:has(th button)")) {
          const read = () => [...table.tBodies[0].rows].map((row) => row.textContent);
          const written = read();
          table.querySelectorAll("th button").forEach((button, column) => {
            for (let press = 0; press < 3; press++) {
              button.click();
              const cells = [...table.tBodies[0].rows].map((row) => row.cells[column].textContent.trim());
              const first = cells.indexOf("—");
              const whole = [...read()].sort().join() === [...written].sort().join();
              const last = press === 2 || first < 0 || cells.slice(first).every((text) => text === "—");
              if (!whole || !last) wrong.push([table.caption?.textContent, column, cells]);
            }
            if (read().join() !== written.join()) wrong.push([table.caption?.textContent, column, "written"]);
          });
        }
        return wrong;""")
    assert wrong == []


@pytest.mark.parametrize("page", ["toy"], indirect=True)
def test_the_skip_link_leads_to_the_results(page: Any) -> None:
    page.find_element("tag name", "body").send_keys(Keys.TAB)
    link = page.switch_to.active_element
    assert link.text == "To the results" and link.is_displayed()
    link.send_keys(Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("id") == "main"


def test_it_can_be_printed(page: Any) -> None:
    resized(page, A4, media="print")
    assert page.execute_script("return document.documentElement.scrollWidth") <= A4
    printed = page.execute_cdp_cmd("Page.printToPDF", {"printBackground": False, "preferCSSPageSize": False})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF") and 5 < len(re.findall(rb"/Type\s*/Page\b", pdf)) < 120


@pytest.mark.parametrize("page", ["toy"], indirect=True)
def test_it_is_whole_without_its_script(page: Any) -> None:
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.get(page.current_url)
        assert "<button" not in page.page_source
        assert page.page_source.count("<table") > 20 and page.get_log("browser") == []
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
