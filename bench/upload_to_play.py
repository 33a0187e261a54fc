"""How long from the last uploaded byte until the game plays from the bucket.

Studio, worker, publisher and bucket run beside each other. Photographs of 12 to 16 megapixels go up through the
studio's own addresses as its page sends them: three at once, then their order, then publish. The clock runs from the
moment when the last byte of the last picture was handed to the connection, until the page and everything that its
game.xml names are answered by the bucket. Every run sends bytes that were never seen before: the same photographs, each
with a comment of its own in the file.
"""

import argparse
import gzip
import http.client
import json
import os
import re
import secrets
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urljoin, urlsplit
from xml.etree import ElementTree as ET

import pyvips
from tests.story.installation import Installation

from bench._pictures import photographs

AT_ONCE = 3
"""As the studio's page sends them."""
RUNS = 7
REST_SECONDS = 1.5
"""Between runs, as for a creator who comes to a studio that rests."""
DEADLINE_SECONDS = 60
LIMIT = 2.5
"""Seconds, for three photographs on two cores that nothing else uses; the load is written beside it."""
PIECE = 1 << 16
PARTS = ("bucket", "studio", "worker", "publisher")
_TOKEN = re.compile(r'"X-CSRFToken":"(\w+)"')


@dataclass(frozen=True)
class Run:
    """Seconds after the last uploaded byte, and processor seconds of all parts from the first byte on."""

    received: float
    """Until the last upload was answered."""
    wanted: float
    """Until the publish request was answered."""
    playable: float
    cpu: float


