"""What Postfix, Exim and Sendmail write about a visit: the exact forms of their lines."""

import time

from .world import Auth, Mail, Noise, Vrfy, BACKED_UP, SERVER_NAME

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HOST = "mx1"
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LIST = "bl.rbl.example"


def base62(number, width):
    text = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        text = BASE62[digit] + text
    return text


def stamp_syslog(seconds):
    t = time.gmtime(seconds)
    return "%s %2d %02d:%02d:%02d %s " % (MONTHS[t[1] - 1], t[2], t[3], t[4], t[5], HOST)


def stamp_iso(seconds):
    whole = int(seconds)
    return (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) +
            ".%06d+00:00 %s " % ((seconds - whole) * 1e6, HOST))


def stamp_exim(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S ", time.gmtime(seconds))


def stamp_exim_verbose(seconds):
    whole = int(seconds)
    return (time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(whole)) +
            ".%03d +0000 " % ((seconds - whole) * 1e3))


class Server:
    """Turns visits into lines. Subclasses write; here is the clock of one visit."""

    def __init__(self, world, detail):
        self.world, self.detail = world, detail
        self.number = 0

    def lines(self, when, visit):
        """Returns [(time, line without stamp)]."""
        self.number += 1
        self.visit, self.client, self.now, self.out = visit, visit.client, when, []
        self.start = when
        self.write(visit)
        return self.out

    def say(self, line, after=0.0):
        self.out.append((self.now + after, line))

    def pass_time(self, share=1.0):
        self.now += self.visit.pace * share * (0.5 + self.world.rnd.random())

    def message_id(self, mail):
        domain = mail.sender.rpartition("@")[2] or self.client.helo.strip("[]")
        return f"{int(self.now)}.{self.number}.{len(self.out)}@{domain}"


