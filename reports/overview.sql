-- report: overview
-- title: Overview
-- about: The first screen: what came in, what was refused and why, who stands out.
-- about: Each table shows its most telling lines; the report it is taken from shows all.
-- needs: all
-- option: top = 10 always; rows of each table
-- option: by = auto of hour day week month; how long a row by time is
-- option: by-address = no; connections by address alone
-- option: gap = 5; seconds between two connections that make a retry
-- option: local = what the server delivers to; our own domains
-- example: mxwatch /var/log/mail.log

-- table: totals
-- title: Totals
-- layout: list
-- column: received count messages taken in
-- column: delivered count recipients delivered to
-- column: deferred count deliveries put off
-- column: bounced count deliveries given up
-- column: rejected count refusals
-- column: connections count connections
-- column: bytes_received bytes "bytes received" size of messages taken in
-- column: bytes_delivered bytes "bytes delivered" size of deliveries
-- column: senders count distinct senders
-- column: recipients count distinct recipients
select received, delivered, deferred, bounced, rejected, connections, bytes_received,
       bytes_delivered, senders, recipients
from totals;

-- table: traffic
-- title: Traffic and connections by time
-- empty: no events
-- column: hour period "time" when the hour (or day, week, month) began
-- column: received count messages taken in
-- column: delivered count recipients delivered to
-- column: deferred count deliveries put off
-- column: bounced count deliveries given up
-- column: rejected count refusals
-- column: spike flag "" far more refused than is usual
-- column: connections count "conn." connections
-- column: connections_spike flag "" far more than is usual
-- column: seconds seconds "time conn." how long they lasted together
-- column: peak_concurrent count "peak" most at one moment
select start as hour, received, delivered, deferred, bounced, rejected, rejected_spike as spike,
       connections, connections_spike, seconds, peak_concurrent
from hours
order by start;

-- table: reasons
-- title: Refusals by reason
-- empty: no refusals
-- column: reason text why it was refused
-- column: refusals count refusals
-- column: sessions count sessions that met it
-- column: clients count client addresses
-- column: share share of all refusals
select reason, refusals, sessions, clients, share
from refusal_reasons
order by refusals desc, reason
limit :top;

-- table: refused_clients
-- title: Clients most refused
-- empty: no refusals
-- column: client client address
-- column: reason text why it was refused
-- column: refusals count refusals
-- column: sessions count sessions that met it
-- column: name text name that the server knew
select client, reason, refusals, sessions, name
from refusal_clients
order by refusals desc, address, reason
limit :top;

-- table: sender_patterns
-- title: Patterns of refused senders
-- empty: none
-- column: pattern text how the senders begin
-- column: senders count distinct senders
-- column: refusals count refusals of them
-- column: clients count client addresses that used them
select pattern, senders, refusals, clients
from sender_patterns
order by senders desc, pattern
limit :top;

-- table: connections
-- title: Clients by connections
-- empty: no connections
-- column: connections count connections
-- column: seconds seconds "time conn." how long they lasted together
-- column: avg_seconds short "avg./conn." mean length
-- column: max_seconds short "max. time" longest
-- column: client client "host/domain" the domain, or the address
select connections, seconds, avg_seconds, max_seconds, client
from connection_clients
order by connections desc, seconds desc, address, client
limit :top;

-- table: relay
-- title: Attempts to relay
-- layout: list
-- column: attempts count "attempts to relay" recipients refused
-- column: clients count client addresses
-- column: clients_once count "clients that tried once" clients with a single attempt
-- column: senders count distinct senders
-- column: recipients count distinct recipients
-- column: repeated_pairs count "pairs of sender and recipient tried again" repeated pairs
-- column: null_sender_attempts count "attempts with the null sender" sender <>
-- column: gave_up_sessions count "sessions given up at the first denial" ended by the client
select attempts, clients, clients_once, senders, recipients, repeated_pairs,
       null_sender_attempts, gave_up_sessions
from relay_summary;

-- table: relay_clients
-- title: Clients that tried to relay
-- empty: none
-- column: client client address
-- column: attempts count recipients refused
-- column: sessions count sessions with an attempt
-- column: senders count distinct senders
-- column: recipients count distinct recipients
-- column: name text name that the server knew
select client, attempts, sessions, senders, recipients, name
from relay_clients
order by attempts desc, address
limit :top;

-- table: relay_domains
-- title: Domains they tried to reach
-- empty: none
-- column: recipients count distinct recipients
-- column: attempts count attempts
-- column: domain domain domain of the recipients
select recipients, attempts, domain
from relay_recipient_domains
order by recipients desc, attempts desc, domain
limit :top;

-- table: forged_local
-- title: Clients with senders of ours
-- empty: none
-- column: client client address
-- column: senders count distinct senders in our domains
-- column: recipients count distinct recipients
-- column: attempts count attempts with them
select client, senders, recipients, attempts
from relay_forged_local
order by attempts desc, address
limit :top;

-- table: retries
-- title: Refused clients that come back
-- empty: no client came back
-- column: class text "what" a reason, or all
-- column: clients count "clients" clients refused for it
-- column: tries_1 part(clients) "1 try" refused in one session
-- column: tries_2 part(clients) "2 tries" in two
-- column: tries_3 part(clients) "3 tries" in three
-- column: tries_4 part(clients) "4 tries" in four
-- column: tries_5_10 part(clients) "5-10 tries" in five to ten
-- column: tries_more part(clients) "more" in more
select class, clients, tries_1, tries_2, tries_3, tries_4, tries_5_10, tries_more
from retries
where kind <> 'reply'
order by kind, clients desc, class
limit :top;

-- table: auth
-- title: Failed logins
-- empty: no login failed
-- column: client client address
-- column: failures count logins that failed
-- column: sessions count sessions in which one did
-- column: name text name that the server knew
select client, failures, sessions, name
from auth_clients
order by failures desc, address
limit :top;

-- table: message_ids
-- title: Refused for their Message-ID
-- column: kind text missing or malformed
-- column: refusals count messages refused
-- column: clients count client addresses
select kind, refusals, clients
from message_ids
order by kind desc;

-- table: not_understood
-- title: Lines not understood
-- empty: none
-- column: program text who wrote them
-- column: lines count how many
-- column: sample text one of them
select program, lines, sample
from not_understood
order by lines desc, program
limit :top;
