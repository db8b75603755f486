"""mxwatch enrich, and --resolve, against DNS servers on loopback."""
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time

TESTS = os.path.join(os.path.dirname(__file__), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "..", "tools")]
import mmdb  # noqa: E402
import nameserver as ns  # noqa: E402
from harness import MXWATCH, Case, main, run, sql, tables  # noqa: E402

SKIPPED = 77
ENV = {"XDG_DATA_HOME": "/nonexistent"}


def refusal(second, client, text="Client host rejected: cannot find your hostname"):
    minute, second = divmod(second, 60)
    stamp = f"Nov 22 {8 + minute // 60:02}:{minute % 60:02}:{second:02}"
    name = "unknown"
    return (f"{stamp} mx1 postfix/smtpd[{100 + second}]: connect from {name}[{client}]\n"
            f"{stamp} mx1 postfix/smtpd[{100 + second}]: NOQUEUE: reject: RCPT from "
            f"{name}[{client}]: 450 4.7.25 {text}; from=<a@b.example> to=<c@d.example> "
            f"proto=ESMTP helo=<x>\n"
            f"{stamp} mx1 postfix/smtpd[{100 + second}]: disconnect from {name}[{client}]\n")


def log_of(visits):
    """A log in which each client of VISITS ({address: times}) is refused so many times."""
    lines, second = [], 0
    for client, times in visits.items():
        for _ in range(times):
            lines.append(refusal(second, client))
            second += 7
    return "".join(lines)


def many(count):
    return [f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in range(count)]


class Enriching(Case):
    def setUp(self):
        super().setUp()
        self.servers = []

    def tearDown(self):
        for server in self.servers:
            server.close()
        super().tearDown()

    def serve(self, server):
        self.servers.append(server)
        return server

    def own(self, reply):
        return self.serve(ns.Server(reply))

    def log(self, visits):
        return self.write("mail.log", log_of(visits))

    def enrich(self, *arguments, status=0, env=None):
        output, complaint = run("enrich", "--format", "json", *arguments, status=status,
                                env={**ENV, **(env or {})})
        if status:
            return None, complaint
        found = json.loads(output)["tables"]
        return found, complaint

    def clients(self, *arguments):
        found, _ = self.enrich(*arguments)
        return {row["client"]: row for row in found["clients"]}