class Postfix(Server):
    stamps = {"syslog": stamp_syslog, "iso": stamp_iso}

    def __init__(self, world, detail):
        super().__init__(world, detail)
        self.queued = 0

    def write(self, visit):
        client = self.client
        self.who = f"{client.name if client.confirmed else 'unknown'}[{client.address}]"
        service = {25: "smtpd", 587: "submission/smtpd", 465: "smtps/smtpd"}[visit.port]
        self.smtpd = f"postfix/{service}[{1000 + self.number % 30000}]: "
        self.proto = "ESMTP"
        self.counts = {}
        if client.name and not client.confirmed:
            self.say(f"{self.smtpd}warning: hostname {client.name} does not resolve to address "
                     f"{client.address}")
        self.say(f"{self.smtpd}connect from {self.who}")
        last = "CONNECT"
        if visit.early:
            self.say(f"{self.smtpd}improper command pipelining after CONNECT from {self.who}: "
                     f"EHLO {client.helo}\\r\\nMAIL FROM:<a@{client.helo}>\\r\\n")
        if visit.hello:
            self.pass_time()
            self.did("ehlo", True)
            last = "EHLO"
            if visit.tls:
                self.did("starttls", True)
                self.did("ehlo", True)
        for step in visit.steps:
            self.pass_time()
            last = getattr(self, type(step).__name__.lower())(step)
        self.pass_time(0.3)
        self.finish(visit, last)

    def did(self, command, worked):
        good, all_ = self.counts.get(command, (0, 0))
        self.counts[command] = (good + worked, all_ + 1)

    def finish(self, visit, last):
        if visit.end == "quit":
            self.did("quit", True)
        elif visit.end == "timeout":
            self.now += 300
            self.say(f"{self.smtpd}timeout after {last} from {self.who}")
        elif visit.end == "dropped":
            self.say(f"{self.smtpd}too many errors after {last} from {self.who}")
        else:
            self.say(f"{self.smtpd}lost connection after {last} from {self.who}")
        order = "ehlo starttls auth mail rcpt data vrfy quit unknown".split()
        shown = [f"{c}={g}" if g == a else f"{c}={g}/{a}" for c in order
                 for g, a in [self.counts.get(c, (0, 0))] if a]
        good = sum(g for g, _ in self.counts.values())
        all_ = sum(a for _, a in self.counts.values())
        shown.append(f"commands={good}" if good == all_ and all_ else f"commands={good}/{all_}")
        self.say(f"{self.smtpd}disconnect from {self.who} {' '.join(shown)}")

    def reply(self, outcome, sender, rcpt):
        client = self.client
        return {
            "relay": f"554 5.7.1 <{rcpt}>: Relay access denied",
            "unknown": f"550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in local "
                       "recipient table",
            "greylist": f"450 4.2.0 <{rcpt}>: Recipient address rejected: Greylisted, see "
                        f"http://postgrey.schweikert.ch/help/{rcpt.rpartition('@')[2]}.html",
            "dnsbl": f"554 5.7.1 Service unavailable; Client host [{client.address}] blocked using "
                     f"{LIST}; Listed, see https://rbl.example/q?ip={client.address}",
            "no-ptr": "450 4.7.1 Client host rejected: cannot find your reverse hostname, "
                      f"[{client.address}]",
            "bad-ptr": f"450 4.7.25 Client host rejected: cannot find your hostname, "
                       f"[{client.address}]",
            "dynamic": f"554 5.7.1 <{self.who}>: Client host rejected: Dynamic address, use your "
                       "provider",
            "sender-domain": f"450 4.1.8 <{sender}>: Sender address rejected: Domain not found",
            "sender-verify": f"450 4.1.7 <{sender}>: Sender address rejected: undeliverable "
                             "address: host mx.example[203.0.113.9] said: 550 5.1.1 User unknown "
                             "(in reply to RCPT TO command)",
            "helo": f"554 5.7.1 <{client.helo}>: Helo command rejected: You are not me",
            "full": f"452 4.2.2 <{rcpt}>: Recipient address rejected: Mailbox is full",
            "access": f"554 5.7.1 <{sender}>: Sender address rejected: Access denied",
        }[outcome]

    def mail(self, mail):
        self.did("mail", True)
        queue_id = None
        for rcpt, outcome in mail.rcpts:
            self.pass_time(0.2)
            self.did("rcpt", outcome in ("ok", "out"))
            if outcome in ("ok", "out"):
                if queue_id is None:
                    self.queued += 1
                    queue_id = "%011X" % (0x1A2B3C4D00 + self.queued * 4099)
                    login = (f", sasl_method=PLAIN, sasl_username={self.user}"
                             if outcome == "out" else "")
                    self.say(f"{self.smtpd}{queue_id}: client={self.who}{login}")
                continue
            self.say(f"{self.smtpd}{queue_id or 'NOQUEUE'}: reject: RCPT from {self.who}: "
                     f"{self.reply(outcome, mail.sender, rcpt)}; from=<{mail.sender}> to=<{rcpt}> "
                     f"proto={self.proto} helo=<{self.client.helo}>")
        if mail.result is None:
            return "RCPT"
        self.pass_time(0.5)
        self.text(mail, queue_id)
        return "DATA"

    def text(self, mail, queue_id):
        cleanup = f"postfix/cleanup[{500 + self.number % 97}]: {queue_id}: "
        envelope = (f"from=<{mail.sender}> to=<{mail.accepted[0]}> proto={self.proto} "
                    f"helo=<{self.client.helo}>")
        self.did("data", mail.result == "taken")
        if mail.result == "no-message-id":
            self.say(f"{cleanup}message-id=<>")
            self.say(f"{cleanup}milter-reject: END-OF-MESSAGE from {self.who}: 5.7.1 Unidentified "
                     f"messages are not acceptable here; {envelope}")
        elif mail.result == "bad-message-id":
            self.say(f"{cleanup}reject: header Message-ID: <{self.number}> from {self.who}; "
                     f"{envelope}: 5.7.1 Message-ID must be an addr-spec")
        elif mail.result == "spam":
            self.say(f"{cleanup}message-id=<{self.message_id(mail)}>")
            self.say(f"{cleanup}milter-reject: END-OF-MESSAGE from {self.who}: 5.7.1 Spam message "
                     f"rejected; {envelope}")
        else:
            self.deliver(mail, queue_id, cleanup)

    def deliver(self, mail, queue_id, cleanup):
        self.say(f"{cleanup}message-id=<{self.message_id(mail)}>")
        qmgr = f"postfix/qmgr[998]: {queue_id}: "
        self.say(f"{qmgr}from=<{mail.sender}>, size={mail.size}, nrcpt={len(mail.accepted)} "
                 "(queue active)", 0.05)
        tail = "delay=0.4, delays=0.2/0.01/0.1/0.09, dsn=2.0.0, status=sent "
        for rcpt in mail.accepted:
            domain = rcpt.rpartition("@")[2]
            if domain == BACKED_UP or rcpt not in self.world.local:
                self.say(f"postfix/smtp[{700 + self.number % 89}]: {queue_id}: to=<{rcpt}>, "
                         f"relay=mx.{domain}[203.0.113.{1 + self.number % 250}]:25, {tail}"
                         "(250 2.0.0 Ok: queued as 4XyZ)", 0.8)
            else:
                self.say(f"postfix/local[{800 + self.number % 83}]: {queue_id}: to=<{rcpt}>, "
                         f"relay=local, {tail}(delivered to mailbox)", 0.3)
        self.say(f"{qmgr}removed", 0.9)

    def auth(self, auth):
        self.did("auth", auth.works)
        self.user = auth.user
        if not auth.works:
            self.pass_time()
            self.say(f"{self.smtpd}warning: {self.who}: SASL LOGIN authentication failed: "
                     f"(reason unavailable), sasl_username={auth.user}")
        return "AUTH"

    def vrfy(self, vrfy):
        self.did("vrfy", False)
        self.say(f"{self.smtpd}NOQUEUE: reject: VRFY from {self.who}: 550 5.1.1 <{vrfy.user}>: "
                 f"Recipient address rejected: User unknown in local recipient table; "
                 f"to=<{vrfy.user}> proto=SMTP helo=<{self.client.helo}>")
        return "VRFY"

    def noise(self, noise):
        self.did("unknown", False)
        if noise.kind == "http":
            self.say(f"{self.smtpd}improper command pipelining after CONNECT from {self.who}: "
                     "GET / HTTP/1.1\\r\\nHost: x\\r\\nUser-Agent: zgrab/0.x\\r\\n\\r\\n")
        words = {"http": "GET / HTTP/1.1", "binary": "\\003\\000\\000/*\\340\\000\\000\\000",
                 "tls": "\\026\\003\\001\\000z\\001\\000\\000v\\003\\003O:j\\000"}
        if noise.kind in words:
            self.say(f"{self.smtpd}warning: non-SMTP command from {self.who}: {words[noise.kind]}")
        return "UNKNOWN"


