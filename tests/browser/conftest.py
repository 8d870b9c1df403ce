"""A real Chromium, and two reports to open in it: one that the workflow made, and one with the largest tables."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nnpm.reporting import report
from tests.browser import large
from workspace import Workspace

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: make browser installs it")

#: What keeps a fresh browser from asking anyone anything.
OPTIONS = [
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--mute-audio"),
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium, driven; it logs what pages say on the console and every request."""
    browser, tool = next(filter(None, map(shutil.which, BROWSERS)), None), shutil.which("chromedriver")
    if not browser or not tool:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse("no Chromium with its driver here: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    profile = tmp_path_factory.mktemp("profile")
    for option in (*OPTIONS, f"--user-data-dir={profile}", *(["--no-sandbox"] if os.geteuid() == 0 else [])):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driven = webdriver.Chrome(options=options, service=webdriver.ChromeService(tool))
    driven.set_script_timeout(300)  # seconds: axe looks at every element, and others may be at work
    yield driven
    driven.quit()


@pytest.fixture(scope="session")
def toy(study: Workspace) -> Path:
    """The report of a small toy study."""
    return study.results / "report.html"


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a made-up study of every method on four targets."""
    path = tmp_path_factory.mktemp("large") / "report.html"
    path.write_text(report.render(large.context()), encoding="utf-8")
    return path


@pytest.fixture(params=["toy", "wide"])
def page(request: pytest.FixtureRequest, driver: Any) -> Iterator[Any]:
    """The browser with a report open, everything in it unfolded, 1280 pixels wide."""
    for log in ("browser", "performance"):
        driver.get_log(log)  # what was before does not count
    driver.set_window_size(1280, 900)
    driver.get(request.getfixturevalue(request.param).as_uri())
    driver.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true; });")
    yield driver
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