class WithDebian(Enriching):
    """Names by dnsmasq, lists by rbldnsd behind it."""

    LISTED = ["127.0.0.2", "!127.0.0.1", "192.0.2.7", "198.51.100.0/24"]

    def setUp(self):
        super().setUp()
        lists = self.serve(ns.rbldnsd(self.folder, {
            "bl.example": ("ip4trie", self.LISTED),
            "six.example": ("ip6trie", ["::FFFF:7F00:2", "2001:db8:0:1::/64"]),
        }))
        self.dns = self.serve(ns.dnsmasq(self.folder, [
            f"server=/bl.example/127.0.0.1#{lists.port}",
            f"server=/six.example/127.0.0.1#{lists.port}",
            "local=/in-addr.arpa/", "local=/ip6.arpa/", "local=/example/",
            "ptr-record=7.2.0.192.in-addr.arpa,mail.seven.example",
            "host-record=mail.seven.example,192.0.2.7",
            "ptr-record=8.2.0.192.in-addr.arpa,192-0-2-8.dsl.eight.example",
            "host-record=192-0-2-8.dsl.eight.example,192.0.2.99",
            "ptr-record=9.2.0.192.in-addr.arpa,nowhere.nine.example",
            "ptr-record=5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa,"
            "six.example.example",
            "host-record=six.example.example,2001:db8:0:1::25",
        ]))
        self.visits = {"192.0.2.7": 3, "192.0.2.8": 2, "192.0.2.9": 1, "192.0.2.10": 1,
                       "198.51.100.1": 5, "198.51.100.2": 12, "203.0.113.1": 2,
                       "2001:db8:0:1::25": 4}
        self.lists = ["--dnsbl", "bl.example", "--dnsbl", "SIX.example."]

    def test_names_and_lists(self):
        found = self.clients("--dns", self.dns.address, *self.lists, self.log(self.visits))
        expected = {
            "192.0.2.7": ("mail.seven.example", "yes", 0, "bl.example"),
            "192.0.2.8": ("192-0-2-8.dsl.eight.example", "no", 1, ""),
            "192.0.2.9": ("nowhere.nine.example", "no", 0, ""),
            "192.0.2.10": ("", "no", 0, ""),
            "198.51.100.1": ("", "no", 0, "bl.example"),
            "198.51.100.2": ("", "no", 0, "bl.example"),
            "203.0.113.1": ("", "no", 0, ""),
            "2001:db8:0:1::25": ("six.example.example", "yes", 0, "six.example"),
        }
        self.assertEqual({client: (row["name"], row["confirmed"], row["dynamic"], row["listed"])
                          for client, row in found.items()}, expected)
        # The busiest first.
        self.assertEqual(list(found)[:3], ["198.51.100.2", "198.51.100.1", "2001:db8:0:1::25"])

    def test_top_and_all(self):
        log = self.log(self.visits)
        self.assertEqual(list(self.clients("--dns", self.dns.address, "--top", "2", log)),
                         ["198.51.100.2", "198.51.100.1"])
        with open(log, "a", encoding="ascii") as file:
            file.write("Nov 22 09:00:00 mx1 postfix/smtpd[9]: connect from unknown[192.0.2.77]\n"
                       "Nov 22 09:00:01 mx1 postfix/smtpd[9]: disconnect from unknown[192.0.2.77]\n")
        self.assertNotIn("192.0.2.77", self.clients("--dns", self.dns.address, log))
        self.assertIn("192.0.2.77", self.clients("--dns", self.dns.address, "--all", log))

    def test_store_keeps_and_does_not_ask_again(self):
        run("ingest", "--store", self.store, self.log(self.visits))
        found, _ = self.enrich("--store", self.store, "--dns", self.dns.address, *self.lists)
        self.assertEqual(found["summary"], [
            {"clients": 8, "confirmed": 2, "unconfirmed": 2, "unnamed": 4, "failed": 0,
             "dynamic": 1, "located": 0}])
        self.assertEqual([(row["list"], row["listed"], row["not_listed"], row["failed"])
                          for row in found["lists"]],
                         [("bl.example", 3, 5, 0), ("six.example", 1, 7, 0)])
        self.assertEqual(sql("select count(*) n from enrichment", "--store", self.store), [{"n": 8}])
        before = sql("select max(asked) t from listings", "--store", self.store)
        # Nobody is there to ask any more, and nobody needs to be.
        self.dns.close()
        again, complaint = self.enrich("--store", self.store, "--dns", self.dns.address, *self.lists)
        self.assertEqual(again, found)
        self.assertEqual(complaint, "")
        self.assertEqual(sql("select max(asked) t from listings", "--store", self.store), before)

    def test_max_age(self):
        run("ingest", "--store", self.store, self.log({"192.0.2.7": 1}))
        arguments = ["--store", self.store, "--dns", self.dns.address, "--dnsbl", "bl.example"]
        self.enrich(*arguments)
        first = sql("select asked from enrichment", "--store", self.store)[0]["asked"]
        time.sleep(1.1)
        self.enrich(*arguments, "--max-age", "1h")
        self.assertEqual(sql("select asked from enrichment", "--store", self.store)[0]["asked"], first)
        self.enrich(*arguments, "--max-age", "1s")
        self.assertGreater(sql("select asked from enrichment", "--store", self.store)[0]["asked"], first)

    def check_split(self, rows):
        self.assertEqual(rows, [
            {"class": "bl.example", "clients": 3, "tries_1": 0, "tries_2": 0, "tries_3": 1,
             "tries_4": 0, "tries_5_10": 1, "tries_more": 1},
            {"class": "not bl.example", "clients": 3, "tries_1": 0, "tries_2": 2, "tries_3": 0,
             "tries_4": 1, "tries_5_10": 0, "tries_more": 0}])

    def test_retries_by_list(self):
        log = self.log(self.visits)
        self.assertEqual(tables("retries", log)["by_list"], [])
        self.check_split(tables("retries", log, "--resolve", "--dns", self.dns.address, "--dnsbl",
                                "bl.example")["by_list"])
        run("ingest", "--store", self.store, log)
        self.assertEqual(tables("retries", "--store", self.store)["by_list"], [])
        self.enrich("--store", self.store, "--dns", self.dns.address, "--dnsbl", "bl.example")
        self.check_split(tables("retries", "--store", self.store)["by_list"])

    def test_configuration(self):
        config = self.write("mxwatch.conf", f'dns = [ "{self.dns.address}" ];\n'
                            'dnsbl = [ "bl.example" ];\nrate = 1000;\nmax_age = "2h";\n')
        log = self.log({"192.0.2.7": 1})
        self.assertEqual(self.clients("--config", config, log)["192.0.2.7"]["listed"], "bl.example")
        # The command line takes the place of the configuration's lists.
        self.assertEqual(self.clients("--config", config, "--dnsbl", "six.example", log)
                         ["192.0.2.7"]["listed"], "")

    def test_forms(self):
        log = self.log({"192.0.2.7": 1})
        text, _ = run("enrich", "--dns", self.dns.address, *self.lists, log, env=ENV)
        self.assertIn("mail.seven.example", text)
        csv, _ = run("enrich", "--dns", self.dns.address, *self.lists, "-f", "csv", "--table",
                     "clients", log, env=ENV)
        self.assertTrue(csv.startswith("client,name,confirmed,"))
        self.assertIn("192.0.2.7,mail.seven.example,yes,0,", csv)


