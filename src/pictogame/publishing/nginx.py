"""The configuration of the server of a folder bucket, rendered from the rules of the keys. Pure."""

import re
from pathlib import Path
from typing import NamedTuple

from pictogame.bucket import keys
from pictogame.publishing.errors import CannotServe


class _Rule(NamedTuple):
    """Addresses that `pattern` matches are served as `example` is, a key of that kind."""

    pattern: str
    example: str


_ID = "[a-z2-7]{14}"
_HASH = "[0-9a-f]{64}"
_RULES = (
    *(_Rule(rf"^/r/[0-9a-f]{{12}}/[a-z0-9][a-z0-9.-]*\.{end}$", f"r/0/a.{end}") for end in ("js", "css", "json")),
    *(_Rule(rf"^/m/{_HASH}(-[1-9][0-9]*)?\.{end}$", f"m/a.{end}") for end in ("avif", "jpg", "webp", "png")),
    *(_Rule(rf"^/g/{_ID}\.{end}$", f"g/a.{end}") for end in ("html", "xml", "json", "jpg")),
    _Rule(rf"^/s/{_ID}\.json$", "s/a.json"),
    _Rule(rf"^/live/{_ID}/head\.json$", "live/a/head.json"),
    _Rule(rf"^/live/{_ID}/[0-9]+\.json$", "live/a/1.json"),
    _Rule(r"^/embed\.js$", "embed.js"),
)

_FRAME = """\
# Written by Pictogame at every start; changes are lost.
{user}worker_processes {workers};
daemon off;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 1024; }}
http {{
  map $request_uri $log_key {{ default -; "~^/(?<path>[^?]+)" $path; }}
  map $request_method $log_operation {{ default REST.$request_method.OBJECT; "" -; }}
  map $http_referer $log_referer {{
    default -;
    "~^(?<game>https?://[^/?#@]+(/[^?#]*)?/g/[a-z2-7]{{14}}[.]html)" $game;
    "~^(?<site>https?://[^/?#@]+)" $site/;
  }}
  map $status $allowed_origin {{ volatile; default "*"; 416 ""; }}
  map $status $sniffing {{ volatile; default nosniff; 416 ""; }}
  map $http_range $kept_forever {{ default "{briefly}"; "" "{forever}"; }}
  map $http_range $kept_picture {{ default "{briefly}"; "" "{picture}"; }}
  log_format s3 '{log}';
  access_log access.log s3 buffer=64k flush=1s;
  client_body_temp_path temporary;
  proxy_temp_path temporary;
  fastcgi_temp_path temporary;
  uwsgi_temp_path temporary;
  scgi_temp_path temporary;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  etag on;
  gzip off;
  max_ranges 1;
  keepalive_timeout 60s;
  client_max_body_size 1k;
  types {{ }}
  server {{
    listen {host}:{port};
    server_name _;
    root {folder};
    autoindex off;
    disable_symlinks on from=$document_root;
    merge_slashes off;
    error_page 301 403 404 =404 @nothing;
    error_page 405 =405 @only_reading;
    error_page 416 =416 @beyond;
    if ($request_method !~ ^(GET|HEAD)$) {{ return 405; }}
    location / {{ return 404; }}
    location @nothing {{
      default_type "text/plain; charset=utf-8";
      {common}
      return 404 "There is nothing here.\\n";
    }}
    location @only_reading {{
      default_type "text/plain; charset=utf-8";
      {common}
      add_header Allow "GET, HEAD" always;
      return 405 "This can only be read.\\n";
    }}
    location @beyond {{ set $empty ""; return 416 $empty; }}
{locations}  }}
}}
"""
# The log is written as Amazon S3 writes its own, so that numbers come out of both by one way. It holds no address of a
# visitor's, and of the page that he came from the host alone, unless it is a game's page.
_LOG = (
    '- {bucket} [$time_local] - - $request_id $log_operation $log_key "$request" $status - $body_bytes_sent '
    '$body_bytes_sent - - "$log_referer" "$http_user_agent" - - - - - - - - -'
)
# Headers are made for the whole answer before a part is cut out of it. Where no such part is, nginx makes them again
# for the 416 and keeps the first: so those of every answer are not repeated then, what may be kept for a year is kept
# briefly when a part is asked for, and the 416 has no body, which would not be encoded as the object is.
_COMMON = (
    "add_header Access-Control-Allow-Origin $allowed_origin always;\n"
    "      add_header X-Content-Type-Options $sniffing always;"
)
_KEPT = {keys.FOREVER: "$kept_forever", keys.cache_control("m/a.avif"): "$kept_picture"}


def render(
    *,
    folder: Path,
    host: str,
    port: int,
    pointer_max_age: int,
    user: str = "",
    workers: int = 1,
    bucket_name: str = "pictogame",
) -> str:
    """The whole configuration. `folder`, an absolute path, is served; logs and temporary files lie where nginx starts.

    `user` is `name group` for the workers when root starts the server. Only addresses that are keys are served, each
    with the headers that S3 would give it. `bucket_name` is what the log calls the bucket. Raises
    CannotServe for a path that nginx can't be told.
    """
    locations = "".join(_location(rule, pointer_max_age) for rule in _RULES)
    return _FRAME.format(
        user=f"user {user};\n" if user else "",
        workers=workers,
        folder=_quoted(folder),
        host=host,
        port=port,
        common=_COMMON,
        log=_LOG.format(bucket=bucket_name),
        forever=keys.FOREVER,
        picture=keys.cache_control("m/a.avif"),
        briefly=keys.cache_control("embed.js", pointer_max_age=pointer_max_age),
        locations=locations,
    )


def _location(rule: _Rule, pointer_max_age: int) -> str:
    kind = keys.headers(rule.example, pointer_max_age=pointer_max_age)
    encoding = f"      add_header Content-Encoding {kind.content_encoding};\n" if kind.content_encoding else ""
    kept = _KEPT.get(kind.cache_control, f'"{kind.cache_control}"')
    return (
        f'    location ~ "{rule.pattern}" {{\n'
        f'      default_type "{kind.content_type}";\n'
        f"      add_header Cache-Control {kept};\n"
        f"{encoding}"
        f"      {_COMMON}\n"
        "    }\n"
    )


def _quoted(path: Path) -> str:
    text = str(path)
    if re.search(r"[\"$\\\x00-\x1f]", text):
        raise CannotServe(f"The folder {text!r} has a character in its name that the web server can't take: rename it.")
    return f'"{text}"'
