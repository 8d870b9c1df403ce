"""The page of predictions as its readers have it: heard, by keyboard, on a phone, in the dark. See `make browser`."""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nnpm import CLASSES
from nnpm.prediction.page import About, page
from tests.browser.test_in_chromium import A4, faults, resized

Keys = pytest.importorskip("selenium.webdriver.common.keys", reason="see conftest.py").Keys
ActionChains = pytest.importorskip("selenium.webdriver", reason="see conftest.py").ActionChains
Wait = pytest.importorskip("selenium.webdriver.support.wait", reason="see conftest.py").WebDriverWait

RATE = 8000
SECONDS = 5.0  # of a segment
#: Recordings, each with its number of segments.
MIXED = {
    "talk.wav": 12,
    "a b#1?.wav": 1,
    "50%.wav": 1,
    "ärger/'it\"s'.wav": 1,
    "javascript:window.run=1.wav": 1,
    "<img src=x onerror=window.run=1>.wav": 1,
    "\udcff.wav": 1,
    "second.wav": 3,
}
ABOUT = About("nnpm-x 1.0", "Adapted to them, without labels.", ["Good for comparing groups."], "Research only.")


def sound(path: Path, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 5000 * np.sin(np.arange(int(RATE * seconds)) / 6)
    with path.open("wb") as raw, wave.open(raw, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(tone.astype("<i2").tobytes())


def written(folder: Path, recordings: dict[str, int]) -> Path:
    """A page of made-up predictions on recordings in `sound/`."""
    generator, rows, place = np.random.default_rng(0), [], folder / "out" / "page.html"
    for name, segments in recordings.items():
        for i, values in enumerate(generator.dirichlet([1, 1, 1, 1], segments)):
            row = {"path": str(folder / "sound" / name), "start": i * SECONDS, "end": (i + 1) * SECONDS}
            row["length"] = segments * SECONDS
            row |= {"predicted": CLASSES[values.argmax()], "sure": values.max() > 0.45}
            row |= {"note": "may not be <b>speech</b>" if i % 5 == 1 else ""}
            rows.append(row | dict(zip(CLASSES, values, strict=True)))
    place.parent.mkdir(parents=True)
    place.write_text(page(pd.DataFrame(rows, dtype=object), ABOUT, place), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mixed")
    for name, segments in MIXED.items():
        sound(folder / "sound" / name, segments * SECONDS)
    return written(folder, MIXED)


@pytest.fixture
def shown(driver: Any, mixed: Path) -> Iterator[Callable[..., Any]]:
    """Opens a page, that of `mixed` if none is given; names are opened in it."""

    def show(*names: str, path: Path = mixed) -> Any:
        resized(driver, 1280)
        driver.get(path.as_uri())
        for name in names:
            named(driver, name).send_keys(Keys.ENTER)
        return driver

    for log in ("browser", "performance"):
        driver.get_log(log)  # what was before does not count
    yield show
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def named(driven: Any, name: str) -> Any:
    """The button that opens a recording."""
    (button,) = [each for each in driven.find_elements("css selector", ".open") if each.text == name]
    return button


def until(driven: Any, script: str) -> Any:
    """What a script returns, once that is true."""
    return Wait(driven, 60).until(lambda driven: driven.execute_script(f"return {script}"))


def names(driven: Any) -> list[str]:
    return list(driven.execute_script("return [...document.querySelectorAll('.open')].map((each) => each.textContent)"))


def time(driven: Any, number: int = 0) -> float:
    return float(driven.execute_script("return document.querySelectorAll('audio')[arguments[0]].currentTime", number))


def test_nothing_is_complained_of_and_nothing_runs_but_the_page(shown: Callable[..., Any]) -> None:
    driven = shown("talk.wav", "50%.wav")
    assert driven.get_log("browser") == []
    asked = [entry for entry in driven.get_log("performance") if "Network.requestWillBeSent" in entry["message"]]
    assert [entry["message"][:300] for entry in asked if ".wav" in entry["message"]] == [], (
        "no sound before it is asked for"
    )
    assert driven.execute_script("return [window.run, document.images.length, document.querySelector('b')]") == [
        None,
        0,
        None,
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_accessibility(shown: Callable[..., Any], width: int, scheme: str) -> None:
    driven = shown("talk.wav", "50%.wav")
    resized(driven, width, scheme=scheme)
    assert faults(driven) == []
    driven.execute_script("document.querySelector('summary').click()")
    until(driven, "document.querySelectorAll('.go').length")
    assert faults(driven) == []


def test_a_phone_need_not_scroll_sideways(shown: Callable[..., Any]) -> None:
    driven = shown("talk.wav", "50%.wav")
    driven.execute_script("document.querySelector('summary').click()")
    for width in (400, 320):
        resized(driven, width)
        assert driven.execute_script("return [innerWidth, document.documentElement.scrollWidth]") == [width, width]
        assert driven.execute_script("return document.querySelector('.inside').getBoundingClientRect().right") <= width


def test_recordings_are_sorted_and_opened_by_keyboard(shown: Callable[..., Any]) -> None:
    driven = shown("talk.wav")
    written_order = names(driven)
    (heading,) = [each for each in driven.find_elements("css selector", "thead button") if each.text == "angry"]
    below = "document.querySelector('tr.detail').previousElementSibling.cells[0].textContent"
    shares = (
        "[...document.querySelectorAll('.recordings tr:has(.open)')].map((row) => parseFloat(row.cells[3].textContent))"
    )
    for key, state in ((Keys.ENTER, "descending"), (Keys.SPACE, "ascending"), (Keys.ENTER, None)):
        heading.send_keys(key)
        assert driven.execute_script("return arguments[0].closest('th').ariaSort", heading) == state
        found = driven.execute_script(f"return {shares}")
        if state:
            assert found == sorted(found, reverse=state == "descending") and len(set(found)) > 3
        assert sorted(names(driven)) == sorted(written_order)
        assert driven.execute_script(f"return {below}") == "talk.wav"
    assert names(driven) == written_order
    button = named(driven, "talk.wav")
    assert button.get_attribute("aria-expanded") == "true"
    button.send_keys(Keys.ENTER)
    assert button.get_attribute("aria-expanded") == "false" and not driven.find_elements("css selector", "audio")
    assert driven.switch_to.active_element == button


def test_names_are_sorted_as_words(shown: Callable[..., Any]) -> None:
    driven = shown()
    driven.find_element("css selector", ".recordings thead button").send_keys(Keys.ENTER)
    assert set(names(driven)[-3:]) == {"javascript:window.run=1.wav", "second.wav", "talk.wav"}


def test_segments_are_chosen_and_played_by_keyboard(shown: Callable[..., Any]) -> None:
    driven = shown("talk.wav")
    slider = driven.find_element("css selector", "[role=slider]")
    slider.send_keys(Keys.END)
    assert slider.get_attribute("aria-valuenow") == "12"
    slider.send_keys(Keys.ARROW_RIGHT)  # there is none
    slider.send_keys(Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert slider.get_attribute("aria-valuenow") == "2"
    assert slider.get_attribute("aria-valuetext").startswith("0:05 to 0:10: ")
    assert slider.get_attribute("aria-valuetext").endswith("Note: may not be <b>speech</b>.")
    slider.send_keys(Keys.ENTER)
    until(driven, "document.querySelector('audio').currentTime > 5.3")
    assert 5 < time(driven) < 12
    line = "parseFloat(document.querySelector('.now').getAttribute('x1'))"
    first = driven.execute_script(f"return {line}")
    assert 5 / 60 < first / 100 < 12 / 60
    until(driven, f"{line} > {first}")
    assert slider.get_attribute("aria-valuenow") in "23"
    slider.send_keys(Keys.SPACE)
    assert driven.execute_script("return document.querySelector('audio').paused")


def test_a_click_plays_a_segment_and_silences_the_others(shown: Callable[..., Any]) -> None:
    driven = shown("talk.wav", "second.wav")
    sliders = driven.find_elements("css selector", ".timeline")
    for number, (slider, segment) in enumerate(zip(sliders, (9, 1), strict=True)):
        driven.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", slider)
        share = (segment + 0.5) / (12, 3)[number]
        ActionChains(driven).move_to_element_with_offset(
            slider, int(slider.size["width"] * (share - 0.5)), 0
        ).click().perform()
        assert slider.get_attribute("aria-valuenow") == str(segment + 1)
        until(driven, f"document.querySelectorAll('audio')[{number}].currentTime > {segment * SECONDS}")
        assert driven.execute_script("return [...document.querySelectorAll('audio')].map((each) => each.paused)") == [
            number != 0,
            number != 1,
        ]


def test_a_row_of_the_table_plays_its_segment(shown: Callable[..., Any]) -> None:
    driven = shown("talk.wav")
    driven.find_element("css selector", "summary").send_keys(Keys.ENTER)
    until(driven, "document.querySelectorAll('.go').length === 12")
    driven.find_elements("css selector", ".go")[6].send_keys(Keys.ENTER)
    until(driven, "document.querySelector('audio').currentTime > 30")


@pytest.mark.parametrize("name", MIXED)
def test_every_name_can_be_played(shown: Callable[..., Any], name: str) -> None:
    driven = shown(name.replace("\udcff", r"\udcff"))
    driven.execute_script(
        "document.querySelector('audio').preload = 'metadata'; document.querySelector('audio').load()"
    )
    assert until(driven, "document.querySelector('audio').duration") == MIXED[name] * SECONDS
    assert driven.execute_script("return document.querySelector('.fault').textContent") == ""
    assert driven.get_log("browser") == []


def test_a_file_that_is_gone_is_told(shown: Callable[..., Any], tmp_path: Path) -> None:
    driven = shown(path=written(tmp_path, {"gone away.wav": 3}))  # the only one is open
    driven.find_element("css selector", "[role=slider]").send_keys(Keys.ENTER)
    assert until(driven, "document.querySelector('.fault').textContent").endswith("../sound/gone away.wav")


def test_an_hour_fits_a_phone(shown: Callable[..., Any], tmp_path: Path) -> None:
    driven = shown(path=written(tmp_path, {"hour.wav": 720}))
    resized(driven, 400)
    assert driven.execute_script("return document.documentElement.scrollWidth") == 400
    slider = driven.find_element("css selector", "[role=slider]")
    slider.send_keys(Keys.END)
    assert slider.get_attribute("aria-valuetext").startswith("59:55 to 1:00:00: ")
    box = "(({left, right}) => [left, right])(document.querySelector('.chosen').getBoundingClientRect())"
    left, right = driven.execute_script(f"return {box}")
    assert 0 <= left < right <= 400, "the timeline is scrolled to it"


def test_thousands_can_be_sorted(shown: Callable[..., Any], tmp_path: Path) -> None:
    driven = shown(path=written(tmp_path, {f"speaker {i % 40:02}/{i:04}.wav": 1 for i in range(2000)}))
    driven.find_element("css selector", ".recordings thead button").send_keys(Keys.ENTER)
    found = names(driven)
    assert len(found) == 2000 and found == sorted(found)
    driven.find_element("css selector", ".open").send_keys(Keys.ENTER)
    assert driven.find_element("css selector", ".bars").text.count("%") == 4


def test_it_can_be_printed(shown: Callable[..., Any]) -> None:
    driven = shown("talk.wav", "50%.wav")
    resized(driven, A4, media="print")
    assert driven.execute_script("return document.documentElement.scrollWidth") <= A4


def test_it_is_read_without_its_script(shown: Callable[..., Any]) -> None:
    driven = shown()
    driven.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driven.get(driven.current_url)
        assert "<button" not in driven.page_source and driven.get_log("browser") == []
        rows = driven.find_elements("css selector", ".recordings tbody tr")
        assert len(rows) == len(MIXED) and rows[0].text.startswith("talk.wav 1 min 00 s")
        links = driven.find_elements("css selector", ".recordings a")
        assert all(link.get_attribute("href").startswith("file:///") for link in links)
    finally:
        driven.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