class Creator:
    """A browser as far as the studio can tell: a cookie, a token, requests."""

    def __init__(self, site_url: str) -> None:
        self._address = urlsplit(site_url).netloc
        self._site_url = site_url
        self._cookie = self._token = ""

    def begin(self, template: str) -> str:
        """A draft; gives the address of its maker's page."""
        status, headers, page = self._ask("GET", f"/make/{template}/")
        found = _TOKEN.search(page.decode())
        if status != 200 or found is None:
            raise SystemExit(f"The page that begins a game answered {status} without a token.")
        self._token = found[1]
        self._cookie = str(headers.get("Set-Cookie", self._cookie)).split(";")[0]
        status, _, answer = self._ask("POST", f"/make/{template}/", headers={"Accept": "application/json"})
        if status != 201:
            raise SystemExit(f"No draft was made: {status}.")
        return str(json.loads(answer)["edit"])

    def send(self, edit: str, name: str, data: bytes) -> tuple[float, int]:
        """Uploads a picture; gives when its last byte was handed over, and the id that it has in the draft."""
        connection = http.client.HTTPConnection(self._address, timeout=DEADLINE_SECONDS)
        connection.putrequest("PUT", f"{edit}pictures/")
        kind = {"Content-Type": "application/octet-stream", "X-File-Name": quote(name), "HX-Request": "true"}
        for header, value in {**self.own(), **kind, "Content-Length": str(len(data))}.items():
            connection.putheader(header, value)
        connection.endheaders()
        for start in range(0, len(data), PIECE):
            connection.send(data[start : start + PIECE])
        sent = time.perf_counter()
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        found = re.search(r'data-id="(\d+)"', page)
        if answer.status != 201 or found is None:
            raise SystemExit(f"An upload was answered with {answer.status}: {page[:500]}")
        return sent, int(found[1])

    def arrange(self, edit: str, order: list[int]) -> None:
        """Puts the pictures into the order in which they were chosen."""
        self._post(f"{edit}pictures/order/", {"order": ",".join(map(str, order))}, 200)

    def publish(self, edit: str) -> None:
        """Presses Publish, with the choices as they stand on the page."""
        self._post(f"{edit}publish/", {}, 302)

    def _post(self, path: str, form: dict[str, str], wanted: int) -> None:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"} if form else {}
        status, _, page = self._ask("POST", path, urlencode(form), kind)
        if status != wanted:
            raise SystemExit(f"{path.rsplit('/', 2)[-2]} was answered with {status}: {page.decode()[:500]}")

    def _ask(
        self, verb: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection(self._address, timeout=DEADLINE_SECONDS)
        connection.request(verb, path, body or None, {**self.own(), **(headers or {})})
        answer = connection.getresponse()
        found = answer.status, answer.headers, answer.read()
        connection.close()
        return found

    def own(self) -> dict[str, str]:
        """The headers that tell whose browser it is."""
        own = {"Origin": self._site_url, "Cookie": self._cookie, "X-CSRFToken": self._token}
        return {name: value for name, value in own.items() if value}


def fresh(data: bytes) -> bytes:
    """A JPEG with a comment that no other has: the same picture in bytes that were never seen."""
    comment = secrets.token_hex(16).encode()
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + data[2:]


def playable(bucket_url: str, game_id: str) -> None:
    """Waits until the game's page answers, and asks for everything that its game.xml names."""
    page = f"{bucket_url}/g/{game_id}.html"
    end = time.perf_counter() + DEADLINE_SECONDS
    while _answer(page)[0] != 200:
        if time.perf_counter() > end:
            raise SystemExit(f"{page} did not come within {DEADLINE_SECONDS} seconds.")
        time.sleep(0.01)
    xml_url = page.removesuffix(".html") + ".xml"
    status, xml = _answer(xml_url)
    if status != 200:
        raise SystemExit(f"{xml_url} answered {status}.")
    xml = gzip.decompress(xml)
    named = {
        urljoin(xml_url, value)
        for element in ET.fromstring(xml).iter()
        for value in element.attrib.values()
        if value.startswith("../")
    }
    if len(named) < 4:
        raise SystemExit(f"{xml_url} names {len(named)} objects.")
    for url in named:
        if (status := _answer(url, "HEAD")[0]) != 200:
            raise SystemExit(f"{url} is named and answers {status}.")


def _answer(url: str, verb: str = "GET") -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=DEADLINE_SECONDS)
    connection.request(verb, parts.path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def cpu_seconds(pids: list[int]) -> float:
    """Processor time of these processes and all below them, those that ended included."""
    stats: dict[int, tuple[int, float]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended meanwhile.
        ticks = sum(int(field) for field in fields[11:15])
        stats[int(path.parent.name)] = int(fields[1]), ticks / os.sysconf("SC_CLK_TCK")
    family = set(pids)
    while more := {pid for pid, (parent, _) in stats.items() if parent in family} - family:
        family |= more
    return sum(stats[pid][1] for pid in family if pid in stats)


def one_run(installation: Installation, template: str, pictures: list[tuple[str, bytes]]) -> Run:
    """One game, from its draft until it plays."""
    creator = Creator(installation.site_url)
    edit = creator.begin(template)
    pids = [installation.pid(name) for name in PARTS]
    cpu = cpu_seconds(pids)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = list(pool.map(lambda one: creator.send(edit, one[0], fresh(one[1])), pictures))
    began = max(at for at, _ in sent)
    received = time.perf_counter()
    if len(sent) > 1:
        creator.arrange(edit, [pk for _, pk in sent])
    creator.publish(edit)
    wanted = time.perf_counter()
    playable(installation.bucket_url, edit.split("/")[2])
    done = time.perf_counter()
    return Run(received - began, wanted - began, done - began, cpu_seconds(pids) - cpu)


def largest(count: int) -> list[tuple[str, bytes]]:
    """The JPEGs with the most pixels, name and bytes."""

    def pixels(path: Path) -> int:
        header = pyvips.Image.new_from_file(str(path))
        return int(header.width * header.height)

    paths = sorted((path for path in photographs() if path.suffix == ".jpg"), key=pixels, reverse=True)
    return [(path.name, path.read_bytes()) for path in paths[:count]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.upload_to_play", description=__doc__)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    three = largest(3)
    games = {"memory of three photographs": ("memory", three), "jigsaw of one photograph": ("jigsaw", three[:1])}
    found: dict[str, list[Run]] = {name: [] for name in games}
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
        installation.start(*PARTS)
        for number in range(arguments.runs + 1):
            for name, (template, pictures) in games.items():
                time.sleep(REST_SECONDS)
                run = one_run(installation, template, pictures)
                if number:  # The first warms the processes up.
                    found[name].append(run)
                load = os.getloadavg()[0]
                print(f"{name}: {run} (load {load:.1f})", file=sys.stderr)
    rows = []
    for name, runs in found.items():
        limit = LIMIT if len(games[name][1]) > 1 else None
        median = [statistics.median(values) for values in zip(*(astuple(run) for run in runs), strict=True)]
        received, _, until_playable, cpu = median
        rows += [
            _row(f"last byte to playable, {name}, median", until_playable, limit),
            _row(f"the same, slowest of {len(runs)}", max(run.playable for run in runs)),
            _row("of that, until the last upload was answered, median", received),
            _row("processor time of all parts for one game, median", cpu),
        ]
    arguments.json.write_text(json.dumps({"rows": rows, "load": os.getloadavg()}, indent=2) + "\n")


def _row(what: str, value: float, limit: float | None = None) -> dict[str, object]:
    return {"what": what, "value": round(value, 2), "unit": "s", "limit": limit, "better": "lower"}


if __name__ == "__main__":
    main()
