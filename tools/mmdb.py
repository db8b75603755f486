#!/usr/bin/env python3
"""Writes MMDB files (MaxMind's format, version 2.0).

    tools/mmdb.py OUT CSV...

makes one of tables whose lines are "first address,last address,AS number,organisation", as the
package @ip-location-db/asn has them.
"""
import array
import csv
import ipaddress
import os
import struct
import sys

MARKER = b"\xab\xcd\xefMaxMind.com"
TEXT, U16, U32, MAP, U64, ARRAY = 2, 5, 6, 7, 9, 11
LONG_SIZE, LONGER_SIZE = 29, 285
SEPARATOR = 16  # zero bytes between tree and data
EMPTY = 0  # a child that is neither node nor data: the root is nobody's child
V4_BITS = 96  # where IPv4 begins in a tree of IPv6


def head(kind, size):
    """The control bytes of a value."""
    extra = b""
    if size >= LONGER_SIZE:
        size, extra = 30, struct.pack(">H", size - LONGER_SIZE)
    elif size >= LONG_SIZE:
        size, extra = 29, bytes([size - LONG_SIZE])
    if kind > MAP:
        return bytes([size, kind - MAP]) + extra
    return bytes([kind << 5 | size]) + extra


def number(kind, value):
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return head(kind, len(data)) + data


def encode(value):
    if isinstance(value, dict):
        return head(MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return head(ARRAY, len(value)) + b"".join(map(encode, value))
    if isinstance(value, int):
        return number(U32, value)
    data = value.encode("utf-8")
    return head(TEXT, len(data)) + data


class Writer:
    """A tree that grows by networks, none of which lies within another."""

    def __init__(self, ip_version=6):
        self.ip_version = ip_version
        self.children = array.array("q", [EMPTY, EMPTY])  # two a node; data: -1 - its offset
        self.data = bytearray()
        self.offsets = {}
        self.v4_root = self._descend(0, [0] * V4_BITS) if ip_version == 6 else 0

    def _descend(self, node, bits):
        """The node that BITS lead to from NODE, made if need be."""
        for bit in bits:
            place = 2 * node + bit
            if self.children[place] <= EMPTY:
                self.children[place] = len(self.children) // 2
                self.children.extend((EMPTY, EMPTY))
            node = self.children[place]
        return node

    def _offset(self, value):
        """Where VALUE lies in the data; equal ones once."""
        encoded = encode(value)
        if encoded not in self.offsets:
            self.offsets[encoded] = len(self.data)
            self.data += encoded
        return self.offsets[encoded]

    def add(self, version, address, length, value):
        """ADDRESS: a number; LENGTH: of the prefix, at least 1."""
        width = 32 if version == 4 else 128
        bits = [address >> (width - 1 - n) & 1 for n in range(length)]
        node = self._descend(self.v4_root if version == 4 else 0, bits[:-1])
        self.children[2 * node + bits[-1]] = -1 - self._offset(value)

    def add_range(self, version, first, last, value):
        """All addresses from FIRST to LAST, in as few networks as can be."""
        width = 32 if version == 4 else 128
        while first <= last:
            free = (first & -first).bit_length() - 1 if first else width
            free = min(free, (last - first + 1).bit_length() - 1, width - 1)
            self.add(version, first, width - free, value)
            first += 1 << free

    def _records(self):
        nodes = len(self.children) // 2
        for child in self.children:
            if child == EMPTY:
                yield nodes
            else:
                yield child if child > 0 else nodes + SEPARATOR - 1 - child

    def to_bytes(self, kind="mxwatch"):
        nodes = len(self.children) // 2
        small = nodes + SEPARATOR + len(self.data) < 1 << 24
        tree = b"".join(struct.pack(">I", record)[1 if small else 0:] for record in self._records())
        metadata = {"binary_format_major_version": (U16, 2), "binary_format_minor_version": (U16, 0),
                    "build_epoch": (U64, 1700000000), "database_type": kind, "description": {},
                    "ip_version": (U16, self.ip_version), "languages": [],
                    "node_count": (U32, nodes), "record_size": (U16, 24 if small else 32)}
        written = head(MAP, len(metadata)) + b"".join(
            encode(key) + (number(*value) if isinstance(value, tuple) else encode(value))
            for key, value in metadata.items())
        return tree + bytes(SEPARATOR) + bytes(self.data) + MARKER + written


def build(networks, ip_version=6):
    """The bytes of a file of NETWORKS: {"192.0.2.0/24": {…}}."""
    writer = Writer(ip_version)
    for text, value in networks.items():
        network = ipaddress.ip_network(text)
        writer.add(network.version, int(network.network_address), network.prefixlen, value)
    return writer.to_bytes()


def convert(out, tables):
    writer = Writer()
    for table in tables:
        with open(table, encoding="utf-8", newline="") as file:
            for first, last, system, organisation in csv.reader(file):
                begin = ipaddress.ip_address(first)
                writer.add_range(begin.version, int(begin), int(ipaddress.ip_address(last)),
                                 {"autonomous_system_number": int(system),
                                  "autonomous_system_organization": organisation})
    with open(out + ".new", "wb") as file:
        file.write(writer.to_bytes("ASN"))
    os.replace(out + ".new", out)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: tools/mmdb.py OUT CSV...")
    convert(sys.argv[1], sys.argv[2:])
