"""What a first play weighs: bytes and requests on the wire, in Chromium with an empty cache, straight from the bucket.

For each photograph a jigsaw is made and played at 640 CSS px and ratio 1, then on a phone of 360 px and ratio 3.
Bytes are those that Chromium counts for each answer, headers included.
"""

import argparse
import json
import statistics
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from tests.story.installation import Installation

from bench._chromium import chromium
from bench._pictures import photographs

DESKTOP = {"viewport": {"width": 640, "height": 540}, "device_scale_factor": 1.0}
PHONE = {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 3.0, "is_mobile": True, "has_touch": True}


def weigh(browser: Browser, url: str, screen: dict[str, Any]) -> list[tuple[str, int]]:
    """Address and bytes of every answer, from opening the page until the game is in play and the network is quiet."""
    context = browser.new_context(**screen)
    page = context.new_page()
    network = context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    answers: list[tuple[str, int]] = []
    network.on("Network.requestWillBeSent", lambda e: addresses.__setitem__(e["requestId"], e["request"]["url"]))
    network.on(
        "Network.loadingFinished",
        lambda e: answers.append((addresses.get(e["requestId"], "?"), int(e["encodedDataLength"]))),
    )
    network.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(300)
    page.wait_for_load_state("networkidle")
    context.close()
    return answers


def name_of(address: str) -> str:
    """The last part of an address."""
    return address.rsplit("/", 1)[1]


def body_of(address: str) -> int:
    """Bytes of an object as stored, without the headers of the answer."""
    request = urllib.request.Request(address, method="HEAD")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.headers["Content-Length"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, required=True)
    out: Path = parser.parse_args().json
    each: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation, chromium() as browser:
        installation.start("bucket")
        for picture in photographs():
            game = installation.run_json("make", str(picture), "--template", "jigsaw")
            desktop, phone = (weigh(browser, game["page"], screen) for screen in (DESKTOP, PHONE))
            code = {name_of(address): body_of(address) for address, _ in desktop if "/r/" in address}
            finale = code.pop("finale.js", 0)
            each.append(
                {
                    "picture": picture.name,
                    "desktop_bytes": sum(size for _, size in desktop),
                    "phone_bytes": sum(size for _, size in phone),
                    "code_bytes": sum(code.values()),
                    "finale_bytes": finale,
                    "requests": max(len(desktop), len(phone)),
                    "answers": desktop,
                }
            )
    median = {name: statistics.median(row[name] for row in each) for name in ("desktop_bytes", "phone_bytes")}
    rows = [
        {
            "what": "first play at 640 px, ratio 1, median",
            "value": round(median["desktop_bytes"] / 1000, 1),
            "unit": "KB",
            "limit": 50,
            "better": "lower",
        },
        {
            "what": "first play on a phone, 360 px, ratio 3, median",
            "value": round(median["phone_bytes"] / 1000, 1),
            "unit": "KB",
            "limit": 75,
            "better": "lower",
        },
        {
            "what": "code as transferred until play: loader, jigsaw, skin",
            "value": round(max(row["code_bytes"] for row in each) / 1024, 2),
            "unit": "KiB",
            "limit": 12,
            "better": "lower",
        },
        {
            "what": "the finale, fetched while one plays (in the sums above)",
            "value": round(max(row["finale_bytes"] for row in each) / 1024, 2),
            "unit": "KiB",
            "limit": None,
            "better": "lower",
        },
        {
            "what": "requests of a first play, most",
            "value": max(row["requests"] for row in each),
            "unit": "requests",
            "limit": 6,
            "better": "lower",
        },
    ]
    out.write_text(json.dumps({"rows": rows, "each": each}, indent=2))


if __name__ == "__main__":
    main()
