"""An S3 server that can only list, and say what lies under a few keys: a million objects without storing one.

`python -m bench._listing FILE` serves the lines `key size` of the file, in their order, a thousand a page, and prints
its port. HEAD knows the keys of FILE.odd. Ends with its standard input.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PAGE = 1000
_HEAD = '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
_ENTRY = (
    "<Contents><Key>{}</Key><LastModified>2026-11-23T00:00:00.000Z</LastModified>"
    '<ETag>"0"</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>'
)


def serve(path: Path) -> None:
    odd = dict(line.split() for line in Path(f"{path}.odd").read_text().splitlines())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            size = odd.get(urlsplit(self.path).path.removeprefix("/bench/"))
            self.send_response(404 if size is None else 200)
            self.send_header("Content-Length", size or "0")
            self.send_header("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT")
            self.send_header("ETag", '"0"')
            self.end_headers()

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            with path.open() as file:
                file.seek(int(asked.get("continuation-token", ["0"])[0]))
                lines = [line for line in (file.readline() for _ in range(PAGE)) if line]
                at = file.tell()
                more = bool(file.readline())
            token = f"<NextContinuationToken>{at}</NextContinuationToken>" if more else ""
            entries = "".join(_ENTRY.format(*line.split()) for line in lines)
            body = (
                f"{_HEAD}<IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}</ListBucketResult>"
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
