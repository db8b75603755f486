-- report: trend
-- title: Trend
-- about: Attempts to relay and what surrounds them, week by week, drawn as bars. On a
-- about: logarithmic scale small weeks stay visible beside great ones; 0 shows nothing.
-- needs: slots sessions
-- option: by = week of day week month; how long a row is
-- option: log; bars on a logarithmic scale
-- option: mark; DATE=TEXT: what happened then (may be given several times)
-- example: mxwatch report trend --by month --log --mark 2011-05-20=moved

-- table: counts
-- title: Counts by time
-- layout: picture attempts rejected connections
-- empty: no events
-- column: period period when the week (or day, month) began
-- column: attempts count attempts to relay
-- column: clients count client addresses that attempted
-- column: probes count sessions with an attempt
-- column: connections count connections
-- column: rejected count refusals of all kinds
select start as period, attempts, clients, probes, connections, rejected
from trend_periods
order by start;