class Misbehaving(Enriching):
    """Servers that fail, lie or say nothing."""

    def no_names(self, name, kind, message):
        return ns.answer(message, ns.NXDOMAIN)

    def test_silence(self):
        server = self.own(lambda name, kind, message: None)
        start = time.monotonic()
        found, complaint = self.enrich("--dns", server.address, "--dnsbl", "bl.example",
                                       self.log({client: 1 for client in many(100)}))
        self.assertLess(time.monotonic() - start, 30)
        self.assertIn("no DNS server answers", complaint)
        self.assertEqual(complaint.count("\n"), 1)
        failed = found["summary"][0]["failed"]
        self.assertTrue(0 < failed <= 40, failed)
        self.assertEqual(found["summary"][0]["unnamed"], 0)

    def test_nobody_there(self):
        start = time.monotonic()
        found, complaint = self.enrich("--dns", f"127.0.0.1:{ns.free_port()}",
                                       self.log({client: 1 for client in many(100)}))
        self.assertLess(time.monotonic() - start, 10)
        self.assertIn("no DNS server answers", complaint)
        self.assertEqual(found["summary"][0]["clients"], 100)

    def test_a_silent_list_does_not_hold_up_names(self):
        def reply(name, kind, message):
            return None if name.endswith("bl.example") else ns.answer(message, ns.NXDOMAIN)

        server = self.own(reply)
        found, complaint = self.enrich("--dns", server.address, "--dnsbl", "bl.example",
                                       self.log({client: 1 for client in many(300)}))
        self.assertEqual(found["summary"][0]["unnamed"], 300)
        self.assertIn("'bl.example' is not asked any more: no answer comes", complaint)

    def test_servfail(self):
        server = self.own(lambda name, kind, message: ns.answer(message, ns.SERVFAIL))
        run("ingest", "--store", self.store, self.log({client: 1 for client in many(20)}))
        found, _ = self.enrich("--store", self.store, "--dns", server.address, "--dnsbl", "bl.example")
        self.assertEqual(found["summary"][0]["failed"], 20)
        self.assertEqual(found["lists"][0]["failed"], 20)
        self.assertEqual(found["clients"][0]["confirmed"], "failed")
        self.assertEqual(sql("select distinct ptr, listed from enrichment join listings using "
                             "(address)", "--store", self.store), [{"ptr": 3, "listed": 3}])
        asked = len(server.queries)
        self.enrich("--store", self.store, "--dns", server.address, "--dnsbl", "bl.example")
        self.assertLessEqual(len(server.queries), asked)
        # Another server is asked where there is one.
        good = self.own(self.no_names)
        found, _ = self.enrich("--dns", server.address, "--dns", good.address, "--dnsbl",
                               "bl.example", self.log({client: 1 for client in many(20)}))
        self.assertEqual(found["summary"][0]["failed"], 0)
        self.assertEqual(found["lists"][0]["not_listed"], 20)

    def test_knowledge_survives_failures(self):
        state = {"works": True}

        def reply(name, kind, message):
            if not state["works"]:
                return ns.answer(message, ns.SERVFAIL)
            if kind == ns.TYPE_PTR:
                return ns.answer(message, 0, [(ns.TYPE_PTR, ns.wire_name("a.example"))])
            if name == "a.example":
                return ns.answer(message, 0, [(ns.TYPE_A, bytes([192, 0, 2, 1]))])
            listed = name.startswith(("1.2.0.192.", "2.0.0.127."))
            return ns.answer(message, 0, [(ns.TYPE_A, b"\x7f\0\0\2")] if listed else [])

        server = self.own(reply)
        run("ingest", "--store", self.store, self.log({"192.0.2.1": 1}))
        arguments = ["--store", self.store, "--dns", server.address, "--dnsbl", "bl.example"]
        first, _ = self.enrich(*arguments)
        self.assertEqual(first["clients"][0]["listed"], "bl.example")
        state["works"] = False
        time.sleep(1.1)
        again, _ = self.enrich(*arguments, "--max-age", "1s")
        self.assertEqual(again, first)

    def test_hostile_names(self):
        long = [b"x" * 63, b"y" * 63, b"z" * 63, b"w" * 61]
        answers = {
            "1.0.0.10": [[b"\x1b[2J\x07", b"example"]],
            "2.0.0.10": [[b"a.b\0c", b"example"]],
            "3.0.0.10": [long],
            "4.0.0.10": [[b"\xff\xfe"]],
            "5.0.0.10": [[b"<script>alert(1)</script>"]],
            "6.0.0.10": [[b"%s%n"], [b"good", b"example"]],
            "7.0.0.10": [[f"n{n:03}".encode(), b"example"] for n in range(300)],
            "8.0.0.10": [[]],
        }

        def reply(name, kind, message):
            reverse = name.removesuffix(".in-addr.arpa")
            if kind == ns.TYPE_PTR:
                return ns.answer(message, 0, [(ns.TYPE_PTR, ns.wire_name(labels))
                                              for labels in answers[reverse]])
            good = {"good.example": bytes([10, 0, 0, 6]), "n007.example": bytes([10, 0, 0, 7])}
            return ns.answer(message, 0, [(ns.TYPE_A, good[name])] if name in good else [])

        server = self.own(reply)
        found = self.clients("--dns", server.address,
                             self.log({f"10.0.0.{n}": 1 for n in range(1, 9)}))
        names = {client: (row["name"], row["confirmed"]) for client, row in found.items()}
        self.assertEqual(names, {
            "10.0.0.1": ("", "no"), "10.0.0.2": ("", "no"), "10.0.0.4": ("", "no"),
            "10.0.0.5": ("", "no"), "10.0.0.8": ("", "no"),
            "10.0.0.3": (b".".join(long).decode(), "no"),
            "10.0.0.6": ("good.example", "yes"), "10.0.0.7": ("n007.example", "yes")})
        # Of 300 names only some are asked for.
        self.assertLessEqual(sum(name.startswith("n") for _, name, _ in server.queries), 8)

    def test_broken_messages(self):
        replies = [b"", b"\0", b"\x12\x34\x81\x80\0\1\xff\xff\0\0\0\0", b"x" * 500]

        def reply(name, kind, message):
            return message[:2] + replies[int(name.split(".")[0]) % len(replies)][2:]

        server = self.own(reply)
        found, _ = self.enrich("--dns", server.address,
                               self.log({f"10.0.0.{n}": 1 for n in range(8)}))
        self.assertEqual(found["summary"][0]["confirmed"], 0)

    def list_server(self, listing):
        """No names; LISTING(reversed address) gives the A records of the list."""
        def reply(name, kind, message):
            if not name.endswith(".bl.example"):
                return ns.answer(message, ns.NXDOMAIN)
            found = listing(name.removesuffix(".bl.example"))
            return ns.answer(message, 0 if found else ns.NXDOMAIN,
                             [(ns.TYPE_A, bytes(data)) for data in found])

        return self.own(reply)

    def test_error_codes(self):
        server = self.list_server(lambda name: [(127, 255, 255, 254)])
        found, complaint = self.enrich("--dns", server.address, "--dnsbl", "bl.example",
                                       self.log({client: 1 for client in many(200)}))
        self.assertIn("it answers with error codes", complaint)
        self.assertEqual(found["lists"][0]["listed"], 0)
        self.assertEqual(found["lists"][0]["not_listed"], 0)
        self.assertLess(len(server.queries), 200 + 150)

    def test_foreign_answers(self):
        """A parked domain, or a resolver that sends everybody to its search page."""
        server = self.list_server(lambda name: [(192, 0, 2, 80)])
        found, _ = self.enrich("--dns", server.address, "--dnsbl", "bl.example",
                               self.log({client: 1 for client in many(10)}))
        self.assertEqual(found["lists"][0]["listed"], 0)
        self.assertEqual(found["lists"][0]["failed"], 10)

    def test_a_list_that_lists_everything(self):
        server = self.list_server(lambda name: [(127, 0, 0, 2)])
        found, complaint = self.enrich("--dns", server.address, "--dnsbl", "bl.example",
                                       self.log({client: 1 for client in many(10)}))
        self.assertIn("lists 127.0.0.1", complaint)
        self.assertEqual(found["lists"], [])
        self.assertEqual(found["clients"][0]["listed"], "")

    def test_a_list_that_is_none(self):
        server = self.list_server(lambda name: [])
        _, complaint = self.enrich("--dns", server.address, "--dnsbl", "bl.example",
                                   self.log({"10.0.0.1": 1}))
        self.assertIn("is its name right?", complaint)

    def test_rate(self):
        server = self.list_server(lambda name: [(127, 0, 0, 2)] if name == "2.0.0.127" else [])
        self.enrich("--dns", server.address, "--dnsbl", "bl.example", "--rate", "50",
                    self.log({client: 1 for client in many(100)}))
        times = [when for when, name, _ in server.queries if name.endswith("bl.example")]
        self.assertEqual(len(times), 102)
        self.assertGreater(times[-1] - times[0], 1.7)
        self.assertLess(times[-1] - times[0], 6)

    def test_bounded(self):
        """No more than a hundred questions are open at a server."""
        waiting = []

        def reply(name, kind, message):
            waiting.append(message)
            return None

        server = self.own(reply)
        process = subprocess.Popen([MXWATCH, "enrich", "--dns", server.address,
                                    self.log({client: 1 for client in many(1000)})],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1.5)
        process.kill()
        process.wait()
        self.assertTrue(0 < len(waiting) <= 100, len(waiting))


