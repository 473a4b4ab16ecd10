"""Our kernel beside ipykernel: the same client, in turns, medians in milliseconds."""
import statistics
import time

from jupyter_client.manager import KernelManager

KERNELS = ("smoothlab", "python3")


def until_idle(kc, msg_id):
    while True:
        m = kc.get_iopub_msg(timeout=60)
        if m["parent_header"].get("msg_id") == msg_id and m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
            break
    while kc.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != msg_id:
        pass


def timed(what):
    begun = time.perf_counter()
    result = what()
    return 1000 * (time.perf_counter() - begun), result


def start(name):
    km = KernelManager(kernel_name=name)
    km.start_kernel()
    kc = km.client()
    kc.start_channels()
    kc.wait_for_ready(timeout=60)
    return km, kc


times = {}


def note(what, name, ms):
    times.setdefault(what, {}).setdefault(name, []).append(ms)


for turn in range(6):
    for name in KERNELS:
        ms, (km, kc) = timed(lambda: start(name))
        until_idle(kc, kc.execute("1+1"))
        if turn > 0:  # the first warms the caches of files
            note("start to the first prompt", name, ms)
            for _ in range(200):
                note("execute_request of 1+1 to idle", name, timed(lambda: until_idle(kc, kc.execute("1+1")))[0])
            note("10,000 lines of print", name, timed(lambda: until_idle(kc, kc.execute("for i in range(10000):\n    print(i)")))[0])
        kc.stop_channels()
        km.shutdown_kernel(now=True)

print(f"{'':32}{'smoothlab':>12}{'ipykernel':>12}{'ratio':>8}")
for what, by in times.items():
    ours, theirs = (statistics.median(by[name]) for name in KERNELS)
    print(f"{what:32}{ours:12.2f}{theirs:12.2f}{theirs / ours:8.1f}")
