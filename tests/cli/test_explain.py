"""mxwatch explain: everything known of a client, a network, a mail address, and why."""
import contextlib
import json
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import nameserver as ns  # noqa: E402
from harness import Case, data, main, run  # noqa: E402

LOG = data("postfix-default", "mail.log")
SERVERS = {"postfix-default": "mail.log", "exim-default": "mainlog", "sendmail-ll14": "mail.log"}
NETWORKS = ["61.77.232", "165.246.189", "211.209.23", "12.237.128"]
BEGIN = 1772359200  # 2026-03-01T10:00:00Z
DAY = 86400
KEYS = ["client", "name", "network", "verdict", "because", "findings", "against", "ttl_seconds",
        "sessions", "timeline", "block"]


def explain(subject, *arguments, **options):
    output, _ = run("explain", "--format", "json", subject, *arguments, **options)
    return json.loads(output)


class Log:
    """A Postfix log, line by line."""

    def __init__(self):
        self.lines, self.pid = [], 100

    def line(self, at, text, program="smtpd"):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(BEGIN + at))
        self.lines.append((at, f"{stamp}+00:00 mx postfix/{program}[{self.pid}]: ".encode()
                           + (text if isinstance(text, bytes) else text.encode()) + b"\n"))

    def session(self, at, client, refused=(), name="unknown", helo="there", taken=0):
        """REFUSED: (sender, recipient) of each attempt to relay; TAKEN: messages."""
        self.pid += 1
        who = f"{name}[{client}]"
        self.line(at, f"connect from {who}")
        for sender, recipient in refused:
            self.line(at + 1, f"NOQUEUE: reject: RCPT from {who}: 554 5.7.1 <{recipient}>: Relay "
                      f"access denied; from=<{sender}> to=<{recipient}> proto=ESMTP "
                      f"helo=<{helo}>")
        for n in range(taken):
            queue = f"4{self.pid:06X}{n:02X}"
            self.line(at + 1, f"{queue}: client={who}")
            self.line(at + 1, f"{queue}: message-id=<{queue}@a.example>", "cleanup")
            self.line(at + 1, f"{queue}: from=<friend@far.example>, size=900, nrcpt=1 "
                      "(queue active)", "qmgr")
            self.line(at + 1, f"{queue}: to=<user@near.example>, relay=local, delay=0.1, "
                      "delays=0/0/0/0.1, dsn=2.0.0, status=sent (delivered to maildir)", "local")
            self.line(at + 1, f"{queue}: removed", "qmgr")
        denied = len(refused)
        self.line(at + 2, f"disconnect from {who} ehlo=1 mail=1 rcpt={taken}/{taken + denied} "
                  f"data={taken} quit=1 commands={3 + 2 * taken}/{3 + 2 * taken + denied}")

    def probe(self, at, client, boxes=21, **options):
        self.session(at, client, [("test@live.com", f"box{n}@{('yahoo', 'aol', 'gmx')[n % 3]}.com")
                                  for n in range(boxes)], **options)

    def bytes(self):
        return b"".join(line for _, line in sorted(self.lines, key=lambda line: line[0]))


class Made(Case):
    def log(self, log):
        return self.write("mail.log", log.bytes())


