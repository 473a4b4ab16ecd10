"""nbclient executes a notebook, as nbconvert and every "run all" does."""
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def execute(*cells, **options):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(nb, kernel_name="smoothlab", timeout=60, **options).execute()
    nbformat.validate(nb)
    return nb


def test_tour():
    nb = execute(
        'd, t = dataset("mnist-mini", split="train"), dataset("mnist-mini")[::100]\nc = classifier("linear", d, seed=1)',
        'train(c, d, gaussian(sigma=0.5), epochs=1, seed=1)',
        'k = certify(c, t, sigma=0.5, n=100, seed=1)\nk.acr > 0',
        'show(t[3])',
        'plot(k)',
        'fmt(k.acr, 3)',
    )
    outputs = [c.outputs for c in nb.cells]
    assert outputs[0] == []
    assert any("gaussian sigma=0.5" in o.get("data", {}).get("text/plain", "") for o in outputs[1])
    assert outputs[2][-1].data["text/plain"] == "True"
    assert "image/png" in outputs[3][0].data
    assert "<svg" in outputs[4][-1].data["image/svg+xml"] and "<svg" in outputs[4][-1].data["text/html"]
    assert outputs[4][-1].data["application/vnd.smoothlab+json"]["type"] == "smoothlab.figure/1"
    assert [c.execution_count for c in nb.cells] == [1, 2, 3, 4, 5, 6]


def test_error():
    with pytest.raises(CellExecutionError, match="did you mean"):
        execute('dataset("mnits")', "6*7")
    nb = execute('dataset("mnits")', "6*7", allow_errors=True)
    assert nb.cells[0].outputs[0].output_type == "error"
    assert nb.cells[1].outputs[0].data["text/plain"] == "42"


def test_frames():
    """Without widgets, a page of ready frames that needs no kernel."""
    nb = execute('interact(lambda n, on: (n, on), n=[1, 2, 3], on=False)')
    (shown,) = [o for o in nb.cells[0].outputs if "smoothlab-frame" in o.get("data", {}).get("text/html", "")]
    page = shown.data["text/html"]
    assert page.count('class="smoothlab-frame"') == 6 and page.count('frame" hidden') == 5
    assert all(f"({n}, {on})" in page for n in (1, 2, 3) for on in (True, False))
    assert shown.data["text/plain"] == "(1, False)" and "http" not in page
