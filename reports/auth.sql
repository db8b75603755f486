-- report: auth
-- title: Failed logins
-- about: SMTP AUTH that failed, by client and by user name where the server logs it.
-- needs: sessions attempts
-- option: top = 20; rows of each table
-- example: mxwatch report auth --last 7d

-- table: clients
-- title: Clients
-- empty: no login failed
-- column: client client address
-- column: failures count logins that failed
-- column: sessions count sessions in which one did
-- column: first time first failure
-- column: last time last failure
-- column: name text name that the server knew
select client, failures, sessions, first, last, name
from auth_clients
order by failures desc, address
limit :top;

-- table: users
-- title: User names
-- empty: no user name was logged
-- column: user text name tried
-- column: failures count logins that failed
-- column: first time first failure
-- column: last time last failure
select user, failures, first, last
from auth_users
where user <> ''
order by failures desc, user
limit :top;