class Client(Made):
    def test_a_probe(self):
        log = Log()
        log.probe(0, "192.0.2.7", helo="User")
        told = explain("192.0.2.7", self.log(log))
        self.assertEqual([key for key in KEYS if key not in told], [])
        self.assertEqual((told["client"], told["network"], told["verdict"]),
                         ("192.0.2.7", "192.0.2.7/32", "block"))
        self.assertRegex(told["because"], r"^192\.0\.2\.7 \(unknown\) tried .*21 recipients.*"
                         r"2026-03-01")
        self.assertNotIn("\n", told["because"])
        self.assertEqual(told["against"], [])
        self.assertGreaterEqual(told["ttl_seconds"], DAY)
        finding = told["findings"][0]
        self.assertEqual((finding["pattern"], finding["evidence"]["recipients"]),
                         ("relay-probe", 21))
        self.assertEqual(finding["since"], "2026-03-01T10:00:01Z")
        session = told["sessions"][0]
        self.assertEqual((session["helo"], session["seconds"], session["refusals"]),
                         ("User", 2, 21))
        self.assertEqual((session["refused"][0]["reason"], session["refused"][0]["count"],
                          session["refused"][0]["code"]), ("relay-denied", 21, 554))
        self.assertIn("Relay access denied", session["refused"][0]["reply"])
        self.assertEqual([entry["event"] for entry in told["timeline"]], ["session", "finding"])

    def test_people_understand_it(self):
        log = Log()
        log.probe(0, "192.0.2.7", helo="User")
        output, complaint = run("explain", "192.0.2.7", self.log(log))
        self.assertEqual(complaint, "")
        self.assertEqual(output.splitlines()[0].split(",")[0], "192.0.2.7 (unknown): block")
        for words in ("Why", "What speaks against it\n  Nothing.", "Findings", "relay-probe",
                      "What happened", "HELO User", "test@live.com", "box0@yahoo.com",
                      "Relay access denied", "What a block would do", "lost no wanted mail"):
            self.assertIn(" ".join(words.split()), " ".join(output.split()))
        self.assertLessEqual(max(map(len, output.splitlines())), 80)

    def test_unknown_is_clear(self):
        for subject in ("9.9.9.9", "2001:db8:ffff::1", "9.9.9.0/24", "nobody@nowhere.example"):
            told = explain(subject, LOG)
            self.assertEqual((told["verdict"], told["findings"], told["sessions"],
                              told["timeline"], told["ttl_seconds"]), ("clear", [], [], [], 0))
            self.assertIn("nothing is known of", told["because"])
            self.assertIn("nothing is known of", run("explain", subject, LOG)[0])

    def test_wanted_mail_turns_it(self):
        log = Log()
        log.session(0, "192.0.2.7", taken=2)
        log.probe(10 * DAY, "192.0.2.7")
        path = self.log(log)
        told = explain("192.0.2.7", path)
        self.assertEqual(told["verdict"], "watch")
        self.assertEqual(told["against"],
                         ["sent 2 messages that were taken in, the last on 2026-03-01"])
        self.assertGreater(told["ttl_seconds"], 0)
        self.assertEqual(told["block"]["wanted_messages_lost"], 0)
        # Longer ago than the look-back it is told, but guards no more.
        told = explain("192.0.2.7", path, "--look-back", "5d")
        self.assertEqual(told["verdict"], "block")
        self.assertIn("longer ago than --look-back", told["against"][0])

    def test_the_cost_of_a_block(self):
        log = Log()
        log.probe(0, "192.0.2.7")
        for day in (1, 2, 3):
            log.session(day * DAY, "192.0.2.7", [("a@b.example", "c@d.example")])
        log.session(4 * DAY, "192.0.2.7", taken=3)
        cost = explain("192.0.2.7", self.log(log))["block"]
        self.assertEqual((cost["connections_stopped"], cost["refusals_stopped"],
                          cost["wanted_messages_lost"]), (4, 3, 3))
        self.assertEqual(cost["from"], "2026-03-01T10:00:01Z")

    def test_what_if_tells_the_same(self):
        log = Log()
        log.probe(0, "192.0.2.7")
        for day in (40, 41):
            log.session(day * DAY, "192.0.2.7", [("a@b.example", "c@d.example")])
        path = self.log(log)
        told = explain("192.0.2.7", path, "--until", "2026-03-05")
        self.assertEqual(told["block"]["times_renewed"], 0)
        for until in ("2026-03-05", "2026-05-01"):
            played = json.loads(run("block", "--what-if", "--until", until, "-f", "json", path)[0])
            plan, = played["tables"]["plan"]
            cost = explain("192.0.2.7", path, "--until", until)["block"]
            self.assertEqual((plan["connections_stopped"], plan["refusals_saved"],
                              plan["ttl_seconds"]),
                             (cost["connections_stopped"], cost["refusals_stopped"],
                              cost["seconds_left"]))
        # It is over by the 40th day, when the next refusal puts it in force again.
        self.assertEqual((cost["connections_stopped"], cost["times_renewed"]), (1, 1))

    def test_allowed_and_ours(self):
        log = Log()
        log.probe(0, "192.0.2.7", name="host7.partner.example")
        path = self.log(log)
        for option, words in ((("--allow", "192.0.2.0/24"), "is allowed (192.0.2.0/24)"),
                              (("--allow", "partner.example"), "confirmed name"),
                              (("--own", "192.0.2.7"), "a network of ours (192.0.2.7)")):
            told = explain("192.0.2.7", path, *option)
            self.assertEqual((told["verdict"], len(told["against"])), ("watch", 1))
            self.assertIn(words, told["against"][0])
        allowed = self.write("allowed", "# friends\n\n192.0.2.0/28 # all of it\n")
        self.assertEqual(explain("192.0.2.7", path, "--allow-file", allowed)["verdict"], "watch")
        _, complaint = run("explain", "192.0.2.7", path, "--allow", "192.0.2.7/24", status=2)
        self.assertIn("192.0.2.0/24", complaint)

    def test_a_block_that_is_over(self):
        log = Log()
        log.probe(0, "192.0.2.7")
        log.session(200 * DAY, "192.0.2.9", taken=1)
        told = explain("192.0.2.7", self.log(log))
        self.assertEqual(told["verdict"], "watch")
        self.assertIn("would have ended on 2026-03-08", told["against"][0])

    def test_ipv6_is_judged_by_network(self):
        log = Log()
        for n in range(3):
            log.probe(n, f"2001:db8:1:2::{n + 1}", boxes=7)
        path = self.log(log)
        by_one = explain("2001:db8:1:2::1", path)
        self.assertEqual((by_one["network"], by_one["verdict"]), ("2001:db8:1:2::/64", "block"))
        self.assertEqual([session["client"] for session in by_one["sessions"]],
                         [f"2001:db8:1:2::{n + 1}" for n in range(3)])
        by_all = explain("2001:db8:1:2::/64", path)
        self.assertEqual(dict(by_all, client=None), dict(by_one, client=None))
        self.assertEqual(explain("2001:db8:1:3::1", path)["verdict"], "clear")

    def test_the_first_and_the_last_sessions(self):
        log = Log()
        for n in range(300):
            log.session(n * 60, "192.0.2.7", [("a@b.example", f"{n}@d.example")])
        path = self.log(log)
        told = explain("192.0.2.7", path, "--top", "10")
        self.assertEqual((len(told["sessions"]), told["sessions_total"],
                          told["timeline_left_out"]), (10, 300, 290))
        starts = [session["start"] for session in told["sessions"]]
        self.assertEqual(starts, sorted(starts))
        self.assertEqual((starts[0], starts[-1]), ("2026-03-01T10:00:00Z", "2026-03-01T14:59:00Z"))
        self.assertEqual(told["known"]["refusals"], 300)
        output, _ = run("explain", "192.0.2.7", path, "--top", "10")
        self.assertIn("\n  … 290 more …\n", output)
        self.assertIn("0@d.example", output)
        self.assertIn("299@d.example", output)
        self.assertNotIn("150@d.example", output)

    def test_periods(self):
        log = Log()
        log.probe(0, "192.0.2.7")
        log.session(5 * DAY, "192.0.2.7", [("a@b.example", "c@d.example")])
        told = explain("192.0.2.7", self.log(log), "--since", "2026-03-03")
        self.assertEqual((told["verdict"], len(told["sessions"])), ("clear", 1))


