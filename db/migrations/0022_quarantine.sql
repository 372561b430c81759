-- What is in quarantine can be named, tried again and dropped; and what is
-- derived from the facts can be derived again.

-- id: how people name it. retry_job: who asked for it to be tried again. What is
-- dropped stays here, and is counted no more.
alter table chain.quarantine
	add column id bigint generated always as identity,
	add column retry_job bigint references chain.jobs,
	add column dropped_at timestamptz,
	add column dropped_by text,
	add column dropped_reason text,
	add constraint quarantine_id_key unique (id),
	add constraint quarantine_dropped_check check (num_nulls(dropped_at,
		dropped_by, dropped_reason) in (0, 3));
create index quarantine_retry on chain.quarantine (retry_job, id)
	where retry_job is not null;
comment on column chain.quarantine.dropped_by is
	'PII: who dropped it: an operator''s login name.';

create trigger audit after update on chain.quarantine
	for each row when (public.gigstream_has_actor())
	execute function public.gigstream_audit();

-- tally: what the job has changed so far, as db/store/job.h counts it. error:
-- why it cannot be finished.
alter table chain.jobs
	add column tally bigint[] not null default array_fill(0, array[16]),
	add column error text,
	drop constraint jobs_kind_check,
	add constraint jobs_kind_check
		check (kind in ('range', 'history', 'rebuild', 'retry'));
create unique index jobs_open_rebuild on chain.jobs (chain_id)
	where kind = 'rebuild' and finished_at is null;

-- Which rows began in a block. They are told in the order of the blocks, or
-- nearly, so that this costs next to nothing to keep.
create index transitions_block on chain.transitions using brin (block_number);

-- Up to which block about `most` facts reach that are above `after` and not
-- above `last`; NULL: there is none.
create function chain.piece_end(chain bigint, after bigint, last bigint,
	most integer) returns bigint
language sql stable as $$
	select max(block_number)
	from (
		(select block_number from chain.events e
		where e.chain_id = chain and not e.orphaned
			and e.block_number > after and e.block_number <= last
		order by e.block_number limit most)
		union all
		(select block_number from chain.transfers t
		where t.chain_id = chain and not t.orphaned
			and t.block_number > after and t.block_number <= last
		order by t.block_number limit most)
		order by block_number
		limit most
	) fact
$$;

revoke execute on function chain.piece_end(bigint, bigint, bigint, integer)
	from public;
grant execute on function chain.piece_end(bigint, bigint, bigint, integer)
	to gigstream_daemon;
grant update (retry_job, dropped_at, dropped_by, dropped_reason)
	on chain.quarantine to gigstream_daemon;
revoke select on chain.quarantine from gigstream_readonly;
grant select (id, chain_id, block_number, block_hash, block_time, tx_index,
	log_index, tx_hash, contract, part, malformed, orphaned, topics, data,
	reason, created_at, retry_job, dropped_at, dropped_reason)
	on chain.quarantine to gigstream_readonly;
