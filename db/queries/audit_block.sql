-- $2: the block; NULL: the newest that is final and indexed. What there is to
-- audit at most, and what time it is. $3: the contracts.
with tip as (
	select max(number) as number from chain.blocks
	where chain_id = $1::bigint
), at as (
	select coalesce($2::bigint,
		least(c.final_number, tip.number)) as number
	from chain.chains c, tip
	where c.chain_id = $1::bigint
)
select at.number, chain.known_hash($1::bigint, at.number), tip.number,
	coalesce(at.number <= c.final_number, false),
	(select count(*) from chain.watched w where w.chain_id = $1::bigint
		and w.wallet <> all ($3::bytea[])),
	(select count(*) from public.streams s where s.chain_id = $1::bigint)
		+ (select count(*) from public.loans l
			where l.chain_id = $1::bigint),
	clock_timestamp()
from chain.chains c
left join at on true
left join tip on true
where c.chain_id = $1::bigint
