#!/usr/bin/env python3
"""Puts a text file into a C file as a string: embed_text.py OUT.c NAME FILE"""
import sys


def literal(line):
    """LINE, without its end, as a line of C."""
    escaped = "".join(
        {"\\": "\\\\", '"': '\\"', "\t": "\\t"}.get(c, c) for c in line)
    return '\t"%s\\n"\n' % escaped


def main():
    path, name, source = sys.argv[1:]
    with open(source, encoding="utf-8") as text, open(path, "w", encoding="utf-8") as out:
        out.write(f"extern const char {name}[];\nconst char {name}[] =\n")
        out.writelines(literal(line.rstrip("\n")) for line in text)
        out.write("\t;\n")


if __name__ == "__main__":
    main()
