"""Executes a notebook: execute.py NOTEBOOK RESULT FOLDER DIGEST. It runs in FOLDER; DIGEST is kept in its metadata."""

import sys

import nbformat
from nbclient import NotebookClient

source, result, folder, digest = sys.argv[1:]
nb = nbformat.read(source, as_version=4)
NotebookClient(nb, timeout=600, resources={"metadata": {"path": folder}}).execute()
for cell in nb.cells:
    if cell.cell_type == "code":
        cell.metadata.pop("execution", None)  # times of day
        # Progress that was shown and cleared leaves nothing; numbers of processes are nobody's business.
        cell.outputs = [o for o in cell.outputs if o.get("data", {}) or o.get("text") or o.output_type == "error"]
nb.metadata["smoothlab"] = {"executed": digest}
nb.metadata.pop("language_info", None)
nbformat.validate(nb)
nbformat.write(nb, result)
