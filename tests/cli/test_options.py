"""The command line as people and scripts use it: statuses, messages, forms of output."""
import csv
import io
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Case, data, main, report, run, sql  # noqa: E402

LOG = data("postfix-default", "mail.log")
REPORTS = ("overview", "traffic", "connections", "relay", "refusals", "retries", "auth",
           "messageid", "trend")


def complete(*words):
    """What the completion for bash offers for the last of WORDS."""
    script = ('source "$MXWATCH_COMPLETION"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
              'cd /proc/self/fdinfo; _mxwatch; echo "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "mxwatch", "mxwatch", *words], check=True,
                          stdout=subprocess.PIPE, timeout=60)
    return done.stdout.decode().split()


class Completion(Case):
    def test_of_what_the_tables_hold(self):
        for words, offered in ((["ex"], ["explain"]), (["report", "relay,fam"],
                               ["relay,families"]), (["block", "r"], ["route", "rbldnsd"]),
                               (["help", "pat"], ["patterns"]),
                               (["help", "report", "pat"], ["patterns"]),
                               (["block", "--pattern", "f"], ["flood", "forged-local"]),
                               (["explain", "--re"], ["--resolve"]),
                               (["block", "--wh"], ["--what-if"])):
            self.assertEqual(complete(*words), offered, words)
        self.assertIn("auth.users=", complete("block", "--set", "auth"))


class Help(Case):
    def test_every_command_has_help(self):
        for arguments in (["--help"], ["help"], ["help", "report"], ["report", "--help"],
                          ["ingest", "--help"], ["sql", "-h"], ["help", "help"]):
            output, _ = run(*arguments)
            self.assertIn("mxwatch", output)
            self.assertLessEqual(max(map(len, output.splitlines())), 100)

    def test_every_report_has_help(self):
        listed, _ = run("report")
        for name in REPORTS:
            self.assertIn(name, listed)
            described, _ = run("help", "report", name)
            self.assertIn(name, described)

    def test_version(self):
        self.assertRegex(run("--version")[0], r"^mxwatch \d+\.\d+")

    def test_nothing_asked_is_usage(self):
        _, complaint = run(status=2)
        self.assertIn("Usage", complaint)


class Mistakes(Case):
    """Each names what is wrong and what to do."""

    def test_usage(self):
        for arguments, word in ((["report", "nosuch", LOG], "nosuch"),
                                (["report", "relay", "--format", "xml", LOG], "json"),
                                (["report", "relay", "--nosuch", LOG], "--help"),
                                (["report", "relay", "--top", "x", LOG], "number"),
                                (["report", "relay", "--top"], "value"),
                                (["report", "relay", "--mta", "qmail", LOG], "postfix"),
                                (["report", "relay", "--since", "someday", LOG], "someday"),
                                (["report", "relay", "--since", "2026-01-02", "--until",
                                  "2026-01-01", LOG], "period"),
                                (["report", "relay", "--tz", "Mars/Olympus", LOG], "Mars"),
                                (["ingest"], "log"), (["sql", "select 1", "select 2"], "quotes"),
                                (["help", "nosuch"], "nosuch"),
                                (["report", "relay", "--format", "csv", LOG], "--table")):
            with self.subTest(arguments=arguments):
                output, complaint = run(*arguments, status=2)
                self.assertIn(word, complaint)
                self.assertTrue(complaint.startswith("mxwatch: "), complaint)

    def test_input(self):
        for arguments in ([self.path("absent.log")], ["report", "relay", self.path("absent.log")],
                          ["ingest", "--store", self.store, self.path("absent.log")]):
            _, complaint = run(*arguments, status=3)
            self.assertIn("absent.log", complaint)

    def test_one_log_of_two_is_read(self):
        output, complaint = run("report", "relay", "-f", "json", self.path("absent.log"), LOG,
                                status=3)
        self.assertIn("absent.log", complaint)
        self.assertGreater(json.loads(output)["tables"]["summary"][0]["attempts"], 0)

    def test_store(self):
        _, complaint = run("report", "relay", "--store", self.store, status=4)
        self.assertIn("ingest", complaint)
        broken = self.write("broken.db", "this is no database, " * 100)
        for arguments in (["report", "relay"], ["sql", "select 1"], ["ingest", LOG]):
            _, complaint = run(*arguments, "--store", broken, status=4)
            self.assertIn("broken.db", complaint)

    def test_bad_configuration_names_file_and_line(self):
        path = self.write("c.conf", 'top = 3;\nnosuch = 1;\n')
        _, complaint = run("report", "relay", "--config", path, LOG, status=2)
        self.assertIn("c.conf", complaint)
        self.assertIn("line 2", complaint)

    def test_configuration_is_for_reports_that_take_it(self):
        path = self.write("c.conf", 'by = "hour";\ngap = "9s";\nmark = [ "2026-11-20=moved" ];\n')
        for name in REPORTS:
            run("report", name, "--config", path, LOG)
        run("report", "relay", "--by", "day", "--config", path, LOG, status=2)

    def test_word_that_is_no_log(self):
        for arguments, word in ((["relay", LOG], "mxwatch report relay"),
                                (["-q", "ingest", LOG], "mxwatch ingest"),
                                (["/etc/passwd"], "mail.log")):
            _, complaint = run(*arguments, status=None)
            self.assertIn(word, complaint)

    def test_report_of_ones_own_has_help(self):
        os.makedirs(self.path("mxwatch/reports"))
        self.write("mxwatch/reports/mine.sql", "-- report: mine\n-- title: Mine\n"
                   "-- about: Mine alone.\n-- needs: sessions\n\n-- table: all\n"
                   "-- title: All\nselect 1 as one;\n")
        own = {"XDG_CONFIG_HOME": self.folder}
        self.assertIn("Mine alone", run("help", "report", "mine", env=own)[0])
        self.assertIn("Mine alone", run("report", env=own)[0])
        self.assertEqual(report("mine", LOG, env=own)["tables"]["all"], [{"one": 1}])

    def test_bad_report_of_ones_own(self):
        os.makedirs(self.path("mxwatch/reports"))
        self.write("mxwatch/reports/mine.sql", "select nonsense from nowhere;\n")
        _, complaint = run("report", "mine", LOG, status=2, env={"XDG_CONFIG_HOME": self.folder,
                                                                "HOME": self.folder})
        self.assertIn("mine.sql", complaint)


