-- report: families
-- title: Scanner families
-- about: Clients that were denied to relay to the same drop-boxes, a scanner's own test
-- about: recipients: over years, in any order, from ever new addresses. Names are stable.
-- needs: sessions patterns
-- option: top = 20; rows of each table
-- option: local = what the server delivers to; our own domains
-- option: set; PATTERN.NAME=N: a pattern's parameter (may be given several times)
-- example: mxwatch report families --last 52w

-- table: families
-- title: Families
-- empty: none
-- column: family text name
-- column: label address "drop-boxes" what they have in common, or the one tried most
-- column: senders count distinct senders
-- column: recipients count drop-boxes
-- column: clients count client addresses
-- column: sessions count sessions
-- column: sensors count hosts and honeypots that met it
-- column: first time first seen
-- column: last time last seen
-- column: subject_tag text what its Subjects share; empty if not known
select family, label, senders, recipients, clients, sessions, sensors, first, last, subject_tag
from family_list
order by clients desc, sessions desc, last desc, family
limit :top;

-- table: members
-- title: Members
-- empty: none
-- column: family text name of the family
-- column: client client address
-- column: sessions count sessions
-- column: first time first seen
-- column: last time last seen
-- column: name text name that the server knew
select family, client, sessions, first, last, name
from family_members
order by last desc, sessions desc, family, address
limit :top;

-- table: boxes
-- title: Drop-boxes
-- empty: none
-- column: family text name of the family
-- column: recipient address the drop-box
-- column: clients count client addresses that tried it
-- column: attempts count attempts
-- column: first time first attempt
-- column: last time last attempt
select family, recipient, clients, attempts, first, last
from family_boxes
order by clients desc, attempts desc, family, recipient
limit :top;
