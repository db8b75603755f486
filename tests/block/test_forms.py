"""Every form is taken by its owner's tool: IPv4, IPv6, networks, hostile sentences, no warning."""
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tools import ask, blocked, environment, find, main, namespace, sample  # noqa: E402

# What the sample plan covers, and what lies beside it.
LISTED = {"192.0.2.1": 0x2a, "192.0.2.3": 0x2c, "192.0.2.7": 0x30, "192.0.2.9": 0x32,
          "192.0.2.64": 0x33, "192.0.2.127": 0x33, "198.51.100.255": 0x34, "203.0.113.7": 0x35,
          "2001:db8::7": 0x36, "2001:db8:0:1:ffff::1": 0x37, "2001:db8:0:7::9": 0x38,
          "2001:db8:1:2:3:4:5:6": 0x39}
NOT_LISTED = ("192.0.2.0", "192.0.2.10", "192.0.2.128", "198.51.101.0", "203.0.113.8",
              "2001:db8::8", "2001:db8:0:2::1", "2001:db8:0:8::", "2001:db8:2::1")


class Form(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mxwatch-test-")
        self.folder = self._folder.name
        os.chmod(self.folder, 0o755)

    def tearDown(self):
        self._folder.cleanup()

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("ascii"))
        return path

    def check_answers(self, answer):
        for address, number in LISTED.items():
            with self.subTest(address=address):
                self.assertIn(f"e={number:08x} ", answer(address) + " ")
        for address in NOT_LISTED:
            with self.subTest(address=address):
                self.assertEqual(answer(address), "")


class Nft(Form):
    def test_check(self):
        path = self.write("f.nft", sample("nft"))
        self.assertEqual(ask(*namespace(), find("nft"), "-c", "-f", path), ("", ""))

    def test_loaded_twice(self):
        path = self.write("f.nft", sample("nft"))
        nft = find("nft")
        output, complaint = ask(*namespace(), "sh", "-c",
                                f"{nft} -f {path} && {nft} -f {path} && {nft} list ruleset")
        self.assertEqual(complaint, "")
        for number in LISTED.values():
            self.assertEqual(output.count(f'comment "e={number:08x} '), 1)
        self.assertEqual(output.count("timeout 1h"), len(blocked("plain")))
        self.assertEqual(output.count("chain "), 1)

    def test_packets_are_dropped(self):
        """A hash set with a mask in the rule stops what lies in the network, and nothing else."""
        nft, ip = find("nft"), find("ip")
        rules = sample("nft").decode().replace("198.51.100.0", "127.3.3.0")
        path = self.write("f.nft", rules)
        script = ("import socket\n"
                  "server = socket.create_server(('0.0.0.0', 2525))\n"
                  "for source in ('127.3.3.9', '127.3.4.9'):\n"
                  "    try:\n"
                  "        socket.create_connection(('127.0.0.1', 2525), 1, (source, 0)).close()\n"
                  "        print(source, 'let in')\n"
                  "    except TimeoutError:\n"
                  "        print(source, 'stopped')\n")
        path = self.write("f.nft", rules.replace("25, 465, 587", "2525"))
        output, _ = ask(*namespace(), "sh", "-c", f"{ip} link set lo up && {nft} -f {path} && "
                        f"{sys.executable} -c \"{script}\"")
        self.assertEqual(output.split("\n")[:2], ["127.3.3.9 stopped", "127.3.4.9 let in"])


class Route(Form):
    def test_batch(self):
        ip = find("ip")
        path = self.write("routes", sample("route"))
        output, complaint = ask(*namespace(), "sh", "-c",
                                f"{ip} link set lo up; {ip} -batch {path} && {ip} -batch {path} && "
                                f"{ip} route show proto 250 && {ip} -6 route show proto 250")
        self.assertEqual(complaint, "")
        routes = [line.split()[1] for line in output.splitlines()]
        self.assertEqual(sorted(routes), sorted(line.split("\t")[0] for line in blocked("plain")))


class Postfix(Form):
    def look_up(self, table):
        """What the table says of all addresses, asked at once."""
        self.write("main.cf", "compatibility_level = 3.6\nmail_owner = daemon\n"
                   "setgid_group = mail\nmyhostname = mx.test\n")
        output, complaint = ask(find("postmap"), "-c", self.folder, "-q", "-", f"cidr:{table}",
                                stdin="".join(f"{a}\n" for a in (*LISTED, *NOT_LISTED)))
        self.assertEqual(complaint, "")
        return dict(line.split("\t", 1) for line in output.splitlines())

    def test_smtpd(self):
        answers = self.look_up(self.write("smtpd.cidr", sample("postfix")))
        self.check_answers(lambda address: answers.get(address, ""))
        for answer in answers.values():
            self.assertTrue(answer.startswith("REJECT e="))

    def test_postscreen(self):
        answers = self.look_up(self.write("postscreen.cidr", sample("postscreen")))
        self.assertEqual(answers, {address: "reject" for address in LISTED})


