"""Those who must never be blocked, however clumsy they are."""

from .world import Auth, Client, Mail, Vrfy, BACKED_UP, MOVED_AWAY, OURS

ROLES = []


def role(function):
    ROLES.append((function.__name__.replace("_", "-"), function))
    return function


def ordinary(world, client, number, tls=True):
    """NUMBER messages that are taken in."""
    for when in world.moments(number):
        world.visit(when, client, Mail(world.stranger(), [(world.user(), "ok")],
                                       size=world.poisson(20000)), tls=tls)


@role
def mail_server(world):
    """A mail server of some company; now and then it asks for a mailbox that is gone."""
    for _ in range(world.count(60)):
        client = world.server()
        ordinary(world, client, world.poisson(world.days * 2))
        if world.rnd.random() < 0.4:
            world.visit(world.moment(), client,
                        Mail(world.stranger(), [(world.unknown(), "unknown")]))
        if world.rnd.random() < 0.1:
            world.visit(world.moment(), client,
                        Mail(world.stranger(), [(world.user(), "ok")], result="spam"))


@role
def greylisted_server(world):
    """Told to come again, it comes again."""
    for _ in range(world.count(25)):
        client = world.server()
        for when in world.moments(world.poisson(2)):
            sender, user = world.stranger(), world.user()
            for n in range(world.rnd.randrange(1, 4)):
                world.visit(when + n * 100, client, Mail(sender, [(user, "greylist")]))
            world.visit(when + 400 + world.rnd.random() * 3000, client,
                        Mail(sender, [(user, "ok")]), tls=True)


def pool(world, hosts, spread=True, domain=None):
    """Outgoing hosts of one provider; SPREAD: each in another network."""
    domain = domain or f"{world.word()}{world.word()}.example"
    near = world.network()
    clients = []
    for n in range(hosts):
        address = world.address(None if spread else near)
        if spread and n % 4 == 3:
            address = world.address(world.network6())
        name = f"mail-{chr(97 + n % 26)}{n}-f{40 + n}.out.{domain}"
        clients.append(world.note(Client(address, name)))
    return domain, clients


@role
def provider_pool(world):
    """One message comes from several hosts of a provider until one of them is let in. Some
    hosts never are the one."""
    for n in range(world.count(5)):
        domain, clients = pool(world, world.rnd.randrange(8, 26), spread=n % 2 == 0)
        for when in world.moments(world.poisson(world.days * 8) + 8):
            sender, user = f"{world.word()}{world.rnd.randrange(99)}@{domain}", world.user()
            tries = world.rnd.sample(clients, world.rnd.randrange(3, 7))
            for client in tries[:-1]:
                world.visit(when, client, Mail(sender, [(user, "greylist")]), tls=True)
                when += world.rnd.uniform(20, 150)
            world.visit(when + world.rnd.uniform(200, 900), tries[-1],
                        Mail(sender, [(user, "ok")]), tls=True)


@role
def pool_still_waiting(world):
    """A provider's first message, in its retries when the log ends."""
    for _ in range(world.count(2)):
        domain, clients = pool(world, 5)
        sender, user = f"{world.word()}@{domain}", world.user()
        for n, client in enumerate(clients):
            world.visit(world.end - 400 + n * 70, client, Mail(sender, [(user, "greylist")]),
                        tls=True)


@role
def newsletter(world):
    """Some of its readers' mailboxes are gone: 2 to 10 in 100."""
    for _ in range(world.count(6)):
        client, gone = world.server(), world.rnd.uniform(0.02, 0.1)
        old = [world.unknown() for _ in range(40)]
        issue = 0
        for start in world.every(world.rnd.choice((1, 3)) * 86400):
            issue += 1
            when = start
            for n in range(world.rnd.randrange(40, 140)):
                bad = world.rnd.random() < gone
                user = world.rnd.choice(old) if bad else world.user()
                domain = client.name.partition(".")[2]
                sender = f"bounce-{issue}-{n}-{user.replace('@', '=')}@{domain}"
                outcome = "unknown" if bad else "ok"
                world.visit(when, client, Mail(sender, [(user, outcome)]), tls=True)
                when += world.rnd.uniform(0.5, 3)