class Network(Made):
    def setUp(self):
        super().setUp()
        log = Log()
        log.probe(0, "192.0.2.7")
        log.session(5, "192.0.2.8", taken=2, name="mx.friend.example")
        log.session(9, "192.0.2.9", [("a@b.example", "c@d.example")])
        log.probe(20, "198.51.100.1")
        log.probe(40, "198.51.100.2")
        self.path = self.log(log)

    def test_its_clients(self):
        told = explain("192.0.2.0/24", self.path)
        self.assertEqual((told["kind"], told["network"]), ("network", "192.0.2.0/24"))
        self.assertEqual([(client["client"], client["verdict"]) for client in told["clients"]][0],
                         ("192.0.2.7", "block"))
        self.assertEqual({client["client"] for client in told["clients"]},
                         {"192.0.2.7", "192.0.2.8", "192.0.2.9"})
        self.assertEqual((told["known"]["sessions"], told["known"]["messages"]), (3, 2))
        self.assertEqual(told["block"]["wanted_messages_lost"], 2)

    def test_guarded_inside_is_never_for_blocking(self):
        told = explain("192.0.2.0/24", self.path)
        self.assertEqual(told["verdict"], "watch")
        self.assertIn("192.0.2.8 (mx.friend.example) sent 2 messages", told["against"][0])
        self.assertEqual(explain("198.51.100.0/30", self.path)["verdict"], "block")
        told = explain("198.51.100.0/30", self.path, "--allow", "198.51.100.3")
        self.assertEqual(told["verdict"], "watch")
        self.assertEqual(len(told["against"]), 1)

    def test_text(self):
        output, _ = run("explain", "192.0.2.0/24", self.path)
        self.assertTrue(output.startswith("192.0.2.0/24: watch; block 1 of its clients"), output)
        for words in ("3 clients are known", "- block: 192.0.2.7 (unknown)",
                      "- clear: 192.0.2.8 (mx.friend.example)", "2 wanted messages"):
            self.assertIn(words, " ".join(output.split()))


