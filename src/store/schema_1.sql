-- The tables of a store of version 1. Facts lie packed in segments (store/facts.c),
-- strings and clients in pieces (store/words.c).

-- Additive counts of a quarter of an hour; peak_concurrent and max_ms are maxima.
create table slots (
	start integer primary key, -- Unix time
	peak_concurrent integer not null,
	max_ms integer not null,
	sessions_exact integer not null,
	received integer not null,
	delivered integer not null,
	forwarded integer not null,
	deferred integer not null,
	bounced integer not null,
	rejected integer not null,
	bytes_received integer not null,
	bytes_delivered integer not null,
	connections integer not null,
	connected_ms integer not null,
	relay_attempts integer not null,
	probes integer not null,
	held integer not null,
	discarded integer not null,
	warnings integer not null
) strict;

create table segments (
	id integer primary key,
	part integer not null, -- 0 attempts, 1 sessions, 2 roles of strings
	rows integer not null,
	time_from integer not null,
	time_until integer not null, -- included
	data blob not null
) strict;
create index segments_by_time on segments (part, time_from, time_until);

create table string_pieces (
	id integer primary key, -- 0, 1, ...
	start integer not null, -- bytes of the pieces before
	raw_bytes integer not null,
	data blob not null
) strict;

create table client_pieces (
	id integer primary key, -- 0, 1, ...
	clients integer not null,
	data blob not null
) strict;

-- How far each log was read, and by what its content is known.
create table logs (
	number integer primary key,
	path text not null, -- when last read
	device integer not null,
	inode integer not null,
	head_len integer not null, -- 0: was not a file
	head_hash integer not null,
	offset integer not null,
	tail_hash integer not null,
	last_time integer not null
) strict;

-- Lines that became events, for telling them again in another log.
create table line_hashes (
	id integer primary key, -- log << 32 | hour
	log integer not null,
	hour integer not null, -- Unix time / 3600
	lines integer not null,
	data blob not null
) strict;
create index line_hashes_by_hour on line_hashes (hour, log);

-- Sessions that were open when the last line was read: one row.
create table open_sessions (
	id integer primary key check (id = 1),
	raw_bytes integer not null,
	data blob not null
) strict;

create table totals (
	id integer primary key check (id = 1),
	files integer not null,
	lines integer not null,
	bytes integer not null,
	other_programs integer not null,
	not_understood integer not null,
	first_time integer not null,
	last_time integer not null
) strict;
insert into totals values (1, 0, 0, 0, 0, 0, 0, 0);

create table samples (
	program text primary key,
	line blob not null,
	lines integer not null
) strict, without rowid;