class Exim(Form):
    def test_lookup(self):
        exim = find("exim4")
        file = self.write("hosts", sample("exim"))
        config = self.write("exim.conf", "keep_environment =\nadd_environment =\nprimary_hostname = mx.test\n")

        def answer(address):
            output, complaint = ask(exim, "-C", config, "-be",
                                    "${lookup{%s}iplsearch{%s}}" % (address, file))
            self.assertEqual(complaint, "")
            return output.strip()

        self.check_answers(answer)
        self.assertIn("100% of %s %n %m $1 $ $$ ${HOME} $(id)", answer("192.0.2.3"))

    def test_connection(self):
        """As an ACL would ask, with the reason as the reply."""
        exim = find("exim4")
        file = self.write("hosts", sample("exim"))
        config = self.write("exim.conf", f"""keep_environment =
add_environment =
primary_hostname = mx.test
acl_smtp_connect = gate
begin acl
gate:
  deny hosts = net-iplsearch;{file}
       message = ${{lookup{{$sender_host_address}}iplsearch{{{file}}}}}
  accept
""")
        for address, number in (("192.0.2.100", 0x33), ("2001:db8:0:1::5", 0x37)):
            output, _ = ask(exim, "-C", config, "-bh", address, stdin="QUIT\r\n", status=None)
            self.assertRegex(output, f"550[ -]e={number:08x} ")
        output, _ = ask(exim, "-C", config, "-bh", "192.0.2.200", stdin="QUIT\r\n", status=None)
        self.assertIn("220 ", output)


class Sendmail(Form):
    @staticmethod
    def about_lines(complaint):
        """Without what makemap says of the folders above the test's own."""
        return [line for line in complaint.splitlines() if "writable directory" not in line]

    def test_makemap(self):
        makemap = find("makemap")
        config = self.write("stub.cf", "V10/Berkeley\n")
        text = sample("sendmail").decode("ascii")
        _, complaint = ask(makemap, "-C", config, "hash", os.path.join(self.folder, "access.db"),
                           stdin=text)
        self.assertEqual(self.about_lines(complaint), [])
        output, complaint = ask(makemap, "-C", config, "-u", "hash",
                                os.path.join(self.folder, "access.db"))
        self.assertEqual(self.about_lines(complaint), [])
        self.assertEqual(sorted(output.lower().splitlines()),
                         sorted(line.lower() for line in blocked("sendmail")))

    def test_every_address_is_spelled_out(self):
        keys = dict(line.split("\t") for line in blocked("sendmail"))
        for address, number in LISTED.items():
            packed = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET,
                                      address)
            if ":" in address:
                parts = [f"{packed[i] << 8 | packed[i + 1]:x}" for i in range(0, 16, 2)]
                full = ["Connect:IPv6:" + ":".join(parts[:n]) for n in range(8, 0, -1)]
            else:
                parts = [str(byte) for byte in packed]
                full = ["Connect:" + ".".join(parts[:n]) for n in range(4, 0, -1)]
            found = [keys[key] for key in full if key in keys]
            self.assertTrue(found and f"e={number:08x} " in found[0] + " ", address)
        self.assertNotIn("Connect:192.0.2.128", keys)
        for value in keys.values():
            self.assertRegex(value, r"^ERROR:5\.7\.1:550 e=[0-9a-f]{8} [-A-Za-z0-9 .=/+_?]*$")


class Rbldnsd(Form):
    def setUp(self):
        super().setUp()
        self.rbldnsd = find("rbldnsd")
        self.write("list", sample("rbldnsd"))
        self.user = ["-u", "nobody"] if os.geteuid() == 0 else []

    def test_offline(self):
        _, complaint = ask(self.rbldnsd, "-n", "-d", *self.user, "-w", self.folder,
                           "bl.test:combined:list")
        self.assertEqual(complaint, "")

    def test_answers(self):
        dig = find("dig")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen([self.rbldnsd, "-n", *self.user, "-w", self.folder, "-b",
                                   f"127.0.0.1/{port}", "bl.test:combined:list"],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env=environment())

        def look_up(address, kind):
            if ":" in address:
                digits = socket.inet_pton(socket.AF_INET6, address).hex()
                name = ".".join(reversed(digits))
            else:
                name = ".".join(reversed(address.split(".")))
            output, _ = ask(dig, "@127.0.0.1", "-p", port, "+short", "+tries=1", "+time=2",
                            f"{name}.bl.test", kind)
            return output.strip()

        try:
            for _ in range(50):
                if "timed out" not in ask(dig, "@127.0.0.1", "-p", port, "+tries=1", "+time=1",
                                          "bl.test", "SOA", status=None)[0]:
                    break
                time.sleep(0.1)
            self.check_answers(lambda address: look_up(address, "TXT"))
            for address in LISTED:
                self.assertEqual(look_up(address, "A"), "127.0.0.2")
            self.assertIn("$1 $ $$ ${HOME}", look_up("192.0.2.3", "TXT"))
            self.assertIn("https://mx.test/why?ip=192.0.2.3", look_up("192.0.2.3", "TXT"))
            # RFC 5782, section 5.
            for address, found in (("127.0.0.2", "127.0.0.2"), ("127.0.0.1", ""),
                                   ("::ffff:127.0.0.2", "127.0.0.2"), ("::ffff:127.0.0.1", "")):
                self.assertEqual(look_up(address, "A"), found)
        finally:
            server.terminate()
            server.communicate()


class Json(Form):
    def test_it_is_json(self):
        import json
        for block, line in zip(json.loads(sample("json")), blocked("postfix")):
            self.assertEqual(set(block), {"client", "id", "pattern", "because", "ttl_seconds",
                                          "evidence"})
            self.assertIn(block["id"], line)


if __name__ == "__main__":
    main()
