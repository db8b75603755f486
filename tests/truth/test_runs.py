"""Real logs of Postfix, Exim and Sendmail under traffic whose truth is known.

expected.json of each run is what the clients did and were told. Each of its figures is met,
address by address, or stands in EXPLAINED with all that differs and the cause that the log
itself shows.
"""
import collections
import functools
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Case, data, main, report, sql  # noqa: E402

SYSLOG = ("mail.log", "mail.iso.log", "mail.5424.log")
RUNS = {
    "postfix-default": SYSLOG,
    "postfix-postscreen": SYSLOG,
    "postfix-maillog": ("postfix-own.log",),
    "postfix-busybox": ("mail.log",),
    "postfix-newyear": SYSLOG,
    "exim-default": ("mainlog", *SYSLOG),
    "exim-verbose": ("mainlog", *SYSLOG),
    "sendmail-ll9": SYSLOG,
    "sendmail-ll14": SYSLOG,
}
YEAR = ("--year", 2026)

# What a client was told and what mxwatch calls it. Where a reply fits several of mxwatch's
# reasons, they are compared together.
REASONS = {
    "relay": (["relay_denied"], ["relay-denied"]),
    "unknown user": (["unknown_user"], ["unknown-recipient"]),
    "no rdns": (["no_rdns"], ["no-ptr", "bad-ptr"]),
    "dnsbl": (["dnsbl"], ["dnsbl"]),
    "dynamic": (["dynamic"], ["dynamic"]),
    "greylist": (["greylist"], ["greylist"]),
    "message-id": (["msgid"], ["message-id"]),
    "helo": (["helo"], ["helo"]),
    "sender": (["sender", "blocked_client"], ["unknown-sender", "access", "sender-verify"]),
    "auth": (["auth_failed"], ["auth-failed"]),
    "size": (["size"], ["size"]),
    "rate": (["rate"], ["rate"]),
    "errors": (["too_many_errors", "too_many_bad_rcpt"], ["too-many-errors"]),
    "timeout": (["timeout"], ["timeout"]),
    "early": (["early_talker"], ["pregreet"]),
}


@functools.lru_cache(maxsize=None)
def expected(run):
    with open(data(run, "expected.json"), encoding="utf-8") as file:
        return json.load(file)


@functools.lru_cache(maxsize=None)
def rows(run, query):
    return sql(query, "--log", data(run, RUNS[run][0]), *YEAR)


def count_rows(run, query):
    """Rows of key columns and a last one that is how often."""
    counts = collections.Counter()
    for row in rows(run, query):
        *key, count = row.values()
        counts[tuple(key) if len(key) > 1 else key[0]] += count
    return counts


def of_reasons(run, reasons):
    names = ", ".join(f"'{reason}'" for reason in reasons)
    return count_rows(run, "select client, sum(count) from attempts "
                           f"where reason in ({names}) group by 1")


def told(run, keys):
    counts = collections.Counter()
    for key in keys:
        counts.update(expected(run)["rejects_by_reason"].get(key, {}).get("by_ip", {}))
    return counts


def sessions_told(run, keys):
    return sum(expected(run)["sessions_with_reason"].get(key, 0) for key in keys)


def sessions_found(run, reasons):
    return sum(1 for row in rows(run, "select reasons from sessions where refusals")
               if set(row["reasons"].split(",")) & set(reasons))


def triples(run):
    truth = expected(run)["relay"]["triples"]
    return (collections.Counter({tuple(key): count for *key, count in truth}),
            count_rows(run, "select client, sender, recipient, sum(count) from relay_attempts "
                            "group by 1, 2, 3"))


def refused_recipients(run):
    """(client, sender, recipient, what): refused at RCPT."""
    truth, found = collections.Counter(), collections.Counter()
    name_told = {key: name for name, (keys, _) in REASONS.items() for key in keys}
    name_found = {key: name for name, (_, keys) in REASONS.items() for key in keys}
    for client, sender, recipient, reason, count in expected(run)["rejected_rcpt_triples"]:
        if reason in name_told:
            truth[client, sender, recipient, name_told[reason]] += count
    for row in rows(run, "select client, sender, recipient, reason, sum(count) n from attempts "
                         "where stage = 'rcpt' and recipient is not null group by 1, 2, 3, 4"):
        if row["reason"] in name_found:
            found[row["client"], row["sender"], row["recipient"],
                  name_found[row["reason"]]] += row["n"]
    return truth, found