class Forms(Case):
    def test_json_is_as_the_contract_says(self):
        for name in REPORTS:
            found = report(name, LOG)
            self.assertEqual(found["report"], name)
            self.assertEqual(set(found["input"]) >= {"files", "lines", "bytes", "other_programs",
                                                     "not_understood"}, True)
            self.assertEqual(found["input"]["files"], 1)
            self.assertIn("from", found["period"])
        self.assertEqual(found["input"]["lines"], sum(1 for _ in open(LOG, "rb")))
        self.assertEqual(found["input"]["bytes"], os.path.getsize(LOG))

    def test_tables_agree(self):
        """Clients add up to hours, reasons to attempts; seconds but for their rounding."""
        for log in (LOG, data("exim-default", "mainlog"), data("sendmail-ll14", "mail.log")):
            output, _ = run("report", "connections,relay,refusals", "-f", "json", log)
            found = {r["report"]: r["tables"] for r in json.loads(output)}
            total = lambda report, table, column: sum(  # noqa: E731
                row[column] for row in found[report][table])
            with self.subTest(log=log):
                seconds = total("connections", "hourly", "seconds")
                self.assertAlmostEqual(
                    total("connections", "clients", "seconds"), seconds,
                    delta=min(seconds, len(found["connections"]["clients"]) / 2))
                self.assertAlmostEqual(total("connections", "clients", "connections"),
                                       total("connections", "hourly", "connections"), delta=1)
                attempts = found["relay"]["summary"][0]["attempts"]
                for table in ("clients", "recipient_domains", "sender_domains"):
                    self.assertEqual(total("relay", table, "attempts"), attempts)
                self.assertEqual([r["refusals"] for r in found["refusals"]["reasons"]
                                  if r["reason"] == "relay-denied"], [attempts])
                self.assertEqual(total("refusals", "clients", "refusals"),
                                 total("refusals", "reasons", "refusals"))

    def test_several_reports_are_an_array(self):
        output, _ = run("report", "relay,auth", "-f", "json", LOG)
        self.assertEqual([r["report"] for r in json.loads(output)], ["relay", "auth"])

    def test_csv_has_the_columns_of_json(self):
        output, _ = run("report", "refusals", "-f", "csv", "--table", "reasons", LOG)
        rows = list(csv.DictReader(io.StringIO(output)))
        expected = report("refusals", LOG)["tables"]["reasons"]
        self.assertEqual([r["reason"] for r in rows], [r["reason"] for r in expected])
        self.assertEqual([int(r["refusals"]) for r in rows], [r["refusals"] for r in expected])

    def test_the_overview_is_the_bare_command(self):
        self.assertEqual(run(LOG)[0], run("report", "overview", LOG)[0])

    def test_no_colour_without_a_terminal(self):
        self.assertNotIn("\033", run(LOG)[0])

    def test_top(self):
        found = report("relay", "--top", "2", LOG)["tables"]
        self.assertEqual(len(found["clients"]), 2)

    def test_zone(self):
        utc = report("traffic", LOG)["tables"]["hourly"]
        other = report("traffic", "--tz", "-05:00", LOG)["tables"]["hourly"]
        self.assertEqual([r["rejected"] for r in utc], [r["rejected"] for r in other])
        self.assertIn("-05:00", other[0]["hour"])

    def test_by(self):
        hours = report("traffic", LOG)["tables"]
        for by in ("hour", "day", "week", "month"):
            found = report("traffic", "--by", by, LOG)["tables"]
            self.assertEqual(sum(r["rejected"] for r in found["hourly"]),
                             sum(r["rejected"] for r in hours["hourly"]))

    def test_configuration(self):
        path = self.write("c.conf", 'top = 1;\nlocal = [ "one.example", "two.example" ];\n')
        self.assertEqual(len(report("relay", "--config", path, LOG)["tables"]["clients"]), 1)
        self.assertEqual(len(report("relay", "--config", path, "--top", "3",
                                    LOG)["tables"]["clients"]), 3)


class Sql(Case):
    def test_views_on_a_log(self):
        for view in ("relay_attempts", "refusals", "sessions", "clients", "connections", "traffic"):
            self.assertGreater(sql(f"select count(*) as n from {view}", "--log", LOG)[0]["n"], 0)

    def test_prompt(self):
        output, _ = run("sql", "--log", LOG, "-f", "csv",
                        stdin=b"select count(*) as n from sessions;\nselect\n 2 as two;\n")
        self.assertIn("two", output)

    def test_nothing_can_be_changed(self):
        run("ingest", "-q", "--store", self.store, LOG)
        before = open(self.store, "rb").read()
        for query in ("delete from slots", "drop table slots", "create table t(x)",
                      "pragma user_version=9", "attach 'x.db' as x", "vacuum",
                      "insert into meta values(1,2)"):
            run("sql", query, "--store", self.store, status=2)
        self.assertEqual(before, open(self.store, "rb").read())

    def test_an_error_says_where(self):
        _, complaint = run("sql", "selct 1", "--log", LOG, status=2)
        self.assertIn("selct", complaint)


if __name__ == "__main__":
    main()
