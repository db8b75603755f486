"""Those who should be found, and those who try once and are never seen again."""

import string

from .world import Auth, Client, Mail, Noise, Vrfy, FAR, MOVED_AWAY, OURS, SERVER_ADDRESS, \
    SERVER_NAME

ROLES, PASSING = [], []
ADMINS = ("root admin info postmaster webmaster support sales contact test noreply office "
          "abuse service mail user").split()
GUESSED = ("admin info test sales support root postmaster webmaster office contact marketing "
           "scanner backup user mail hr accounting service helpdesk newsletter").split()


def role(function):
    ROLES.append((function.__name__.replace("_", "-"), function))
    return function


def boxes(world, number):
    """A scanner's own mailboxes, named alike."""
    stem, domain = "the" + world.word() + world.word(), world.rnd.choice(FAR)
    tails = [""] + list(string.digits) + list(string.ascii_lowercase)
    return [f"{stem}{tail}@{domain}" for tail in tails[:number]]


def probe(world, client, when, sender, rcpts, limit=20):
    """One probe; servers hang up at too many errors, then the rest is tried anew."""
    for first in range(0, len(rcpts), limit):
        part = [(rcpt, "relay") for rcpt in rcpts[first:first + limit]]
        full = len(part) == limit
        world.visit(when, client, Mail(sender, part), end="dropped" if full else "quit", pace=0.3)
        when += 25


@role
def probe_of_many_boxes(world):
    """Twenty-one drop-boxes of its own, in any order; two or three are replaced now and then."""
    for _ in range(world.count(2)):
        mine, sender = boxes(world, 21), f"test@{world.rnd.choice(('live.com', 'mail.example'))}"
        clients = [world.bot(helo="User") for _ in range(world.count(6))]
        fresh = iter(boxes(world, 37))
        for when in world.moments(len(clients) * 2):
            if world.rnd.random() < 0.25:
                mine[world.rnd.randrange(len(mine))] = next(fresh)
            world.rnd.shuffle(mine)
            client = clients.pop() if clients else world.bot(helo="User")
            probe(world, client, when, sender, mine)


@role
def probe_of_few_boxes(world):
    """Three to six drop-boxes."""
    for _ in range(world.count(3)):
        mine = [world.far() for _ in range(world.rnd.randrange(3, 7))]
        clients = [world.bot() for _ in range(world.count(5))]
        for client in clients:
            for when in world.moments(world.rnd.randrange(1, 4)):
                probe(world, client, when, world.forged(), world.rnd.sample(mine, len(mine)))


@role
def probe_of_one_box(world):
    """One drop-box, from many clients over the days; each a few times."""
    for _ in range(world.count(2)):
        box = world.far()
        for _ in range(max(4, world.count(6))):
            client, sender = world.bot(), world.forged()
            for when in world.moments(world.rnd.randrange(2, 5)):
                world.visit(when, client, Mail(sender, [(box, "relay")]))


@role
def tricks(world):
    """All the ways to write a relayed recipient, as a well-known scanner's script has them."""
    for _ in range(world.count(4)):
        client = world.bot(helo=OURS)
        ways = ["{u}@{d}", "{u}%{d}@[{a}]", "{u}%{d}@{s}", '"{u}@{d}"@{s}', "{d}!{u}@{s}",
                "{u}@{d}@{s}", "@{s}:{u}@{d}", '"{u}%{d}"@{s}']
        steps = []
        for n, way in enumerate(ways):
            rcpt = way.format(u="relaytest", d="nmap.scanme.example", a=SERVER_ADDRESS,
                              s=SERVER_NAME)
            sender = ("", f"antispam@{OURS}", f"antispam@{SERVER_NAME}", "a@x.example")[n % 4]
            outcome = "relay" if rcpt.endswith("nmap.scanme.example") else "unknown"
            steps.append(Mail(sender, [(rcpt, outcome)]))
        for when in world.moments(world.rnd.choice((1, 2))):
            world.visit(when, client, *steps, pace=1.0)


@role
def relay_spammer(world):
    """Many senders, each with several recipients, whatever the answer."""
    for _ in range(world.count(12)):
        client, number = world.bot(), world.rnd.randrange(8, 30)
        start = world.moment()
        for n in range(number):
            rcpts = [(world.far(), "relay") for _ in range(world.rnd.choice((1, 1, 2, 3, 8)))]
            world.visit(start + n * world.rnd.uniform(5, 4000), client, Mail(world.forged(), rcpts))


