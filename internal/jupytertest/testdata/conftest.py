"""A kernel for each test that wants one; messages as the tests look at them."""
import time

import pytest
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import KernelManager

SOON = 30  # seconds, more than anything here should take


class Kernel:
    """A kernel with a client, and what people do with both."""

    def __init__(self):
        self.km = KernelManager(kernel_name="smoothlab")
        self.km.start_kernel()
        self.connect()

    def connect(self):
        self.kc = self.client()

    def client(self):
        kc = BlockingKernelClient(connection_file=self.km.connection_file)  # km.client() would number its messages like its twin
        kc.load_connection_file()
        kc.start_channels()
        kc.wait_for_ready(timeout=SOON)
        return kc

    def run(self, code, kc=None, **options):
        """The reply to a cell, and what was heard of it."""
        kc = kc or self.kc
        return self.collect(kc.execute(code, **options), kc)

    def collect(self, msg_id, kc=None):
        kc = kc or self.kc
        heard = []
        while True:
            m = kc.get_iopub_msg(timeout=SOON)
            if m["parent_header"].get("msg_id") != msg_id:
                continue
            heard.append(m)
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                break
        while True:
            reply = kc.get_shell_msg(timeout=SOON)
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply["content"], heard

    def value(self, code, kc=None):
        """The text of a cell's value."""
        reply, heard = self.run(code, kc)
        assert reply["status"] == "ok", reply
        return [m["content"]["data"]["text/plain"] for m in heard if m["msg_type"] == "execute_result"][0]

    def until_busy(self, msg_id):
        while True:
            m = self.kc.get_iopub_msg(timeout=SOON)
            if m["parent_header"].get("msg_id") == msg_id and m["msg_type"] not in ("status", "execute_input"):
                return


def eventually(what, seconds=SOON):
    limit = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < limit, "it does not happen"
        time.sleep(0.02)


@pytest.fixture
def kernel():
    k = Kernel()
    yield k
    k.kc.stop_channels()
    k.km.shutdown_kernel(now=True)
