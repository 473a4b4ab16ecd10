"""Widgets: what ipywidgets' own classes make of the kernel's models, and what its front end sends."""
import time

import comm
import ipywidgets
import pytest
from ipywidgets.widgets import widget as ipywidget

from conftest import SOON

PANEL = """
def f(x, n, pick, rung, on):
    return (x, n, pick, rung, on)
interact(f, x=(0.1, 1.0), n=(0, 100, 5), pick=["near", "far"], rung=[1, 2, 4], on=True)
"""
KINDS = {
    "FloatSliderModel", "IntSliderModel", "DropdownModel", "SelectionSliderModel", "CheckboxModel", "ButtonModel", "HTMLModel",
    "ImageModel", "OutputModel", "VBoxModel", "HBoxModel", "LayoutModel", "SliderStyleModel", "DescriptionStyleModel",
    "CheckboxStyleModel", "ButtonStyleModel", "HTMLStyleModel",
}
OWN = {  # what the kernel sets; every other trait has ipywidgets' default
    "description", "value", "min", "max", "step", "index", "readout_format", "_options_labels", "children", "outputs", "width",
    "height", "icon", "layout", "style", "description_width",
}


class FrontEnd:
    """The twins of the kernel's models, kept as the messages say."""

    def __init__(self, kernel):
        self.kernel, self.models = kernel, {}

    def send(self, kind, content):
        """Sends a message of a comm; what is heard of it is taken in."""
        kc = self.kernel.kc
        msg = kc.session.msg(kind, content)
        kc.shell_channel.send(msg)
        heard = []
        while True:
            m = kc.get_iopub_msg(timeout=SOON)
            self.take(m)
            if m["parent_header"].get("msg_id") != msg["header"]["msg_id"]:
                continue
            heard.append(m)
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                return [m for m in heard if m["msg_type"] != "status"]

    def connect(self):
        """What the widget manager does when it meets a kernel."""
        self.send("comm_open", {"comm_id": "control", "target_name": "jupyter.widget.control", "data": {}})
        answer = self.send("comm_msg", {"comm_id": "control", "data": {"method": "request_states"}})
        self.send("comm_close", {"comm_id": "control", "data": {}})
        return answer

    def take(self, m):
        c = m["content"]
        if m["msg_type"] == "comm_msg" and c["comm_id"] not in self.models:
            return  # of a twin that another page has
        if m["msg_type"] == "comm_open":
            assert c["target_name"] == "jupyter.widget" and m["metadata"]["version"].split(".")[0] == "2"
            self.models[c["comm_id"]] = c["data"]["state"]
        elif m["msg_type"] == "comm_msg" and "state" in c["data"]:
            self.models[c["comm_id"]].update(c["data"]["state"])
        elif m["msg_type"] == "comm_close":
            self.models.pop(c["comm_id"], None)
        if m["msg_type"] in ("comm_open", "comm_msg") and "state" in c["data"]:
            ipywidget._put_buffers(self.models[c["comm_id"]], c["data"]["buffer_paths"], m["buffers"])

    def run(self, code, **options):
        reply, heard = self.kernel.run(code, **options)
        for m in heard:
            self.take(m)
        return reply, heard

    def model(self, name):
        (found,) = [i for i, s in self.models.items() if s["_model_name"] == name]
        return found

    def move(self, name, **state):
        return self.send("comm_msg", {"comm_id": self.model(name), "data": {"method": "update", "state": state, "buffer_paths": []}})

    def until_shown(self, words):
        def shown():
            return words in str(self.models[self.model("OutputModel")]["outputs"])

        limit = time.monotonic() + SOON
        while not shown():
            assert time.monotonic() < limit, self.models[self.model("OutputModel")]["outputs"]
            self.take(self.kernel.kc.get_iopub_msg(timeout=SOON))


@pytest.fixture
def front(kernel):
    f = FrontEnd(kernel)
    f.connect()
    return f


def test_models(front):
    """Names, modules, versions and traits are those of ipywidgets, and ipywidgets takes the states."""
    comm.create_comm = lambda *args, **kwargs: comm.base_comm.BaseComm(*args, **kwargs)
    comm.base_comm.BaseComm.publish_msg = lambda *args, **kwargs: None
    reply, heard = front.run(PANEL)
    assert reply["status"] == "ok"
    opened = [m for m in heard if m["msg_type"] == "comm_open"]
    assert {m["content"]["data"]["state"]["_model_name"] for m in opened} == KINDS
    for m in opened:
        state = m["content"]["data"]["state"]
        cls = ipywidget._registry.get(*(state[k] for k in (
            "_model_module", "_model_module_version", "_model_name", "_view_module", "_view_module_version", "_view_name")))
        assert cls.__module__.startswith("ipywidgets.")
        assert set(state) <= set(cls.class_trait_names(sync=True)), state
        options = {"options": ["near"]} if "_options_labels" in state else {}
        default = cls(**options).get_state()
        for name in set(state) - OWN:
            assert state[name] == default[name], (cls, name)
        own = comm.base_comm.BaseComm(comm_id=m["content"]["comm_id"], primary=False)
        if "_options_labels" in state:  # ipywidgets takes no options from a message
            twin = cls(options=state["_options_labels"], index=state["index"], description=state["description"], comm=own)
            ipywidget._instances[own.comm_id] = twin
        else:
            ipywidgets.Widget.handle_comm_opened(own, m)
            twin = ipywidget._instances[own.comm_id]
        assert type(twin) is cls
        kept = twin.get_state()
        for name in set(state) - {"value", "outputs"} - ({"layout", "style"} if options else set()):
            assert kept[name] == state[name] or list(kept[name]) == list(state[name]), (cls, name)
    (shown,) = [m for m in heard if m["msg_type"] == "display_data"]
    view = shown["content"]["data"]["application/vnd.jupyter.widget-view+json"]
    box = ipywidget._instances[view["model_id"]]
    assert [type(child).__name__ for child in box.children] == [
        "FloatSlider", "IntSlider", "Dropdown", "SelectionSlider", "Checkbox", "HBox", "Output"]
    assert [child.description for child in box.children[:5]] == ["x", "n", "pick", "rung", "on"]
    assert shown["content"]["data"]["text/plain"]


