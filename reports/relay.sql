-- report: relay
-- title: Attempts to relay
-- about: Recipients refused because neither they nor the client are ours: who tried to use
-- about: this server as an open relay, with which senders, to which recipients, and what
-- about: they repeat. A client that gave up ended its session at the first denial.
-- needs: sessions attempts roles pairs
-- option: top = 20; rows of the long tables
-- option: local = what the server delivers to; our own domains
-- example: mxwatch report relay --format json /var/log/mail.log

-- table: summary
-- title: In sum
-- layout: list
-- column: attempts count recipients refused
-- column: clients count client addresses
-- column: clients_once count "clients that tried once" clients with a single attempt
-- column: sessions count sessions with an attempt
-- column: senders count distinct senders
-- column: recipients count distinct recipients
-- column: pairs count "pairs of sender and recipient" distinct pairs
-- column: repeated_pairs count "pairs tried more than once" pairs with several attempts
-- column: triples count "triples of client, sender and recipient" distinct triples
-- column: null_sender_attempts count "attempts with the null sender" sender <>
-- column: gave_up_sessions count "sessions given up at the first denial" ended by the client
select attempts, clients, clients_once, sessions, senders, recipients, pairs, repeated_pairs,
       triples, null_sender_attempts, gave_up_sessions
from relay_summary;

-- table: clients
-- title: Clients
-- empty: no attempts to relay
-- column: client client address
-- column: attempts count recipients refused
-- column: sessions count sessions with an attempt
-- column: senders count distinct senders
-- column: recipients count distinct recipients
-- column: first time first attempt
-- column: last time last attempt
-- column: name text name that the server knew
select client, attempts, sessions, senders, recipients, first, last, name
from relay_clients
order by attempts desc, address
limit :top;

-- table: recipient_domains
-- title: Domains of recipients
-- empty: no attempts to relay
-- column: recipients count distinct recipients
-- column: attempts count attempts
-- column: domain domain domain of the recipients
select recipients, attempts, domain
from relay_recipient_domains
order by recipients desc, attempts desc, domain
limit :top;

-- table: sender_domains
-- title: Domains of senders
-- empty: no attempts to relay
-- column: senders count distinct senders
-- column: attempts count attempts
-- column: domain domain domain of the senders
select senders, attempts, domain
from relay_sender_domains
order by senders desc, attempts desc, domain
limit :top;

-- table: repeated_pairs
-- title: Pairs that repeat
-- empty: none repeats
-- column: sender address sender
-- column: recipient address recipient
-- column: attempts count attempts
-- column: clients count client addresses
-- column: first time first attempt
-- column: last time last attempt
select sender, recipient, attempts, clients, first, last
from relay_repeated_pairs
order by attempts desc, clients desc, sender, recipient
limit :top;

-- table: repeated_senders
-- title: Senders that repeat
-- empty: none repeats
-- column: attempts count attempts
-- column: sender address sender
select attempts, sender
from relay_repeated_senders
order by attempts desc, sender
limit :top;

-- table: repeated_recipients
-- title: Recipients that repeat
-- empty: none repeats
-- column: attempts count attempts
-- column: recipient address recipient
select attempts, recipient
from relay_repeated_recipients
order by attempts desc, recipient
limit :top;

-- table: forged_local
-- title: Clients with senders of ours
-- about: Attempts whose sender was forged in one of our own domains.
-- empty: none
-- column: client client address
-- column: senders count distinct senders in our domains
-- column: recipients count distinct recipients
-- column: attempts count attempts with them
-- column: name text name that the server knew
select client, senders, recipients, attempts, name
from relay_forged_local
order by attempts desc, address
limit :top;
