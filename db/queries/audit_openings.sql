-- Accounts ($3) that had $4 after block $2.
insert into chain.openings (chain_id, account, block_number, balance)
select $1::bigint, a.account, $2::bigint, a.balance
from unnest($3::bytea[], $4::numeric[]) a (account, balance)
on conflict do nothing