def test_moves(front):
    front.run(PANEL)
    (echo, *_) = front.move("IntSliderModel", value=35)
    assert echo["content"]["data"]["method"] == "echo_update" and echo["content"]["data"]["state"] == {"value": 35}
    front.until_shown("35,")
    front.move("DropdownModel", index=1)
    front.move("SelectionSliderModel", index=2)
    front.move("CheckboxModel", value=False)
    front.until_shown("35, \"far\", 4, False)")
    answer = front.move("IntSliderModel", value=1000)
    assert answer[0]["content"]["data"] == {"method": "update", "state": {"value": 35}, "buffer_paths": []}


def test_reconnect(front):
    """A page that is loaded again gets all states on its control comm."""
    front.run(PANEL)
    front.move("IntSliderModel", value=35)
    (answer,) = FrontEnd(front.kernel).connect()
    states = answer["content"]["data"]["states"]
    assert {s["model_name"] for s in states.values()} == KINDS
    assert states[front.model("IntSliderModel")]["state"]["value"] == 35
    for path in answer["content"]["data"]["buffer_paths"]:
        assert path[1:] == ["state", "value"] and states[path[0]]["model_name"] == "ImageModel"


def test_picture(front):
    """A function that returns an image sends it as a buffer."""
    front.run('t = dataset("mnist-mini")[:20]\ninteract(lambda image: image, image=t)')
    value = front.models[front.model("ImageModel")]["value"]
    assert bytes(value).startswith(b"\x89PNG")
    front.move("SelectionSliderModel", index=7)
    eventually_taken(front, lambda: front.models[front.model("ImageModel")]["value"] != value)


def eventually_taken(front, what):
    limit = time.monotonic() + SOON
    while not what():
        assert time.monotonic() < limit
        front.take(front.kernel.kc.get_iopub_msg(timeout=SOON))


def test_interrupt(front):
    """The stop button ends a drawing; the panel and the kernel go on."""
    front.run("def f(slow):\n    while slow: pass\n    return 'done'\ninteract(f, slow=False)")
    front.move("CheckboxModel", value=True)
    time.sleep(0.3)
    front.kernel.km.interrupt_kernel()
    front.until_shown("interrupted")
    front.move("CheckboxModel", value=False)
    front.until_shown("done")
    assert front.kernel.value("6*7") == "42"


def test_latest_wins(front):
    """Of the moves during a drawing, only the last is drawn."""
    front.run("calls = []\ndef f(n):\n    calls.append(n)\n    sum(range(3000000))\n    return n\ninteract(f, n=(0, 1000))")
    for n in range(200):
        front.kernel.kc.shell_channel.send(front.kernel.kc.session.msg("comm_msg", {
            "comm_id": front.model("IntSliderModel"), "data": {"method": "update", "state": {"n": n, "value": n}, "buffer_paths": []}}))
    front.until_shown("'199'")
    assert 2 <= int(front.kernel.value("len(calls)")) < 100


def test_curve(front):
    """A training is one display that changes; r is the run after an interrupt."""
    kernel = front.kernel
    kernel.run('d = dataset("mnist-mini", split="train")\nc = classifier("linear", d, seed=1)')
    msg_id = kernel.kc.execute("r = train(c, d, gaussian(sigma=0.5), epochs=5000, seed=1, test=d[:0])")
    shown = []
    while len(shown) < 3:
        m = kernel.kc.get_iopub_msg(timeout=SOON)
        if m["msg_type"].endswith("display_data") and "<svg" in m["content"]["data"].get("text/html", ""):
            shown.append(m)
    assert len({m["content"]["transient"]["display_id"] for m in shown}) == 1
    assert len({m["content"]["data"]["text/html"] for m in shown}) == 3
    kernel.km.interrupt_kernel()
    assert kernel.collect(msg_id)[0]["ename"] == "interrupted"
    assert kernel.value('r.state, r.update > 0, r.method.sigma') == '("stopped", True, 0.5)'
