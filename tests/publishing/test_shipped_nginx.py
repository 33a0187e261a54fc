"""The nginx that docs/how-to/nginx.md sets up serves what our own server serves."""

import re
import subprocess
from pathlib import Path

from pictogame.bucket import keys
from pictogame.publishing import nginx
from pictogame.publishing.server import nginx_binary

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "nginx"


def squeezed(text: str) -> str:
    """Without comments, and with one blank wherever there are some."""
    return re.sub(r"\s+", " ", re.sub(r"(?m)^\s*#.*$|  #.*$", "", text)).strip()


def blocks(text: str) -> set[str]:
    """Every location."""
    return {squeezed(found) for found in re.findall(r"location [^{]*(?:\"[^\"]*\" )?\{.*?\n\s*\}\n", text, re.DOTALL)}


def test_its_addresses_and_headers_are_those_of_our_server() -> None:
    ours = nginx.render(
        folder=Path("/srv/pictogame/bucket"), host="127.0.0.1", port=1, pointer_max_age=keys.POINTER_MAX_AGE
    )
    assert blocks((SHIPPED / "bucket.conf").read_text()) == blocks(ours)
    assert len(blocks(ours)) > 10


def test_it_writes_the_log_that_ours_writes_and_has_its_maps() -> None:
    ours = nginx.render(folder=Path("/b"), host="127.0.0.1", port=1, pointer_max_age=60)
    shipped = squeezed((SHIPPED / "bucket.conf").read_text())
    for part in (
        *re.findall(r"(?m)^  map (?:[^\n]*\}$|[^\n]*\{\n(?:    .*\n)+  \})", ours),
        re.findall(r"log_format s3 '.*?';", ours)[0],
    ):
        assert squeezed(part) in shipped


def test_nginx_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    site = (SHIPPED / "bucket.conf").read_text().replace("/var/log/nginx", str(tmp_path))
    site = site.replace("listen 80;", "listen 127.0.0.1:8;").replace("listen [::]:80;", "")
    (tmp_path / "conf.d" / "bucket.conf").write_text(site.replace("/srv/pictogame/bucket", str(tmp_path)))
    frame = (SHIPPED / "nginx.conf").read_text()
    for named, here in (
        ("/etc/nginx/conf.d", f"{tmp_path}/conf.d"),
        ("/run/nginx.pid", f"{tmp_path}/pid"),
        ("/var/log/nginx", str(tmp_path)),
        ("user www-data;", ""),
    ):
        assert named in frame
        frame = frame.replace(named, here)
    temporary = "".join(
        f"  {kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(frame.replace("http {\n", f"http {{\n{temporary}"))
    command = [str(nginx_binary()), "-t", "-p", f"{tmp_path}/", "-c", "nginx.conf", "-e", "error.log"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
