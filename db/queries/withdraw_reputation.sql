-- $2: what an operator takes back to.
select chain.withdraw_reputation($1::bigint, $2::bigint)
