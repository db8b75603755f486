-- report: traffic
-- title: Traffic
-- about: Messages received and delivered, deferred, bounced and refused, hour by hour,
-- about: as pflogsumm counts them: received by message, the others by recipient.
-- about: Hours in which far more was refused than is usual (for the hour of the day,
-- about: where the logs cover three days or more) are marked.
-- needs: slots sessions roles
-- option: by = hour of hour day week month; how long a row is
-- example: mxwatch report traffic --by day /var/log/mail.log*

-- table: hourly
-- title: Traffic by time
-- empty: no mail
-- column: hour period "time" when the hour (or day, week, month) began
-- column: received count messages taken in
-- column: delivered count recipients delivered to
-- column: deferred count deliveries put off
-- column: bounced count deliveries given up
-- column: rejected count refusals, as peers count them
-- column: spike flag "" far more refused than is usual
select start as hour, received, delivered, deferred, bounced, rejected, rejected_spike as spike
from hours
order by start;

-- table: totals
-- title: Totals
-- layout: list
-- column: received count messages taken in
-- column: delivered count recipients delivered to
-- column: forwarded count deliveries that were forwarded
-- column: deferred count deliveries put off
-- column: bounced count deliveries given up
-- column: rejected count refusals
-- column: held count messages put on hold
-- column: discarded count messages thrown away
-- column: warnings count "reject warnings" refusals that only warned
-- column: bytes_received bytes "bytes received" size of messages taken in
-- column: bytes_delivered bytes "bytes delivered" size of deliveries
-- column: senders count distinct senders of messages taken in
-- column: recipients count distinct recipients delivered to
select received, delivered, forwarded, deferred, bounced, rejected, held, discarded, warnings,
       bytes_received, bytes_delivered, senders, recipients
from totals;
