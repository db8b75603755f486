-- report: retries
-- title: Retries
-- about: How often clients that were refused come back. Counted are the refused sessions of
-- about: clients that connected at least twice, at least --gap seconds apart; text shows
-- about: shares of the clients, JSON and CSV counts.
-- needs: sessions
-- option: gap = 5; seconds that two connections must be apart
-- option: resolve; ask DNS block lists about the clients, for the table by_list
-- example: mxwatch report retries --last 28d

-- table: persistence
-- title: Persistence by reason
-- empty: no client came back
-- column: class text "what" a reason, or all
-- column: clients count "different IPs" clients refused for it
-- column: tries_1 part(clients) "1 try" refused in one session
-- column: tries_2 part(clients) "2 tries" in two
-- column: tries_3 part(clients) "3 tries" in three
-- column: tries_4 part(clients) "4 tries" in four
-- column: tries_5_10 part(clients) "5-10 tries" in five to ten
-- column: tries_more part(clients) "more" in more
select class, clients, tries_1, tries_2, tries_3, tries_4, tries_5_10, tries_more
from retries
where kind <> 'reply'
order by kind, clients desc, class;

-- table: by_list
-- title: Persistence by DNS block list
-- about: Listed or not as of the look-up, not of the refusal.
-- empty: listings are not known; see --resolve, --dnsbl and 'mxwatch enrich'
-- column: class text "what" the list, or 'not' and the list
-- column: clients count "different IPs" clients
-- column: tries_1 part(clients) "1 try" refused in one session
-- column: tries_2 part(clients) "2 tries" in two
-- column: tries_3 part(clients) "3 tries" in three
-- column: tries_4 part(clients) "4 tries" in four
-- column: tries_5_10 part(clients) "5-10 tries" in five to ten
-- column: tries_more part(clients) "more" in more
select case kind when 'listed' then class else 'not ' || class end as class, clients, tries_1,
	tries_2, tries_3, tries_4, tries_5_10, tries_more
from retries_by_list
order by retries_by_list.class, kind;

-- table: by_reply
-- title: Persistence by reply
-- empty: no client came back
-- column: class text "what" refused with 4yz (temporary) or 5yz (permanent)
-- column: clients count "different IPs" clients
-- column: tries_1 part(clients) "1 try" refused in one session
-- column: tries_2 part(clients) "2 tries" in two
-- column: tries_3 part(clients) "3 tries" in three
-- column: tries_4 part(clients) "4 tries" in four
-- column: tries_5_10 part(clients) "5-10 tries" in five to ten
-- column: tries_more part(clients) "more" in more
select class, clients, tries_1, tries_2, tries_3, tries_4, tries_5_10, tries_more
from retries
where kind = 'reply'
order by clients desc, class;