class Resuming(Enriching):
    def test_killed(self):
        """Killed at any moment, what was saved is not asked again."""
        slow = {"delay": 0.004}

        def reply(name, kind, message):
            time.sleep(slow["delay"])
            return ns.answer(message, ns.NXDOMAIN)

        server = self.own(reply)
        clients = many(4000)
        run("ingest", "--store", self.store, self.log({client: 1 for client in clients}))
        arguments = [MXWATCH, "enrich", "--quiet", "--store", self.store, "--dns", server.address]
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
        time.sleep(8)
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(1)  # what was under way still reaches the server
        kept = sql("select count(*) n from enrichment", "--store", self.store)[0]["n"]
        asked = len(server.queries)
        self.assertTrue(0 < kept <= asked < len(clients), (kept, asked))
        slow["delay"] = 0
        found, _ = self.enrich("--store", self.store, "--dns", server.address)
        self.assertEqual(found["summary"][0]["unnamed"], len(clients))
        self.assertEqual(len(server.queries) - asked, len(clients) - kept)

    def test_a_writer_meanwhile(self):
        """A store that another process writes is waited for, and no answer is lost."""
        server = self.own(lambda name, kind, message: ns.answer(message, ns.NXDOMAIN))
        log = self.log({client: 1 for client in many(50)})
        run("ingest", "--store", self.store, log)
        with open(self.store + ".lock", "r+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = subprocess.Popen([MXWATCH, "enrich", "--store", self.store, "--dns",
                                        server.address], stdout=subprocess.DEVNULL)
            time.sleep(1)
            self.assertIsNone(process.poll())
        self.assertEqual(process.wait(timeout=30), 0)
        self.assertEqual(sql("select count(*) n from enrichment", "--store", self.store), [{"n": 50}])