@role
def mailing_list(world):
    """A host of mailing lists: many recipients at a time, some of them gone."""
    for _ in range(world.count(3)):
        client = world.server()
        gone = [world.unknown() for _ in range(6)]
        readers = world.rnd.sample(world.users, 120)
        for when in world.moments(world.poisson(world.days * 6)):
            some, few = world.rnd.randrange(20, 60), world.rnd.randrange(0, 4)
            rcpts = [(user, "ok") for user in world.rnd.sample(readers, some)]
            rcpts += [(user, "unknown") for user in world.rnd.sample(gone, few)]
            world.visit(when, client, Mail(f"list-bounces@{client.name.partition('.')[2]}", rcpts))


@role
def office(world):
    """Many people behind one address; they mistype and change their passwords."""
    for _ in range(world.count(4)):
        client = world.home(helo="[192.168.178.20]")
        people = world.rnd.sample(world.accounts, world.rnd.randrange(8, 25))
        for when in world.moments(world.poisson(world.days * 40) + 20):
            user = world.rnd.choice(people)
            steps = [Auth(user, False) for _ in range(world.rnd.choice((0, 0, 0, 0, 1, 1, 2, 3)))]
            if not steps or world.rnd.random() < 0.7:
                steps += [Auth(user, True), Mail(user, [(world.far(), "out")])]
            world.visit(when, client, *steps, port=587, tls=True)
        changed = world.moment()  # everybody has a new password, and two machines each
        for user in people:
            for when in world.every(300, start=changed, until=changed + 3600 * 4):
                if world.rnd.random() < 0.15:
                    world.visit(when, client, Auth(user, False), port=587, tls=True)


@role
def phone(world):
    """It has the old password, and tries every five minutes."""
    for n in range(world.count(4)):
        client, user = world.home(helo="[10.44.2.7]"), world.account()
        start = world.moment()
        user = user if n % 2 else user.split("@")[0]
        for when in world.every(300, start=start, until=start + world.rnd.uniform(1, 4) * 86400):
            world.visit(when, client, Auth(user, False), port=587, tls=True)


@role
def phone_on_the_road(world):
    """The same with another address every few hours."""
    for _ in range(world.count(1)):
        user, start = world.account(), world.moment()
        for move in range(8):
            client = world.home(helo="[10.44.2.7]")
            first = start + move * 5 * 3600
            for when in world.every(300, start=first, until=first + 5 * 3600):
                world.visit(when, client, Auth(user, False), port=587, tls=True)


@role
def our_user(world):
    """At home or on the way, with the right password."""
    for _ in range(world.count(25)):
        client, user = world.home(), world.account()
        for when in world.moments(world.poisson(world.days * 3)):
            world.visit(when, client, Auth(user, True), Mail(user, [(world.far(), "out")]),
                        port=587, tls=True)


@role
def second_exchanger(world):
    """The second mail exchanger of a customer hands on whatever came to it, spam as well."""
    for _ in range(world.count(2)):
        client = world.server()
        for when in world.moments(world.poisson(world.days * 60)):
            draw = world.rnd.random()
            if draw < 0.35:
                mail = Mail(world.forged(), [(world.unknown(), "unknown")])
            elif draw < 0.42:
                mail = Mail(world.forged(), [(world.user(), "sender-domain")])
            elif draw < 0.5:
                mail = Mail(world.forged(), [(world.user(), "ok")], result="spam")
            else:
                mail = Mail(world.stranger(), [(world.user(), "ok")])
            world.visit(when, client, mail)


@role
def for_the_backed_up(world):
    """We are the second mail exchanger of a company: mail to it is taken and handed on."""
    for _ in range(world.count(12)):
        client = world.server()
        for when in world.moments(world.poisson(3)):
            world.visit(when, client, Mail(world.stranger(), [(f"info@{BACKED_UP}", "ok")]))


@role
def for_the_moved_away(world):
    """A domain's record still names us though it is elsewhere now: its correspondents are denied
    relaying, again and again, many of them to the same few mailboxes."""
    boxes = [f"{name}@{MOVED_AWAY}" for name in ("info", "office", "buchhaltung", "h.meier",
                                                 "f.schulz", "bestellung", "kontakt", "service")]
    for n in range(world.count(40)):
        client = world.server()
        sender = world.stranger()
        for when in world.moments(world.poisson(4) + (n % 5 == 0) * 8):
            some = world.rnd.sample(boxes, world.rnd.choice((1, 1, 1, 2, 4)))
            world.visit(when, client, Mail(sender, [(box, "relay") for box in some]), tls=True)
    domain, clients = pool(world, 9)  # and a newsletter of a provider of mass mail
    for when in world.every(86400 / 4):
        for box in boxes[:4]:
            world.visit(when + world.rnd.random() * 600, world.rnd.choice(clients),
                        Mail(f"news@{domain}", [(box, "relay")]), tls=True)