@role
def forged_local_sender(world):
    """Pretends to be our administrators, to one mailbox outside."""
    for n in range(world.count(8)):
        client, box = world.bot(helo=(OURS, SERVER_NAME, None)[n % 3]), world.far()
        start = world.moment()
        for name in world.rnd.sample(ADMINS, world.rnd.randrange(4, 12)):
            world.visit(start, client, Mail(f"{name}@{OURS}", [(box, "relay")]))
            start += world.rnd.uniform(1, 60)


@role
def null_sender_relay(world):
    """A bounce to nobody of ours."""
    for _ in range(world.count(8)):
        client = world.bot()
        for when in world.moments(world.rnd.randrange(1, 4)):
            rcpts = [(world.far(), "relay") for _ in range(world.rnd.randrange(3, 15))]
            world.visit(when, client, Mail("", rcpts))


@role
def open_relays(world):
    """One spam to one of our mailboxes, through one open relay after the other."""
    for n in range(world.count(6)):
        sender, user = world.forged(), world.user()
        outcome, result = (("ok", "no-message-id"), ("dnsbl", None), ("ok", "spam"),
                           ("sender-domain", None), ("ok", "no-message-id"))[n % 5]
        clients = [world.bot() for _ in range(world.rnd.randrange(3, 8))]
        when = world.moment()
        for client in clients + [clients[0]]:
            world.visit(when, client, Mail(sender, [(user, outcome)], result=result))
            when += world.rnd.uniform(8, 60)


@role
def flood(world):
    """Hundreds of connections an hour from an address without a name."""
    for n in range(world.count(6)):
        address = world.address()
        client = world.note(Client(address, "" if n % 3 else f"x.{world.word()}.example", False,
                                   helo=world.word()))
        for _ in range(world.rnd.randrange(1, 3)):
            start = world.moment()
            for when in world.every(world.rnd.uniform(3, 12), jitter=0.8, start=start,
                                    until=start + world.rnd.uniform(1, 4) * 3600):
                if n % 2:
                    world.visit(when, client, end="drop", pace=0.2)
                else:
                    world.visit(when, client, Mail(f"ny{world.rnd.randrange(10**5)}@hotmail.com",
                                                   [(world.user(), "sender-verify")]), pace=1.5)


@role
def zombie(world):
    """Refused for good, it comes back for days."""
    for n in range(world.count(40)):
        why = ("dynamic", "dnsbl", "bad-ptr", "dnsbl", "access")[n % 5]
        client = world.bot(nameless=0.0 if why == "dynamic" else 0.6)
        if why == "dynamic":
            client.name, client.confirmed = world.home_name(client.address), True
        for _ in range(max(3, int(world.days * world.rnd.uniform(0.6, 1)))):
            for _ in range(world.rnd.choice((1, 2, 3, 6))):
                world.visit(world.moment(), client, Mail(world.forged(), [(world.user(), why)]))


@role
def listed_repeater(world):
    """In a block list; a dozen attempts within a day or two."""
    for _ in range(world.count(25)):
        client, start = world.bot(), world.moment()
        for _ in range(world.rnd.randrange(6, 25)):
            rcpts = [(world.user(), "dnsbl") for _ in range(world.rnd.choice((1, 1, 3)))]
            when = start + world.rnd.random() * 86400 * 1.5
            world.visit(when, client, Mail(world.forged(), rcpts))


@role
def fast_guesser(world):
    """Passwords, as fast as we let it."""
    for _ in range(world.count(12)):
        client, start = world.bot(helo=world.rnd.choice(("ylmf-pc", "User", None))), world.moment()
        for n in range(world.rnd.randrange(30, 300)):
            name = world.rnd.choice(GUESSED)
            user = world.rnd.choice((name, f"{name}@{OURS}", world.account()))
            start += world.rnd.uniform(1, 20)
            world.visit(start, client, *[Auth(user, False)] * world.rnd.choice((1, 1, 2)),
                        port=world.rnd.choice((25, 587)), pace=0.3)


@role
def slow_guesser(world):
    """A few passwords a day, for days, of ever other people."""
    for _ in range(world.count(20)):
        client = world.bot()
        names = world.rnd.sample(GUESSED, len(GUESSED)) + world.rnd.sample(world.accounts, 40)
        for when in world.moments(int(world.days * world.rnd.uniform(3, 9)) + 4):
            user = names[world.rnd.randrange(len(names))]
            world.visit(when, client, Auth(user, False), port=587)