class Address(Made):
    def setUp(self):
        super().setUp()
        log = Log()
        for n in range(4):
            log.session(n * 20, f"{NETWORKS[n]}.{n + 1}", [("5140ghxc@aci.example",
                                                      "LENNON@onlinerock.example")])
        log.session(500, "203.0.113.1", taken=1)
        log.session(600, "198.51.100.1", [("lennon@ONLINEROCK.example", "x@y.example")])
        self.path = self.log(log)

    def test_as_sender_and_recipient(self):
        told = explain("lennon@onlinerock.example", self.path)
        self.assertEqual((told["kind"], told["network"]), ("address", None))
        self.assertRegex(told["because"], "refused 1 time as the sender, 4 times as the recipient, "
                         "from 5 clients")
        self.assertEqual({client["client"]: (client["as_sender"], client["as_recipient"])
                          for client in told["clients"]},
                         {"61.77.232.1": (0, 1), "165.246.189.2": (0, 1),
                          "211.209.23.3": (0, 1), "12.237.128.4": (0, 1),
                          "198.51.100.1": (1, 0)})
        self.assertEqual([entry["event"] for entry in told["timeline"]], ["refused"] * 5)
        self.assertIn("554", told["timeline"][0]["text"])

    def test_its_patterns(self):
        told = explain("5140ghxc@aci.example", self.path)
        self.assertEqual(told["verdict"], "watch")
        self.assertEqual([(pair["sender"], pair["clients"], pair["attempts"])
                          for pair in told["pairs"]], [("5140ghxc@aci.example", 4, 4)])
        output, _ = run("explain", "<5140GHXC@aci.example>", self.path)
        self.assertIn("through 4 clients", " ".join(output.split()))

    def test_wanted_mail(self):
        told = explain("friend@far.example", self.path)
        self.assertEqual(told["verdict"], "clear")
        self.assertEqual(told["against"],
                         ["mail from it was taken in on 1 day, the last of them 2026-03-01"])
        told = explain("user@near.example", self.path)
        self.assertEqual(told["verdict"], "clear")
        self.assertIn("delivered", told["against"][0])


class Family(Made):
    def test_its_sender_and_its_boxes(self):
        log = Log()
        boxes = [("probe@far.example", f"box{n}@else.example") for n in range(21)]
        log.session(0, "192.0.2.7", boxes)
        log.session(400 * DAY, "198.51.100.7", boxes)
        path = self.log(log)
        for address in ("probe@far.example", "Box3@else.example"):
            told = explain(address, path)
            self.assertEqual((told["verdict"], len(told["families"])), ("watch", 1), address)
            self.assertIn("it is part of a pattern of abuse", told["because"])
        self.assertEqual(explain("somebody@far.example", path)["verdict"], "clear")

    def test_what_only_the_history_knows(self):
        log = Log()
        for day, client in ((0, "192.0.2.7"), (1, "198.51.100.7")):
            log.session(day * DAY, client, [("probe@far.example", f"box{n}@else.example")
                                            for n in range(21)])
        run("ingest", "-s", self.path("store.db"), self.log(log))
        later = Log()
        later.session(400 * DAY, "192.0.2.9", taken=1)
        run("ingest", "-s", self.path("store.db"), "--keep", "30d",
            self.write("later.log", later.bytes()))
        told = explain("box3@else.example", "-s", self.path("store.db"))
        self.assertEqual(told["verdict"], "watch")
        self.assertEqual(told["because"],
                         "box3@else.example was part of a pattern of abuse before")


