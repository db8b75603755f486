"""What strangers typed reaches neither a terminal nor a spreadsheet nor a script raw."""
import csv
import io
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Case, data, main, run  # noqa: E402

EVIL = [b"\x1b[31mred", b"\x1b]0;title\x07", b"=cmd|' /C calc'!A0", b"+1+1", b"@sum(1)",
        b"<script>alert(1)</script>", b"\xff\xfe\x80", b"\xc2\x9b31m", "\u202egnp.exe".encode(),
        b"a\x00b", b"\r\nfake: line", b"x" * 5000, b'"quote"', b"tab\there", b"%s%n%x", b"'; drop --"]


def lines():
    for n, evil in enumerate(EVIL):
        evil = evil.replace(b"\n", b"?").replace(b"\r", b"?")
        yield (b"2026-03-01T10:00:%02d+00:00 mx postfix/smtpd[%d]: NOQUEUE: reject: RCPT from "
               b"%s[10.0.0.%d]: 554 5.7.1 <%s@b.example>: Relay access denied; from=<%s@c.example> "
               b"to=<%s@b.example> proto=SMTP helo=<%s>\n" % (n, n + 1, evil[:100], n + 1, evil,
                                                              evil, evil, evil))
        yield (b"2026-03-01T10:01:%02d+00:00 mx postfix/smtpd[%d]: warning: unknown[10.0.1.%d]: "
               b"SASL LOGIN authentication failed: x, sasl_username=%s\n" % (n, n + 1, n + 1, evil))
        yield b"2026-03-01T10:02:%02d+00:00 mx postfix/smtpd[1]: %s strange line\n" % (n, evil)
        yield (b"2026-03-01 10:03:%02d H=(%s) [10.0.2.%d] F=<%s@c.example> rejected RCPT "
               b"<%s@b.example>: relay not permitted\n" % (n, evil[:200], n + 1, evil, evil))
        yield (b"Mar  1 10:04:%02d mx sm-mta[%d]: 621A4000%04d: ruleset=check_rcpt, arg1=<%s@b."
               b"example>, relay=[10.0.3.%d], reject=550 5.7.1 <%s@b.example>... Relaying denied\n"
               % (n, n + 100, n, evil, n + 1, evil))

        for client in ("10.1.4.%d", "10.2.4.%d", "10.3.4.%d"):  # one mail, and a family's boxes
            for box in range(3):
                yield (b"2026-03-01 10:05:%02d H=(x) [%s] F=<%s@c.example> rejected RCPT "
                       b"<%s%d@b.example>: relay not permitted\n"
                       % (n, (client % (n + 1)).encode(), evil, evil, box))


class Hostile(Case):
    def setUp(self):
        super().setUp()
        self.log = self.write("evil.log", b"".join(lines()))

    def assert_harmless(self, output):
        text = output.decode("utf-8")  # well-formed, or this fails
        for character in text:
            self.assertFalse(ord(character) < 32 and character != "\n", repr(character))
            self.assertFalse(127 <= ord(character) < 160, repr(character))
            self.assertNotIn(character, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
                                        "\u200e\u200f")

    REPORTS = ("overview", "relay", "refusals", "auth", "connections", "traffic", "retries",
               "messageid", "trend", "patterns", "families")

    def test_text(self):
        for name in self.REPORTS:
            output, complaint = run("report", name, "--top", "100", self.log, binary=True)
            self.assert_harmless(output)
            self.assert_harmless(complaint.encode())

    def test_json(self):
        for name in self.REPORTS:
            output, _ = run("report", name, "-f", "json", "--top", "100", self.log, binary=True)
            json.loads(output)
            self.assert_harmless(output)

    def test_csv(self):
        for name, table in (("relay", "repeated_pairs"), ("relay", "clients"), ("auth", "users"),
                            ("refusals", "sender_patterns"), ("relay", "recipient_domains"),
                            ("patterns", "pairs"), ("patterns", "findings"),
                            ("families", "families"), ("families", "boxes")):
            output, _ = run("report", name, "-f", "csv", "--table", table, "--top", "100", self.log)
            for row in csv.reader(io.StringIO(output)):
                for field in row:
                    self.assertFalse(field[:1] in ("=", "@", "\t", "\r") or
                                     (field[:1] in ("+", "-") and not field[1:2].isdigit()), field)

    def test_sql(self):
        for form in ("text", "json", "csv"):
            output, _ = run("sql", "--log", self.log, "-f", form, "select * from refusals",
                            binary=True)
            self.assert_harmless(output.replace(b"\r\n", b"\n"))

    def test_a_hostile_file_name(self):
        path = self.path("bad\x1b[31m\nname.log")
        _, complaint = run(path, status=3)
        self.assert_harmless(complaint.encode())

    def test_escapes_of_real_clients(self):
        for log in ("postfix-default/mail.log", "exim-verbose/mainlog", "sendmail-ll14/mail.log"):
            output, _ = run(data(*log.split("/")), binary=True)
            self.assert_harmless(output)


if __name__ == "__main__":
    main()