class Exim(Server):
    stamps = {"syslog": stamp_exim, "iso": stamp_exim_verbose}

    def __init__(self, world, detail):
        super().__init__(world, detail)
        self.verbose = detail == "verbose"
        self.messages = 0

    def lines(self, when, visit):
        self.pid = f"[{2000 + self.number % 28000}] " if self.verbose else ""
        return [(t, line if line[0] == "[" else self.pid + line)
                for t, line in super().lines(when, visit)]

    def write(self, visit):
        client = self.client
        self.port = f":{32000 + self.number % 28000} I=[192.0.2.1]:{visit.port}" * self.verbose
        self.plain = f"[{client.address}]{self.port}"
        self.early = self.plain  # before HELO
        if client.confirmed:
            self.early = f"{client.name} {self.plain}"
        self.later = self.early  # after HELO
        if client.helo != client.name or not client.confirmed:
            name = client.name + " " if client.confirmed else ""
            self.later = f"{name}({client.helo}) {self.plain}"
        if self.verbose:
            self.say(f"SMTP connection from {self.plain} (TCP/IP connection count = 3)")
        if not client.name:
            self.say(f"no host name found for IP address {client.address}")
        elif not client.confirmed:
            self.say(f"no IP address found for host {client.name} (during SMTP connection from "
                     f"{self.plain})")
        if visit.early:
            self.pass_time(0.1)
            self.say("SMTP protocol synchronization error (input sent without waiting for "
                     f"greeting): rejected connection from H={self.early} "
                     f"input=\"EHLO {client.helo}\\r\\n\"")
            return
        self.who, self.said = self.early, []
        if visit.hello:
            self.pass_time()
            self.who, self.said = self.later, ["EHLO"]
        self.closed = False
        for step in visit.steps:
            self.pass_time()
            getattr(self, type(step).__name__.lower())(step)
            if self.closed:
                return
        self.pass_time(0.3)
        self.finish(visit)

    def finish(self, visit):
        seconds = f"D={int(self.now - self.start)}s"
        if visit.end == "timeout":
            self.now += 300
            self.say(f"SMTP command timeout on connection from {self.who}")
        elif visit.end == "drop":
            if self.verbose:
                self.say(f"SMTP connection from {self.who} lost {seconds}")
            else:
                self.say(f"unexpected disconnection while reading SMTP command from {self.who} "
                         f"{seconds}")
        elif visit.end == "dropped":
            self.say(f"SMTP call from {self.who} dropped: too many syntax or protocol errors "
                     "(last command was \"VRFY\", NULL)")
        elif self.verbose:
            self.say(f"SMTP connection from {self.who} closed by QUIT")
        if self.verbose and not any(isinstance(step, Mail) for step in visit.steps):
            said = self.said + (["QUIT"] if visit.end == "quit" else [])
            self.say(f"no MAIL in SMTP connection from {self.who} {seconds}" +
                     (f" C={','.join(said)}" if said else ""))

    def mail(self, mail):
        client = self.client
        why = {
            "relay": "relay not permitted", "unknown": "Unrouteable address",
            "greylist": "Greylisted, please try again later",
            "dnsbl": f"{client.address} is listed at {LIST}: Listed, see "
                     f"https://rbl.example/q?ip={client.address}",
            "no-ptr": "host lookup failed (failed to find host name from IP address)",
            "bad-ptr": f"host lookup failed ({client.address} does not match any IP address for "
                       f"{client.name or 'x.example'})",
            "dynamic": f"Dynamic address, use your provider ({client.name})",
            "sender-domain": "Sender verify failed", "sender-verify": "Sender verify failed",
            "helo": "You are not me", "full": "Mailbox is full", "access": "Sender blocked here",
        }
        for rcpt, outcome in mail.rcpts:
            if outcome in ("ok", "out"):
                continue
            self.pass_time(0.2)
            word = "temporarily rejected" if outcome in ("greylist", "full") else "rejected"
            if outcome == "sender-verify":
                self.say(f"H={self.who} sender verify fail for <{mail.sender}>: response to \"RCPT "
                         f"TO:<{mail.sender}>\" was: 550 5.1.1 User unknown")
            self.say(f"H={self.who} F=<{mail.sender}> {word} RCPT <{rcpt}>: {why[outcome]}")
        if mail.result:
            self.pass_time(0.5)
            self.text(mail)
        elif self.verbose:
            self.say(f"H={self.who} incomplete transaction (QUIT) from <{mail.sender}>")

    def text(self, mail):
        self.messages += 1
        message = (f"1{base62(3_000_000_000 + int(self.now), 5)}-{base62(self.messages, 6)}-"
                   f"{base62(self.messages * 7 % 3844, 2)}")
        why = {"no-message-id": "Unidentified messages are not acceptable here",
               "bad-message-id": "Message-ID must be an addr-spec",
               "spam": "This message scored 12.3 spam points"}.get(mail.result)
        if why:
            self.say(f"{message} H={self.who} F=<{mail.sender}> rejected after DATA: {why}")
            return
        out = any(outcome == "out" for _, outcome in mail.rcpts)
        login = f"P=esmtpsa X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=no " \
                f"A=plain_server:{self.user}" if out else (
                    "P=esmtps X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=no"
                    if self.visit.tls else "P=esmtp")
        sender = mail.sender or "<>"
        more = f" T=\"hello\" for {' '.join(mail.accepted)}" * self.verbose
        self.say(f"{message} <= {sender} H={self.who} {login} S={mail.size} "
                 f"id={self.message_id(mail)}{more}")
        for rcpt in mail.accepted:
            domain = rcpt.rpartition("@")[2]
            if domain == BACKED_UP or rcpt not in self.world.local:
                self.say(f"{message} => {rcpt} R=dnslookup T=remote_smtp H=mx.{domain} "
                         f"[203.0.113.{1 + self.number % 250}] C=\"250 2.0.0 Ok: queued as 4XyZ\"",
                         0.8)
            else:
                self.say(f"{message} => {rcpt.split('@')[0]} <{rcpt}> R=local_user T=mail_spool",
                         0.3)
        self.say(f"{message} Completed", 0.9)

    def auth(self, auth):
        self.said.append("AUTH")
        self.user = auth.user
        if not auth.works:
            self.pass_time()
            self.say(f"login_server authenticator failed for {self.who}: 535 Incorrect "
                     f"authentication data (set_id={auth.user})")

    def vrfy(self, vrfy):
        self.said.append("VRFY")
        self.say(f"H={self.who} rejected VRFY {vrfy.user}")

    def noise(self, noise):
        words = {"http": "GET / HTTP/1.1", "binary": "\\003??/*\\340?????",
                 "tls": "\\026\\003\\001", "junk": "XYZZY"}[noise.kind]
        if noise.kind == "http":
            self.say("SMTP protocol synchronization error (next input sent too soon: pipelining "
                     f"was not advertised): rejected \"{words}\" H={self.who} next input=\"Host: "
                     "x\\r\\nUser-Agent: zgrab/0.x\\r\\n\\r\\n\"")
        else:
            self.say(f"SMTP call from {self.who} dropped: too many unrecognized commands (last was "
                     f"\"{words}\")")
        self.closed = True


