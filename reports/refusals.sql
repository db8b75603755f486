-- report: refusals
-- title: Refusals
-- about: What was refused and why, by whom, and what refused senders have in common.
-- about: A pattern is a beginning that far more refused senders of a domain share than by chance.
-- needs: sessions attempts pairs
-- option: top = 20; rows of the long tables
-- example: mxwatch report refusals --top 5 /var/log/exim4/mainlog

-- table: reasons
-- title: Reasons
-- empty: no refusals
-- column: reason text why it was refused
-- column: refusals count refusals
-- column: sessions count sessions that met it
-- column: clients count client addresses
-- column: share share of all refusals
select reason, refusals, sessions, clients, share
from refusal_reasons
order by refusals desc, reason;

-- table: clients
-- title: Clients
-- empty: no refusals
-- column: client client address
-- column: reason text why it was refused
-- column: refusals count refusals
-- column: sessions count sessions that met it
-- column: first time first refusal
-- column: last time last refusal
-- column: name text name that the server knew
select client, reason, refusals, sessions, first, last, name
from refusal_clients
order by refusals desc, address, reason
limit :top;

-- table: sender_patterns
-- title: Patterns of senders
-- empty: none
-- column: pattern text how the senders begin
-- column: senders count distinct senders
-- column: refusals count refusals of them
-- column: clients count client addresses that used them
select pattern, senders, refusals, clients
from sender_patterns
order by senders desc, pattern
limit :top;
