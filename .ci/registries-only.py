#!/usr/bin/env python3
"""An HTTP proxy that connects to package registries and refuses every other host.

usage: registries-only.py PORT_FILE HOST...

It listens on a free loopback port, writes the port into PORT_FILE, and prints a line for each host the first time it is
asked for. Only CONNECT is served: registries are reached by HTTPS.
"""
import asyncio
import os
import sys


async def relay(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(port_file, allowed):
    seen = set()

    async def handle(reader, writer):
        try:
            words = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0].decode("latin-1").split()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            writer.close()
            return
        method, target = (words + ["", ""])[:2]
        host, _, port = target.rpartition(":") if method == "CONNECT" else (target, "", "")
        permitted = method == "CONNECT" and host in allowed and port == "443"
        if host not in seen:
            seen.add(host)
            print("connects" if permitted else "refuses", host, flush=True)
        if not permitted:
            writer.write(b"HTTP/1.1 403 only package registries are reachable\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        try:
            up_reader, up_writer = await asyncio.open_connection(host, int(port))
        except OSError as e:
            writer.write(f"HTTP/1.1 502 {type(e).__name__}\r\nContent-Length: 0\r\n\r\n".encode())
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 connected\r\n\r\n")
        await asyncio.gather(relay(reader, up_writer), relay(up_reader, writer))

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    with open(port_file + ".new", "w") as f:
        f.write(str(server.sockets[0].getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], set(sys.argv[2:])))