def pairs(run):
    """One mail tried from three addresses or more."""
    truth = {(sender, recipient): len(clients) for sender, recipient, clients
             in expected(run)["relay"]["pairs_from_3_or_more_ips"]}
    return collections.Counter(truth), count_rows(
        run, "select sender, recipient, count(distinct client) from relay_attempts "
             "group by 1, 2 having count(distinct client) > 2")


def connections(run):
    found = report("connections", "--by-address", "--top", 1000, *YEAR, data(run, RUNS[run][0]))
    return (collections.Counter(expected(run)["connections_per_ip"]),
            collections.Counter({row["client"]: row["connections"]
                                 for row in found["tables"]["clients"]}))


def figures(run):
    """{figure: (expected, found)}, both counters."""
    truth = expected(run)
    result = {
        "connections": connections(run),
        "relay triples": triples(run),
        "refused recipients": refused_recipients(run),
        "pairs": pairs(run),
        "auth users": (collections.Counter(truth["auth_failures"]),
                       count_rows(run, "select client, sum(auth_failures) from sessions "
                                       "where auth_failures group by 1")),
        "tls": (collections.Counter(truth["tls_handshakes_failed"]), of_reasons(run, ["tls"])),
        "accepted": (collections.Counter(all=truth["accepted_messages"]), count_rows(
            run, "select 'all', sum(accepted) from sessions where client <> '127.0.0.1'")),
    }
    for name, (keys, reasons) in REASONS.items():
        result[name] = (told(run, keys), of_reasons(run, reasons))
        result[name + " sessions"] = (collections.Counter(all=sessions_told(run, keys)),
                                      collections.Counter(all=sessions_found(run, reasons)))
    return result


def differences(truth, found):
    """The (expected, found) that differ, without whose they are."""
    return sorted((truth[key], found[key]) for key in set(truth) | set(found)
                  if truth[key] != found[key])


# The most of a figure that the log can tell: nowhere more than expected.
AT_MOST = "at most"