class Sources(Made):
    def test_the_store_tells_what_the_log_tells(self):
        for server, name in SERVERS.items():
            log, store = data(server, name), self.path(server)
            run("ingest", "-q", "--store", store, log)
            clients = json.loads(run("report", "refusals", "--format", "json", log)[0])
            seen = [row["client"] for row in clients["tables"]["clients"]][:4]
            for subject in [*seen, "198.51.100.0/24", "2001:db8::/32", "test@live.com",
                            "alice@lab.example"]:
                with self.subTest(server=server, subject=subject):
                    self.assertEqual(run("explain", subject, "-f", "json", "--store", store)[0],
                                     run("explain", subject, "-f", "json", log)[0])

    def test_no_store(self):
        run("explain", "192.0.2.7", "--store", self.path("none"), status=4)

    def test_no_log(self):
        _, complaint = run("explain", "192.0.2.7", self.path("none.log"), status=3)
        self.assertIn("none.log", complaint)

    def test_any_number_of_threads(self):
        one = run("explain", "192.0.2.103", "-f", "json", "--jobs", "1", LOG)[0]
        for jobs, size in ((2, "1k"), (4, "100")):
            self.assertEqual(run("explain", "192.0.2.103", "-f", "json", "--jobs", jobs,
                                 "--block-size", size, LOG)[0], one)


class LookedUp(Made):
    """What was looked up of a client is told, and a name that it confirmed guards."""

    def setUp(self):
        super().setUp()
        log = Log()
        log.probe(0, "192.0.2.7")
        log.probe(60, "192.0.2.8")
        run("ingest", "-q", "--store", self.store, self.log(log))
        with contextlib.closing(sqlite3.connect(self.store)) as store, store:
            for last, name, dynamic in ((7, "dsl7.isp.example", 1), (8, "mx8.google.com", 0)):
                ip = bytes(10) + b"\xff\xff" + bytes((192, 0, 2, last))
                store.execute("insert into enrichment (address, name, ptr, confirmed, dynamic, asked, "
                              "as_number, organisation, country, network) values (?, ?, 1, 1, ?, "
                              "?, 64500, 'Example <Net>', 'DE', '192.0.2.0/24')",
                              (ip, name, dynamic, BEGIN + DAY))
                store.execute("insert into listings (address, zone, listed, asked) values "
                              "(?, 'bl.example', 1, ?)", (ip, BEGIN + 2 * DAY))

    def test_told(self):
        told = explain("192.0.2.7", "--store", self.store)
        self.assertEqual((told["name"], told["confirmed"], told["verdict"]),
                         ("dsl7.isp.example", True, "block"))
        self.assertEqual(told["enrichment"],
                         {"name": "dsl7.isp.example", "has_name": True, "confirmed": True,
                          "dynamic": True, "asked": "2026-03-02T10:00:00Z",
                          "network": "192.0.2.0/24", "as_number": 64500,
                          "organisation": "Example <Net>", "country": "DE",
                          "lists": [{"list": "bl.example", "listed": True,
                                     "asked": "2026-03-03T10:00:00Z"}]})
        self.assertIn("home line", told["because"])
        self.assertIn("listed in bl.example (asked on 2026-03-03)", told["because"])
        output, _ = run("explain", "192.0.2.7", "--store", self.store)
        for words in ("named dsl7.isp.example in the DNS; it leads back to the address",
                      "listed in bl.example when asked on 2026-03-03 10:00:00",
                      "network 192.0.2.0/24, AS64500 Example <Net>, DE"):
            self.assertIn(words, " ".join(output.split()))

    def test_guards(self):
        told = explain("192.0.2.8", "--store", self.store)
        self.assertEqual(told["verdict"], "watch")
        self.assertIn("large provider", told["against"][0])


