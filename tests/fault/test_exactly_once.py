"""Each line counts once, whatever is read again and whenever the reader is killed."""
import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import MXWATCH, Case, data, main, report, run  # noqa: E402

REPORTS = ("traffic", "connections", "relay", "refusals", "retries", "auth", "messageid", "trend")
LOGS = {name: data(*name.split("/")) for name in
        ("postfix-default/mail.log", "postfix-postscreen/mail.log", "exim-default/mainlog",
         "exim-verbose/mainlog", "sendmail-ll9/mail.log", "sendmail-ll14/mail.log")}
YEAR = ("--year", "2026")


def by_log(*logs):
    return {name: report(name, *YEAR, *logs)["tables"] for name in REPORTS}


class Once(Case):
    def setUp(self):
        super().setUp()
        self.log = self.path("mail.log")

    def ingest(self, *logs, **options):
        return run("ingest", "-q", *YEAR, "--store", self.store, *logs, **options)

    def by_store(self):
        return {name: report(name, "--store", self.store)["tables"] for name in REPORTS}

    def assert_store_is(self, expected):
        found = self.by_store()
        for name in REPORTS:
            self.assertEqual(found[name], expected[name], name)

    def grow(self, content, steps=7):
        for n in range(1, steps + 1):
            with open(self.log, "wb") as file:
                file.write(content[:len(content) * n // steps])
            self.ingest(self.log)

    def test_store_gives_what_the_log_gives(self):
        for name, log in LOGS.items():
            with self.subTest(log=name):
                self.store = self.path(name.replace("/", "-") + ".db")
                self.ingest(log)
                self.assert_store_is(by_log(log))
                self.ingest(log)
                self.assert_store_is(by_log(log))

    def test_a_growing_log(self):
        for name in ("postfix-default/mail.log", "exim-default/mainlog", "sendmail-ll9/mail.log",
                     "postfix-postscreen/mail.log"):
            with self.subTest(log=name):
                self.store = self.path(name.replace("/", "-") + ".db")
                with open(LOGS[name], "rb") as file:
                    self.grow(file.read())
                self.assert_store_is(by_log(LOGS[name]))

    def test_rotation(self):
        with open(LOGS["postfix-default/mail.log"], "rb") as file:
            lines = file.read().splitlines(True)
        half = len(lines) // 2
        self.write("mail.log", b"".join(lines[:half]))
        self.ingest(self.log)
        # More lines come, then the log is renamed, compressed, and a new one begun.
        with open(self.log, "ab") as file:
            file.write(b"".join(lines[half:half + 50]))
        os.rename(self.log, self.path("mail.log.1"))
        self.write("mail.log", b"".join(lines[half + 50:]))
        self.ingest(self.path("mail.log.1"), self.log)
        with open(self.path("mail.log.1"), "rb") as file:
            self.write("mail.log.2.gz", gzip.compress(file.read()))
        os.unlink(self.path("mail.log.1"))
        self.ingest(self.folder + "/mail.log.2.gz", self.log)
        self.assert_store_is(by_log(LOGS["postfix-default/mail.log"]))

    def test_copy_and_truncate(self):
        with open(LOGS["exim-default/mainlog"], "rb") as file:
            lines = file.read().splitlines(True)
        half = len(lines) // 2
        self.write("mail.log", b"".join(lines[:half]))
        self.ingest(self.log)
        shutil.copy(self.log, self.path("mail.log.1"))
        with open(self.log, "wb") as file:  # the same inode, cut to nothing and written anew
            file.write(b"".join(lines[half:]))
        self.ingest(self.log, self.path("mail.log.1"))
        self.assert_store_is(by_log(LOGS["exim-default/mainlog"]))

    def test_overlapping_files(self):
        with open(LOGS["postfix-default/mail.log"], "rb") as file:
            lines = file.read().splitlines(True)
        third = len(lines) // 3
        first = self.write("a.log", b"".join(lines[:2 * third]))
        second = self.write("b.log", b"".join(lines[third:]))
        whole = self.write("c.log", b"".join(lines))
        self.ingest(first)
        self.ingest(second)
        self.assert_store_is(by_log(whole))
        self.ingest(whole)
        self.ingest(second, whole, first)
        self.assert_store_is(by_log(whole))

    def test_copies_in_one_run(self):
        log = LOGS["postfix-default/mail.log"]
        with open(log, "rb") as file:
            content = file.read()
        one, other = self.write("one.log", content), self.write("other.log.gz",
                                                                gzip.compress(content))
        self.ingest(one, other)
        self.assert_store_is(by_log(log))
        self.ingest(one, other)
        self.assert_store_is(by_log(log))

    def test_the_reject_log_in_a_run_of_its_own(self):
        log = LOGS["exim-default/mainlog"]
        self.ingest(log)
        self.ingest(data("exim-default", "rejectlog"))
        found = report("refusals", "--store", self.store)["tables"]["reasons"]
        self.assertEqual(found, report("refusals", log)["tables"]["reasons"])

    def test_standard_input(self):
        with open(LOGS["postfix-default/mail.log"], "rb") as file:
            content = file.read()
        self.ingest("-", stdin=content)
        self.assert_store_is(by_log(LOGS["postfix-default/mail.log"]))
        self.ingest(LOGS["postfix-default/mail.log"])
        self.assert_store_is(by_log(LOGS["postfix-default/mail.log"]))

    def test_a_line_half_written(self):
        with open(LOGS["postfix-default/mail.log"], "rb") as file:
            content = file.read()
        cut = content.index(b"NOQUEUE", len(content) // 2)
        for end in (cut, cut + 20, len(content)):
            self.write("mail.log", content[:end])
            self.ingest(self.log)
        self.assert_store_is(by_log(LOGS["postfix-default/mail.log"]))


class Killed(Case):
    """kill -9 at any moment: nothing lost, nothing doubled."""

    def big_log(self):
        """Some ten copies of a real log, each on a day of its own."""
        with open(data("postfix-default", "mail.iso.log"), "rb") as file:
            content = file.read()
        return self.write("big.log", b"".join(
            content.replace(b"2026-11-22", b"2026-10-%02d" % day) for day in range(1, 13)))

    def test_kill(self):
        log = self.big_log()
        expected = by_log(log)
        begun = time.monotonic()
        run("ingest", "-q", "--store", self.path("timing.db"), log)
        length = time.monotonic() - begun
        chance = random.Random(1)
        for round_number in range(4):
            self.store = self.path(f"killed{round_number}.db")
            for _ in range(3):
                process = subprocess.Popen([MXWATCH, "ingest", "-q", "--store", self.store, log])
                time.sleep(chance.uniform(0, length))
                process.send_signal(signal.SIGKILL)
                process.wait()
            run("ingest", "-q", "--store", self.store, log)
            for name in REPORTS:
                self.assertEqual(report(name, "--store", self.store)["tables"], expected[name])

    def test_two_writers(self):
        log = self.big_log()
        other = data("sendmail-ll14", "mail.iso.log")
        writers = [subprocess.Popen([MXWATCH, "ingest", "-q", "--store", self.store, name],
                                    stderr=subprocess.PIPE) for name in (log, other, log)]
        for writer in writers:
            _, complaint = writer.communicate(timeout=120)
            self.assertIn(writer.returncode, (0, 4))
            if writer.returncode == 4:
                self.assertRegex(complaint.decode(), r"\d+")
        run("ingest", "-q", "--store", self.store, log)
        run("ingest", "-q", "--store", self.store, other)
        found = report("refusals", "--store", self.store)["tables"]["reasons"]
        self.assertEqual(found, report("refusals", log, other)["tables"]["reasons"])

    def test_retention(self):
        log = self.big_log()
        run("ingest", "-q", "--store", self.store, log)
        size = os.path.getsize(self.store)
        run("ingest", "-q", "--store", self.store, "--keep", "3d")
        kept = report("relay", "--store", self.store)
        # The newest day, and three days before it.
        self.assertEqual(kept["tables"]["summary"][0],
                         report("relay", "--since", "2026-10-09T00:30:00Z",
                                log)["tables"]["summary"][0])
        self.assertLess(os.path.getsize(self.store), size)
        run("ingest", "-q", "--store", self.store, log)


if __name__ == "__main__":
    main()
