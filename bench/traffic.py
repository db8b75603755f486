#!/usr/bin/env python3
"""Writes a mail server's log of some days and the truth about everybody in it.

Wanted clients and abusive ones, each kind as the world has it, visit a server;
Postfix, Exim or Sendmail writes down what it does. The same bytes come from the
same options. truth.json names each client's role, and whether it is wanted,
abusive, or one-off: a single attempt and never seen again.
"""

import argparse
import calendar
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from mailworld import abuse, wanted  # noqa: E402
from mailworld.servers import SERVERS  # noqa: E402
from mailworld.world import ABUSIVE, ONE_OFF, OURS, WANTED, World  # noqa: E402


def people(seed, days, scale, begin, without=()):
    """A world in which everybody has paid the visits of their roles."""
    world = World(seed, days, scale, begin)
    world.bad_networks = []
    for kind, roles in ((ABUSIVE, abuse.ROLES), (WANTED, wanted.ROLES), (ONE_OFF, abuse.PASSING)):
        for name, play in roles:
            if kind not in without and name not in without:
                world.begin_role(name, kind)
                play(world)
    world.visits.sort(key=lambda visit: visit[0])
    return world


def lines_of(world, mta, detail):
    """[(time, address, line without stamp)] in order."""
    server = SERVERS[mta](world, detail)
    lines = []
    for when, visit in world.visits:
        lines += [(t, visit.client.address, line) for t, line in server.lines(when, visit)]
    lines.sort(key=lambda line: line[0])
    return lines


def write(folder, world, mta, detail="default", stamp="syslog"):
    """Writes FOLDER/mail.log and FOLDER/truth.json; returns the truth."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if mta == "exim":
        stamp = "iso" if detail == "verbose" else "syslog"
    stamps, seen = SERVERS[mta].stamps[stamp], {}
    with open(folder / "mail.log", "w", encoding="utf-8") as log:
        for when, address, line in lines_of(world, mta, detail):
            seen.setdefault(address, [when, when])[1] = when
            log.write(stamps(when) + line + "\n")
    truth = {
        "mta": mta, "ours": OURS, "year": time.gmtime(world.begin).tm_year,
        "clients": {address: dict(who, first=int(seen[address][0]), last=int(seen[address][1]))
                    for address, who in world.truth.items() if address in seen},
        # What such a server's log does not show, nobody can find in it.
        "unseen": sorted(address for address in world.truth if address not in seen),
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return truth


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", help="gets mail.log and truth.json")
    parser.add_argument("--mta", choices=SERVERS, default="postfix")
    parser.add_argument("--detail", choices=("default", "verbose"), default="default",
                        help="how much Exim and Sendmail log")
    parser.add_argument("--stamp", choices=("syslog", "iso"), default="syslog")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=7)
    parser.add_argument("--scale", type=float, default=1, help="how many of each kind")
    parser.add_argument("--begin", default="2026-02-02", help="the first day")
    parser.add_argument("--without", action="append", default=[], metavar="ROLE|KIND")
    options = parser.parse_args()
    begin = calendar.timegm(time.strptime(options.begin, "%Y-%m-%d"))
    world = people(options.seed, options.days, options.scale, begin, options.without)
    write(options.folder, world, options.mta, options.detail, options.stamp)


if __name__ == "__main__":
    main()