class Networks(Enriching):
    COUNTRY = {"192.0.2.0/25": {"country_code": "DE"}, "198.51.100.0/24": {"country_code": "FR"},
               "2001:db8::/32": {"country_code": "JP"}}
    SYSTEM = {"192.0.2.0/24": {"autonomous_system_number": 64500,
                               "autonomous_system_organization": "Beispiel \u00e4 GmbH"},
              "2001:db8:0:1::/64": {"asn": "AS64501", "as_name": "EXAMPLE-SIX"}}
    CITY = {"203.0.113.0/24": {"country": {"iso_code": "US", "names": {"en": "United States"}},
                               "city": {"names": {"en": "Springfield"}}}}
    VISITS = {"192.0.2.7": 4, "192.0.2.200": 3, "198.51.100.1": 2, "203.0.113.9": 2,
              "2001:db8:0:1::25": 1, "2001:db8:ffff::1": 1, "10.1.2.3": 1}

    def file(self, name, networks, **options):
        return self.write(name, mmdb.build(networks, **options))

    def arguments(self, *paths):
        server = self.own(lambda name, kind, message: ns.answer(message, ns.NXDOMAIN))
        return ["--dns", server.address, *[part for path in paths for part in ("--mmdb", path)],
                self.log(self.VISITS)]

    def places(self, found):
        return {client: (row["network"], row["as_number"], row["organisation"], row["country"])
                for client, row in found.items()}

    def test_files_complete_each_other(self):
        found = self.clients(*self.arguments(self.file("country.mmdb", self.COUNTRY),
                                             self.file("asn.mmdb", self.SYSTEM),
                                             self.file("city.mmdb", self.CITY, ip_version=4)))
        self.assertEqual(self.places(found), {
            "192.0.2.7": ("192.0.2.0/24", 64500, "Beispiel \u00e4 GmbH", "DE"),
            "192.0.2.200": ("192.0.2.0/24", 64500, "Beispiel \u00e4 GmbH", ""),
            "198.51.100.1": ("198.51.100.0/24", None, "", "FR"),
            "203.0.113.9": ("203.0.113.0/24", None, "", "US"),
            "2001:db8:0:1::25": ("2001:db8:0:1::/64", 64501, "EXAMPLE-SIX", "JP"),
            "2001:db8:ffff::1": ("2001:db8::/32", None, "", "JP"),
            "10.1.2.3": ("", None, "", "")})

    def test_tables_of_ranges(self):
        """What tools/fetch-networks makes of CSV."""
        table = self.write("asn.csv", '192.0.2.3,192.0.2.200,64500,"One, Inc."\n'
                           "192.0.2.201,192.0.2.255,64501,Zw\u00f6lf\n"
                           "2001:db8::,2001:db8:0:1:ffff:ffff:ffff:ffff,64502," + "long " * 80 + "\n")
        mmdb.convert(self.path("asn.mmdb"), [table])
        found = self.places(self.clients(*self.arguments(self.path("asn.mmdb"))))
        self.assertEqual(found["192.0.2.7"], ("192.0.2.4/30", 64500, "One, Inc.", ""))
        self.assertEqual(found["192.0.2.200"], ("192.0.2.200/32", 64500, "One, Inc.", ""))
        self.assertEqual(found["2001:db8:0:1::25"], ("2001:db8::/63", 64502, "long " * 80, ""))
        self.assertEqual(found["198.51.100.1"], ("", None, "", ""))

    def test_the_folder(self):
        os.makedirs(self.path("data/mxwatch"))
        self.write("data/mxwatch/country.mmdb", mmdb.build(self.COUNTRY))
        self.write("data/mxwatch/notes.txt", "not a table")
        arguments = self.arguments()
        if os.geteuid() == 0:
            return  # root's folder is the system's
        found, _ = self.enrich(*arguments, env={"XDG_DATA_HOME": self.path("data")})
        self.assertEqual({row["client"]: row["country"] for row in found["clients"]}["192.0.2.7"], "DE")

    def test_kept_in_the_store(self):
        arguments = self.arguments(self.file("country.mmdb", self.COUNTRY))
        run("ingest", "--store", self.store, arguments.pop())
        self.enrich("--store", self.store, *arguments)
        self.assertEqual(sql("select network, country from enrichment where country = 'DE'",
                             "--store", self.store), [{"network": "192.0.2.0/25", "country": "DE"}])

    def test_a_writer_for_long(self):
        """What the files tell is kept later where the store is held at first."""
        arguments = self.arguments(self.file("country.mmdb", self.COUNTRY))
        run("ingest", "--store", self.store, arguments.pop())
        with open(self.store + ".lock", "r+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = subprocess.Popen([MXWATCH, "enrich", "--store", self.store, *arguments],
                                       stdout=subprocess.DEVNULL)
            time.sleep(11)  # longer than it waits at a time
        self.assertEqual(process.wait(timeout=30), 0)
        self.assertEqual(sql("select count(*) n from enrichment where country <> ''",
                             "--store", self.store), [{"n": 4}])

    def test_not_such_files(self):
        log = self.log({"192.0.2.7": 1})
        for content in (b"", b"hello", mmdb.MARKER, os.urandom(5000)):
            _, complaint = self.enrich("--mmdb", self.write("bad.mmdb", content), log, status=2)
            self.assertIn("is not an MMDB file, or a damaged one", complaint)
        _, complaint = self.enrich("--mmdb", self.path("none.mmdb"), log, status=3)
        self.assertIn("none.mmdb", complaint)

    def test_damaged_files(self):
        """Whatever is changed in a file, the program ends by itself."""
        good = mmdb.build({**self.COUNTRY, **self.CITY})
        arguments = self.arguments(self.path("damaged.mmdb"))
        for place in range(0, len(good), 41):
            for bad in (good[:place], good[:place] + b"\xff" + good[place + 1:],
                        good[:place] + b"\0" * 4 + good[place + 4:]):
                self.write("damaged.mmdb", bad)
                process = subprocess.run([MXWATCH, "enrich", "-q", *arguments],
                                         env={**os.environ, **ENV}, capture_output=True,
                                         check=False)
                self.assertIn(process.returncode, (0, 2, 3), process.stderr)