@role
def monitoring(world):
    """Asks once a minute whether we are there."""
    for n in range(world.count(3)):
        address = world.address()
        name = (f"probe{n}.{world.word()}.example", f"static.{'.'.join(address.split('.')[::-1])}."
                "clients.hosting.example", "")[n % 3]
        client = world.note(Client(address, name, helo=name or "monitor"))
        for when in world.every((60, 60, 120)[n % 3], jitter=0.01):
            world.visit(when, client, hello=n % 2 == 1, tls=n % 4 == 3, pace=0.05)


@role
def forwarder(world):
    """Hands on all that comes to an old address of one of our users."""
    for _ in range(world.count(4)):
        client = world.server()
        user = world.user()
        for when in world.moments(world.poisson(world.days * 12)):
            draw = world.rnd.random()
            if draw < 0.1:
                mail = Mail(world.forged(), [(user, "sender-domain")])
            elif draw < 0.3:
                mail = Mail(world.forged(), [(user, "ok")], result="spam")
            else:
                mail = Mail(world.stranger(), [(user, "ok")])
            world.visit(when, client, mail, tls=True)


@role
def forwarder_to_nobody(world):
    """It forwards to a mailbox that is no more; its owner does not know."""
    for _ in range(world.count(2)):
        client, gone = world.server(), world.unknown()
        for when in world.moments(world.poisson(world.days * 12)):
            world.visit(when, client, Mail(world.stranger(), [(gone, "unknown")]), tls=True)


@role
def badly_kept(world):
    """Honest, without a name in the DNS, or greeting as if it were somebody else."""
    for n in range(world.count(12)):
        helo = ("localhost.localdomain", "server", "exchange.firma.local", "[192.168.0.5]")[n % 4]
        client = world.note(Client(world.address(), "" if n % 2 else f"mail.{world.word()}.example",
                                   confirmed=n % 4 == 2, helo=helo))
        ordinary(world, client, world.poisson(world.days) + 1, tls=False)
        if n % 3 == 0:
            for when in world.moments(3):
                world.visit(when, client, Mail(world.stranger(), [(world.user(), "greylist")]))


@role
def nameless_and_refused(world):
    """A small server whose name in the DNS is lost: refused for now, so it tries for days."""
    for _ in range(world.count(3)):
        client = world.note(Client(world.address(), helo=f"mail.{world.word()}.example"))
        for _ in range(world.rnd.randrange(1, 4)):
            sender, user, when, wait = world.stranger(), world.user(), world.moment(), 300
            until = when + 4 * 86400
            while when < until:
                world.visit(when, client, Mail(sender, [(user, "no-ptr")]))
                when += wait
                wait = min(wait * 1.5, 4000)


@role
def without_message_id(world):
    """Wanted mail of machines that write no Message-ID."""
    for n in range(world.count(6)):
        client, user = world.server(), world.user()
        sender = f"noreply@{client.name.partition('.')[2]}"
        for when in world.every(86400 / world.rnd.choice((1, 2, 4))):
            world.visit(when, client,
                        Mail(sender, [(user, "ok")],
                             result="bad-message-id" if n % 2 else "no-message-id"), tls=True)


@role
def patient_server(world):
    """The mailbox is full; it tries for days."""
    for _ in range(world.count(4)):
        client = world.server()
        for _ in range(world.rnd.randrange(1, 5)):
            sender, user, when = world.stranger(), world.user(), world.moment()
            for again in world.every(world.rnd.choice((600, 1800, 3600)), start=when,
                                     until=when + 5 * 86400):
                world.visit(again, client, Mail(sender, [(user, "full")]), tls=True)


