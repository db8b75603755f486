"""Blocks put in force and taken back, in a network of the test's own; killed in mid, too."""
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import MXWATCH, run  # noqa: E402
from test_command import Log, seconds  # noqa: E402
from tools import SAMPLE, environment, find, main, namespace, sample  # noqa: E402


def log_of(clients, attempts=21):
    """A Postfix log in which each client asks for ATTEMPTS recipients of other domains."""
    lines = []
    for number, client in enumerate(clients):
        pid = 1000 + number
        head = f"Nov 20 10:{number // 60 % 60:02}:{number % 60:02} mx postfix/smtpd[{pid}]: "
        lines.append(f"{head}connect from unknown[{client}]\n")
        lines += [f"{head}NOQUEUE: reject: RCPT from unknown[{client}]: 554 5.7.1 "
                  f"<box{i}@yahoo.test>: Relay access denied; from=<test@live.test> "
                  f"to=<box{i}@yahoo.test> proto=ESMTP helo=<x>\n" for i in range(attempts)]
        lines.append(f"{head}disconnect from unknown[{client}] ehlo=1 mail=1 rcpt=0/{attempts} "
                     f"commands=2/{attempts + 2}\n")
    return "".join(lines)


class Network:
    """A network namespace that lives as long as this object."""

    def __init__(self):
        self._enter = namespace()
        self._shell = subprocess.Popen([*self._enter, "sh"], stdin=subprocess.PIPE, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       env=environment())
        self.run("ip link set lo up")

    def run(self, command, status=0):
        """Runs COMMAND in it; returns what it wrote, errors included."""
        self._shell.stdin.write(f"( {command} ) 2>&1\necho \"$?@@@\"\n")
        self._shell.stdin.flush()
        lines = []
        for line in self._shell.stdout:
            if line.endswith("@@@\n"):
                *last, code = line[:-4].rsplit("\n", 1)
                output = "".join(lines)
                if status is not None and int(code) != status:
                    raise AssertionError(f"{command}: status {code}\n{output}")
                return output
            lines.append(line)
        raise AssertionError(f"{command}: the shell ended\n{''.join(lines)}")

    def close(self):
        self._shell.stdin.close()
        self._shell.wait()
        self._shell.stdout.close()


