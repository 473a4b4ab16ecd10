"""Starts the JupyterLab of this environment, asks it for its page and its kernels, and runs a cell in each."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
from nbclient import NotebookClient

CELLS = {
    "smoothlab": ("x = 6 * 7\nprint(x)", "42"),
    "gonb": ('%%\nfmt.Println(6 * 7)', "42"),
}


def ask(address, path, token):
    request = urllib.request.Request(address + path, headers={"Authorization": "token " + token})
    limit = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.read().decode()
        except urllib.error.URLError as e:  # the address is printed shortly before the server listens
            if not isinstance(e.reason, ConnectionRefusedError) or time.monotonic() > limit:
                sys.exit(f"{address}{path}: {e.reason}")
            time.sleep(0.2)


def served():
    lab = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root", "--ServerApp.open_browser=False"],
        stderr=subprocess.PIPE, text=True)
    try:
        for line in lab.stderr:
            found = re.search(r"(http://127\.0\.0\.1:\d+)/lab\?token=(\w+)", line)
            if found:
                address, token = found.groups()
                break
        else:
            sys.exit("JupyterLab ended before it printed its address")
        if "JupyterLab" not in ask(address, "/lab", token):
            sys.exit("/lab is not JupyterLab's page")
        return set(json.loads(ask(address, "/api/kernelspecs", token))["kernelspecs"])
    finally:
        lab.terminate()
        lab.communicate(timeout=60)


def main():
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    kernels = served()
    for name, (source, want) in CELLS.items():
        if name not in kernels:
            sys.exit(f"JupyterLab lists {sorted(kernels)}, without {name}")
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        NotebookClient(book, kernel_name=name, timeout=300).execute()
        text = "".join(output.get("text", "") for output in book.cells[0].outputs)
        if text.strip() != want:
            sys.exit(f"{name}: the cell printed {text!r}, want {want}")
        print(f"{name}: a cell ran")


main()
