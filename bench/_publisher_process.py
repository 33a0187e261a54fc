"""One publisher of several: waits for a line on standard input, publishes until nothing is due, and says what it took.

Settings come from the environment. The answer is JSON: seconds, CPU seconds, PUTs, and peak memory in megabytes.
"""

import gc
import json
import os
import resource
import sys
import time
from typing import Any


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictogame.config.settings")
    import django

    django.setup()
    from pictogame.games.models import Game
    from pictogame.publishing.publisher import Publisher
    from pictogame.storage.remote import S3Store

    count = 0

    class Counting(S3Store):
        def put(self, key: str, data: Any, **headers: Any) -> None:
            nonlocal count
            count += 1
            super().put(key, data, **headers)

    credentials: Any = {"access_key_id": "a", "secret_access_key": "b", "token": None, "expires_at": None}
    bucket = Counting("bench", endpoint=os.environ["BENCH_SINK"], credentials=lambda: credentials)
    with Publisher(bucket=bucket, batch=int(os.environ.get("BENCH_BATCH", "256"))) as publisher:
        publisher.step()
        gc.collect()
        gc.freeze()
        print("ready", flush=True)
        for _ in sys.stdin:
            count, before, start = 0, resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
            while publisher.step() or Game.objects.filter(due_at__isnull=False).exists():
                pass
            after = resource.getrusage(resource.RUSAGE_SELF)
            told = {
                "seconds": time.perf_counter() - start,
                "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
                "puts": count,
                "peak_mb": after.ru_maxrss / 1024,
            }
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
