-- report: connections
-- title: Connections
-- about: SMTP connections, booked on the hour in which they end, and how long they lasted.
-- about: Marked are hours with far more connections than usual, or in which connections held
-- about: the server far longer. Clients are added up under the domain that their confirmed name
-- about: was registered in; clients without a confirmed name stand under their address.
-- needs: slots sessions
-- option: by = hour of hour day week month; how long a row is
-- option: by-address = no; clients by address alone
-- option: top = 20; rows of the table of clients
-- example: mxwatch report connections --top 50 /var/log/mail.log

-- table: hourly
-- title: Connections by time
-- about: Times and peaks are those of connections whose begin and end the log shows.
-- empty: no connections
-- column: hour period "time" when the hour (or day, week, month) began
-- column: connections count connections that ended
-- column: spike flag "" far more than is usual
-- column: seconds seconds "time conn." how long they lasted together
-- column: avg_seconds short "avg./conn." mean length
-- column: max_seconds short "max. time" longest
-- column: peak_concurrent count "peak" most at one moment
select start as hour, connections, connections_spike as spike, seconds, avg_seconds, max_seconds,
       peak_concurrent
from hours
where connections > 0
order by start;

-- table: clients
-- title: Clients by connections
-- empty: no connections
-- column: connections count connections
-- column: seconds seconds "time conn." how long they lasted together
-- column: avg_seconds short "avg./conn." mean length
-- column: max_seconds short "max. time" longest
-- column: client client "host/domain" the domain, or the address
-- column: name text the host's name; the domain where there are several hosts
-- column: addresses count client addresses
select connections, seconds, avg_seconds, max_seconds, client, name, addresses
from connection_clients
order by connections desc, seconds desc, address, client
limit :top;
