"""Executes a notebook: execute.py NOTEBOOK RESULT DIR DIGEST. It runs in DIR; DIGEST is kept in its metadata."""

import os
import sys

import nbformat
from nbclient import NotebookClient



def lasting(outputs):
    """What stays: progress that was shown and cleared leaves nothing, and printed lines belong together whether any was shown between them."""
    kept = []
    for o in outputs:
        if o.output_type == "display_data" and not any(v for k, v in o.data.items() if k.startswith(("text/", "image/"))):
            continue
        if o.output_type == "stream" and kept and kept[-1].output_type == "stream" and kept[-1].name == o.name:
            kept[-1].text += o.text
            continue
        kept.append(o)
    return kept


source, result, work_dir, digest = sys.argv[1:]
nb = nbformat.read(source, as_version=4)
NotebookClient(nb, timeout=600, resources={"metadata": {"path": work_dir}}).execute()
for cell in nb.cells:
    if cell.cell_type == "code":
        cell.metadata.pop("execution", None)  # times of day
        cell.outputs = lasting(cell.outputs)
nb.metadata["smoothlab"] = {"executed": digest}
nb.metadata.pop("language_info", None)
nbformat.validate(nb)
text = nbformat.writes(nb)
with open(result, "w") as out:  # where the data lay is nobody's business
    out.write(text.replace(os.environ.get("SMOOTHLAB_DATA") or "\0", "data") + "\n")
