"""The tools of those who read block lists: where they are, how they are asked.

Tools that exclude each other as packages are looked for where tools/unpack-mtas puts
them. A test whose tool is missing is skipped; a file of which all tests were skipped ends
with 77, meson's word for that.
"""
import os
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SAMPLE = os.environ.get("BLOCK_SAMPLE", "block_sample")
UNPACKED = subprocess.run([os.path.join(ROOT, "tools", "unpack-mtas"), "--where"],
                          capture_output=True, text=True, check=True).stdout.strip()
FOLDERS = ("postfix/usr/sbin", "sendmail-bin/usr/libexec/sendmail", "sendmail-bin/usr/sbin",
           "exim4-daemon-light/usr/sbin")
SYSTEM = "/usr/sbin:/sbin"


def environment():
    """With the libraries of what was unpacked."""
    libraries = [os.path.join(UNPACKED, "postfix/usr/lib/postfix")]
    if os.path.isdir(UNPACKED):
        libraries += [os.path.join(UNPACKED, name, "usr/lib", machine)
                      for name in sorted(os.listdir(UNPACKED))
                      for machine in ("x86_64-linux-gnu", "aarch64-linux-gnu")]
    return dict(os.environ, LD_LIBRARY_PATH=":".join(filter(os.path.isdir, libraries)),
                PATH=os.environ.get("PATH", "") + ":" + SYSTEM, LC_ALL="C.UTF-8", TZ="UTC")


def find(name):
    """The path of a tool; skips the test if there is none."""
    places = [os.path.join(UNPACKED, folder) for folder in FOLDERS]
    found = shutil.which(name, path=":".join(places)) or \
        shutil.which(name, path=os.environ.get("PATH", "") + ":" + SYSTEM)
    if not found:
        raise unittest.SkipTest(f"no '{name}' here; see tools/packages and tools/unpack-mtas")
    return found


def ask(*arguments, status=0, stdin=None, cwd=None):
    """Runs a tool; returns (standard output, standard error)."""
    done = subprocess.run([str(a) for a in arguments], input=stdin, capture_output=True, text=True,
                          env=environment(), cwd=cwd, timeout=120, check=False)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{arguments}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


def sample(form):
    """The sample plan in FORM."""
    return subprocess.run([SAMPLE, form], capture_output=True, check=True).stdout


def blocked(form):
    """Lines of the sample that are no comments, as text."""
    return [line for line in sample(form).decode("utf-8").splitlines()
            if line and not line.startswith("#")]


def namespace():
    """How to run something in a network of its own, as root in it."""
    unshare = find("unshare")
    for options in (["-n"], ["-rn"]):
        if subprocess.run([unshare, *options, "true"], capture_output=True,
                          check=False).returncode == 0:
            return [unshare, *options]
    raise unittest.SkipTest("no network namespaces for this user")


def main():
    program = unittest.main(module="__main__", exit=False, verbosity=1)
    result = program.result
    for _, why in result.skipped:
        print("skipped:", why, file=sys.stderr)
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun and len(result.skipped) == result.testsRun else 0)
