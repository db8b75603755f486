"""What postmasters once saw in their logs and worked out by hand: from the log to the block."""
import ipaddress
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Case, main, run, tables  # noqa: E402

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def blocks(*arguments):
    """{client or network: row} of the plan."""
    return {row["client"]: row for row in json.loads(run("block", "json", *arguments)[0])}


def covered(plan, address):
    """The block that ADDRESS would meet, or None."""
    for prefix, row in plan.items():
        if ipaddress.ip_address(address) in ipaddress.ip_network(prefix, strict=False):
            return row
    return None


def findings(*arguments):
    """{client: {pattern: (grade, sentence)}}"""
    found = {}
    for row in tables("patterns", "--top", 10**6, *arguments)["findings"]:
        words = (row["grade"], row["sentence"])
        found.setdefault(row["client"], {})[row["pattern"]] = words
    return found


class StoryCase(Case):
    def assert_blocked(self, plan, addresses, patterns=None):
        for address in addresses:
            row = covered(plan, address)
            self.assertIsNotNone(row, f"{address} is not blocked")
            if patterns:
                self.assertIn(row["pattern"], patterns, row)

    def assert_left_alone(self, plan, addresses):
        for address in addresses:
            row = covered(plan, address)
            self.assertIsNone(row, f"{address}: {row}")


def exim(second, client, text):
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second))
    return f"{when} H=({client[1]}) [{client[0]}] {text}\n"


class RelayAttempts(StoryCase):
    """A university's gateway: is anybody looking for open relays in all that noise?"""

    BEGIN = 1301616000  # 2011-04-01
    OURS = "cs.example"
    MANY = ("61.129.51.7", "friend")
    FORGERS = [("118.165.88.140", "mail"), ("220.248.9.31", "cs.example"), ("60.12.1.8", "User")]
    NULLS = [("114.40.77.9", "x"), ("123.204.5.6", "y")]

    def lines(self):
        """[(second, line)]: noise of single attempts, and those who stand out."""
        for n in range(540):  # each once
            yield self.denied(n * 14000, (f"{20 + n % 90}.{n % 250}.7.{1 + n % 200}", f"h{n}"),
                              f"a{n}@live{n % 40}.example", f"z{n}@yahoo.co.jp")
        for n in range(23):  # the busiest: many senders, nearly all of them to several
            for m in range(1 if n == 11 else 2 + n % 5):
                domain = ("docomo", "yahoo", "hotmail", "ezweb", "msn")[n % 5]
                to = ("hanta.co.kr", "yahoo.co.jp", "gmail.com")[m % 3]
                yield self.denied(7_600_000 + n * 700 + m, self.MANY, f"s{n}@{domain}.example",
                                  f"r{n}.{m}@{to}")
        admins = "root info admin webmaster postmaster support".split()
        for n, client in enumerate(self.FORGERS):
            for m, name in enumerate(admins):
                yield self.denied(7_500_000 + n * 40_000 + m * 3, client, f"{name}@{self.OURS}",
                                  f"kobe{n}@gmail.com")
        for n, client in enumerate(self.NULLS):
            for m in range(6):
                yield self.denied(7_450_000 + n * 50_000 + m, client, "", f"n{m}@ezweb.example")
        for day in range(89):  # mail that is wanted
            second = self.BEGIN + day * 86400 + 30_000
            message = f"1QA{day:03}-000{day:03}-00"
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second))
            yield second, (f"{when} {message} <= ann@partner.example H=mail.partner.example "
                           f"[198.51.100.7] P=esmtp S=900 id={day}@partner.example\n"
                           f"{when} {message} => alice <alice@{self.OURS}> R=local_user "
                           f"T=mail_spool\n{when} {message} Completed\n")

    def denied(self, second, client, sender, to):
        second += self.BEGIN
        why = f"F=<{sender}> rejected RCPT <{to}>: relay not permitted"
        return second, exim(second, client, why)

    def setUp(self):
        super().setUp()
        lines = sorted(self.lines(), key=lambda line: line[0])
        self.log = self.write("mainlog", "".join(text for _, text in lines))

    def test_those_who_stand_out(self):
        plan, found = blocks(self.log), findings(self.log)
        self.assertIn("many-senders", found[self.MANY[0]])
        for client, _ in self.FORGERS:
            self.assertEqual(found[client]["forged-local"][0], "strong", found[client])
        for client, _ in self.NULLS:
            self.assertIn("null-sender", found[client])
        self.assert_blocked(plan, [self.MANY[0]] + [client for client, _ in self.FORGERS])
        self.assertRegex(found[self.MANY[0]]["many-senders"][1], "23 .*senders")
        noise = [f"{20 + n % 90}.{n % 250}.7.{1 + n % 200}" for n in range(540)]
        self.assert_left_alone(plan, noise + ["198.51.100.7"])
        for client in noise:
            self.assertNotIn("strong", [grade for grade, _ in found.get(client, {}).values()])

    def test_explained(self):
        output, _ = run("explain", self.FORGERS[0][0], self.log)
        self.assertIn("root", output)
        self.assertIn("kobe0@gmail.com", output)
        self.assertRegex(output.lower(), r"\bblock\b")


