-- What version 2 of a store adds: what is learnt beside the facts of logs.

-- Named bytes that must outlive facts (store/memory.c).
create table memory (
	name text primary key,
	raw_bytes integer not null,
	data blob not null
) strict, without rowid;

-- What the DNS and network tables said of an address. States: 0 unknown, 1 yes, 2 no, 3 failed.
create table enrichment (
	address blob primary key, -- 16 bytes, IPv4 mapped into IPv6
	name text not null, -- its PTR, empty if none
	ptr integer not null,
	confirmed integer not null,
	dynamic integer not null,
	asked integer not null, -- Unix time
	as_number integer not null,
	organisation text not null,
	country text not null,
	network text not null
) strict, without rowid;

-- What a DNS block list said of an address, and when.
create table listings (
	address blob not null,
	zone text not null,
	listed integer not null, -- 1 listed, 2 not, 3 failed
	asked integer not null,
	primary key (address, zone)
) strict, without rowid;

-- Who was blocked when, why, until when, and who took it back: never deleted by blocks.
create table block_trail (
	id integer primary key,
	evidence_id integer not null, -- "e=" in texts
	prefix text not null,
	form text not null,
	pattern text not null,
	because text not null,
	evidence text not null, -- JSON
	since integer not null, -- Unix time of the block
	until integer not null,
	by text not null, -- the user who ran it
	undone integer not null, -- Unix time; 0: it was not
	undone_by text not null
) strict;
create index block_trail_by_prefix on block_trail (prefix, since);