# {(runs, figure): (the (expected, found) that differ or AT_MOST, cause)}
EXPLAINED = {
    # Postfix
    ("postfix-default postfix-maillog", "connections"):
        ([(21, 20)], "a client that resets before accept() is 'connect from unknown[unknown]'"),
    ("postfix-newyear", "connections"):
        ([(5, 4)], "as above"),
    ("postfix-busybox", "connections"):
        ([(5, 4), (21, 20)], "as above, twice"),
    ("postfix-default postfix-busybox postfix-newyear postfix-postscreen", "relay triples"):
        ([(0, 1), (1, 0), (1, 0), (1, 2)],
         "a source route is taken off, user@yahoo.com@here becomes \"user@yahoo.com\"@here"),
    ("postfix-default postfix-busybox postfix-newyear", "refused recipients"):
        ([(0, 1)] * 3 + [(1, 0)] * 9 + [(1, 2)] * 2 + [(1, 4)],
         "addresses in Postfix's own form; '421 too many errors' names no recipient; one HELO name "
         "is so long that the reply that the client kept says no more"),
    ("postfix-postscreen", "refused recipients"):
        ([(0, 1)] * 2 + [(1, 0)] * 4 + [(1, 2)], "as above"),
    ("postfix-maillog", "refused recipients"):
        ([(1, 0)], "'421 too many errors' names no recipient"),
    ("postfix-default postfix-postscreen postfix-busybox postfix-newyear", "tls"):
        ([(0, 1), (3, 4), (3, 4)],
         "SSL_accept error stands also where the client hung up or spoke plain text on 465"),
    ("postfix-maillog", "tls"): ([(0, 1), (0, 1)], "as above"),
    ("postfix-default postfix-postscreen postfix-busybox postfix-newyear", "helo"):
        ([(0, 1)], "the reply to the longest HELO name was cut off before the reason"),
    ("postfix-default postfix-postscreen postfix-busybox postfix-newyear", "helo sessions"):
        ([(8, 9)], "as above"),
    ("postfix-default postfix-busybox postfix-newyear", "rate"):
        ([(54, 80)], "clients that dropped at once never read the 421"),
    ("postfix-default postfix-busybox postfix-newyear", "rate sessions"):
        ([(54, 80)], "as above"),
    ("postfix-maillog", "rate"): ([(154, 233)], "as above"),
    ("postfix-maillog", "rate sessions"): ([(154, 233)], "as above"),
    ("postfix-maillog", "no rdns"):
        ([(0, 1), (0, 5), (1, 3), (18, 20), (46, 67)],
         "refused at CONNECT, which clients that dropped never read; one has no address"),
    ("postfix-maillog", "no rdns sessions"): ([(186, 217)], "as above"),
    ("postfix-postscreen", "errors"): ([(0, 1)], "COMMAND COUNT LIMIT of a client from outside"),
    ("postfix-postscreen", "errors sessions"): ([(3, 4)], "as above"),
    ("postfix-postscreen", "timeout"):
        ([(0, 2), (0, 4), (0, 4)], "COMMAND TIME LIMIT of clients that no longer read"),
    ("postfix-postscreen", "timeout sessions"): ([(8, 18)], "as above"),
    ("postfix-postscreen", "early"):
        ([(8, 7)], "one 'Protocol error' was the answer to a command other than RCPT: no line"),
    # Exim
    ("exim-default", "connections"): (AT_MOST, "the default log has no connections"),
    ("exim-default", "* sessions"): (AT_MOST, "nor sessions: they are inferred"),
    ("exim-default", "errors sessions"): ([(7, 10)], "dropped after the client had left"),
    ("exim-default exim-verbose", "refused recipients"):
        ([(0, 1)] * 3 + [(1, 0)],
         "host look-ups and a sender's check that were put off; 'user@yahoo.com.' is bad syntax"),
    ("exim-default exim-verbose", "tls"): ([(0, 1)], "openssl's session, broken off"),
    ("exim-default exim-verbose", "no rdns"):
        ([(0, 1), (0, 1)], "'host lookup deferred' was told as 'try again later'"),
    ("exim-verbose", "no rdns sessions"): ([(25, 27)], "as above"),
    ("exim-default exim-verbose", "sender"):
        ([(1, 0), (2, 3)],
         "'user@yahoo.com.' is bad syntax, a sender's check was put off: 'try again later'"),
    ("exim-default", "errors"): ([(0, 1), (0, 2)], "dropped after the client had left"),
    ("exim-verbose", "errors"): ([(0, 1), (0, 1)], "as above"),
    ("exim-verbose", "errors sessions"): ([(5, 7)], "as above"),
    ("exim-verbose", "rate"): ([(92, 115)], "clients that dropped at once never read the 421"),
    ("exim-verbose", "rate sessions"): ([(92, 115)], "as above"),
    ("exim-verbose", "early"):
        ([(1, 0), (1, 0), (2, 0)], "'next input sent too soon' is later than the greeting"),
    ("exim-verbose", "early sessions"): ([(50, 46)], "as above"),
    # Sendmail
    ("sendmail-ll9", "connections"):
        ([(0, 3), (2, 0), (2, 0), (2, 0), (2, 1), (21, 20)],
         "local submission connects to 127.0.0.1; a bad HELO, a refused MAIL and QUIT leave no "
         "line; a client gone at once has no address"),
    ("sendmail-ll14", "connections"): ([(0, 3), (21, 20)], "as above"),
    ("sendmail-ll9 sendmail-ll14", "relay triples"):
        ([(0, 1), (0, 1), (1, 0), (1, 0)], "Sendmail doubles backslashes and writes \\t for tab"),
    ("sendmail-ll9", "refused recipients"):
        ([(0, 1)] * 2 + [(1, 0)] * 2 + [(2, 0), (4, 0), (4, 0)],
         "as above; who talked before the greeting is refused once, not at each command"),
    ("sendmail-ll14", "refused recipients"):
        ([(0, 1)] * 2 + [(1, 0)] * 26 + [(2, 0), (4, 0), (4, 0)],
         "as above; check_relay's refusal is logged once a session, not at each command"),
    ("sendmail-ll9 sendmail-ll14", "tls"): ([(0, 1)], "nmap's session"),
    ("sendmail-ll9", "unknown user"): ([(2, 0)], "refused VRFY and EXPN leave no line"),
    ("sendmail-ll9", "unknown user sessions"): ([(4, 3)], "as above"),
    ("sendmail-ll9 sendmail-ll14", "size"):
        ([(2, 1)], "SIZE= refused at MAIL leaves no line but from="),
    ("sendmail-ll9 sendmail-ll14", "size sessions"): ([(2, 1)], "as above"),
    ("sendmail-ll9 sendmail-ll14", "errors"): ([(1, 0)], "'too many bad commands' leaves no line"),
    ("sendmail-ll9 sendmail-ll14", "errors sessions"): ([(1, 0)], "as above"),
    ("sendmail-ll14", "dynamic"):
        ([(0, 1), (6, 1), (9, 1), (13, 1)],
         "check_relay is logged once a session; one client left before it was told"),
    ("sendmail-ll14", "dynamic sessions"): ([(18, 19)], "as above"),
    ("sendmail-ll14", "message-id"): ([(0, 6)], "check_eoh also runs for what was cut off in DATA"),
    ("sendmail-ll14", "message-id sessions"): ([(8, 14)], "as above"),
    ("sendmail-ll14", "helo"):
        ([(0, 1), (0, 1), (0, 2), (0, 2)], "'invalid domain name' was told as 501 bad syntax"),
    ("sendmail-ll14", "helo sessions"): ([(30, 36)], "as above"),
    ("sendmail-ll14", "sender"): ([(0, 2)], "check_relay's 'Access denied' was not waited for"),
    ("sendmail-ll14", "sender sessions"): ([(4, 6)], "as above"),
    ("sendmail-ll14", "rate"): ([(100, 150)], "clients that dropped at once never read the 421"),
    ("sendmail-ll14", "rate sessions"): ([(100, 150)], "as above"),
}


