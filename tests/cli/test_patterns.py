"""One mail through several clients, and scanner families, as three servers log them."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Case, main, run, tables  # noqa: E402

BOXES = [f"therichsheick{tail}@yahoo.com" for tail in
         "c 1 9 2 0 b 7 13 4 f 12 5 e d a 10 6 3".split() + ["", "11", "8"]]
DAY = 86400
BEGIN = 1700006400  # 2023-11-15 00:00:00


def clock(second):
    return time.gmtime(BEGIN + second)


class Postfix:
    def __init__(self):
        self.pid = 100

    def session(self, second, client, name, sender, recipients):
        self.pid += 1
        head = (lambda n: time.strftime("%Y-%m-%dT%H:%M:%S+00:00 mx ", clock(second + n))
                + f"postfix/smtpd[{self.pid}]: ")
        who = f"{name or 'unknown'}[{client}]"
        yield head(0) + f"connect from {who}\n"
        for n, recipient in enumerate(recipients):
            yield head(n) + (f"NOQUEUE: reject: RCPT from {who}: 554 5.7.1 <{recipient}>: Relay "
                             f"access denied; from=<{sender}> to=<{recipient}> proto=ESMTP "
                             "helo=<User>\n")
        yield head(len(recipients)) + f"disconnect from {who}\n"

    def unidentified(self, second, client, name, sender, recipient):
        self.pid += 1
        head = time.strftime("%Y-%m-%dT%H:%M:%S+00:00 mx ", clock(second))
        yield (f"{head}postfix/cleanup[{self.pid}]: 4ABC{self.pid}: milter-reject: END-OF-MESSAGE "
               f"from {name or 'unknown'}[{client}]: 5.7.1 Unidentified messages are not acceptable "
               f"here; from=<{sender}> to=<{recipient}> proto=SMTP helo=<x>\n")


class Exim:
    def session(self, second, client, name, sender, recipients):
        for n, recipient in enumerate(recipients):
            yield (time.strftime("%Y-%m-%d %H:%M:%S ", clock(second + n))
                   + f"H={name + ' ' if name else ''}(User) [{client}] F=<{sender}> rejected RCPT "
                   f"<{recipient}>: relay not permitted\n")

    def unidentified(self, second, client, name, sender, recipient):
        yield (time.strftime("%Y-%m-%d %H:%M:%S ", clock(second))
               + f"H={name + ' ' if name else ''}(x) [{client}] F=<{sender}> rejected RCPT "
               f"<{recipient}>: Unidentified messages are not acceptable here\n")


class Sendmail:
    def __init__(self):
        self.pid = 3000

    def head(self, second):
        return (time.strftime("%Y-%m-%dT%H:%M:%S+00:00 mx ", clock(second))
                + f"sm-mta[{self.pid}]: 3AF0{self.pid:05}{self.pid:06}: ")

    def session(self, second, client, name, sender, recipients):
        self.pid += 1
        who = f"{name} [{client}]" if name else f"[{client}]"
        for n, recipient in enumerate(recipients):
            yield self.head(second + n) + (f"ruleset=check_rcpt, arg1=<{recipient}>, relay={who}, "
                                           f"reject=550 5.7.1 <{recipient}>... Relaying denied\n")
        yield self.head(second + len(recipients)) + (f"from=<{sender}>, size=0, class=0, nrcpts=0, "
                                                     f"proto=ESMTP, daemon=MTA, relay={who}\n")

    def unidentified(self, second, client, name, sender, recipient):
        self.pid += 1
        who = f"{name} [{client}]" if name else f"[{client}]"
        yield self.head(second) + (f"ruleset=check_eoh, arg1=4, arg2=104, relay={who}, reject=553 "
                                   "5.0.0 Unidentified messages are not acceptable here\n")
        yield self.head(second) + (f"from=<{sender}>, size=1762, class=0, nrcpts=1, proto=SMTP, "
                                   f"daemon=MTA, relay={who}\n")
        yield self.head(second) + (f"to=<{recipient}>, delay=00:00:01, pri=30000, stat=Unidentified "
                                   "messages are not acceptable here\n")


EVENING = [(4305, "61.77.232.38", ""), (4318, "165.246.189.33", ""), (4327, "61.77.232.38", ""),
           (4338, "211.209.23.36", ""), (4347, "12.237.128.54", "12-237-128-54.client.attbi.com")]


class Servers(Case):
    def each(self, make):
        for server in (Postfix, Exim, Sendmail):
            with self.subTest(server=server.__name__):
                yield self.write(server.__name__, "".join(make(server())))

    def evening(self, server):
        for second, client, name in EVENING:
            yield from server.unidentified(second, client, name, "5140ghxc@aci.net",
                                           "LENNON@ONLINEROCK.COM")
        yield from server.unidentified(4400, "192.0.2.9", "", "other@aci.net",
                                       "lennon@onlinerock.com")

    def test_an_evening(self):
        for log in self.each(self.evening):
            found = tables("patterns", log)
            self.assertEqual(len(found["pairs"]), 1)
            pair = found["pairs"][0]
            self.assertEqual([pair[c] for c in ("sender", "recipient", "clients", "sources",
                                                "attempts", "first", "last")],
                             ["5140ghxc@aci.net", "LENNON@ONLINEROCK.COM", 4, 4, 5,
                              "2023-11-15T01:11:45Z", "2023-11-15T01:12:27Z"])
            self.assertEqual(pair["client_list"], "61.77.232.38, 165.246.189.33, 211.209.23.36, "
                                                  "12.237.128.54")
            relays = [row for row in found["findings"]
                      if row["pattern"] == "one-mail-many-clients"]
            self.assertEqual({row["client"] for row in relays}, {who for _, who, _ in EVENING})
            for row in relays:
                self.assertEqual(row["grade"], "strong")
                self.assertIn("apparent open relay", row["sentence"])
            self.assertEqual(tables("patterns", "--window", "30s", log)["pairs"][0]["clients"], 4)
            self.assertEqual(tables("patterns", "--window", "5s", log)["pairs"], [])

    def years(self, server):
        order = BOXES[::-1]
        replaced = ["new1@aol.com", "new2@aol.com"] + BOXES[2:20] + ["new3@gmx.net"]
        yield from server.session(0, "198.51.100.1", "", "test@live.com", BOXES)
        yield from server.session(DAY, "203.0.113.2", "", "test@live.com", order)
        yield from server.session(2 * DAY, "192.0.2.3", "", "test@live.com", replaced)
        yield from server.session(3 * DAY, "192.0.2.25", "lists.club.example", "list@club.example",
                                  ["anna@a.example", "bert@b.example", "cora@c.example",
                                   "dora@d.example", BOXES[3]])
        yield from server.session(330 * DAY, "100.64.9.4", "", "test@live.com",
                                  [box.upper() for box in replaced])

    def check_family(self, found):
        self.assertEqual(len(found["families"]), 1)
        family = found["families"][0]
        self.assertRegex(family["family"], "^f-[a-z2-7]{6}$")
        self.assertEqual([family[c] for c in ("label", "senders", "recipients", "clients",
                                              "first")],
                         ["therichsheick*@yahoo.com", 1, 24, 4, "2023-11-15T00:00:00Z"])
        self.assertEqual({row["client"] for row in found["members"]},
                         {"198.51.100.1", "203.0.113.2", "192.0.2.3", "100.64.9.4"})
        self.assertEqual(len(found["boxes"]), 24)
        return family["family"]

    def test_a_year_of_a_scanner(self):
        names = set()
        for log in self.each(self.years):
            names.add(self.check_family(tables("families", log)))
        self.assertEqual(len(names), 1)

    def test_from_the_store(self):
        log = self.write("mail.log", "".join(self.years(Postfix())))
        run("ingest", "--store", self.store, log)
        name = self.check_family(tables("families", "--store", self.store))
        self.assertEqual(name, self.check_family(tables("families", log)))
        # What is forgotten of the facts is still known of the family.
        run("ingest", "--store", self.store, "--keep", "30d")
        found = tables("families", "--store", self.store)
        self.assertEqual(name, found["families"][0]["family"])
        self.assertEqual(found["families"][0]["clients"], 4)
        self.assertEqual(found["families"][0]["first"], "2023-11-15T00:00:00Z")

    def test_forms(self):
        log = self.write("mail.log", "".join(self.years(Postfix())))
        text, _ = run("report", "families,patterns", log)
        self.assertIn("therichsheick*@yahoo.com", text)
        self.assertIn("drop-boxes of the scanner family", text)
        output, _ = run("report", "families", "-f", "csv", "--table", "members", log)
        self.assertEqual(len(output.splitlines()), 5)
        output, _ = run("report", "families,relay", "-f", "json", log)
        self.assertEqual([report["report"] for report in json.loads(output)],
                         ["families", "relay"])

    def test_parameters(self):
        log = self.write("mail.log", "".join(self.evening(Postfix())))
        found = tables("patterns", "--set", "one-mail-many-clients.sources=5", log)
        self.assertEqual([row for row in found["findings"]
                          if row["pattern"] == "one-mail-many-clients"], [])
        _, complaint = run("report", "patterns", "--set", "nonsense.n=1", log, status=2)
        self.assertIn("nonsense", complaint)


if __name__ == "__main__":
    main()