@role
def big_sender(world):
    """Hundreds of connections an hour."""
    for n in range(world.count(2)):
        domain, clients = pool(world, 6, spread=False)
        start = world.moment()
        for when in world.every(9, jitter=0.9, start=start, until=start + 6 * 3600):
            unknown = world.rnd.random() < 0.04
            world.visit(when, world.rnd.choice(clients[:2 + n]),
                        Mail(f"b{world.rnd.randrange(10**6)}@{domain}",
                             [(world.unknown() if unknown else world.user(),
                               "unknown" if unknown else "ok")]), tls=True)
        for client in clients[2 + n:]:
            ordinary(world, client, 3)


@role
def checks_our_senders(world):
    """Asks back whether the senders of what it got are ours: many are forged."""
    for n in range(world.count(4)):
        client = world.server()
        for when in world.moments(world.poisson(world.days * (3 if n % 2 else 25))):
            forged = world.rnd.random() < 0.6
            rcpt = (world.unknown(), "unknown") if forged else (world.account(), "ok")
            world.visit(when, client, Mail("", [rcpt], result=None))
        if n % 2:
            ordinary(world, client, 4)


@role
def reports_undelivered(world):
    """Its bounces come to us: to those who wrote, and to forged senders who are nobody."""
    for n in range(world.count(8)):
        client = world.server()
        for when in world.moments(world.poisson(6)):
            forged = world.rnd.random() < (0.2, 0.9)[n % 2]
            rcpt = (world.unknown(), "unknown") if forged else (world.account(), "ok")
            world.visit(when, client, Mail("", [rcpt]), tls=True)


@role
def device_of_a_customer(world):
    """A scanner or a disk box that sends a report a day and knows no password."""
    for n in range(world.count(4)):
        client = world.home(helo=("scanner", "NAS", "[192.168.1.77]", "fritz.box")[n % 4])
        sender = (f"scanner@{OURS}", "nas@kunde-xy.example", f"root@{OURS}",
                  "printer@localhost")[n % 4]
        owner = world.far()
        for when in world.every(86400, jitter=0.001):
            for again in range(world.rnd.choice((1, 1, 3))):
                world.visit(when + again * 60, client, Mail(sender, [(owner, "relay")]))


@role
def six_sender(world):
    """A provider that sends from many addresses of one IPv6 network."""
    for _ in range(world.count(4)):
        network, domain = world.network6(), f"{world.word()}{world.word()}.example"
        for n in range(world.rnd.randrange(3, 12)):
            client = world.note(Client(world.address(network), f"mail-{n}.v6.{domain}"))
            ordinary(world, client, world.poisson(3))
            if world.rnd.random() < 0.3:
                world.visit(world.moment(), client,
                            Mail(world.stranger(), [(world.unknown(), "unknown")]))


@role
def listed_for_a_day(world):
    """A server that sends wanted mail, and is in a block list for a day or two."""
    for _ in range(world.count(3)):
        client = world.server()
        ordinary(world, client, world.poisson(world.days * 4) + 4)
        start = world.moment()
        for _ in range(world.poisson(12)):
            world.visit(start + world.rnd.random() * 86400, client,
                        Mail(world.stranger(), [(world.user(), "dnsbl")]))


@role
def first_contact(world):
    """Somebody new, greylisted in the minutes before the log ends; some in bad company."""
    for n in range(world.count(6)):
        network = world.rnd.choice(world.bad_networks) if n % 2 and world.bad_networks else None
        client = world.server(network=network)
        world.visit(world.end - world.rnd.random() * 240, client,
                    Mail(world.stranger(), [(world.user(), "greylist")]), tls=True)


@role
def honest_neighbour(world):
    """Rents a machine in a network where abusers rent theirs as well."""
    for network in world.bad_networks:
        client = world.server(network=network)
        ordinary(world, client, world.poisson(4))


@role
def user_without_password(world):
    """Set up without a password: denied relaying, until somebody helps."""
    for n in range(world.count(6)):
        client, user = world.home(), world.account()
        when, helped = world.moment(), n % 3 != 2
        number = world.rnd.choice((1, 2, 5)) if helped else 1
        rcpts = [(world.far(), "relay") for _ in range(number)]
        for _ in range(world.rnd.randrange(1, 4)):
            world.visit(when, client, Mail(user, rcpts), port=world.rnd.choice((25, 587)), tls=True)
            when += world.rnd.uniform(20, 400)
        if helped:
            for again in range(3):
                world.visit(when + 600 + again * 4000, client, Auth(user, True),
                            Mail(user, [(rcpt, "out") for rcpt, _ in rcpts]), port=587, tls=True)


