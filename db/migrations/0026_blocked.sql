-- What is blocked, for as many streams and payments as there are, beside as many
-- accounts as a token has blacklisted.

create index events_listed on chain.events (chain_id, (detail ->> 'account'),
	contract, block_number desc, log_index desc)
	where kind in (62, 63) and not orphaned;

-- As before; who asks for an account finds it by itself.
create or replace view chain.blacklisted as
select x.chain_id, x.contract, x.account, x.block_number as since_block
from (
	select distinct on (e.chain_id, e.detail ->> 'account', e.contract)
		e.chain_id, e.contract, e.kind, e.detail ->> 'account' as account,
		e.block_number
	from chain.events e
	where e.kind in (62, 63) and not e.orphaned
	order by e.chain_id, e.detail ->> 'account', e.contract,
		e.block_number desc, e.log_index desc
) x
where x.kind = 62;

-- The words for it: what hinders everybody comes first. account: that is
-- blacklisted, or NULL.
create function chain.block_reason(token_paused boolean,
	contract_paused boolean, account text) returns text
language sql immutable parallel safe as $$
	select case when token_paused then 'the token is paused'
		when contract_paused then 'the contract is paused'
		when account is not null
			then account || ' is blacklisted by the token' end
$$;

-- Why money cannot move between the two; contract: that it comes from, or NULL.
create or replace function chain.why_blocked(chain bigint, contract text,
	sender text, receiver text) returns text
language sql stable as $$
	select chain.block_reason(
		exists (select from chain.paused p
			where p.chain_id = $1 and p.is_token),
		exists (select from chain.paused p
			where p.chain_id = $1 and not p.is_token
				and p.contract = chain.unhex($2)),
		(select b.account from chain.blacklisted b
			where b.chain_id = $1 and b.account in ($3, $4)
			order by b.account <> $3
			limit 1))
$$;

-- After events of kinds that switch something, or a reorg (everything), or of
-- streams that have changed (ids). What is switched is looked at once, so that
-- the cost is that of the streams, whatever the planner believes of tables that
-- have just grown. Returns how many marks have changed.
create or replace function chain.mark_blocked(chain bigint, everything boolean,
	ids uuid[]) returns bigint
language plpgsql as $$
declare
	token_paused constant boolean := exists (select from chain.paused p
		where p.chain_id = chain and p.is_token);
	stopped constant text[] := array(select chain.hex(p.contract)
		from chain.paused p
		where p.chain_id = chain and not p.is_token);
	listed constant jsonb := (select jsonb_object_agg(b.account, true)
		from chain.blacklisted b where b.chain_id = chain);
	streams bigint;
	payments bigint;
begin
	if not everything and not token_paused and stopped = '{}'
		and listed is null
	then
		return 0;
	end if;
	with judged as (
		select s.id, case when s.status in ('active', 'paused')
				or s.claimed_amount_usdc < s.released_amount_usdc
			then chain.block_reason(token_paused,
				s.contract_address = any (stopped),
				case when listed ? s.contract_address
					then s.contract_address
					when listed ? s.worker_wallet
					then s.worker_wallet end)
			end as reason
		from public.streams s
		where s.chain_id = chain and (everything or s.id = any (ids))
			and (s.status in ('active', 'paused')
				or s.claimed_amount_usdc < s.released_amount_usdc
				or s.blocked_reason is not null)
	)
	update public.streams s set blocked_reason = j.reason
	from judged j
	where s.id = j.id and s.blocked_reason is distinct from j.reason;
	get diagnostics streams = row_count;
	if not everything then
		return streams;
	end if;
	with judged as (
		select t.id, chain.block_reason(token_paused, false,
			case when listed ? t.from_wallet then t.from_wallet
				when listed ? t.to_wallet then t.to_wallet
				end) as reason
		from public.transactions t
		where t.chain_id = chain and t.status in ('pending', 'submitted')
			and t.block_number is null
	)
	update public.transactions t set blocked_reason = j.reason
	from judged j
	where t.id = j.id and t.blocked_reason is distinct from j.reason;
	get diagnostics payments = row_count;
	return streams + payments;
end
$$;

-- A payment may come with its hash, and be sent.
drop trigger judge_intended on public.transactions;
create trigger judge_intended before insert on public.transactions
	for each row when (new.status in ('pending', 'submitted')
		and new.block_number is null)
	execute function chain.judge_payment();

revoke execute on function chain.block_reason(boolean, boolean, text)
	from public;
grant execute on function chain.block_reason(boolean, boolean, text)
	to gigstream_daemon;
