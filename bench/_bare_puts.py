"""Bare obstore PUTs: the blocking API in threads, bytes in memory, nothing else in the process.

The port of the server is the argument. Each line of standard input names a folder with `puts.json`, a list of key, size
and headers, and `bytes`, what is put one after the other; the answer is the seconds of CPU, user and system, that
putting them took. Ends with its standard input.
"""

import gc
import json
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obstore
from obstore.store import S3Store

THREADS = 8


def main() -> None:
    store = S3Store(
        "bench", endpoint=f"http://127.0.0.1:{sys.argv[1]}", region="us-east-1", access_key_id="a",
        secret_access_key="b", client_options={"allow_http": True}, virtual_hosted_style_request=False,
    )  # fmt: skip
    with ThreadPoolExecutor(THREADS) as pool:
        for line in sys.stdin:
            folder = Path(line.strip())
            data, puts, start = (folder / "bytes").read_bytes(), [], 0
            for key, size, headers in json.loads((folder / "puts.json").read_text()):
                puts.append((key, data[start : start + size], headers))
                start += size
            gc.collect()
            print(_cpu_of(store, pool, puts), flush=True)


def _cpu_of(store: S3Store, pool: ThreadPoolExecutor, puts: list[tuple[str, bytes, dict[str, str]]]) -> float:
    left = iter(puts)

    def work() -> None:
        for key, data, headers in left:
            obstore.put(store, key, data, attributes=headers)

    before = resource.getrusage(resource.RUSAGE_SELF)
    for done in [pool.submit(work) for _ in range(THREADS)]:
        done.result()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
