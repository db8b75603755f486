"""mxwatch block as people use it: forms, files, what if, the audit trail, hits."""
import csv
import datetime
import io
import json
import os
import resource
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import MXWATCH, Case, data, main, run, sql  # noqa: E402

LOG = data("postfix-default", "mail.log")
FORMS = ("nft", "route", "sendmail", "postfix", "postscreen", "exim", "rbldnsd", "plain", "json")
DAY = datetime.timedelta(days=1)


def plan(*arguments, **options):
    return json.loads(run("block", "json", *arguments, **options)[0])


def what_if(*arguments, **options):
    return json.loads(run("block", "--what-if", "-f", "json", *arguments, **options)[0])["tables"]


class Log:
    """A Postfix log with stamps of RFC 3339, put together line by line."""

    def __init__(self):
        self.lines = []
        self.pid = 1000

    def line(self, time, text):
        self.lines.append((time, f"{time.isoformat()} mx postfix/smtpd[{self.pid}]: {text}\n"))

    def session(self, time, client, seconds=1, refused=0, name="unknown", accepted=0,
                text="Relay access denied"):
        self.pid += 1
        end = time + datetime.timedelta(seconds=seconds)
        self.line(time, f"connect from {name}[{client}]")
        for n in range(refused):
            self.line(time, f"NOQUEUE: reject: RCPT from {name}[{client}]: 554 5.7.1 "
                      f"<box{n}@elsewhere.test>: {text}; from=<a@live.test> "
                      f"to=<box{n}@elsewhere.test> proto=ESMTP helo=<x>")
        for n in range(accepted):
            queue_id = f"{self.pid:X}{n:04X}"
            self.line(time, f"{queue_id}: client={name}[{client}]")
            for program, words in (("cleanup", f"{queue_id}: message-id=<{queue_id}@x.test>"),
                                   ("qmgr", f"{queue_id}: from=<a@x.test>, size=900, nrcpt=1 "
                                    "(queue active)"),
                                   ("local", f"{queue_id}: to=<bob@here.test>, relay=local, "
                                    "delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (ok)"),
                                   ("qmgr", f"{queue_id}: removed")):
                self.lines.append((time, f"{time.isoformat()} mx postfix/{program}[99]: {words}\n"))
        data = f" data={accepted}" if accepted else ""
        self.line(end, f"disconnect from {name}[{client}] ehlo=1 mail=1{data} quit=1 commands=3")

    def text(self):
        return "".join(line for _, line in sorted(self.lines, key=lambda pair: pair[0]))


BEGIN = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=datetime.timezone.utc)


def seconds(number):
    return datetime.timedelta(seconds=number)


class Forms(Case):
    def test_every_form_names_every_block(self):
        blocks = plan(LOG)
        self.assertGreater(len(blocks), 10)
        for form in FORMS:
            output, complaint = run("block", form, LOG)
            self.assertEqual(complaint, "")
            for block in blocks:
                with self.subTest(form=form, client=block["client"]):
                    if form not in ("plain", "json"):
                        self.assertIn("e=" + block["id"], output)
                    self.assertRegex(block["id"], "^[0-9a-f]{8}$")
        for line, block in zip(run("block", "plain", LOG)[0].splitlines(), blocks):
            self.assertEqual(line.split("\t"), [block["client"], str(block["ttl_seconds"]),
                                                block["because"]])
        for block in blocks:
            self.assertIn(block["client"].split("/")[0].rstrip(":")[:7], block["because"])
            self.assertTrue(block["evidence"]["pattern"])

    def test_the_store_says_the_same(self):
        run("ingest", "-q", "--store", self.store, LOG)
        self.assertEqual(plan("--store", self.store), plan(LOG))

    def test_one_alone(self):
        blocks = plan(LOG)
        client = blocks[0]["client"]
        self.assertEqual([b["client"] for b in plan("--client", client, LOG)], [client])
        self.assertEqual({b["client"] for b in plan("--network", "192.0.2.0/24", LOG)},
                         {b["client"] for b in blocks if b["client"].startswith("192.0.2.")})
        found = plan("--pattern", "relay-probe", LOG)
        self.assertTrue(0 < len(found) < len(blocks))

    def test_allowed_are_spared(self):
        client = plan(LOG)[0]["client"]
        self.assertNotIn(client, [b["client"] for b in plan("--allow", client, LOG)])
        spared = what_if("--allow", client, LOG)["spared"]
        self.assertIn((client, "allowed"), [(s["client"], s["guard"]) for s in spared])

    def test_ttl(self):
        self.assertEqual({b["ttl_seconds"] <= 3600 for b in plan("--ttl", "1h", LOG)}, {True})
        self.assertEqual(plan("--ttl", "1s", LOG)[:1], [])

    def test_mistakes(self):
        for arguments, word in ((["nosuch", LOG], "postscreen"), ([], "--what-if"),
                                (["postfix", "--apply", LOG], "nft and route"),
                                (["nft", "--apply", "--undo"], "exclude"),
                                (["nft", "--undo", LOG], "no logs"),
                                (["plain", "--pattern", "nosuch", LOG], "patterns"),
                                (["plain", "--network", "192.0.2.1/24", LOG], "192.0.2.1/24"),
                                (["nft", "--ports", "25,x", LOG], "--ports"),
                                (["nft", "--ports", "0", LOG], "--ports"),
                                (["plain", "--ttl", "0", LOG], "--ttl"),
                                (["rbldnsd", "--zone", "a b", LOG], "--zone"),
                                (["plain", "--allow-file", self.folder, LOG], "can't read"),
                                (["--what-if", "-f", "csv", LOG], "--table"),
                                (["--what-if", "--table", "x", LOG], "spared"),
                                (["--what-if", "-o", "x", LOG], "--output")):
            with self.subTest(arguments=arguments):
                _, complaint = run("block", *arguments, status=2)
                self.assertIn(word, complaint)

    def test_a_list_of_providers_that_cannot_be_read(self):
        os.makedirs(self.path("mxwatch/providers.txt"))
        _, complaint = run("block", "plain", LOG, status=2, env={"XDG_CONFIG_HOME": self.folder})
        self.assertIn("providers.txt': is a directory", complaint)

    def test_half_a_log_is_not_acted_upon(self):
        path = self.path("list")
        _, complaint = run("block", "plain", "-o", path, self.path("absent.log"), LOG, status=3)
        self.assertIn("nothing was done", complaint)
        self.assertFalse(os.path.exists(path))