class Sendmail(Server):
    stamps = {"syslog": stamp_syslog, "iso": stamp_iso}

    def __init__(self, world, detail):
        super().__init__(world, detail)
        self.verbose = detail == "verbose"
        self.queued = 0

    def queue_id(self):
        self.queued += 1
        t = time.gmtime(self.now)
        return (BASE62[t[0] % 60] + BASE62[t[1] - 1] + BASE62[t[2]] + BASE62[t[3]] + BASE62[t[4]] +
                BASE62[t[5]] + base62(self.queued % 3844, 2) + "%06d" % self.pid)

    def before(self):
        return f"sm-mta[{self.pid}]: {self.current}: "

    def write(self, visit):
        client = self.client
        self.pid = 2000 + self.number % 30000
        address = f"IPv6:{client.address}" if ":" in client.address else client.address
        self.who = f"[{address}]"
        if client.name:
            self.who = f"{client.name} [{address}]" + (
                "" if client.confirmed else " (may be forged)")
        self.daemon = "MSA" if visit.port == 587 else "MTA"
        self.current = self.queue_id()
        if self.verbose:
            self.say(f"sm-mta[{self.pid}]: NOQUEUE: connect from {self.who}")
        self.ip = address
        if visit.early:
            self.pregreeting()
            return
        if visit.tls:
            self.say(f"sm-mta[{self.pid}]: STARTTLS=server, relay={self.who}, version=TLSv1.3, "
                     "verify=NOT, cipher=TLS_AES_256_GCM_SHA384, bits=256/256")
        issued, self.closed = False, False
        for step in visit.steps:
            self.pass_time()
            getattr(self, type(step).__name__.lower())(step)
            issued = issued or isinstance(step, (Mail, Vrfy))
            if self.closed:
                return
        self.pass_time(0.3)
        if visit.end == "timeout":
            self.now += 300
            self.say(f"{self.before()}timeout waiting for input from {self.who} during server cmd "
                     "read")
        if not issued:
            self.say(f"{self.before()}{self.who} did not issue MAIL/EXPN/VRFY/ETRN during "
                     f"connection to {self.daemon}")

    def pregreeting(self):
        self.say(f"{self.before()}rejecting commands from {self.client.name or f'[{self.ip}]'} "
                 f"[{self.ip}] due to pre-greeting traffic after 0 seconds")

    def denied(self):
        if not self.client.name:
            return f"IP name lookup failed {self.who}"
        if not self.client.confirmed:
            return f"IP name possibly forged [{self.client.address}]"
        return "Proper authentication required."

    def reply(self, outcome, sender, rcpt):
        address = self.client.address
        return {
            "relay": f"550 5.7.1 <{rcpt}>... Relaying denied. {self.denied()}",
            "greylist": f"450 4.7.1 <{rcpt}>... Greylisted, please try again later",
            "dnsbl": f"554 5.7.1 Rejected {address} found in {LIST}",
            "no-ptr": f"451 4.1.8 Client IP address {address} does not resolve",
            "bad-ptr": f"451 4.1.8 Possibly forged hostname for {address}",
            "dynamic": "554 5.7.1 Dynamic address, use your provider",
            "sender-domain": f"553 5.1.8 <{rcpt}>... Domain of sender address {sender} does not "
                             "exist",
            "sender-verify": f"553 5.1.8 <{rcpt}>... Domain of sender address {sender} does not "
                             "exist",
            "helo": f"550 5.7.1 <{rcpt}>... You are not me",
            "full": f"452 4.2.2 <{rcpt}>... Mailbox is full",
            "access": f"550 5.7.1 <{rcpt}>... Sender blocked here",
        }[outcome]

    def mail(self, mail):
        before = self.before()
        for rcpt, outcome in mail.rcpts:
            if outcome in ("ok", "out"):
                continue
            self.pass_time(0.2)
            if outcome == "unknown":
                self.say(f"{before}<{rcpt}>... User unknown")
            else:
                self.say(f"{before}ruleset=check_rcpt, arg1=<{rcpt}>, relay={self.who}, "
                         f"reject={self.reply(outcome, mail.sender, rcpt)}")
        self.pass_time(0.4)
        if mail.result is None:
            if self.visit.end == "drop":
                self.say(f"{before}lost input channel from {self.who} to {self.daemon} after rcpt")
            self.say(f"{before}from=<{mail.sender}>, size=0, class=0, nrcpts={len(mail.accepted)}, "
                     f"proto=ESMTP, daemon={self.daemon}, relay={self.who}")
        else:
            self.text(mail, before)
        self.current = self.queue_id()

    def text(self, mail, before):
        queue_id = before.split(": ")[1]
        why = {"no-message-id": "Unidentified messages are not acceptable here",
               "bad-message-id": "Message-ID must be an addr-spec",
               "spam": "Spam message rejected"}.get(mail.result)
        message_id = f"<{self.message_id(mail)}>"
        if mail.result == "no-message-id":
            message_id = f"<202602030405.{queue_id}@{SERVER_NAME}>"
            self.say(f"{before}ruleset=check_eoh, arg1=4, arg2=104, relay={self.who}, reject=553 "
                     f"5.0.0 {why}")
        elif mail.result == "bad-message-id":
            message_id = f"<{self.number}>"
            self.say(f"{before}ruleset=CheckMessageId, arg1=<{self.number}>, relay={self.who}, "
                     f"reject=553 5.0.0 {why}")
        self.say(f"{before}from=<{mail.sender}>, size={mail.size}, class=0, "
                 f"nrcpts={len(mail.accepted)}, msgid={message_id}, proto="
                 f"{'ESMTPS' if self.visit.tls else 'ESMTP'}, daemon={self.daemon}, "
                 f"relay={self.who}")
        if mail.result == "spam":
            self.say(f"{before}Milter: data, reject=554 5.7.1 {why}")
        if why:
            self.say(f"{before}to=<{mail.accepted[0]}>, delay=00:00:00, pri=30705, stat={why}")
            return
        queue = f"sm-mta[{1000 + self.number % 900}]: {queue_id}: "
        for rcpt in mail.accepted:
            domain = rcpt.rpartition("@")[2]
            if domain == BACKED_UP or rcpt not in self.world.local:
                self.say(f"{queue}to=<{rcpt}>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, "
                         f"pri=60348, relay=mx.{domain}. [203.0.113.{1 + self.number % 250}], "
                         "dsn=2.0.0, stat=Sent (Ok: queued as 4XyZ)", 0.8)
            else:
                self.say(f"{queue}to=<{rcpt}>, delay=00:00:01, xdelay=00:00:01, mailer=local, "
                         "pri=30986, dsn=2.0.0, stat=Sent", 0.3)

    def auth(self, auth):
        if not auth.works:
            self.pass_time()
            self.say(f"{self.before()}AUTH failure (LOGIN): user not found (-20) SASL(-13): user "
                     f"not found: checkpass failed, user={auth.user}, relay={self.who}")
        elif self.verbose:
            self.say(f"sm-mta[{self.pid}]: AUTH=server, relay={self.who}, authid={auth.user}, "
                     "mech=PLAIN, bits=0")

    def vrfy(self, vrfy):
        self.say(f"{self.before()}{self.who}: VRFY {vrfy.user} [rejected]")

    def noise(self, noise):
        if noise.kind == "http":
            self.say(f"{self.before()}{self.who}: probable open proxy: command=GET / "
                     "HTTP/1.1\\r\\n")
        else:  # such clients do not wait for the greeting
            self.pregreeting()
        self.closed = True


SERVERS = {"postfix": Postfix, "exim": Exim, "sendmail": Sendmail}
