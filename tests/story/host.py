"""Somebody else's web page: a site of another origin that embeds widgets as blogs do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def page_with(*frames: str) -> str:
    """An article that holds the given iframe elements, with text above and below so that it scrolls."""
    words = "<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 12
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>A blog</title><main><h1>A blog</h1>{''.join(frames)}{words}</main></html>"
    )


def sandboxed(url: str, *, width: int = 640, height: int = 560) -> str:
    """The frame as WordPress writes it for a provider that it does not know: scripts, and an opaque origin."""
    return (
        f'<iframe sandbox="allow-scripts" src="{escape(url)}" width="{width}" height="{height}" '
        'title="A game" scrolling="no" frameborder="0"></iframe>'
    )


@contextmanager
def host_page(html: str) -> Iterator[str]:
    """Serves one page on another name of this machine than the bucket's; yields its address."""
    body = html.encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A browser asks every site for its icon; this one has none, and says so without an error.
            self.send_response({"/": 200, "/favicon.ico": 204}.get(self.path, 404))
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if self.path == "/":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing: the test says what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
