"""Full disks, closed pipes, logs cut while they are read, clocks that jump."""
import os
import resource
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import MXWATCH, Case, data, main, report, run  # noqa: E402

LOG = data("postfix-default", "mail.iso.log")


class Disks(Case):
    def limited(self, bytes_at_most, *arguments):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_at_most, bytes_at_most))
        return subprocess.run([MXWATCH, *arguments], preexec_fn=limit, capture_output=True,
                              timeout=120, check=False)

    def test_a_full_disk(self):
        with open(LOG, "rb") as file:
            content = file.read()
        log = self.write("big.log", b"".join(content.replace(b"2026-11-22", b"2026-10-%02d" % day)
                                             for day in range(1, 13)))
        for size in (0, 4096, 30000, 100000, 200000):
            self.store = self.path(f"full{size}.db")
            done = self.limited(size, "ingest", "-q", "--store", self.store, log)
            self.assertIn(done.returncode, (0, 4), done.stderr)
            if done.returncode == 4:
                self.assertTrue(done.stderr.startswith(b"mxwatch: "), done.stderr)
            run("ingest", "-q", "--store", self.store, log)
            self.assertEqual(report("refusals", "--store", self.store)["tables"],
                             report("refusals", log)["tables"])

    def test_output_to_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([MXWATCH, LOG], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"output", done.stderr)


class Cuts(Case):
    def test_a_log_cut_while_it_is_read(self):
        with open(LOG, "rb") as file:
            content = file.read() * 40
        path = self.write("cut.log", content)

        def cut():
            for size in (len(content) // 2, 1000, 0):
                os.truncate(path, size)
        timer = threading.Timer(0.02, cut)
        timer.start()
        run(path, status=None)
        timer.join()

    def test_clocks_that_jump(self):
        line = ("{} mx postfix/smtpd[{}]: NOQUEUE: reject: RCPT from unknown[10.0.0.1]: 554 5.7.1 "
                "<a@b.example>: Relay access denied; from=<c@d.example> to=<a@b.example> "
                "proto=SMTP helo=<x>\n")
        stamps = ["2026-03-01T10:00:00Z", "2036-03-01T10:00:00Z", "2026-03-01T10:00:05Z",
                  "1996-03-01T10:00:00Z", "2026-03-01T10:00:09Z"]
        log = self.write("jump.log", "".join(line.format(s, n + 1) for n, s in enumerate(stamps)))
        self.assertEqual(report("relay", log)["tables"]["summary"][0]["attempts"], 5)
        run("ingest", "-q", "--store", self.store, log)
        self.assertEqual(report("relay", "--store", self.store)["tables"],
                         report("relay", log)["tables"])

    def test_stamps_out_of_range(self):
        for stamp in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
                      "2026-13-45T99:99:99Z"):
            log = self.write("range.log", f"{stamp} mx postfix/smtpd[1]: connect from a[10.0.0.1]\n")
            run(log)
            run("ingest", "-q", "--store", self.path("range.db"), log)


if __name__ == "__main__":
    main()
