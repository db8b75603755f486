"""What detectors say of single clients, on the logs that real servers wrote: each scenario that is
abuse is found by its pattern, and nobody who is ordinary gets more than a note."""
import collections
import gzip
import ipaddress
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Case, data, main, tables  # noqa: E402

LOGS = {"postfix-default": "mail.log", "postfix-postscreen": "mail.log",
        "postfix-maillog": "postfix-own.log", "postfix-busybox": "mail.log",
        "postfix-newyear": "mail.log", "exim-default": "mainlog", "exim-verbose": "mainlog",
        "sendmail-ll9": "mail.log", "sendmail-ll14": "mail.log"}
GRADES = ("nothing", "note", "hint", "strong")
OF_ONE_CLIENT = {"auth", "flood", "harvest", "helo", "listed", "message-id", "no-retry",
                 "pregreet", "protocol", "rate", "retries"}
# The first word of the names of scenarios that ordinary clients play.
ORDINARY = {"normal", "alias", "authed", "v6normal", "grey", "msgid", "header", "badsender",
            "blockedsender", "badhelo", "nohelo", "idle", "oversize", "mismatch", "noforward",
            "nordns", "servfail", "swaks", "smtpsource", "unknownuser", "timeout"}
# Scenario: its pattern; the least grade of the one who did it most; runs whose log does not show it
# (they turn such clients away at connection, or log nothing of it).
FOUND = {
    "flood": ("flood", "hint", {"exim-default"}),
    "harvest": ("harvest", "strong", {"postfix-maillog", "sendmail-ll9", "sendmail-ll14"}),
    "toomany-rcpt": ("harvest", "strong", {"postfix-maillog", "sendmail-ll9"}),
    "authfail": ("auth", "strong", set()),
    "http": ("protocol", "hint", {"exim-verbose", "sendmail-ll9", "sendmail-ll14"}),
    "tlshello": ("protocol", "note", {"sendmail-ll9", "sendmail-ll14"}),
    "pregreet": ("pregreet", "strong", {"exim-default", "postfix-default", "postfix-maillog",
                                        "postfix-busybox", "postfix-newyear",
                                        "postfix-postscreen"}),
    "dnsbl": ("listed", "note", {"sendmail-ll9"}),
    "msgid-bad": ("message-id", "note", set()),
}


def network(address):
    ip = ipaddress.ip_address(address)
    return address if ip.version == 4 else str(ipaddress.ip_network(f"{ip}/64", strict=False))


class Findings(Case):
    @classmethod
    def setUpClass(cls):
        cls.played, cls.found = {}, {}
        for run, log in LOGS.items():
            played = cls.played[run] = collections.defaultdict(set)
            with gzip.open(data(run, "ground_truth.jsonl.gz"), "rt", encoding="utf-8") as actions:
                for action in map(json.loads, actions):
                    if "ip" in action:
                        played[network(action["ip"])].add(action["sc"])
            cls.found[run] = tables("patterns", "--local", "lab.example", "--top", "100000",
                                    data(run, log))["findings"]

    def grade(self, run, pattern, client):
        return max((GRADES.index(row["grade"]) for row in self.found[run]
                    if row["pattern"] == pattern and row["client"] == client), default=0)

    def test_abuse_is_found(self):
        for run in LOGS:
            for scenario, (pattern, least, unseen) in FOUND.items():
                clients = [c for c, played in self.played[run].items() if scenario in played]
                best = max((self.grade(run, pattern, client) for client in clients), default=0)
                if run not in unseen:
                    with self.subTest(run=run, scenario=scenario):
                        self.assertTrue(clients)
                        self.assertGreaterEqual(best, GRADES.index(least))

    def test_ordinary_clients_are_not_blamed(self):
        for run in LOGS:
            ordinary = {client for client, played in self.played[run].items()
                        if {scenario.partition("-")[0] for scenario in played} <= ORDINARY}
            self.assertGreater(len(ordinary), 15)
            blamed = [(run, row["client"], row["pattern"], row["sentence"])
                      for row in self.found[run] if row["client"] in ordinary and
                      row["pattern"] in OF_ONE_CLIENT and row["grade"] != "note"]
            self.assertEqual(blamed, [])

    def test_message_id_is_only_noted(self):
        for run in LOGS:
            self.assertEqual({row["grade"] for row in self.found[run]
                              if row["pattern"] == "message-id"}, {"note"})

    def test_sentences_have_figures(self):
        for run in LOGS:
            for row in self.found[run]:
                self.assertRegex(row["sentence"], r"\d|once|only", row)
                self.assertNotRegex(row["sentence"], r"[\x00-\x1f\x7f]", row)


if __name__ == "__main__":
    main()
