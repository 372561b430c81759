-- What `gigstreamd status --json` prints. $2: the contracts, the token first.
with chain_row as (
	select * from chain.chains where chain_id = $1::bigint
), tip as (
	select number, time from chain.blocks
	where chain_id = $1::bigint order by number desc limit 1
), sources as (
	select s as source, chain.covered($1::bigint, s) as covered
	from unnest($2::bytea[]) s
), wanted (blocks) as (
	select int8multirange(int8range(c.start_block, t.number, '[]'))
	from chain_row c, tip t where t.number >= c.start_block
), missing as (
	select s.source, r
	from sources s, wanted w, unnest(w.blocks - s.covered) r
), waiting (wallets) as (
	select count(*) from chain.watched w
	where w.chain_id = $1::bigint and w.since is null
		and w.wallet <> all ($2::bytea[])
), counted as (
	-- What the token lacks, every wallet lacks.
	select c.wallets + w.wallets as wallets,
		case when exists (select from missing m
				where m.source = ($2::bytea[])[1])
			then c.wallets + w.wallets
			else w.wallets + (select count(*) from chain.watched x
				where x.chain_id = $1::bigint
					and x.since > c.start_block)
			end as incomplete
	from chain_row c, waiting w
), leader as (
	select l.owner, l.term, l.expires_at,
		case when l.halted_term = l.term then l.halted end as halted
	from chain.lease l
	where l.chain_id = $1::bigint and chain.lease_is_live(l)
)
select json_build_object(
	'chain_id', $1::bigint,
	'head', (select head_number from chain_row),
	'finalized', (select final_number from chain_row),
	'indexed', (select number from tip),
	'lag_blocks', (select greatest(c.head_number - t.number, 0)
		from chain_row c, tip t),
	'lag_seconds', (select greatest(c.head_time - t.time, 0)
		from chain_row c, tip t),
	'coverage', (select coalesce(json_agg(json_build_object(
			'source', chain.hex(c.source), 'from', lower(r),
			'to', upper(r) - 1, 'verified_by', c.verified_by,
			'endpoints', a.endpoints)
			order by c.source, lower(r)), '[]')
		from chain.coverage c
		cross join chain.agreement($1::bigint) a,
			unnest(c.ranges * a.ranges) r
		where c.chain_id = $1::bigint and c.source = any ($2::bytea[])),
	'gaps', (select coalesce(json_agg(json_build_object(
			'source', chain.hex(s.source), 'from', lower(r),
			'to', upper(r) - 1) order by s.source, lower(r)), '[]')
		from missing s),
	'wallets', coalesce((select wallets from counted), 0),
	'wallets_incomplete',
		coalesce((select incomplete from counted), 0),
	'quarantined', (select count(*) from chain.quarantine
		where chain_id = $1::bigint and not orphaned
			and dropped_at is null),
	'intents', (select json_build_object(
			'new', (select count(*) from chain.intents
				where chain_id = $1::bigint and is_new),
			'awaited', (select count(*) from public.transactions
				where chain_id = $1::bigint
					and status = 'submitted'
					and block_number is null))),
	'blocked', json_build_object(
		'streams', (select count(*) from public.streams
			where chain_id = $1::bigint
				and blocked_reason is not null),
		'transactions', (select count(*) from public.transactions
			where chain_id = $1::bigint
				and blocked_reason is not null)),
	'deferred_indexes', (select count(*) from chain.deferred_indexes),
	'jobs', (select coalesce(json_agg(json_build_object(
			'id', id, 'kind', kind, 'from', from_block,
			'to', to_block, 'done_to', done_to,
			'wallets', n_wallets) order by id), '[]')
		from chain.jobs
		where chain_id = $1::bigint and finished_at is null),
	'audit', (select jsonb_build_object('block', a.block_number,
			'differences', a.differences,
			'finished_at', a.finished_at) || a.summary
		from chain.audits a where a.chain_id = $1::bigint
		order by a.id desc limit 1),
	'leader', (select json_build_object('owner', owner, 'term', term,
			'expires_at', expires_at) from leader),
	'halt', (select halted from leader),
	'state', case
		when not exists (select from chain_row) then 'empty'
		when not exists (select from leader) then 'stopped'
		when (select halted is not null from leader) then 'halted'
		when (select c.head_number <= t.number from chain_row c, tip t)
			then 'following'
		else 'catching up' end
)::text