class Files(Case):
    def test_unchanged_is_left_alone(self):
        path = self.path("list.cidr")
        self.assertIn("blocks in", run("block", "postfix", "-o", path, LOG)[1])
        os.chmod(path, 0o604)
        before = os.stat(path)
        self.assertIn("unchanged", run("block", "postfix", "-o", path, LOG)[1])
        after = os.stat(path)
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        run("block", "postfix", "-q", "-o", path, "--pattern", "relay-probe", LOG)
        after = os.stat(path)
        self.assertNotEqual(before.st_ino, after.st_ino)
        self.assertEqual(after.st_mode & 0o777, 0o604)
        self.assertEqual(os.listdir(self.folder), ["list.cidr"])
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(),
                             run("block", "postfix", "--pattern", "relay-probe", LOG)[0])


    def test_old_logs_are_told(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        for days, words in ((0, None), (5, "what was read ends 5 days ago")):
            log = Log()
            log.session(now - days * DAY, "198.51.100.9", refused=21)
            path, out = self.write("mail.log", log.text()), self.path("out")
            _, told = run("block", "plain", "--output", out, path)
            self.assertIn("1 block in ", told)
            self.assertEqual("ends" in told, words is not None)
            self.assertIn(words or "", told)
            self.assertNotIn("ends", run("block", "plain", "-q", "--output", out, path)[1])
            self.assertNotIn("ends", run("block", "plain", path)[1])


class WhatIf(Case):
    def test_tables(self):
        found = what_if(LOG)
        self.assertEqual(set(found), {"plan", "effect", "lost", "spared"})
        self.assertEqual([b["client"] for b in found["plan"]], [b["client"] for b in plan(LOG)])
        self.assertEqual([e["ttl"] for e in found["effect"]],
                         ["1h", "6h", "1d", "7d", "30d", "own"])
        for effect in found["effect"]:
            self.assertLessEqual(effect["connections_stopped"], effect["connections_total"])
            self.assertLessEqual(effect["refusals_saved"], effect["refusals_total"])
            self.assertLessEqual(effect["peak_concurrent_after"], effect["peak_concurrent_before"])
            self.assertEqual(effect["wanted_messages_lost"], 0)
        rows = list(csv.DictReader(io.StringIO(
            run("block", "--what-if", "-f", "csv", "--table", "effect", LOG)[0])))
        self.assertEqual(len(rows), 6)
        text, _ = run("block", "--what-if", LOG)
        self.assertIn("What the blocks would have done", text)

    def test_a_flood_as_of_christmas(self):
        """100 and more processes at once; once the loudest are blocked, some 20."""
        log = Log()
        for bot in range(9):
            for at in range(0, 4 * 3600, 3):
                log.session(BEGIN + seconds(at), f"198.51.100.{10 + 7 * bot}", 30, refused=1,
                            text="Sender address rejected: undeliverable address")
        for sender in range(24):
            for at in range(0, 4 * 3600, 600):
                log.session(BEGIN + seconds(at), f"203.0.113.{10 + sender}", 40,
                            name=f"mail{sender}.good{sender}.test", accepted=1)
        found = what_if(self.write("mail.log", log.text()))
        self.assertEqual({b["client"] for b in found["plan"]},
                         {f"198.51.100.{10 + 7 * bot}" for bot in range(9)})
        for effect in found["effect"]:
            self.assertGreaterEqual(effect["peak_concurrent_before"], 100)
            self.assertEqual(effect["wanted_messages_lost"], 0)
        own = found["effect"][-1]
        self.assertTrue(20 <= own["peak_concurrent_after"] < 30, own)
        self.assertGreater(own["refusals_share"], 0.9)

    def test_wanted_mail_that_would_be_lost_is_named(self):
        log = Log()
        log.session(BEGIN, "192.0.2.7", refused=21)
        log.session(BEGIN + DAY, "192.0.2.7", accepted=3)
        log.session(BEGIN + 3 * DAY, "203.0.113.9", accepted=1, name="mx.good.test")
        path = self.write("mail.log", log.text())
        self.assertEqual(what_if(path)["effect"][-1]["wanted_messages_lost"], 0)
        found = what_if("--look-back", "1d", path)
        self.assertEqual(found["effect"][-1]["wanted_messages_lost"], 3)
        self.assertEqual([(r["client"], r["messages"]) for r in found["lost"]
                          if r["ttl"] == "7d"], [("192.0.2.7", 3)])
        self.assertEqual(found["effect"][0]["wanted_messages_lost"], 0)

    def test_times_to_live_differ(self):
        log = Log()
        for hour in range(200):
            log.session(BEGIN + seconds(3600 * hour), "192.0.2.7", refused=21)
        effect = what_if(self.write("mail.log", log.text()))["effect"]
        stopped = [row["connections_stopped"] for row in effect][:5]
        self.assertEqual(stopped, sorted(stopped))
        self.assertLess(stopped[0], stopped[4])
        self.assertEqual(stopped[4], 199)


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


class Trail(Case):
    def setUp(self):
        super().setUp()
        self.now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)

    def ingest(self, log):
        run("ingest", "-q", "--store", self.store, self.write("mail.log", log.text()))

    def history(self):
        return json.loads(run("block", "--history", "-f", "json", "--store",
                              self.store)[0])["tables"]["history"]

    def environment(self):
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}

    def tool(self, name, script):
        os.chmod(self.write(name, f"#!/bin/sh\n{script}\n"), 0o755)

    def block(self, *arguments, status=0):
        return run("block", "nft", "--apply", "-q", "--store", self.store, *arguments,
                   status=status, env=self.environment())

    def hits(self, *logs):
        found = json.loads(run("block", "--hits", "-f", "json", "--store", self.store,
                               *logs)[0])["tables"]["hits"]
        return {row["client"]: row for row in found}

    def test_from_block_to_hit(self):
        log = Log()
        for client in ("192.0.2.7", "192.0.2.77", "198.51.100.3"):
            log.session(self.now - seconds(600), client, refused=21)
        self.ingest(log)
        path = self.path("mxwatch.cidr")
        for _ in range(2):  # the second run changes nothing
            run("block", "postfix", "-q", "-o", path, "--store", self.store)
            history = self.history()
            self.assertEqual(sorted(r["client"] for r in history),
                             ["192.0.2.7", "192.0.2.77", "198.51.100.3"])
            self.assertEqual({r["state"] for r in history}, {"in force"})
            self.assertEqual({r["form"] for r in history}, {"postfix"})
            self.assertTrue(all(r["by"] and "21 recipients" in r["because"] for r in history))
        ids = {r["client"]: r["id"] for r in history}
        later = self.now + seconds(60)
        log.session(later, "192.0.2.7", refused=2,
                    text=f"Client host rejected: e={ids['192.0.2.7']} relay-probe: told")
        log.session(later + seconds(5), "192.0.2.77", refused=1)
        self.ingest(log)
        hits = self.hits()
        self.assertEqual((hits["192.0.2.7"]["sessions"], hits["192.0.2.7"]["refused_by_block"]),
                         (1, 2))
        self.assertEqual((hits["192.0.2.77"]["sessions"], hits["192.0.2.77"]["refusals"],
                          hits["192.0.2.77"]["refused_by_block"]), (1, 1, 0))
        self.assertEqual((hits["198.51.100.3"]["sessions"], hits["198.51.100.3"]["last"]),
                         (0, None))
        self.assertEqual(self.hits(self.path("mail.log")), hits)

    def test_what_is_no_longer_due_ends(self):
        log = Log()
        for client in ("192.0.2.7", "192.0.2.77"):
            log.session(self.now - seconds(600), client, refused=21)
        self.ingest(log)
        path = self.path("list")
        run("block", "plain", "-q", "-o", path, "--store", self.store)
        run("block", "plain", "-q", "-o", path, "--store", self.store, "--allow", "192.0.2.7")
        states = {r["client"]: (r["state"], r["undone_by"]) for r in self.history()}
        self.assertEqual(states["192.0.2.77"], ("in force", ""))
        self.assertEqual(states["192.0.2.7"][0], "taken back")
        self.assertIn("no longer due", states["192.0.2.7"][1])
        rows = sql("select client, undone is null as on_, id from blocks order by client",
                   "--store", self.store)
        self.assertEqual([(r["client"], r["on_"]) for r in rows],
                         [("192.0.2.7", 0), ("192.0.2.77", 1)])
        for form, rows in (("plain", 2), ("nft", 0)):
            output, _ = run("block", form, "--history", "-f", "json", "--store", self.store)
            self.assertEqual(len(json.loads(output)["tables"]["history"]), rows)
        text, _ = run("block", "--history", "--store", self.store)
        self.assertIn("taken back", text)

    def test_what_is_put_in_force_is_told_even_if_the_file_fails(self):
        """A fake nft: whatever is asked of it is done."""
        log = Log()
        log.session(self.now - seconds(600), "192.0.2.7", refused=21)
        self.ingest(log)
        self.tool("nft", "exit 0")
        self.block("--output", self.path("no/such/folder"), status=3)
        self.assertEqual([(r["client"], r["state"]) for r in self.history()],
                         [("192.0.2.7", "in force")])

    def test_killed_at_its_work_it_is_told_all_the_same(self):
        """The tool lives on, so what it was to do is in the trail before it is started."""
        log = Log()
        log.session(self.now - seconds(600), "192.0.2.7", refused=21)
        self.ingest(log)
        self.tool("nft", 'case "$*" in "-f -") kill -9 $PPID;; esac')
        self.block(status=-9)
        self.assertEqual([(r["client"], r["state"]) for r in self.history()],
                         [("192.0.2.7", "in force")])

    def test_what_could_not_be_put_in_force_is_not_told(self):
        log = Log()
        log.session(self.now - seconds(600), "192.0.2.7", refused=21)
        self.ingest(log)
        self.tool("nft", "exit 0")
        self.block()
        log.session(self.now - seconds(500), "192.0.2.77", refused=21)
        self.ingest(log)
        self.tool("nft", 'case "$*" in "-f -") exit 1;; esac')
        self.block(status=3)
        self.assertEqual([(r["client"], r["state"]) for r in self.history()],
                         [("192.0.2.7", "in force")])

    def test_a_tool_never_gets_half_of_its_input(self):
        log = Log()
        for n in range(200):
            log.session(self.now - seconds(600 + n), f"192.0.{n}.7", refused=21)
        self.ingest(log)
        self.tool("ip", f'case "$1" in -batch) cat >{self.path("batch")};; esac')
        with subprocess.Popen([MXWATCH, "block", "route", "--apply", self.path("mail.log")],
                              env=self.environment(), stderr=subprocess.PIPE,
                              preexec_fn=limit_files) as process:
            complaint = process.stderr.read().decode("utf-8")
        self.assertEqual(process.returncode, 3)
        self.assertIn("file in memory", complaint)
        self.assertFalse(os.path.exists(self.path("batch")))

    def test_whoever_ignores_the_end_of_children(self):
        log = Log()
        log.session(self.now - seconds(600), "192.0.2.7", refused=21)
        self.ingest(log)
        self.tool("nft", "exit 0")
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            with subprocess.Popen([MXWATCH, "block", "nft", "--apply", self.path("mail.log")],
                                  env=self.environment(), stderr=subprocess.PIPE) as process:
                complaint = process.stderr.read().decode("utf-8")
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.assertIn("1 block in force", complaint)

    def test_standard_output_and_logs_leave_no_trace(self):
        log = Log()
        log.session(self.now - seconds(600), "192.0.2.7", refused=21)
        self.ingest(log)
        run("block", "plain", "--store", self.store)
        run("block", "plain", "-q", "-o", self.path("list"), self.path("mail.log"))
        run("block", "--what-if", "--store", self.store)
        self.assertEqual(self.history(), [])


if __name__ == "__main__":
    main()
