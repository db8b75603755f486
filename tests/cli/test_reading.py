"""What can be named as a log, and how it is read."""
import bz2
import gzip
import lzma
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Case, data, main, report, run  # noqa: E402

LOG = data("postfix-default", "mail.log")
EXIM = data("exim-default", "mainlog")


def tables_of(*arguments, **options):
    return report("relay", *arguments, **options)["tables"]


class Reading(Case):
    def setUp(self):
        super().setUp()
        with open(LOG, "rb") as file:
            self.content = file.read()
        self.expected = tables_of("--year", 2026, LOG)

    def same(self, *arguments, **options):
        self.assertEqual(tables_of("--year", 2026, *arguments, **options), self.expected)

    def test_standard_input(self):
        self.same("-", stdin=self.content)
        self.same("-", stdin=gzip.compress(self.content))

    def test_compressed_whatever_the_name(self):
        self.same(self.write("a.log", gzip.compress(self.content)))
        self.same(self.write("b.gz", lzma.compress(self.content)))
        self.same(self.write("c", bz2.compress(self.content)))
        half = len(self.content) // 2
        self.same(self.write("d", gzip.compress(self.content[:half]) +
                             gzip.compress(self.content[half:])))
        zstd = shutil.which("zstd")
        if zstd:
            packed = subprocess.run([zstd, "-c", LOG], capture_output=True, check=True).stdout
            self.same(self.write("e", packed))

    def test_line_ends(self):
        self.same(self.write("crlf.log", self.content.replace(b"\n", b"\r\n")))
        self.same(self.write("open.log", self.content.rstrip(b"\n")))

    def test_a_rotated_set_in_any_order(self):
        lines = self.content.splitlines(True)
        third = len(lines) // 3
        parts = [b"".join(lines[n * third:(n + 1) * third if n < 2 else None]) for n in range(3)]
        old = self.write("mail.log.2.gz", gzip.compress(parts[0]))
        middle = self.write("mail.log.1", parts[1])
        new = self.write("mail.log", parts[2])
        self.same(new, middle, old)
        self.same(self.folder)

    def test_a_truncated_archive_gives_what_is_readable(self):
        packed = gzip.compress(self.content)
        path = self.write("cut.gz", packed[:len(packed) * 2 // 3])
        output, complaint = run("report", "relay", "-f", "json", path, status=3)
        self.assertIn("cut.gz", complaint)
        self.assertIn('"attempts"', output)

    def test_hostile_bytes(self):
        junk = (b"\0" * 1000 + b"\n" + b"x" * 2_000_000 + b"\n" + bytes(range(256)) * 20 + b"\n" +
                b"Nov 22 00:00:00 mx1 postfix/smtpd[1]: \xff\xfe\n")
        found = report("relay", "--year", 2026, self.write("junk.log", junk + self.content))
        self.assertEqual(found["tables"], self.expected)
        self.assertGreater(found["input"]["other_programs"] + found["input"]["not_understood"], 0)

    def test_an_empty_log(self):
        found = report("relay", self.write("empty.log", b""))
        self.assertEqual(found["input"]["lines"], 0)
        run(self.write("empty2.log", b""))

    def test_any_jobs_give_the_same_bytes(self):
        for log in (LOG, EXIM, data("sendmail-ll14", "mail.log")):
            for form in ("text", "json"):
                expected = run("report", "overview", "-f", form, "--jobs", 1, log, binary=True)[0]
                for jobs, size in ((2, "256k"), (7, "3k"), (3, "100")):
                    self.assertEqual(run("report", "overview", "-f", form, "--jobs", jobs,
                                         "--block-size", size, log, binary=True)[0], expected)

    def test_all_servers_in_one_file(self):
        logs = [LOG, data("sendmail-ll9", "mail.log"), data("exim-default", "mail.log")]
        mixed = b"".join(open(log, "rb").read() for log in logs)
        found = report("relay", "--year", 2026, self.write("mixed.log", mixed))
        apart = [report("relay", "--year", 2026, log) for log in logs]
        self.assertEqual(found["tables"]["summary"][0]["attempts"],
                         sum(r["tables"]["summary"][0]["attempts"] for r in apart))
        only = report("relay", "--year", 2026, "--mta", "exim", self.path("mixed.log"))
        self.assertEqual(only["tables"]["summary"][0]["attempts"],
                         apart[2]["tables"]["summary"][0]["attempts"])

    def test_main_and_reject_log(self):
        for run_name in ("exim-default", "exim-verbose"):
            main_log, reject = data(run_name, "mainlog"), data(run_name, "rejectlog")
            expected = report("refusals", main_log)["tables"]
            self.assertEqual(report("refusals", main_log, reject)["tables"], expected)
            self.assertEqual(report("refusals", reject, main_log)["tables"], expected)

    def test_repeated_messages(self):
        head = "Nov 22 01:35:45 mail postfix/smtpd[3919]: "
        text = ("NOQUEUE: reject: RCPT from mail1.example[203.0.113.129]: 554 5.7.1 "
                "<same@yahoo.com>: Relay access denied; from=<same@evil.example> "
                "to=<same@yahoo.com> proto=ESMTP helo=<mail1.example>")
        rsyslog = self.write("r.log", f"{head}{text}\n{head}message repeated 5 times: [ {text}]\n")
        classic = self.write("c.log", f"{head}{text}\nNov 22 01:35:46 mail last message repeated 5 "
                             "times\n")
        for log in (rsyslog, classic):
            for size in ("256k", "150"):
                found = tables_of(log, "--block-size", size)
                self.assertEqual(found["summary"][0]["attempts"], 6)

    def test_periods(self):
        lines = [f"2026-03-{day:02}T10:00:00+00:00 mx postfix/smtpd[{day}]: NOQUEUE: reject: RCPT "
                 f"from unknown[10.0.0.{day}]: 554 5.7.1 <a@b.example>: Relay access denied; "
                 f"from=<c@d.example> to=<a@b.example> proto=SMTP helo=<x>\n"
                 for day in range(1, 21)]
        log = self.write("days.log", "".join(lines))
        run("ingest", "-q", "--store", self.store, log)
        for period, count in ((["--since", "2026-03-11"], 10), (["--until", "2026-03-11"], 10),
                              (["--since", "2026-03-05", "--until", "2026-03-06"], 1),
                              (["--since", "2030-01-01"], 0)):
            for where in ([log], ["--store", self.store]):
                found = tables_of(*period, *where)
                self.assertEqual(found["summary"][0]["attempts"], count, (period, where))


class Folders(Case):
    def test_a_folder_without_logs(self):
        os.makedirs(self.path("empty"))
        _, complaint = run(self.path("empty"), status=3)
        self.assertIn("empty", complaint)


if __name__ == "__main__":
    main()
