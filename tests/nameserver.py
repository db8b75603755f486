"""DNS servers on loopback for tests: Debian's dnsmasq and rbldnsd, and one of our own
that misbehaves as told."""
import os
import shutil
import socket
import struct
import subprocess
import threading
import time

TYPE_A, TYPE_PTR, TYPE_AAAA = 1, 12, 28
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
PATHS = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
START_S = 20


def tool(name):
    """Where the program is; None if it is not installed."""
    return shutil.which(name, path=PATHS)


def free_port():
    """A UDP port of 127.0.0.1 that nobody uses for UDP nor TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port = udp.getsockname()[1]
            try:
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wire_name(name):
    """A name as on the wire. NAME: text, or a list of labels as bytes."""
    labels = [part.encode() for part in name.split(".") if part] if isinstance(name, str) else name
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def question(message):
    """(name, type, bytes of the question) of a query."""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode("latin-1"))
        at += 1 + message[at]
    return ".".join(labels).lower(), struct.unpack(">H", message[at + 1:at + 3])[0], message[12:at + 5]


def answer(message, rcode, records=(), flags=0x8180):
    """The answer to a query; RECORDS: (type, data)."""
    _, _, asked = question(message)
    head = message[:2] + struct.pack(">HHHHH", flags | rcode, 1, len(records), 0, 0)
    return head + asked + b"".join(
        b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for kind, data in records)


class Server:
    """Answers over UDP and TCP with what ANSWER(name, type, message) gives: bytes, or None for silence."""

    def __init__(self, reply):
        self.reply = reply
        self.queries = []
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._udp.bind(("127.0.0.1", self.port))
        self._tcp = socket.create_server(("127.0.0.1", self.port))
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def _answer(self, message):
        name, kind, _ = question(message)
        self.queries.append((time.monotonic(), name, kind))
        return self.reply(name, kind, message)

    def _serve_udp(self):
        while True:
            try:
                message, peer = self._udp.recvfrom(4096)
                reply = self._answer(message)
                if reply is None:
                    continue
                if len(reply) > 512:  # cut, as RFC 1035 wants it: ask again over TCP
                    reply = answer(message, NOERROR, flags=0x8380)
                self._udp.sendto(reply, peer)
            except OSError:  # closed
                return

    def _serve_tcp(self):
        while True:
            try:
                peer, _ = self._tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_peer, args=(peer,), daemon=True).start()

    def _serve_peer(self, peer):
        with peer, peer.makefile("rb") as stream:
            while len(head := stream.read(2)) == 2:
                message = stream.read(struct.unpack(">H", head)[0])
                reply = self._answer(message)
                if reply is not None:
                    peer.sendall(struct.pack(">H", len(reply)) + reply)

    def close(self):
        self._udp.close()
        self._tcp.close()


class Program:
    """A server of Debian's that runs until closed."""

    def __init__(self, port, arguments):
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self._process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self):
        query = struct.pack(">HHHHHH", 1, 0x100, 1, 0, 0, 0) + wire_name("ready.invalid") + b"\0\1\0\1"
        end = time.monotonic() + START_S
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(0.1)
            udp.connect(("127.0.0.1", self.port))
            while time.monotonic() < end and self._process.poll() is None:
                try:
                    udp.send(query)
                    udp.recv(512)
                    return
                except OSError:
                    time.sleep(0.02)
        self.close()
        raise RuntimeError("a DNS server did not start: " + " ".join(self._process.args))

    def close(self):
        self._process.terminate()
        self._process.wait()


def dnsmasq(folder, lines):
    """dnsmasq with the LINES of configuration, and nothing of the system's."""
    port = free_port()
    path = os.path.join(folder, f"dnsmasq-{port}.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join([f"port={port}", "listen-address=127.0.0.1", "bind-interfaces",
                              "no-resolv", "no-hosts", "no-daemon", "dns-forward-max=2000",
                              "cache-size=0", *lines, ""]))
    return Program(port, [tool("dnsmasq"), "--conf-file=" + path, "--pid-file="])


def rbldnsd(folder, zones):
    """rbldnsd with ZONES: {name: (type, lines)}."""
    port = free_port()
    specs = []
    for number, (zone, (kind, lines)) in enumerate(zones.items()):
        name = f"zone-{port}-{number}"
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write("\n".join([f"$SOA 3600 ns.{zone} hostmaster.{zone} 0 600 300 86400 300",
                                  f"$NS 3600 ns.{zone}", *lines, ""]))
        os.chmod(os.path.join(folder, name), 0o644)
        specs.append(f"{zone}:{kind}:{name}")
    os.chmod(folder, 0o755)
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return Program(port, [tool("rbldnsd"), "-n", *user, "-w", folder, "-b", f"127.0.0.1/{port}",
                          *specs])
