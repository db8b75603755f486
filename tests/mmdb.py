"""Writes small MMDB files (MaxMind's format, version 2.0) for tests."""
import ipaddress
import struct

MARKER = b"\xab\xcd\xefMaxMind.com"
TYPE_TEXT, TYPE_U16, TYPE_U32, TYPE_MAP, TYPE_U64, TYPE_ARRAY = 2, 5, 6, 7, 9, 11


def head(kind, size):
    if size >= 29:
        extra, size = bytes([size - 29]), 29
    else:
        extra = b""
    if kind > 7:
        return bytes([size, kind - 7]) + extra
    return bytes([kind << 5 | size]) + extra


def number(kind, value):
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return head(kind, len(data)) + data


def encode(value):
    if isinstance(value, dict):
        return head(TYPE_MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return head(TYPE_ARRAY, len(value)) + b"".join(map(encode, value))
    if isinstance(value, int):
        return number(TYPE_U32, value)
    data = value.encode("utf-8")
    return head(TYPE_TEXT, len(data)) + data


def insert(root, bits, leaf):
    node = root
    for bit in bits[:-1]:
        if not isinstance(node[bit], list):
            node[bit] = [None, None]
        node = node[bit]
    node[bits[-1]] = leaf


def build(networks, ip_version=6):
    """The file's bytes. NETWORKS: {"192.0.2.0/24": {…}}, no network within another."""
    root, data = [None, None], b""
    for text, value in networks.items():
        network = ipaddress.ip_network(text)
        bits = [int(bit) for bit in f"{int(network.network_address):0{network.max_prefixlen}b}"]
        bits = bits[:network.prefixlen]
        if ip_version == 6 and network.version == 4:
            bits = [0] * 96 + bits
        insert(root, bits, len(data))
        data += encode(value)
    nodes = [root]
    for node in nodes:
        nodes.extend(child for child in node if isinstance(child, list))
    places = {id(node): number for number, node in enumerate(nodes)}

    def record(child):
        if child is None:
            return len(nodes)
        if isinstance(child, list):
            return places[id(child)]
        return len(nodes) + 16 + child

    tree = b"".join(struct.pack(">I", record(child))[1:] for node in nodes for child in node)
    metadata = {"binary_format_major_version": 2, "binary_format_minor_version": 0,
                "build_epoch": 1700000000, "database_type": "test", "description": {},
                "ip_version": ip_version, "languages": [], "node_count": len(nodes),
                "record_size": 24}
    kinds = {"binary_format_major_version": TYPE_U16, "binary_format_minor_version": TYPE_U16,
             "build_epoch": TYPE_U64, "ip_version": TYPE_U16, "node_count": TYPE_U32,
             "record_size": TYPE_U16}
    written = head(TYPE_MAP, len(metadata)) + b"".join(
        encode(key) + (number(kinds[key], value) if key in kinds else encode(value))
        for key, value in metadata.items())
    return tree + bytes(16) + data + MARKER + written