class Asking(Enriching):
    def test_what_is_none(self):
        log = self.log({"192.0.2.7": 1})
        for option, value, words in (
                ("--dns", "localhost", "not the address of a server"),
                ("--dns", "127.0.0.1:", "not the address of a server"),
                ("--dns", "127.0.0.1:0", "not the address of a server"),
                ("--dns", "127.0.0.1:99999", "not the address of a server"),
                ("--dns", "[::1", "not the address of a server"),
                ("--dnsbl", "a b", "not the name of a DNS zone"),
                ("--dnsbl", ".", "not the name of a DNS zone"),
                ("--dnsbl", "x" * 64 + ".example", "not the name of a DNS zone"),
                ("--dnsbl", "x." * 110 + "example", "not the name of a DNS zone"),
                ("--rate", "fast", "not a number"),
                ("--max-age", "0s", "not between"),
                ("--max-age", "soon", "--max-age")):
            _, complaint = self.enrich(option, value, log, status=2)
            self.assertIn(words, complaint)
            self.assertEqual(complaint.count("\n"), 1)

    def test_ipv6_server(self):
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
                udp.bind(("::1", 0))
                port = udp.getsockname()[1]
                udp.settimeout(10)
                process = subprocess.Popen([MXWATCH, "enrich", "--dns", f"[::1]:{port}",
                                            self.log({"192.0.2.7": 1})], stdout=subprocess.PIPE,
                                           env={**os.environ, **ENV})
                message, peer = udp.recvfrom(512)
                udp.sendto(ns.answer(message, ns.NXDOMAIN), peer)
                self.assertIn(b"192.0.2.7", process.communicate(timeout=20)[0])
        except OSError as problem:
            self.skipTest(f"no IPv6 on loopback: {problem}")

    def test_reports_that_do_not_ask(self):
        _, complaint = run("report", "traffic", "--resolve", self.log({"192.0.2.7": 1}), status=2,
                           env=ENV)
        self.assertIn("takes no option '--resolve'", complaint)

    def test_no_store(self):
        run("enrich", "--store", self.path("none.db"), status=4, env=ENV)

    def test_nobody_refused(self):
        found, _ = self.enrich(self.write("empty.log", ""))
        self.assertEqual(found["clients"], [])


if __name__ == "__main__":
    missing = [name for name in ("dnsmasq", "rbldnsd") if not ns.tool(name)]
    if missing:
        print("not installed: " + ", ".join(missing), file=sys.stderr)
        sys.exit(SKIPPED)
    main()