def explained(run, figure):
    kinds = [figure] + (["* sessions"] if figure.endswith(" sessions") else [])
    for kind in kinds:
        for (names, name), (pairs_differing, _) in EXPLAINED.items():
            if name == kind and run in names.split():
                return pairs_differing
    return []


class Truth(Case):
    def test_every_figure(self):
        for run in RUNS:
            for figure, (truth, found) in figures(run).items():
                with self.subTest(run=run, figure=figure):
                    differ = differences(truth, found)
                    meant = explained(run, figure)
                    if meant == AT_MOST:
                        self.assertTrue(all(b <= a for a, b in differ), differ)
                    else:
                        self.assertEqual(differ, sorted(meant))

    def test_sums(self):
        for run in RUNS:
            with self.subTest(run=run):
                truth = expected(run)
                attempts = rows(run, "select coalesce(sum(count), 0) n, count(distinct client) ips "
                                     "from relay_attempts")[0]
                self.assertEqual(attempts["n"], truth["relay"]["rejected_rcpts"])
                self.assertEqual(attempts["ips"], truth["relay"]["ips"])
                summary = report("relay", *YEAR, data(run, RUNS[run][0]))["tables"]["summary"][0]
                self.assertEqual(summary["attempts"], truth["relay"]["rejected_rcpts"])
                self.assertEqual(summary["clients"], truth["relay"]["ips"])

    def test_no_session_is_lost(self):
        """By the hour all connections count, also those without an address."""
        local = {"sendmail-ll9": -3, "sendmail-ll14": 3}
        for run in RUNS:
            if run in ("exim-default", "sendmail-ll9"):
                continue
            with self.subTest(run=run):
                found = rows(run, "select sum(connections) n from connections")[0]["n"]
                self.assertEqual(found, expected(run)["sessions"] + local.get(run, 0))
                self.assertEqual(found, rows(run, "select count(*) n from sessions")[0]["n"])


class Understood(Case):
    def test_every_line(self):
        for run, names in RUNS.items():
            for name in names:
                with self.subTest(run=run, log=name):
                    log = data(run, name)
                    found = report("relay", *YEAR, log)["input"]
                    self.assertEqual(found["not_understood"], 0)
                    with open(log, "rb") as file:
                        self.assertEqual(found["lines"], file.read().count(b"\n"))

    def test_reject_logs(self):
        for run in ("exim-default", "exim-verbose"):
            found = report("relay", data(run, "rejectlog"))["input"]
            self.assertEqual(found["not_understood"], 0)


UNTIMED = {"first", "last", "seconds", "avg_seconds", "max_seconds", "peak_concurrent", "hour"}


def untimed(tables):
    """Without times; rows in an order of their own, as equals may be sorted by time."""
    return {name: sorted(([(key, value) for key, value in row.items() if key not in UNTIMED]
                          for row in rows_), key=repr) for name, rows_ in tables.items()}