class Scanner(StoryCase):
    """One scanner of open relays, seen again a year later from elsewhere."""

    TAILS = ["c", "1", "9", "2", "0", "b", "7", "13", "4", "f", "12", "5", "e", "d", "a", "10", "6",
             "3", "", "11", "8"]
    BOXES = [f"therichsheick{tail}@yahoo.com" for tail in TAILS]

    def probe(self, stamp, pid, client, boxes, sender="test@live.com"):
        who = f"unknown[{client}]"
        lines = [f"connect from {who}"]
        lines += [f"NOQUEUE: reject: RCPT from {who}: 554 5.7.1 <{box}>: Relay access denied; "
                  f"from=<{sender}> to=<{box}> proto=ESMTP helo=<User>" for box in boxes]
        lines += [f"disconnect from {who} ehlo=1 mail=1 rcpt=0/{len(boxes)} quit=1 "
                  f"commands=3/{3 + len(boxes)}"]
        return "".join(f"{stamp}+00:00 mx postfix/smtpd[{pid}]: {line}\n" for line in lines)

    def list_host(self, stamp, pid, again):
        """An honest host of mailing lists: gone readers, and a domain that moved away."""
        who, qid = "lists.verein.example[198.51.100.9]", f"4A{pid:X}{again:X}0"
        lines = [f"postfix/smtpd[{pid}]: connect from {who}",
                 f"postfix/smtpd[{pid}]: {qid}: client={who}"]
        for n in range(25):
            to = f"reader{n}@{'moved.example' if n < 22 else 'ours.example'}"
            why = (f"554 5.7.1 <{to}>: Relay access denied" if n < 22 else
                   f"550 5.1.1 <{to}>: Recipient address rejected: User unknown in local recipient "
                   "table")
            lines.append(f"postfix/smtpd[{pid}]: {qid}: reject: RCPT from {who}: {why}; "
                         f"from=<list-bounces@verein.example> to=<{to}> proto=ESMTP "
                         "helo=<lists.verein.example>")
        lines += [f"postfix/cleanup[{pid + 1}]: {qid}: message-id=<{again}@verein.example>",
                  f"postfix/qmgr[9]: {qid}: from=<list-bounces@verein.example>, size=900, nrcpt=1 "
                  "(queue active)",
                  f"postfix/smtpd[{pid}]: disconnect from {who} ehlo=1 mail=1 rcpt=1/26 data=1 "
                  "quit=1 commands=5/30",
                  f"postfix/local[{pid + 2}]: {qid}: to=<alice@ours.example>, relay=local, "
                  "delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)",
                  f"postfix/qmgr[9]: {qid}: removed"]
        return "".join(f"{stamp}+00:00 mx {line}\n" for line in lines)

    def years(self):
        changed = self.BOXES[::-1]
        changed[2:5] = ["therichsheickx@yahoo.com", "sheick77@yahoo.com", "richsheick@aol.com"]
        first = (self.probe("2012-12-01T12:17:21", 100, "23.22.56.7", self.BOXES) +
                 self.list_host("2012-12-01T13:00:00", 200, 1) +
                 self.probe("2012-12-03T02:00:00", 101, "23.22.56.7",
                            self.BOXES[7:] + self.BOXES[:7]))
        second = (self.list_host("2013-12-01T11:00:00", 300, 2) +
                  self.probe("2013-12-01T12:17:21", 400, "46.137.9.30", changed) +
                  self.probe("2013-12-05T20:00:00", 401, "5.39.70.1", ["therichsheick@yahoo.com"]) +
                  # Somebody else's probe
                  self.probe("2013-12-06T20:00:00", 402, "91.121.8.8",
                             [f"kanal{n}@mail.ru" for n in range(9)], "me@kanal.example"))
        return self.write("2012.log", first), self.write("2013.log", second)

    def check(self, families, members):
        mine = [row for row in families if "sheick" in (row["label"] or "")]
        self.assertEqual(len(mine), 1, families)
        clients = {row["client"] for row in members if row["family"] == mine[0]["family"]}
        self.assertEqual(clients, {"23.22.56.7", "46.137.9.30", "5.39.70.1"})
        self.assertNotIn("198.51.100.9", {row["client"] for row in members})
        others = {row["client"]: row["family"] for row in members}
        self.assertNotEqual(others.get("91.121.8.8"), mine[0]["family"])
        self.assertTrue(mine[0]["first"].startswith("2012-12-01T12:17:21"), mine)
        self.assertTrue(mine[0]["last"].startswith("2013-12-05T20:00:00"), mine)
        self.assertEqual(mine[0]["recipients"], 24)
        return mine[0]["family"]

    def test_one_family(self):
        logs = self.years()
        found = tables("families", "--local", "ours.example", *logs)
        self.check(found["families"], found["members"])
        self.assert_left_alone(blocks("--local", "ours.example", *logs), ["198.51.100.9"])

    def test_the_same_name_in_a_year(self):
        first, second = self.years()
        options = ["--store", self.store, "--local", "ours.example"]
        run("ingest", "--store", self.store, first)
        before = tables("families", *options)["families"]
        run("ingest", "--store", self.store, second)
        found = tables("families", *options)
        self.assertEqual(self.check(found["families"], found["members"]), before[0]["family"])
        self.assertEqual(len(before), 1)

    def test_name_does_not_depend_on_who_reads(self):
        logs = self.years()
        found = tables("families", "--local", "ours.example", *logs)
        name = self.check(found["families"], found["members"])
        alone = tables("families", "--local", "ours.example", logs[0])
        self.assertEqual(alone["families"][0]["family"], name)


