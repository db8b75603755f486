"""Who there is: addresses, names, mailboxes, and the visits that clients pay."""

import ipaddress
import random

OURS = "lab.example"
HOSTED = ("kunden.example", "verein.example")  # mailboxes of others on our server
BACKED_UP = "partnerfirma.example"  # we are its second mail exchanger
MOVED_AWAY = "altkunde.example"  # its mail exchanger record still names us
SERVER_NAME = "mx1.lab.example"
SERVER_ADDRESS = "192.0.2.1"
WANTED, ABUSIVE, ONE_OFF = "wanted", "abusive", "one-off"
FAR = ("yahoo.com", "gmail.com", "hotmail.com", "mail.ru", "qq.com", "163.com", "yahoo.co.jp",
       "outlook.com", "web.example", "aol.com")
NAMES = """anna ben carla david elena franz greta hans ida jonas klara lukas maria nils olga paul
rita simon tanja udo vera willi xenia yannick zoe abel bert cora dora emil fritz gabi hugo inge
jan karl lena max nora otto petra ralf sara tom uwe""".split()
# What is refused before anybody has looked at the recipient.
FIRST_BYTES = [n for n in range(1, 224) if n not in (10, 100, 127, 169, 172, 192, 198, 203)]


class Client:
    """An address, the name the DNS gives it ("" for none), whether that leads back."""

    __slots__ = ("address", "name", "confirmed", "helo")

    def __init__(self, address, name="", confirmed=True, helo=None):
        self.address, self.name = address, name
        self.confirmed = bool(name) and confirmed
        self.helo = helo if helo is not None else (name or f"[{address}]")


class Mail:
    """One transaction: RCPTS are (address, outcome); RESULT is what became of the text.

    Outcomes: ok, out (taken from an authenticated client), relay, unknown, greylist, dnsbl,
    no-ptr, bad-ptr, dynamic, sender-domain, sender-verify, helo, full, access.
    Results: taken, no-message-id, bad-message-id, spam, None (DATA was never said).
    """

    def __init__(self, sender, rcpts, result="taken", size=3000):
        self.sender, self.rcpts, self.size = sender, rcpts, size
        self.result = result if any(o in ("ok", "out") for _, o in rcpts) else None

    @property
    def accepted(self):
        return [address for address, outcome in self.rcpts if outcome in ("ok", "out")]


class Auth:
    def __init__(self, user, works):
        self.user, self.works = user, works


class Vrfy:
    def __init__(self, user):
        self.user = user


class Noise:
    """Bytes that are not SMTP: "http", "tls", "binary", "junk"."""

    def __init__(self, kind):
        self.kind = kind


class Visit:
    """One connection. END: quit, drop (the client is gone), timeout, dropped (by the server)."""

    def __init__(self, client, *steps, port=25, end="quit", hello=True, early=False, tls=False,
                 pace=0.4):
        self.client, self.steps, self.port, self.end = client, list(steps), port, end
        self.hello, self.early, self.tls, self.pace = hello, early, tls, pace


