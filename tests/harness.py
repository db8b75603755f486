"""Runs mxwatch as a user does. Every test in Python builds on this.

MXWATCH names the program, MXWATCH_DATA the folder of real logs (tests/data).
"""
import json
import os
import subprocess
import tempfile
import unittest

MXWATCH = os.environ.get("MXWATCH", "mxwatch")
DATA = os.environ.get("MXWATCH_DATA", os.path.join(os.path.dirname(__file__), "data"))
TIMEOUT_S = 300


def run(*arguments, status=0, stdin=None, env=None, binary=False):
    """Runs mxwatch; returns (standard output, standard error)."""
    environment = dict(os.environ, TZ="UTC", HOME="/nonexistent", XDG_CONFIG_HOME="/nonexistent",
                       LC_ALL="C.UTF-8")
    environment.update(env or {})
    done = subprocess.run([MXWATCH, *map(str, arguments)], input=stdin, capture_output=True,
                          env=environment, timeout=TIMEOUT_S, check=False)
    output = done.stdout if binary else done.stdout.decode("utf-8", "replace")
    complaint = done.stderr.decode("utf-8", "replace")
    if status is not None and done.returncode != status:
        raise AssertionError(f"mxwatch {' '.join(map(str, arguments))}: status {done.returncode}, "
                             f"not {status}\n{complaint}\n{str(output)[:2000]}")
    return output, complaint


def report(name, *arguments, **options):
    """The report as JSON."""
    output, _ = run("report", name, "--format", "json", *arguments, **options)
    return json.loads(output)


def tables(name, *arguments, **options):
    """The report's tables: {table: [{column: value}]}."""
    return report(name, *arguments, **options)["tables"]


def sql(query, *arguments, **options):
    """The rows of a query."""
    output, _ = run("sql", "--format", "json", *arguments, query, **options)
    return json.loads(output)


def data(*parts):
    return os.path.join(DATA, *parts)


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    maxDiff = 4000

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mxwatch-test-")
        self.folder = self._folder.name
        self.store = self.path("store.db")

    def tearDown(self):
        self._folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path


main = unittest.main
