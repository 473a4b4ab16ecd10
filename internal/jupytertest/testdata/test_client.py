"""What jupyter_client, and with it every front end, does with a kernel: libzmq is on its side."""
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from jupyter_client.session import Session

from conftest import SOON, eventually

LONG = 'c = classifier("linear", seed=1)\nd = dataset("mnist-mini", split="train")\nr = train(c, d, gaussian(sigma=0.5), epochs=5000)'


def test_interrupt(kernel):
    msg_id = kernel.kc.execute(LONG)
    kernel.until_busy(msg_id)  # a progress display
    begun = time.monotonic()
    kernel.km.interrupt_kernel()
    reply, heard = kernel.collect(msg_id)
    assert reply["status"] == "error" and reply["ename"] == "interrupted"
    assert time.monotonic() - begun < 5
    assert [m["content"]["ename"] for m in heard if m["msg_type"] == "error"] == ["interrupted"]
    assert kernel.value("6*7") == "42"


def test_progress(kernel):
    msg_id = kernel.kc.execute('c = classifier("linear", seed=1)\nd = dataset("mnist-mini", split="train")\ntrain(c, d, gaussian(), epochs=8)')
    begun = time.monotonic()
    reply, heard = kernel.collect(msg_id)
    assert reply["status"] == "ok"
    shown = [m for m in heard if m["msg_type"].endswith("display_data") and "application/vnd.smoothlab.progress+json" in m["content"]["data"]]
    assert 2 <= len(shown) <= (time.monotonic() - begun) * 10 + 4
    assert [m["msg_type"] for m in shown].count("display_data") == len({m["content"]["transient"]["display_id"] for m in shown})
    assert shown[-1]["content"]["data"]["text/plain"] == ""
    typed = [m["content"]["data"].get("application/vnd.smoothlab+json", {}).get("type") for m in heard if "data" in m["content"]]
    assert "smoothlab.run/1" in typed


def test_stdin(kernel):
    msg_id = kernel.kc.execute('print("first")\nname = input("name? ")', allow_stdin=True)
    question = kernel.kc.get_stdin_msg(timeout=SOON)
    assert question["content"] == {"prompt": "name? ", "password": False}
    kernel.kc.input("Größe 😀")
    assert kernel.collect(msg_id)[0]["status"] == "ok"
    assert kernel.value("name") == '"Größe 😀"'
    reply, _ = kernel.run('input("x")', allow_stdin=False)
    assert reply["status"] == "error" and "does not accept input" in reply["evalue"]
    msg_id = kernel.kc.execute('input("again? ")', allow_stdin=True)
    kernel.kc.get_stdin_msg(timeout=SOON)
    kernel.km.interrupt_kernel()
    assert kernel.collect(msg_id)[0]["ename"] == "interrupted"


def test_abort(kernel):
    ids = [kernel.kc.execute(code) for code in ["x = 1", "fail('no')", "x = 2", "x = 3"]]
    replies = {}
    while len(replies) < len(ids):
        m = kernel.kc.get_shell_msg(timeout=SOON)
        replies[m["parent_header"]["msg_id"]] = m["content"]["status"]
    assert [replies[i] for i in ids] == ["ok", "error", "aborted", "aborted"]
    assert kernel.value("x") == "1"
    ids = [kernel.kc.execute(code, stop_on_error=False) for code in ["fail('no')", "x = 2"]]
    assert [kernel.kc.get_shell_msg(timeout=SOON)["content"]["status"] for _ in ids] == ["error", "ok"]


def test_restart(kernel):
    pid = kernel.km.provisioner.pid
    kernel.run("x = 1")
    kernel.kc.stop_channels()
    kernel.km.restart_kernel()
    kernel.connect()
    assert kernel.km.provisioner.pid != pid
    reply, _ = kernel.run("x")
    assert reply["status"] == "error"
    assert kernel.value("6*7") == "42"


def test_shutdown(kernel):
    kernel.run("x = 1")
    msg_id = kernel.kc.execute(LONG)
    kernel.until_busy(msg_id)
    begun = time.monotonic()
    kernel.km.shutdown_kernel()  # kills after five seconds
    assert time.monotonic() - begun < 4.5
    assert not os.path.exists(kernel.km.connection_file)


@pytest.mark.parametrize("how", [signal.SIGABRT, signal.SIGKILL])
def test_death(kernel, how):
    """XLA aborts the process: front ends see that at once, and start it again on the same ports."""
    kernel.run("x = 1")
    ports = kernel.km.ports
    os.kill(kernel.km.provisioner.pid, how)
    eventually(lambda: not kernel.km.is_alive(), 2)
    kernel.kc.stop_channels()
    kernel.km.restart_kernel(now=True)
    kernel.connect()
    assert kernel.km.ports == ports
    assert kernel.value("6*7") == "42"