class World:
    """Deterministic by seed. A role draws from a source of its own, so that one more role does
    not change the others."""

    def __init__(self, seed, days, scale, begin):
        self.seed, self.days, self.scale, self.begin = seed, days, scale, begin
        self.end = begin + int(days * 86400)
        self.taken = set()
        self.truth = {}
        self.visits = []  # (time, visit)
        self.rnd = random.Random(f"{seed}:world")
        domains = (OURS,) * 6 + HOSTED
        self.users = sorted({f"{self.rnd.choice(NAMES)}.{self.word()}@{self.rnd.choice(domains)}"
                             for _ in range(260)})
        self.accounts = [u for u in self.users if u.endswith("@" + OURS)]
        self.strangers = [f"{self.rnd.choice(NAMES)}.{self.word()}@{self.word()}-{self.word()}"
                          ".example" for _ in range(3000)]
        self.local = set(self.users)
        self.role = None

    def word(self):
        return "".join(self.rnd.choice("bcdfghklmnprstvz") + self.rnd.choice("aeiou")
                       for _ in range(self.rnd.randrange(2, 4)))

    def begin_role(self, role, kind):
        self.role, self.kind = role, kind
        self.rnd = random.Random(f"{self.seed}:{role}")

    def count(self, number):
        """NUMBER clients at scale 1; at least one."""
        wanted = number * self.scale
        return max(1, int(wanted + self.rnd.random()))

    # Addresses

    def address(self, network=None):
        """An address nobody has yet, within NETWORK ("a.b.c" or an IPv6 /64) if given."""
        rnd = self.rnd
        while True:
            if network is None:
                text = "%d.%d.%d.%d" % (rnd.choice(FIRST_BYTES), rnd.randrange(256),
                                        rnd.randrange(256), rnd.randrange(1, 255))
            elif ":" in network:
                text = str(ipaddress.ip_address("%s:%x:%x:%x:%x" % (
                    (network,) + tuple(rnd.randrange(1, 65536) for _ in range(4)))))
            else:
                text = f"{network}.{rnd.randrange(1, 255)}"
            if text not in self.taken:
                self.taken.add(text)
                return text

    def network(self):
        while True:
            text = "%d.%d.%d" % (self.rnd.choice(FIRST_BYTES), self.rnd.randrange(256),
                                 self.rnd.randrange(256))
            if text not in self.taken:
                self.taken.add(text)
                return text

    def network6(self):
        return "2a%02x:%x:%x:%x" % (self.rnd.randrange(256), self.rnd.randrange(1, 65536),
                                    self.rnd.randrange(65536), self.rnd.randrange(65536))

    # Clients; each is noted in the truth as its role says

    def note(self, client, kind=None, role=None):
        self.truth[client.address] = {"role": role or self.role, "kind": kind or self.kind}
        return client

    def server(self, domain=None, network=None):
        """A mail server with a confirmed name."""
        domain = domain or f"{self.word()}-{self.word()}.example"
        host = self.rnd.choice(("mail", "mx", "smtp", "mout", "relay", "out")) + str(
            self.rnd.choice(("", 1, 2, 3, 10, 25)))
        address = self.address(network)
        return self.note(Client(address, f"{host}-{address.split('.')[-1]}.{domain}"
                                if network else f"{host}.{domain}"))

    def home(self, helo=None, network=None):
        """A line at home: a name made of the address, or none."""
        address = self.address(network)
        name = self.home_name(address) if self.rnd.random() < 0.7 else ""
        return self.note(Client(address, name, helo=helo or self.rnd.choice(
            ("[192.168.1.%d]" % self.rnd.randrange(2, 200), self.word(), "localhost"))))

    def home_name(self, address):
        dashed = address.replace(".", "-").replace(":", "-")
        return self.rnd.choice((f"dyn-{dashed}.{self.isp()}", f"{dashed}.adsl.{self.isp()}",
                                f"pool-{dashed}.{self.isp()}", f"ip-{dashed}.cable.{self.isp()}"))

    def isp(self):
        return self.rnd.choice(("telefonica.example", "kabelnetz.example", "isp.example",
                                "hinet.example", "broadband.example"))

    def bot(self, network=None, helo=None, nameless=0.55):
        """A machine that somebody else makes use of, or a rented one."""
        address = self.address(network)
        draw = self.rnd.random()
        if draw < nameless:
            name, confirmed = "", False
        elif draw < nameless + (1 - nameless) * 0.3:
            name, confirmed = f"srv{self.rnd.randrange(999)}.{self.word()}.example", False
        else:
            name, confirmed = self.home_name(address), True
        helo = helo or self.rnd.choice((f"win-{self.word()}", "User", f"[{address}]", "localhost",
                                        f"{self.word()}.example", self.word()))
        return self.note(Client(address, name, confirmed, helo))

    # Mailboxes

    def user(self):
        return self.rnd.choice(self.users)

    def account(self):
        return self.rnd.choice(self.accounts)

    def unknown(self, domain=OURS):
        return f"{self.rnd.choice(NAMES)}{self.rnd.randrange(10000)}@{domain}"

    def stranger(self):
        return self.rnd.choice(self.strangers)

    def far(self):
        name = f"{self.rnd.choice(NAMES)}{self.word()}{self.rnd.randrange(1000)}"
        return f"{name}@{self.rnd.choice(FAR)}"

    def forged(self):
        return f"{self.word()}{self.rnd.randrange(1000)}@{self.rnd.choice(FAR)}"

    # Time

    def visit(self, when, *args, **options):
        """A visit at WHEN, unless the log is over then."""
        if self.begin <= when < self.end:
            self.visits.append((when, Visit(*args, **options)))

    def moment(self):
        """Any time within the log, more often by day."""
        while True:
            when = self.begin + self.rnd.random() * (self.end - self.begin)
            if self.rnd.random() < (1.0 if 7 <= when % 86400 / 3600 < 20 else 0.45):
                return when

    def moments(self, number):
        return sorted(self.moment() for _ in range(number))

    def every(self, seconds, jitter=0.05, start=None, until=None):
        when = self.begin + self.rnd.random() * seconds if start is None else start
        while when < min(until or self.end, self.end):
            yield when
            when += seconds * (1 + jitter * (2 * self.rnd.random() - 1))

    def each_day(self):
        return range(max(1, int(self.days)))

    def poisson(self, mean):
        """A whole number with about that mean, at least 1."""
        return max(1, int(self.rnd.expovariate(1 / mean) + 0.5))
