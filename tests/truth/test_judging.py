"""Nobody wanted is blocked, abusers are found: on made traffic whose truth is known, and on the
logs that real servers wrote."""
import calendar
import collections
import gzip
import json
import os
import sys

HERE = os.path.dirname(__file__)
sys.path.insert(0, os.path.join(HERE, ".."))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bench"))
from harness import MXWATCH, Case, data, main  # noqa: E402
from mailworld.judged import Judged, merge, summary  # noqa: E402
from traffic import people, write  # noqa: E402

BEGIN = calendar.timegm((2026, 2, 2, 0, 0, 0))
# What the clients of the real logs did; the first word of a scenario's name.
REAL_WANTED = {"normal", "alias", "authed", "v6normal", "grey", "msgid", "header", "badhelo",
               "nohelo", "badsender", "blockedsender", "idle", "oversize"}
REAL_ABUSIVE = {"relay21", "relay23", "nullsender", "v6relay", "forged", "harvest", "authfail",
                "flood", "nmap", "relaytricks", "samepair"}


class Made(Case):
    def judge(self, mta, seed, days, scale, detail="default", by_store=False):
        folder = self.path(f"{mta}-{detail}-{seed}")
        write(folder, people(seed, days, scale, BEGIN), mta, detail)
        return Judged.of_folder(MXWATCH, folder, by_store)

    def check(self, *judged):
        wrong = [words for one in judged for words in one.wrong()]
        sums = summary(merge([one.table() for one in judged]))
        self.assertEqual([words for words in wrong if words[0] != "missed"], [])
        clients, found, _ = sums["abusive"]
        self.assertGreaterEqual(found, 0.95 * clients, wrong)
        self.assertGreater(sums["abusive"][2], 0.5 * clients, "hardly anybody is blocked")

    def test_postfix(self):
        self.check(self.judge("postfix", 11, 3, 0.3))

    def test_exim(self):
        self.check(self.judge("exim", 12, 3, 0.3), self.judge("exim", 12, 3, 0.3, "verbose"))

    def test_sendmail(self):
        self.check(*[self.judge("sendmail", 13, 3, 0.3, detail)
                     for detail in ("default", "verbose")])

    def test_by_the_store(self):
        self.check(self.judge("postfix", 15, 2, 0.3, by_store=True))

    def test_one_day(self):
        self.check(*[self.judge(mta, 14, 1, 0.3) for mta in ("postfix", "exim", "sendmail")])


class Real(Case):
    LOGS = {"postfix-default": "mail.log", "postfix-postscreen": "mail.log",
            "exim-default": "mainlog", "sendmail-ll9": "mail.log", "sendmail-ll14": "mail.log"}

    def clients(self, run):
        """{address: the scenarios it played}"""
        played = collections.defaultdict(set)
        with gzip.open(data(run, "ground_truth.jsonl.gz"), "rt", encoding="utf-8") as actions:
            for line in actions:
                action = json.loads(line)
                if "ip" in action:
                    played[action["ip"]].add(action["sc"].partition("-")[0])
        return played

    def judge(self, run, name):
        with open(data(run, name), encoding="utf-8", errors="replace") as log:
            text = log.read()
        clients = {}
        for address, played in self.clients(run).items():
            role = " ".join(sorted(played))
            if played <= REAL_WANTED:
                clients[address] = {"role": role, "kind": "wanted"}
            # Turned away at once, or a handful of attempts in a second: nobody could tell.
            elif played & REAL_ABUSIVE and text.count(f"[{address}]") >= 16:
                clients[address] = {"role": role, "kind": "abusive"}
        return Judged(MXWATCH, clients, data(run, name))

    def test_real_logs(self):
        judged = [self.judge(run, name) for run, name in self.LOGS.items()]
        wrong = [words for one in judged for words in one.wrong()]
        self.assertEqual([words for words in wrong if words[0] != "missed"], [])
        abusive, found, _ = summary(merge([one.table() for one in judged]))["abusive"]
        self.assertGreaterEqual(found, 0.95 * abusive, wrong)


if __name__ == "__main__":
    main()