@role
def network_of_guessers(world):
    """Neighbours who guess together; the network is bad, nearly all of it."""
    for _ in range(world.count(2)):
        network = world.network()
        world.bad_networks.append(network)
        for _ in range(world.count(10)):
            client = world.bot(network=network, helo="User")
            for when in world.moments(int(world.days * 6) + 6):
                world.visit(when, client, Auth(world.rnd.choice(GUESSED), False), port=587)


@role
def harvester(world):
    """Names from a dictionary."""
    for _ in range(world.count(8)):
        client, start = world.bot(), world.moment()
        for n in range(world.rnd.randrange(1, 5)):
            rcpts = [(world.unknown(), "unknown") for _ in range(world.rnd.randrange(8, 20))]
            world.visit(start + n * 40, client, Mail(world.forged(), rcpts), end="dropped")


@role
def slow_harvester(world):
    """A few names a day."""
    for _ in range(world.count(6)):
        client = world.bot()
        for when in world.moments(int(world.days * 4) + 6):
            rcpts = [(world.unknown(), "unknown") for _ in range(world.rnd.choice((1, 2, 2, 3)))]
            world.visit(when, client, Mail(world.forged(), rcpts))


@role
def asks_by_vrfy(world):
    """VRFY with a dictionary."""
    for _ in range(world.count(4)):
        client = world.bot()
        for when in world.moments(world.rnd.randrange(1, 4)):
            names = [Vrfy(f"{name}@{OURS}") for name in world.rnd.sample(ADMINS + GUESSED, 12)]
            world.visit(when, client, *names, end="dropped")


@role
def helo_forger(world):
    """Greets with our own name or address."""
    for n in range(world.count(8)):
        client = world.bot(helo=(OURS, SERVER_NAME, f"[{SERVER_ADDRESS}]")[n % 3])
        for when in world.moments(world.rnd.randrange(4, 20)):
            world.visit(when, client, Mail(world.forged(), [(world.user(), "helo")]))


@role
def talks_early(world):
    """Does not wait for the greeting."""
    for _ in range(world.count(10)):
        client = world.bot()
        for when in world.moments(world.rnd.randrange(4, 25)):
            world.visit(when, client, Mail(world.forged(), [(world.user(), "dnsbl")]), early=True)


@role
def speaks_otherwise(world):
    """HTTP, TLS or other bytes at the mail port, again and again."""
    for n in range(world.count(8)):
        client = world.bot(nameless=0.8)
        for when in world.moments(world.rnd.randrange(6, 40)):
            world.visit(when, client, Noise(("http", "tls", "http", "binary")[n % 4]), hello=False,
                        end="drop")


@role
def rotating_six(world):
    """Another address of its IPv6 network every time."""
    for n in range(world.count(3)):
        network = world.network6()
        for when in world.moments(world.rnd.randrange(15, 60)):
            address = world.address(network)
            client = world.note(Client(address, helo="User"))
            if n % 2:
                world.visit(when, client, Auth(world.rnd.choice(GUESSED), False), port=587)
            else:
                world.visit(when, client, Mail(world.forged(), [(world.far(), "relay")
                                                                for _ in range(3)]))


def passing(function):
    PASSING.append((function.__name__.replace("_", "-"), function))
    return function


@passing
def passing_by(world):
    """One attempt of any kind, then gone."""
    kinds = (
        lambda: [Mail(world.forged(), [(world.far(), "relay")])],
        lambda: [Mail(world.forged(), [(world.unknown(), "unknown")])],
        lambda: [Mail(world.forged(), [(world.user(), "dnsbl")])],
        lambda: [Mail(world.forged(), [(world.user(), world.rnd.choice(("no-ptr", "bad-ptr")))])],
        lambda: [Mail(world.forged(), [(world.user(), "greylist")])],
        lambda: [Auth(world.rnd.choice(GUESSED), False)],
        lambda: [],
        lambda: [Mail(world.stranger(), [(f"info@{MOVED_AWAY}", "relay")])],
    )
    for n in range(world.count(250)):
        client = world.bot(network=world.rnd.choice(world.bad_networks)
                           if n % 50 == 0 and world.bad_networks else None)
        if n % 17 == 0:
            world.visit(world.moment(), client, Noise("http"), hello=False, end="drop")
        else:
            world.visit(world.moment(), client, *kinds[n % len(kinds)](),
                        early=n % 23 == 0)
