"""What a folder store does on a disk that is full, and on one that may only be read; for a process of its own."""

PROGRAM = """
import json, os, subprocess, sys
from pathlib import Path
from pictogame.storage import StoreProblem
from pictogame.storage.folder import FolderStore

disk = Path(sys.argv[1])
store = FolderStore(disk / "store")
store.put("g/a.xml", b"old")
said = {}


def sentence(act):
    try:
        act()
    except StoreProblem as problem:
        return problem.sentence
    return "nothing"


said["full"] = sentence(lambda: store.put("g/a.xml", bytes(3 << 20)))
said["left"] = os.listdir(disk / "store" / ".unfinished")
said["old"] = store.get("g/a.xml").decode()
store.put("g/room.xml", b"again")
said["room"] = store.get("g/room.xml").decode()
subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
said["readonly"] = [sentence(lambda: store.put("g/a.xml", b"new")), sentence(lambda: store.delete("g/a.xml"))]
said["read"] = store.get("g/a.xml").decode()
print(json.dumps(said))
"""
