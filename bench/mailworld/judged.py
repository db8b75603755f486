"""What mxwatch says of clients whose truth is known."""

import bisect
import collections
import ipaddress
import json
import os
import pathlib
import subprocess

KINDS = ("wanted", "one-off", "abusive")


def mxwatch(program, *arguments):
    """What the program prints, read as JSON."""
    return json.loads(run(program, *arguments))


def run(program, *arguments):
    environment = dict(os.environ, TZ="UTC", HOME="/nonexistent", XDG_CONFIG_HOME="/nonexistent")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, check=False,
                          env=environment)
    if done.returncode != 0:
        raise RuntimeError(f"mxwatch {' '.join(map(str, arguments))}: status {done.returncode}\n"
                           f"{done.stderr.decode(errors='replace')}")
    return done.stdout


class Prefixes:
    """Networks, asked whether an address lies in one of them."""

    def __init__(self, texts):
        self.spans = {4: [], 6: []}
        for text in texts:
            network = ipaddress.ip_network(text, strict=False)
            self.spans[network.version].append((int(network[0]), int(network[-1]), text))
        for spans in self.spans.values():
            spans.sort()

    def find(self, address):
        """The network around ADDRESS as it was given, or None."""
        address = ipaddress.ip_address(address)
        spans = self.spans[address.version]
        at = bisect.bisect_right(spans, (int(address), 1 << 129, "")) - 1
        return spans[at][2] if at >= 0 and spans[at][1] >= int(address) else None


def empty():
    return [0, 0, 0, collections.Counter(), collections.Counter()]


def origin(address):
    """Whom an address stands for: itself, or the /64 that one customer gets."""
    address = ipaddress.ip_address(address)
    return address if address.version == 4 else ipaddress.ip_network((address, 64), strict=False)


class Judged:
    """What mxwatch says of everybody. CLIENTS: {address: {"role": …, "kind": …}}; OPTIONS: the
    log or the store, and how to read it."""

    def __init__(self, program, clients, *options):
        rows = mxwatch(program, "block", "json", *options)
        self.blocks = {row["client"]: row for row in rows}
        tables = mxwatch(program, "report", "patterns", "--format", "json", "--top", 10**6,
                         *options)["tables"]
        self.findings = collections.defaultdict(list)
        for row in tables["findings"]:
            if row["grade"] != "note":
                self.findings[row["client"]].append(row)
        blocked, found = Prefixes(self.blocks), Prefixes(self.findings)
        self.rows = []  # (address, role, kind, findings, block)
        met = set()
        for address, who in clients.items():
            if (origin(address), who["role"]) in met:
                continue
            met.add((origin(address), who["role"]))
            row = self.blocks.get(blocked.find(address))
            findings = self.findings.get(found.find(address), [])
            self.rows.append((address, who["role"], who["kind"], findings, row))

    @classmethod
    def of_folder(cls, program, folder, by_store=False):
        """The log and the truth that traffic.py wrote."""
        folder = pathlib.Path(folder)
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        log = ("--year", truth["year"], folder / "mail.log")
        if not by_store:
            return cls(program, truth["clients"], *log)
        run(program, "ingest", "--store", folder / "store.db", *log)
        return cls(program, truth["clients"], "--store", folder / "store.db")

    def table(self):
        """{(kind, role): [clients, found, blocked, Counter of patterns, Counter of patterns that
        blocked]}"""
        table = {}
        for _, role, kind, findings, block in self.rows:
            entry = table.setdefault((kind, role), empty())
            entry[0] += 1
            entry[1] += bool(findings or block)
            entry[2] += block is not None
            entry[3].update({finding["pattern"] for finding in findings})
            entry[4].update([block["pattern"]] if block else [])
        return table

    def wrong(self):
        """Wanted or passing clients that are blocked, abusive ones that are not found."""
        for address, role, kind, findings, block in self.rows:
            if kind != "abusive" and block:
                yield f"{kind} blocked", role, address, block["because"]
            elif kind == "abusive" and not findings and not block:
                yield "missed", role, address, ""


def merge(tables):
    total = {}
    for table in tables:
        for key, entry in table.items():
            sum_ = total.setdefault(key, empty())
            for n in range(3):
                sum_[n] += entry[n]
            for n in (3, 4):
                sum_[n].update(entry[n])
    return total


def summary(table):
    """{kind: [clients, found, blocked]}"""
    sums = {kind: [0, 0, 0] for kind in KINDS}
    for (kind, _), entry in table.items():
        for n in range(3):
            sums[kind][n] += entry[n]
    return sums


def show_patterns(table):
    """Clients of each kind by pattern: with a finding that weighs, and blocked for it."""
    found = {kind: collections.Counter() for kind in KINDS}
    blocked = {kind: collections.Counter() for kind in KINDS}
    for (kind, _), entry in table.items():
        found[kind].update(entry[3])
        blocked[kind].update(entry[4])
    print(f"\n{'pattern':24} {'abusive':>8} {'blocked':>8} {'wanted':>7} {'blocked':>8} "
          f"{'one-off':>8} {'blocked':>8}")
    for pattern in sorted(set().union(*found.values(), *blocked.values())):
        print(f"{pattern:24}", *(f"{count[pattern]:{width},}" for kind, widths in
                                 (("abusive", (8, 8)), ("wanted", (7, 8)), ("one-off", (8, 8)))
                                 for count, width in zip((found[kind], blocked[kind]), widths)))


def show(table):
    print(f"{'kind':8} {'role':24} {'clients':>8} {'found':>6} {'blocked':>8}  patterns")
    for kind in KINDS:
        for (kind_, role), (clients, found, blocked, patterns, _) in sorted(table.items()):
            if kind_ == kind:
                names = ", ".join(f"{name} {n}" for name, n in patterns.most_common(4))
                print(f"{kind:8} {role:24} {clients:8,} {found:6,} {blocked:8,}  {names}")
    sums = summary(table)
    clients, found, blocked = sums["abusive"]
    print(f"\nfalse blocks: {sums['wanted'][2]} of {sums['wanted'][0]:,} wanted clients; "
          f"blocked after a single attempt: {sums['one-off'][2]} of {sums['one-off'][0]:,}")
    print(f"abusive clients found: {found / clients:.1%} of {clients:,}; "
          f"blocked: {blocked / clients:.1%}")