@role
def office_with_a_bot(world):
    """One of its machines is somebody else's; the others send their mail."""
    for _ in range(world.count(2)):
        client, people = world.home(), world.rnd.sample(world.accounts, 9)
        for when in world.moments(world.poisson(world.days * 20) + 10):
            user = world.rnd.choice(people)
            world.visit(when, client, Auth(user, True), Mail(user, [(world.far(), "out")]),
                        port=587, tls=True)
        start = world.moment()
        for n in range(60):
            world.visit(start + n * 30, client,
                        Mail(world.forged(), [(world.far(), "relay"), (world.far(), "relay")]))


@role
def several_forwarders(world):
    """One mailbox is reached over three forwarders: what is sent to all of them comes thrice."""
    for _ in range(world.count(2)):
        clients, user = [world.server(), world.server(), world.server()], world.user()
        for when in world.moments(world.poisson(world.days * 5) + 3):
            sender, spam = world.stranger(), world.rnd.random() < 0.4
            for n, client in enumerate(clients):
                if spam:
                    world.visit(when + n * 30, client, Mail(sender, [(user, "ok")], result="spam"))
                    continue
                world.visit(when + n * 30, client, Mail(sender, [(user, "greylist")]))
                world.visit(when + 500 + n * 40, client, Mail(sender, [(user, "ok")]))


@role
def broken_path(world):
    """Its packets are lost on the way: the text never arrives, it tries for days."""
    for _ in range(world.count(2)):
        client, when = world.server(), world.moment()
        sender, user = world.stranger(), world.user()
        for again in world.every(1800, start=when, until=when + 4 * 86400):
            world.visit(again, client, Mail(sender, [(user, "ok")], result=None), end="timeout")


@role
def server_of_ours(world):
    """Our own web server: its mail goes out here, but its permission was forgotten."""
    client = world.note(Client(world.address(), f"www.{OURS}"))
    for when in world.moments(int(world.days * 6) + 4):
        world.visit(when, client, Mail(f"noreply@{OURS}", [(world.far(), "relay")]))


@role
def listed_all_the_time(world):
    """A company's server that a block list has for weeks; people try again by hand."""
    for _ in range(world.count(2)):
        client = world.server()
        for when in world.moments(int(world.days) + 3):
            world.visit(when, client, Mail(world.stranger(), [(world.user(), "dnsbl")]))


@role
def takes_no_calls(world):
    """A mailing whose sender cannot be verified: refused for now, tried again."""
    for _ in range(world.count(2)):
        client, start = world.server(), world.moment()
        for n in range(60):
            sender, user = f"bounce{n}@{client.name.partition('.')[2]}", world.user()
            for again in range(5):
                world.visit(start + n * 2 + again * 3000, client,
                            Mail(sender, [(user, "sender-verify")]))


@role
def only_dead_readers(world):
    """A small list that has a few of our former users, and nobody else here."""
    for n in range(world.count(4)):
        client, old = world.server(), [world.unknown() for _ in range(3)]
        for start in world.every(86400 * 3):
            for k, user in enumerate(old):
                world.visit(start + k, client, Mail(f"b-{k}@news{n}.example", [(user, "unknown")]))


@role
def nameless_shop(world):
    """Machines without a queue: what is greylisted is lost, the next mail is another one."""
    for _ in range(world.count(4)):
        client = world.note(Client(world.address(), helo="shop"))
        for when in world.moments(5):
            world.visit(when, client, Mail("shop@shop.example", [(world.user(), "greylist")]))


@role
def nervous_monitor(world):
    """Asks every ten seconds, from an address without a name."""
    client = world.note(Client(world.address(), helo="probe"))
    for when in world.every(10, jitter=0.01, until=world.begin + 86400):
        world.visit(when, client, pace=0.05)


@role
def tests_by_hand(world):
    """One of our own administrators tries from home whether the server is well kept."""
    for _ in range(world.count(2)):
        client, start = world.home(), world.moment()
        world.visit(start, client, Mail("me@home.example", [("me@gmail.com", "relay")]))
        world.visit(start + 60, client, Vrfy(f"root@{OURS}"))
        world.visit(start + 120, client, Mail("me@home.example", [(world.unknown(), "unknown"),
                                                                  (world.user(), "ok")]))