class Forms(Case):
    """The same events in several envelopes give the same tables."""

    def test_reports(self):
        names = "traffic,connections,relay,refusals,auth,retries,messageid"
        for run, logs in RUNS.items():
            if run == "exim-default":
                logs = logs[1:]  # syslog tells the process, and so more sessions, than mainlog
            first, *others = [[untimed(one["tables"]) for one in report(
                names, "--by-address", "--top", 1000, *YEAR, data(run, log))] for log in logs]
            for log, found in zip(logs[1:], others):
                with self.subTest(run=run, log=log):
                    self.assertEqual(found, first)

    def test_refusals(self):
        query = ("select client, sender, recipient, reason, stage, code, reply, count "
                 "from attempts order by 1, 2, 3, 4, 5, 6, 7")
        for run, logs in RUNS.items():
            first, *others = [sql(query, "--log", data(run, log), *YEAR) for log in logs]
            for log, found in zip(logs[1:], others):
                with self.subTest(run=run, log=log):
                    self.assertEqual(found, first)

    def test_new_year(self):
        """Stamps without a year pass the end of theirs."""
        query = "select time, client, reason, sender, recipient, count from attempts"
        for log in SYSLOG:
            with self.subTest(log=log):
                found = sql(query, "--log", data("postfix-newyear", log), *YEAR)
                years = collections.Counter(row["time"][:4] for row in found)
                self.assertEqual(set(years), {"2026", "2027"})
                first = sql(query, "--log", data("postfix-newyear", SYSLOG[1]))
                self.assertEqual(found, first)


class Peers(Case):
    """What pflogsumm and eximstats print for the same logs; see docs/counting.md."""

    def test_pflogsumm(self):
        for run in ("postfix-default", "postfix-postscreen", "postfix-newyear"):
            with self.subTest(run=run):
                peer = collections.Counter()
                with open(data(run, "peer_pflogsumm.txt"), encoding="utf-8") as file:
                    text = file.read().split("Per-")[0]
                for line in text.splitlines():
                    words = line.split()
                    if len(words) > 1 and words[0].rstrip("k").isdigit():
                        peer[" ".join(word for word in words[1:] if word.isalpha())] = words[0]
                        if words[1] == "deferred":
                            peer["deferred"] = words[2].lstrip("(")
                found = report("traffic", *YEAR, data(run, "mail.log"))["tables"]["totals"][0]
                for column in ("received", "delivered", "forwarded", "deferred", "bounced", "held",
                               "discarded", "recipients"):
                    self.assertEqual(found[column], int(peer[column]), column)
                self.assertEqual(found["warnings"], int(peer["reject warnings"]))
                self.assertEqual(found["rejected"] - found["warnings"], int(peer["rejected"]))
                # Two senders with > in their quoted names, and their messages of 1 kB, are none to
                # pflogsumm; it also takes later messages of their queue ids for theirs.
                self.assertEqual(found["senders"], int(peer["senders"]) + 2)
                for column in ("bytes_received", "bytes_delivered"):
                    told = int(peer[column.replace("_", " ")].rstrip("k")) * 1024
                    self.assertTrue(0 <= found[column] - told < 4 * 1024, column)

    def test_eximstats(self):
        for run in ("exim-default", "exim-verbose"):
            with self.subTest(run=run):
                with open(data(run, "peer_eximstats.txt"), encoding="utf-8") as file:
                    peer = {line.split()[0]: line.split()[1:] for line in file
                            if line.startswith("  ") and len(line.split()) > 2}
                    file.seek(0)
                    rejects = [int(line.split()[-2]) for line in file if "Rejects  " in line]
                found = report("traffic", data(run, "mainlog"))["tables"]["totals"][0]
                self.assertEqual(found["received"], int(peer["Received"][1]))
                self.assertEqual(f"{(found['bytes_received'] + 512) // 1024}KB",
                                 peer["Received"][0])
                self.assertEqual(found["delivered"], int(peer["Delivered"][2]))
                # To eximstats our own deliveries that were refused are refusals too.
                with open(data(run, "mainlog"), "rb") as file:
                    outward = sum(line.endswith(b"] Connection refused\n") for line in file)
                self.assertEqual(found["rejected"] + outward, sum(rejects))


if __name__ == "__main__":
    main()