# Connections in eight hours of a December night, their mean length in seconds, and the host.
HOSTS = """
6312 1 61.136.151.158
2404 2 c-direct.ne.jp
1900 1 67.39.250.194
1840 3 sysrun.co.jp
1404 2 plala.or.jp
1028 2 odex.co.jp
1018 11 zoanmail.com
1016 2 211.121.191.218
1003 6 ns.secureprint.jp
937 2 211.235.191.220
924 7 211.199.180.217
896 3 wakwak.ne.jp
763 3 211.92.240.19
744 26 200.16.81.209
727 2 219.120.74.163
702 27 rr.com
702 2 211.97.235.106
687 53 194.162.80.26
608 17 hinet.net
596 12 203.238.211.219
"""
# How the night's connections were spread over its hours, in thousands.
HOURS = (14.3, 8.1, 7.3, 6.7, 15.3, 15.5, 12.6, 8.1)


class Flood(StoryCase):
    """A flood at Christmas: 'the rate of connections is a reliable red flag, especially with the
    guard condition of no PTR'."""

    def spread(self, count, offset=0.5):
        """COUNT seconds of the night, as busy as it was."""
        total = sum(HOURS)
        for n in range(count):
            share = (n + offset) / count * total
            for hour, weight in enumerate(HOURS):
                if share < weight:
                    yield int((hour + share / weight) * 3600)
                    break
                share -= weight

    def session(self, second, pid, who, taken, length=3):
        sender, to = f"ny{pid * 37 % 90000}@hotmail.com", "bob@imgate.example"
        smtpd = f"postfix/smtpd[{pid}]: "
        yield second, f"{smtpd}connect from {who}"
        if taken:
            qid = f"{pid:X}00"
            yield second, f"{smtpd}{qid}: client={who}"
            yield second, f"postfix/cleanup[3]: {qid}: message-id=<{pid}@x.example>"
            yield second, (f"postfix/qmgr[4]: {qid}: from=<u@x.example>, size=700, nrcpt=1 "
                           "(queue active)")
            yield second + 1, (f"postfix/local[5]: {qid}: to=<{to}>, relay=local, delay=1, "
                               "delays=1/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)")
            yield second + 1, f"postfix/qmgr[4]: {qid}: removed"
        else:
            yield second + 1, (f"{smtpd}NOQUEUE: reject: RCPT from {who}: 450 4.1.7 <{sender}>: "
                               "Sender address rejected: undeliverable address; "
                               f"from=<{sender}> to=<{to}> proto=SMTP helo=<x>")
        yield second + max(1, length), f"{smtpd}disconnect from {who}"

    def night(self):
        events, pid, unnamed, named = [], 1, [], []
        for number, (count, mean, host) in enumerate(map(str.split, HOSTS.strip().splitlines())):
            machines = 1 if host[0].isdigit() or host.startswith("ns.") else 12
            for n, second in enumerate(self.spread(int(count))):
                machine = n % machines
                address = host if host[0].isdigit() else f"12.{number}.3.{machine + 1}"
                name = "unknown" if host[0].isdigit() else (
                    host if machines == 1 else f"smtp-server{machine}.{host}")
                (unnamed if host[0].isdigit() else named).append(address)
                events += self.session(second, pid, f"{name}[{address}]",
                                       name != "unknown" and n % 3 == 0,
                                       int(mean) * (5 + n * 7 % 11) // 10)
                pid += 1
        for n in range(300):  # those who call a few times
            address = f"63.251.{n}.{1 + n % 250}" if n < 250 else f"64.69.{n - 250}.7"
            for second in self.spread(3, n / 300):
                events += self.session(second, pid, f"unknown[{address}]", False)
                pid += 1
        events.sort(key=lambda event: event[0])
        log = "".join(f"2003-12-22T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+00:00 mx {text}\n"
                      for s, text in events)
        return self.write("mail.log", log), sorted(set(unnamed)), sorted(set(named))

    def test_by_rate_and_missing_name(self):
        log, unnamed, named = self.night()
        plan = blocks("--local", "imgate.example", log)
        self.assert_blocked(plan, unnamed, {"flood"})
        self.assert_left_alone(plan, named)
        self.assert_left_alone(plan, [f"63.251.{n}.{1 + n % 250}" for n in range(250)])
        for address in unnamed:
            self.assertRegex(plan[address]["because"], r"connect.* name")

    def test_what_if(self):
        log, _, _ = self.night()
        effect = json.loads(run("block", "--what-if", "--local", "imgate.example", "--format",
                                "json", log)[0])["tables"]["effect"]
        for row in effect:
            self.assertEqual(row["wanted_messages_lost"], 0)
        self.assertGreater(max(row["connections_stopped"] for row in effect), 10_000)


class OneMail(StoryCase):
    """One spam through several open relays, at a home server on a July night."""

    LINES = [("01:11:45", "[61.77.232.38]"), ("01:11:58", "[165.246.189.33]"),
             ("01:12:07", "[61.77.232.38]"), ("01:12:18", "[211.209.23.36]"),
             ("01:12:27", "12-237-128-54.client.attbi.com [12.237.128.54]")]
    RELAYS = ["61.77.232.38", "165.246.189.33", "211.209.23.36", "12.237.128.54"]

    def refused(self, stamp, number, relay, sender, to):
        head = f"Jul 24 {stamp} janus sm-mta[{3000 + number}]: h6O8BXg{3000 + number:06}:"
        return (f"{head} ruleset=check_eoh, arg1=1, arg2=2, relay={relay}, reject=553 5.0.0 "
                "Unidentified messages are not acceptable here\n"
                f"{head} from=<{sender}>, size=1762, class=0, nrcpts=1, proto=SMTP, daemon=MTA, "
                f"relay={relay}\n"
                f"{head} to=<{to}>, delay=00:00:01, pri=30000, stat=Unidentified\n")

    def setUp(self):
        super().setUp()
        lines = [self.refused("00:10:00", 90, "[203.0.113.77]", "once@spam.example",
                              "david@catwhisker.example")]
        lines += [self.refused(stamp, n, relay, "5140ghxc@aci.net", "LENNON@ONLINEROCK.COM")
                  for n, (stamp, relay) in enumerate(self.LINES)]
        lines += [self.refused(f"02:{n:02}:11", 100 + n,
                               f"mail{n}.once.example [198.51.100.{n + 1}]",
                               f"s{n}@other{n}.example", f"user{n % 3}@onlinerock.com")
                  for n in range(20)]
        # A provider with a host without Message-IDs: its pool is one source.
        lines += [self.refused(f"03:00:{n * 9:02}", 200 + n,
                               f"out{n}.bigprovider.example [198.51.100.{100 + n * 20}]",
                               "cron@bigprovider.example", "david@catwhisker.example")
                  for n in range(5)]
        self.log = self.write("maillog", "".join(lines))
        self.options = ("--year", 2003, "--local", "onlinerock.com", "--local",
                        "catwhisker.example")

    def test_apparent_open_relays(self):
        plan = blocks(*self.options, self.log)
        self.assert_blocked(plan, self.RELAYS)
        self.assertEqual(len(plan), 4, plan)
        for address in self.RELAYS:
            self.assertRegex(covered(plan, address)["because"].lower(), "open relay")

    def test_the_pair(self):
        pairs = [row for row in tables("patterns", *self.options, self.log)["pairs"]
                 if row["sources"] > 1]
        self.assertEqual(len(pairs), 1, pairs)
        row = pairs[0]
        self.assertEqual((row["clients"], row["sources"], row["attempts"]), (4, 4, 5))
        self.assertEqual(row["sender"].lower(), "5140ghxc@aci.net")
        self.assertEqual(row["recipient"].lower(), "lennon@onlinerock.com")
        for address in self.RELAYS:
            self.assertIn(address, row["client_list"])

    def test_explained(self):
        output, _ = run("explain", "61.77.232.38", *self.options, self.log)
        self.assertIn("5140ghxc@aci.net", output)
        self.assertRegex(output.lower(), "open relay")

    def test_access_file(self):
        output, _ = run("block", "sendmail", *self.options, self.log)
        for address in self.RELAYS:
            self.assertRegex(output, rf"(?m)^Connect:{re.escape(address)}\t")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipUnless(shutil.which("rbldnsd", path=PATH), "no rbldnsd")
class Listed(StoryCase):
    """How often zombies come back: those in a block list, and the others."""

    ZONE = "cbl.test"
    # Sessions of a client: how many clients have as many, listed ones and others.
    LISTED = {1: 56, 2: 18, 3: 8, 4: 5, 7: 9, 20: 4}
    OTHERS = {1: 65, 2: 17, 3: 6, 4: 4, 7: 6, 20: 2}

    def setUp(self):
        super().setUp()
        self.port = free_port()
        listed, lines = [], []
        number = 0
        for row, network in ((self.LISTED, 10), (self.OTHERS, 20)):
            for tries, clients in row.items():
                for _ in range(clients):
                    number += 1
                    address = f"81.{network}.{number // 200}.{number % 200 + 1}"
                    if row is self.LISTED:
                        listed.append(address)
                    lines += self.visits(number, address, tries)
        self.log = self.write("mail.log", "".join(text for _, text in sorted(lines)))
        zone = ("$SOA 60 ns.cbl.test host.cbl.test 0 60 60 60 60\n:127.0.0.2:listed $\n"
                "127.0.0.2\n" + "".join(f"{address}\n" for address in listed))
        os.chmod(self.folder, 0o755)
        self.write("zone", zone)
        command = ["rbldnsd", "-n", "-b", f"127.0.0.1/{self.port}", "-w", self.folder, "-q"]
        command += ["-u", "nobody"] if os.geteuid() == 0 else []
        environment = dict(os.environ, PATH=PATH)
        self.server = subprocess.Popen(command + [f"{self.ZONE}:ip4trie:zone"], env=environment,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)

    def stop(self):
        self.server.terminate()
        self.server.wait()

    def visits(self, number, address, tries):
        """One client's sessions: TRIES refused ones, and one that was not if there is no other."""
        for n in range(max(tries, 2)):
            second = 1_141_200_000 + number * 400 + n * 3600
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            who, pid = f"unknown[{address}]", number * 30 + n
            lines = [f"connect from {who}"]
            if n < tries:
                lines.append(f"NOQUEUE: reject: RCPT from {who}: 450 4.7.25 Client host rejected: "
                             f"cannot find your hostname, [{address}]; from=<a{n}@x.example> "
                             "to=<b@ours.example> proto=SMTP helo=<x>")
            lines.append(f"disconnect from {who}")
            yield stamp, "".join(f"{stamp}+00:00 mx postfix/smtpd[{pid}]: {t}\n" for t in lines)

    def test_split(self):
        found = tables("retries", "--resolve", "--dnsbl", self.ZONE, "--dns",
                       f"127.0.0.1:{self.port}", self.log)["by_list"]
        columns = ("tries_1", "tries_2", "tries_3", "tries_4", "tries_5_10", "tries_more")
        rows = {row["class"]: [row[c] for c in columns] for row in found}
        self.assertEqual(rows[self.ZONE], list(self.LISTED.values()), found)
        others = [values for name, values in rows.items() if name not in (self.ZONE, "all")]
        self.assertEqual(others, [list(self.OTHERS.values())], found)


if __name__ == "__main__":
    main()