class InNetwork(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mxwatch-test-")
        self.folder = self._folder.name
        for tool in ("nft", "ip"):
            find(tool)
        self.network = Network()

    def tearDown(self):
        self.network.close()
        self._folder.cleanup()

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def mxwatch(self, *arguments, status=0):
        return self.network.run(" ".join([MXWATCH, *map(str, arguments)]), status)

    def elements(self):
        listing = self.network.run("nft list tables inet")
        return self.network.run("nft list table inet mxwatch") if "mxwatch" in listing else ""

    def routes(self):
        return self.network.run("ip route show proto 250; ip -6 route show proto 250")


class Nft(InNetwork):
    def test_in_place_of_the_earlier_ones(self):
        first = self.write("first.log", log_of(["192.0.2.7", "192.0.2.9", "2001:db8::1"]))
        second = self.write("second.log", log_of(["192.0.2.9", "198.51.100.3"]))
        self.network.run("nft add table inet other; "
                         "nft 'add set inet other b4 { type ipv4_addr; }'; "
                         "nft add element inet other b4 { 192.0.2.1 }")
        self.mxwatch("block nft --apply", first)
        found = self.elements()
        for address in ("192.0.2.7", "192.0.2.9", "2001:db8::"):
            self.assertIn(address + " counter", found)
        self.mxwatch("block nft --apply", second)
        found = self.elements()
        self.assertNotIn("192.0.2.7 ", found)
        self.assertIn("192.0.2.9 ", found)
        self.assertIn("198.51.100.3 ", found)
        self.assertEqual((found.count("set b"), found.count("@b")), (1, 1))
        self.mxwatch("block nft --undo")
        self.assertEqual(self.elements(), "")
        self.assertIn("192.0.2.1", self.network.run("nft list table inet other"))
        self.mxwatch("block nft --undo")

    def test_timeouts_begin_anew_and_counts_stay(self):
        log = self.write("mail.log", log_of(["127.7.7.7", "192.0.2.9"]))
        # Loopback is never blamed, so it is put in the place of another.
        rules = subprocess.run([MXWATCH, "block", "nft", log], capture_output=True, text=True,
                               check=True).stdout
        self.assertNotIn("127.7.7.7", rules)
        path = self.write("rules", rules.replace("604800s", "50s")
                          .replace("192.0.2.9 timeout",
                                   "192.0.2.9 counter packets 41 bytes 2460 timeout"))
        self.network.run(f"nft -f {path}")
        self.assertIn("expires 4", self.elements())
        self.mxwatch("block nft --apply", log)
        found = self.elements()
        self.assertIn("192.0.2.9 counter packets 41 bytes 2460", found)
        self.assertNotIn("expires 4", found)

    def test_an_error_changes_nothing(self):
        log = self.write("mail.log", log_of(["192.0.2.7"]))
        self.mxwatch("block nft --apply", log)
        before = self.elements().split("expires")[0]
        self.write("nft", '#!/bin/sh\ncase "$*" in "-f -") exec /usr/sbin/nft -f - nonsense;; '
                   'esac\nexec /usr/sbin/nft "$@"\n')
        os.chmod(os.path.join(self.folder, "nft"), 0o755)
        complaint = self.network.run(f"PATH={self.folder}:$PATH {MXWATCH} block nft --apply {log}",
                                     status=3)
        self.assertIn("'nft' failed", complaint)
        self.assertEqual(self.elements().split("expires")[0], before)

    def test_ten_thousand(self):
        if "-rn" in namespace():
            self.skipTest("only root's transactions may be so big")
        log = self.write("mail.log", log_of([f"10.{i // 2500 + 1}.{i // 250 % 10}.{i % 250 + 1}"
                                             .replace("10.", "198.", 1) for i in range(10000)], 4))
        rules = subprocess.run([MXWATCH, "block", "nft", "--no-networks", log],
                               capture_output=True, text=True, check=True).stdout
        if rules.count("comment") < 10000:
            self.skipTest("four recipients are not enough any more")
        began = time.monotonic()
        self.mxwatch("block nft --no-networks --apply", log)
        self.assertLess(time.monotonic() - began, 30)


class Route(InNetwork):
    def test_in_place_of_the_earlier_ones(self):
        first = self.write("first.log", log_of(["192.0.2.7", "192.0.2.9", "2001:db8::1"]))
        second = self.write("second.log", log_of(["192.0.2.9", "198.51.100.3"]))
        self.network.run("ip route add blackhole 192.0.2.7; ip route add blackhole 192.0.2.50 "
                         "proto 250; ip -6 route add blackhole 2001:db8:9::/48")
        others = self.network.run("ip route show; ip -6 route show")
        self.mxwatch("block route --apply", first)
        for prefix in ("192.0.2.7 metric 250", "192.0.2.9 ", "2001:db8::/64"):
            self.assertIn(f"blackhole {prefix}", self.routes())
        self.network.run("ip route get 192.0.2.9", status=2)
        self.mxwatch("block route --apply", second)
        self.assertNotIn("192.0.2.7 metric", self.routes())
        self.assertIn("blackhole 198.51.100.3 ", self.routes())
        self.mxwatch("block route --undo")
        self.assertEqual(self.network.run("ip route show; ip -6 route show"), others)
        self.mxwatch("block route --undo")

    def test_a_failure_in_mid_puts_back_what_was(self):
        first = self.write("first.log", log_of(["192.0.2.7", "192.0.2.9"]))
        second = self.write("second.log", log_of(["192.0.2.9", "198.51.100.3", "203.0.113.4"]))
        self.mxwatch("block route --apply", first)
        before = self.routes()
        # The third line of the batch cannot be done, once.
        self.write("ip", f'#!/bin/sh\ncase "$1" in -batch) if [ ! -e {self.folder}/failed ]; then '
                   f'touch {self.folder}/failed; sed "2s/.*/route replace blackhole nonsense/" | '
                   f'exec {find("ip")} -batch -; exit; fi;; esac\nexec {find("ip")} "$@"\n')
        os.chmod(os.path.join(self.folder, "ip"), 0o755)
        complaint = self.network.run(
            f"PATH={self.folder}:$PATH {MXWATCH} block route --apply {second}", status=3)
        self.assertIn("'ip' failed", complaint)
        self.assertTrue(os.path.exists(os.path.join(self.folder, "failed")))
        self.assertEqual(self.routes(), before)


class Killed(InNetwork):
    """kill -9 at any moment leaves the old state or the new one."""

    def test_at_any_moment(self):
        old = self.write("old.log", log_of([f"192.0.2.{n}" for n in range(1, 250, 2)]))
        whole = {}
        for form, state, back in (("nft", self.elements, "nft delete table inet mxwatch"),
                                  ("route", self.routes, None)):
            self.mxwatch("block", form, "--no-networks --apply", old)
            whole[form, "old"] = state().count("192.0.2.")
            self.network.run(f"{SAMPLE} {form} apply")
            whole[form, "new"] = state().count("198.51.100.0")
            seen = set()
            for delay in (0, 0.001, 0.002, 0.003, 0.005, 0.008, 0.012, 0.02, 0.04, 0.08):
                self.mxwatch("block", form, "--no-networks --apply", old)
                self.network.run(f"{SAMPLE} {form} apply & pid=$!; sleep {delay}; "
                                 "kill -9 $pid; wait $pid", status=None)
                # What was started goes on to its end by itself.
                time.sleep(0.1)
                found = state()
                is_new = "198.51.100.0" in found
                if not is_new:
                    self.assertEqual(found.count("192.0.2."), whole[form, "old"])
                else:
                    self.assertIn("203.0.113.7", found)
                    self.assertNotIn("192.0.2.11 ", found)
                    self.assertIn("2001:db8:1::", found)
                seen.add(is_new)
            self.assertIn(True, seen, form)
            if back:
                self.network.run(back)


class Recorded(InNetwork):
    """What is put in force from a store is told by its audit trail."""

    def table(self, name):
        output = self.mxwatch(f"block --{name} -f json --store", self.store)
        return {(r["client"], r["form"]): r for r in json.loads(output)["tables"][name]}

    def setUp(self):
        super().setUp()
        self.store = os.path.join(self.folder, "store.db")
        log = Log()
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        for client in ("192.0.2.7", "192.0.2.77"):
            log.session(now - seconds(600), client, refused=21)
        run("ingest", "-q", "--store", self.store, self.write("mail.log", log.text()))

    def test_packets_that_met_a_block(self):
        self.mxwatch("block nft --apply --store", self.store)
        self.network.run("ip address add 192.0.2.7/32 dev lo")
        self.network.run(f"{sys.executable} -c \"import socket; socket.create_connection("
                         "('127.0.0.1', 25), 0.5, ('192.0.2.7', 0))\"", status=1)
        for _ in range(2):
            hits = self.table("hits")
            self.assertEqual(hits["192.0.2.7", "nft"]["packets"], 1)
            self.assertEqual(hits["192.0.2.77", "nft"]["packets"], 0)
            self.mxwatch("block nft --apply --store", self.store)

    def test_who_took_it_back(self):
        for form in ("nft", "route"):
            self.mxwatch("block", form, "--apply --store", self.store)
        self.mxwatch("block nft --undo --store", self.store)
        history = self.table("history")
        self.assertEqual(len(history), 4)
        for (_, form), row in history.items():
            self.assertTrue(row["by"])
            if form == "nft":
                self.assertEqual((row["state"], row["undone_by"]), ("taken back", row["by"]))
                self.assertTrue(row["undone"])
            else:
                self.assertEqual((row["state"], row["undone"]), ("in force", None))

    def test_without_the_trail_nothing_is_put_in_force(self):
        locked = self.network.run(f"python3 -c \"import fcntl, os, subprocess; "
                                  f"f = open('{self.store}.lock', 'w'); "
                                  "fcntl.flock(f, fcntl.LOCK_EX); "
                                  f"subprocess.run(['{MXWATCH}', 'block', 'nft', '--apply', "
                                  f"'--store', '{self.store}'])\"", status=None)
        self.assertIn("store", locked)
        self.assertEqual(self.elements(), "")


class Complaints(unittest.TestCase):
    def test_without_the_tool(self):
        with tempfile.TemporaryDirectory(prefix="mxwatch-test-") as folder:
            log = os.path.join(folder, "mail.log")
            with open(log, "w", encoding="utf-8") as file:
                file.write(log_of(["192.0.2.7"]))
            if os.path.exists("/usr/sbin/nft") or os.path.exists("/sbin/nft"):
                self.skipTest("nft is where it is looked for in any case")
            done = subprocess.run([MXWATCH, "block", "nft", "--apply", log], text=True,
                                  capture_output=True, env={"PATH": folder}, check=False)
            self.assertEqual(done.returncode, 3)
            self.assertIn("install", done.stderr)

    def test_without_permission(self):
        """As a user without rights, in a network that is not one's own."""
        find("nft")
        with tempfile.TemporaryDirectory(prefix="mxwatch-test-") as folder:
            os.chmod(folder, 0o755)
            log = os.path.join(folder, "mail.log")
            with open(log, "w", encoding="utf-8") as file:
                file.write(log_of(["192.0.2.7"]))
            command = [MXWATCH, "block", "nft", "--apply", log]
            if os.geteuid() == 0:
                command = [find("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups",
                           *command]
            done = subprocess.run(command, text=True, capture_output=True, check=False,
                                  env=dict(environment(), HOME="/nonexistent"))
            if done.returncode == 126 or done.returncode == 127:
                self.skipTest("the program cannot be run by others here")
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("run as root", done.stderr)


if __name__ == "__main__":
    main()
