-- report: patterns
-- title: Patterns of abuse
-- about: What detectors see: one mail tried through several clients within minutes (apparent
-- about: open relays), and every finding about a client or network with its weight. A note
-- about: never blocks, hints only together, a strong finding by itself, if no guard stands
-- about: against it: 'mxwatch explain' tells.
-- needs: sessions patterns
-- option: top = 20; rows of each table
-- option: local = what the server delivers to; our own domains
-- option: window = 10min; how near in time clients must try one mail
-- option: set; PATTERN.NAME=N: a pattern's parameter (may be given several times)
-- example: mxwatch report patterns --window 10min /var/log/mail.log

-- table: pairs
-- title: One mail through several clients
-- about: Clients of one domain or network are one source; mail that got through is left out.
-- empty: none
-- column: sender address sender
-- column: recipient address recipient
-- column: clients count client addresses
-- column: sources count independent ones, most within the window
-- column: attempts count attempts
-- column: first time first attempt
-- column: last time last attempt
-- column: client_list text "clients" the addresses, in the order in which they came
select sender, recipient, clients, sources, attempts, first, last, client_list
from pattern_pairs
where not cleared
order by sources desc, clients desc, attempts desc, first, sender, recipient
limit :top;

-- table: findings
-- title: Findings
-- empty: none
-- column: client client address or network
-- column: pattern text the pattern
-- column: grade text how much it weighs: note, hint, strong
-- column: since time first of the evidence
-- column: until time last of the evidence
-- column: sentence text "what it did" the finding in words
select client, pattern, grade, since, until, sentence
from pattern_findings
order by weight desc, pattern, until desc, client
limit :top;