def test_orphan(tmp_path):
    """A front end that is gone without a word takes its kernel along."""
    code = """if True:
        import os
        from jupyter_client.manager import KernelManager
        km = KernelManager(kernel_name="smoothlab")
        km.start_kernel()
        kc = km.client(); kc.start_channels(); kc.wait_for_ready(timeout=30)
        print(km.provisioner.pid, flush=True)
        os._exit(0)
    """
    pid = int(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, timeout=60).stdout)

    def gone():
        try:
            with open(f"/proc/{pid}/stat") as f:
                return f.read().rsplit(")", 1)[1].split()[0] == "Z"  # nobody waits for it in a container
        except FileNotFoundError:
            return True

    eventually(gone, 10)


def test_history(kernel):
    kernel.run("remembered = 17")
    kernel.kc.stop_channels()
    kernel.km.restart_kernel()
    kernel.connect()
    kernel.run("fresh = 18")

    def asked(**content):
        kernel.kc.history(**content)
        while True:
            m = kernel.kc.get_shell_msg(timeout=SOON)
            if m["msg_type"] == "history_reply":
                return [h[2] for h in m["content"]["history"]]

    assert asked(hist_access_type="tail", n=2) == ["remembered = 17", "fresh = 18"]
    assert asked(hist_access_type="range", session=0, start=1) == ["fresh = 18"]
    assert asked(hist_access_type="range", session=-1, start=1) == ["remembered = 17"]
    assert asked(hist_access_type="search", pattern="rem*17", n=1) == ["remembered = 17"]


def test_signatures(kernel):
    """A message under another key, or without one, or sent twice, is not run."""
    kc = kernel.kc
    for key in [b"wrong", b""]:
        session = Session(key=key)
        session.send(kc.shell_channel.socket, session.msg("execute_request", {"code": "x = 666", "silent": False}))
    session = Session(key=kernel.km.session.key)
    msg = session.msg("execute_request", {"code": "print('once')", "silent": False})
    frames = session.serialize(msg)
    for _ in range(2):
        kc.shell_channel.socket.send_multipart(frames)
    reply, heard = kernel.collect(msg["header"]["msg_id"])
    assert reply["status"] == "ok"
    reply, _ = kernel.run("x")
    assert reply["status"] == "error" and 'unknown name "x"' in reply["evalue"]
    kc.shell_channel.socket.send_multipart([b"no delimiter"])
    kc.shell_channel.socket.send_multipart([b"<IDS|MSG>"])
    kc.shell_channel.socket.send_multipart([b""])
    assert kernel.value("6*7") == "42"


def test_silent_connections(kernel):
    """They keep nobody from connecting, and neither do those who say something else or claim to send much."""
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)
    ready = b"\x04\x1d\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
    ready = b"\x04" + bytes([len(ready) - 2]) + ready[2:]
    held = []
    for port in kernel.km.ports:
        for said in [b"", b"GET / HTTP/1.1\r\n\r\n", greeting, greeting + ready + b"\x02\x7f" + b"\xff" * 7]:
            s = socket.create_connection(("127.0.0.1", port))
            s.sendall(said)
            held.append(s)
    kc = kernel.client()
    assert kernel.value("6*7", kc) == "42"
    kc.stop_channels()
    for s in held:
        s.close()


def test_two_clients(kernel):
    """Each hears of all and can tell its own; the heartbeat goes on during work."""
    other = kernel.client()
    mine, theirs = kernel.kc.execute("print('mine')"), other.execute("print('theirs')")

    def text(kc, msg_id):
        _, heard = kernel.collect(msg_id, kc)
        return "".join(m["content"]["text"] for m in heard if m["msg_type"] == "stream")

    assert text(kernel.kc, mine) == "mine\n"
    assert text(other, theirs) == "theirs\n"
    msg_id = kernel.kc.execute(LONG)
    kernel.until_busy(msg_id)
    time.sleep(1.5)
    assert other.is_alive() and other.hb_channel.is_beating()
    kernel.km.interrupt_kernel()
    kernel.collect(msg_id)
    other.stop_channels()


def test_many_lines(kernel):
    reply, heard = kernel.run("for i in range(10000):\n    print(i)")
    text = "".join(m["content"]["text"] for m in heard if m["msg_type"] == "stream")
    assert text == "".join(f"{i}\n" for i in range(10000))
    assert reply["status"] == "ok"
