"""What a frame costs while a group is dragged in a jigsaw of 300 pieces, ours and headbreaker's, in one run.

Both play the same photograph at 1280 x 800 in Chromium, the processor throttled four times, and twelve joined pieces
are moved by real mouse events. Frames are those that the page was asked to draw; the cost of a frame is all processor
time of the main thread, throttled as it is, divided by them.
"""

import argparse
import json
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfile
from typing import Any

import pyvips
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize

from bench._chromium import chromium
from bench._pictures import photographs

RUNTIME = Path(__file__).resolve().parent.parent / "runtime"
THROTTLING = 4
MOVES = 240
SCREEN: ViewportSize = {"width": 1280, "height": 800}

COUNT_FRAMES = """() => {
  window.frames_drawn = 0;
  const count = () => { window.frames_drawn++; requestAnimationFrame(count); };
  requestAnimationFrame(count);
}"""

WATCH_FOR_PIECES = """
  const look = () => {
    if (window.ready) return;
    if (document.querySelector(".pg-play")) window.ready = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""

# From the last byte of what the page asked for: a server that builds at each reload is not what is measured.
READY = """() => {
  const ends = performance.getEntriesByType("resource").map(({ responseEnd }) => responseEnd);
  return window.ready - Math.max(...ends.filter((end) => end < window.ready));
}"""

# Where the rules lay the pieces, in pixels: for each where its middle is, and where it belongs.
PIECES = """async () => {
  const script = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/jigsaw.js")).name;
  const { rules } = (await import(script)).default;
  const game = new DOMParser().parseFromString(document.querySelector("#game").textContent, "text/xml");
  const seed = Number(game.documentElement.getAttribute("seed"));
  const { clientWidth, clientHeight } = document.querySelector(".jigsaw-felt");
  const tray = Math.round((100 * clientWidth) / clientHeight);
  const start = rules.start({ pieces: 300, turned: false }, seed, { count: 1, ratio: 4 / 3 });
  const { spots, cols, width, height } = rules.play(start, { tray });
  const board = document.querySelector(".jigsaw-felt > div");
  const { left, top } = board.getBoundingClientRect();
  const scale = new DOMMatrix(getComputedStyle(board).transform).a;
  return {
    cell: [width * scale, height * scale],
    pieces: spots.map(([x, y], piece) => {
      const [right, down] = [((piece % cols) + 0.5) * width, (Math.floor(piece / cols) + 0.5) * height];
      return [left + (right + x) * scale, top + (down + y) * scale, left + right * scale, top + down * scale];
    }),
  };
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder on a loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def our_page(pictures: Path) -> Iterator[str]:
    """Our jigsaw, made like a published one and served by the runtime's own page for play."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = ["--pictures", str(pictures), "--set", "pieces=300", "--once", "--port", str(port)]
    command = ["node", "build/play.mjs", "jigsaw", *given]
    with subprocess.Popen(command, cwd=RUNTIME, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            if not server.stdout.readline():
                raise SystemExit("The page for play did not start: run `npm ci` in runtime/ first.")
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def their_page(folder: Path) -> None:
    """headbreaker with konva, bundled and minified, and the page around it."""
    bench = RUNTIME / "bench"
    if not (bench / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--prefix", str(bench)], check=True)
    esbuild = RUNTIME / "node_modules" / ".bin" / "esbuild"
    options = ["--bundle", "--minify", f"--outfile={folder / 'headbreaker.js'}", "--log-level=error"]
    subprocess.run([str(esbuild), str(bench / "headbreaker.js"), *options], check=True)
    body = '<div id="puzzle"></div><script src="headbreaker.js"></script>'
    (folder / "index.html").write_text(f'<!doctype html><meta charset="utf-8"><title>bench</title>{body}')


def metrics(session: CDPSession) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}


def dragged(page: Page, session: CDPSession, start: tuple[float, float]) -> dict[str, float]:
    """Drags from a point in a wide curve for four seconds; frames per second, main-thread milliseconds per frame."""
    x, y = start
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 12, steps=3)
    page.wait_for_timeout(300)
    lifted = page.evaluate(
        "() => document.querySelector('.jigsaw-felt > div canvas')?.getBoundingClientRect().width ?? 0"
    )
    page.evaluate(COUNT_FRAMES)
    before, began = metrics(session), time.perf_counter()
    for move in range(MOVES):
        turn = move / MOVES
        page.mouse.move(x + 500 * turn * (1 - turn) * 2, y + 250 * turn * (1 - turn))
        left = began + (move + 1) / 60 - time.perf_counter()
        if left > 0:
            time.sleep(left)
    after, seconds = metrics(session), time.perf_counter() - began
    frames = page.evaluate("() => window.frames_drawn")
    page.mouse.up()
    work = after["TaskDuration"] - before["TaskDuration"]
    return {"fps": round(frames / seconds, 1), "ms_per_frame": round(1000 * work / frames, 2), "width": round(lifted)}


def opened(browser: Browser, url: str) -> tuple[Page, CDPSession]:
    page = browser.new_page(viewport=SCREEN)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLING})
    page.add_init_script(WATCH_FOR_PIECES)
    page.goto(url)
    page.wait_for_function("() => window.ready", timeout=120_000)
    return page, session


def ours(browser: Browser, url: str) -> dict[str, float]:
    page, session = opened(browser, url)
    ready = page.evaluate(READY)
    page.get_by_role("button", name="Play", exact=True).click()
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    board = page.evaluate(PIECES)
    wide, high = board["cell"]
    # A block of 4 x 3 is joined in the middle of the picture, but three cells away from where it belongs.
    for line in range(3):
        for col in range(4):
            x, y, right, down = board["pieces"][line * 20 + col]
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(right + 3 * wide, down + 3 * high, steps=3)
            page.mouse.up()
            page.wait_for_timeout(900)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLING})
    _, _, right, down = board["pieces"][21]
    found = dragged(page, session, (right + 3 * wide, down + 3 * high))
    page.close()
    if not 4 * wide < found["width"] < 6 * wide:
        raise SystemExit(f"What was dragged is {found['width']} pixels wide: not a block of four pieces.")
    return {**found, "ready_ms": round(ready)}


def theirs(browser: Browser, url: str) -> dict[str, float]:
    page, session = opened(browser, url)
    found = dragged(page, session, (336.0, 336.0))
    ready = page.evaluate(READY)
    page.close()
    return {**found, "ready_ms": round(ready)}


def row(what: str, value: float, unit: str, limit: float | None, better: str) -> dict[str, object]:
    return {"what": what, "value": value, "unit": unit, "limit": limit, "better": better}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, required=True)
    out: Path = parser.parse_args().json
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        pictures, site = Path(scratch) / "pictures", Path(scratch) / "site"
        pictures.mkdir()
        site.mkdir()
        photograph = next(path for path in photographs() if path.suffix.lower() in {".jpg", ".jpeg"})
        copyfile(photograph, pictures / "picture.jpg")
        thumbnail = pyvips.Image.thumbnail(str(photograph), 1280, height=960, crop="centre")
        thumbnail.write_to_file(str(site / "picture.jpg[Q=80,keep=none]"))
        their_page(site)
        with our_page(pictures) as mine, served(site) as other:
            found = {"ours": ours(browser, mine), "headbreaker": theirs(browser, other)}
    rows = [
        row("300 pieces, a group dragged, processor throttled 4 times", found["ours"]["fps"], "frames/s", 58, "higher"),
        row("main-thread work per frame, throttled", found["ours"]["ms_per_frame"], "ms", None, "lower"),
        row("ready to play after the last byte, throttled", found["ours"]["ready_ms"], "ms", None, "lower"),
        row("headbreaker: the same drag", found["headbreaker"]["fps"], "frames/s", None, "higher"),
        row("headbreaker: main-thread work per frame", found["headbreaker"]["ms_per_frame"], "ms", None, "lower"),
        row("headbreaker: ready to play after the last byte", found["headbreaker"]["ready_ms"], "ms", None, "lower"),
    ]
    out.write_text(json.dumps({"rows": rows, **found}, indent=2) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
