-- report: messageid
-- title: Message-ID
-- about: Messages refused because their Message-ID header is missing or malformed.
-- needs: sessions attempts
-- option: top = 20; rows of the table of clients
-- example: mxwatch report messageid /var/log/maillog

-- table: summary
-- title: In sum
-- column: kind text missing or malformed
-- column: refusals count messages refused
-- column: clients count client addresses
select kind, refusals, clients
from message_ids
order by kind desc;

-- table: clients
-- title: Clients
-- empty: none was refused
-- column: kind text missing or malformed
-- column: refusals count messages refused
-- column: clients count always 1
-- column: client client address
-- column: first time first refusal for its Message-ID
-- column: last time last refusal for its Message-ID
-- column: name text name that the server knew
select kind, refusals, clients, client, first, last, name
from message_id_clients
order by refusals desc, address, kind desc
limit :top;