class Resolved(Made):
    """--resolve asks about the subject's clients, and about nobody else."""

    def setUp(self):
        super().setUp()
        names = {"7.2.0.192.in-addr.arpa": ns.wire_name("dsl7.isp.example"),
                 "8.2.0.192.in-addr.arpa": ns.wire_name("mx8.google.com")}
        addresses = {"dsl7.isp.example": bytes((192, 0, 2, 7)),
                     "mx8.google.com": bytes((192, 0, 2, 8))}
        self.asked = set()

        def reply(name, kind, message):
            self.asked.add(name)
            if kind == ns.TYPE_PTR:
                return ns.answer(message, 0, [(kind, names[name])] if name in names else [])
            return ns.answer(message, 0, [(kind, addresses[name])]
                             if kind == ns.TYPE_A and name in addresses else [])

        self.server = ns.Server(reply)
        log = Log()
        log.probe(0, "192.0.2.7")
        log.probe(60, "192.0.2.8")
        log.probe(90, "198.51.100.9")
        self.path = self.log(log)

    def tearDown(self):
        self.server.close()
        super().tearDown()

    def explain(self, subject):
        return explain(subject, self.path, "--resolve", "--dns", self.server.address)

    def test_client(self):
        told = self.explain("192.0.2.7")
        self.assertEqual((told["name"], told["verdict"], told["enrichment"]["dynamic"]),
                         ("dsl7.isp.example", "block", True))
        self.assertEqual(self.asked, {"7.2.0.192.in-addr.arpa", "dsl7.isp.example"})
        self.assertEqual(self.explain("192.0.2.8")["verdict"], "watch")

    def test_network_and_address(self):
        told = self.explain("192.0.2.0/24")
        self.assertEqual({client["client"]: client["verdict"] for client in told["clients"]},
                         {"192.0.2.7": "block", "192.0.2.8": "watch"})
        self.assertNotIn("9.100.51.198.in-addr.arpa", self.asked)
        told = self.explain("test@live.com")
        self.assertEqual({client["client"]: client["name"] for client in told["clients"]},
                         {"192.0.2.7": "dsl7.isp.example", "192.0.2.8": "mx8.google.com",
                          "198.51.100.9": None})


class Scripts(Made):
    def test_check(self):
        log = Log()
        log.probe(0, "192.0.2.7")
        log.session(5, "192.0.2.8", taken=2)
        path = self.log(log)
        run("explain", "192.0.2.7", path)
        run("explain", "--check", "192.0.2.7", path, status=1)
        run("explain", "--check", "192.0.2.8", path, status=0)
        run("explain", "--check", "192.0.2.99", path, status=0)
        run("explain", "--check", "192.0.2.7", path, "--allow", "192.0.2.7", status=0)

    def test_usage(self):
        for arguments, words in (([], "explain 192.0.2.7"), (["nonsense", LOG], "nonsense"),
                                 (["192.0.2.7/24", LOG], "192.0.2.0/24"),
                                 (["192.0.2.7", LOG, "--format", "csv"], "json"),
                                 (["192.0.2.7", LOG, "--set", "no.thing=1"], "no.thing")):
            with self.subTest(arguments=arguments):
                _, complaint = run("explain", *arguments, status=2)
                self.assertIn(words, complaint)

    def test_forms_of_an_address(self):
        for asked, network in (("192.0.2.103/32", "192.0.2.103/32"),
                               (" 192.0.2.103 ", "192.0.2.103/32"),
                               ("2001:DB8:1:D6FA:0::7CF1", "2001:db8:1:d6fa::/64"),
                               ("2001:db8:1:d6fa::/80", "2001:db8:1:d6fa::/64")):
            told = explain(asked, LOG)
            self.assertEqual((told["kind"], told["network"]), ("client", network))
            self.assertGreater(len(told["sessions"]), 0)


class Hostile(Made):
    EVIL = [b"\x1b[31mred\x1b]0;x\x07", b"\xff\xfe\x80", b"\xc2\x9b31m", "\u202egnp".encode(),
            b"a\x00b", b"%s%n", b'"quoted"\\', b"x" * 3000, b"<b>", b"\r"]

    def setUp(self):
        super().setUp()
        log = Log()
        for n, evil in enumerate(self.EVIL):
            log.line(n * 9, b"NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <" + evil +
                     b"@b.example>: Relay access denied; from=<" + evil + b"@c.example> to=<" +
                     evil + b"@b.example> proto=SMTP helo=<" + evil + b">")
        self.path = self.log(log)

    def assert_harmless(self, output):
        for character in output.decode("utf-8"):
            self.assertFalse(ord(character) < 32 and character != "\n", repr(character))
            self.assertFalse(127 <= ord(character) < 160 or 0x202a <= ord(character) <= 0x202e,
                             repr(character))

    def test_output(self):
        for subject in ("192.0.2.7", "192.0.2.0/24", "%s%n@c.example"):
            for form in ("text", "json"):
                output, _ = run("explain", subject, "-f", form, self.path, binary=True)
                self.assert_harmless(output)
                if form == "json":
                    json.loads(output)

    def test_subject(self):
        for subject in ("\x1b[31m@x", "\x1b[31m", "@", "a@" + "b" * 5000):
            for form in ("text", "json"):
                output, complaint = run("explain", subject, "-f", form, self.path, status=None,
                                        binary=True)
                self.assert_harmless(output + complaint.encode())


if __name__ == "__main__":
    main()
