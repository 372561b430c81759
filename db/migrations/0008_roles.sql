-- Who may do what. The roles cannot log in: an operator makes a login for each
-- program and puts it into the role that fits, e.g.
--
--	create role gigstreamd login password '...' in role gigstream_daemon;
--
-- gigstream_daemon: gigstreamd run and backfill. Writes what the chain says.
-- gigstream_api: applications and the register. Never what the chain says.
-- gigstream_readonly: analysts. No PII, no secrets, changes nothing.
do $$
declare
	name text;
begin
	foreach name in array array['gigstream_api', 'gigstream_readonly'] loop
		begin
			if not exists (select from pg_catalog.pg_roles
				where rolname = name)
			then
				execute format('create role %I nologin', name);
			end if;
		exception when duplicate_object or unique_violation then
			null;
		end;
	end loop;
end
$$;

-- Functions are everybody's by default. A trigger needs no right to its own.
revoke execute on all functions in schema chain, stats from public;
do $$
declare
	f regprocedure;
begin
	for f in select oid from pg_catalog.pg_proc
		where pronamespace = 'public'::regnamespace
			and proname like 'gigstream\_%'
	loop
		execute format('revoke execute on function %s from public', f);
	end loop;
end
$$;

grant usage on schema public, chain, stats
	to gigstream_daemon, gigstream_api, gigstream_readonly;
grant execute on function
	chain.hex(bytea), chain.unhex(text), chain.to_time(bigint),
	chain.covered(bigint, bytea), chain.wallet_coverage(bigint, bytea),
	chain.lease_is_live(chain.lease), stats.is_open(public.task_status),
	stats.percent(numeric, numeric), stats.usdc(numeric),
	stats.may_read(text, text)
	to gigstream_daemon, gigstream_api, gigstream_readonly;
grant execute on function public.gigstream_uuid(),
	public.gigstream_is_daemon(), public.gigstream_chain_evidence(),
	public.gigstream_refuse_status(text, uuid, text, text, text),
	public.gigstream_has_actor()
	to gigstream_daemon, gigstream_api;

-- Everything but PII and secrets, which their comments mark.
do $$
declare
	name text;
	columns text;
begin
	foreach name in array array['workers', 'platforms', 'tasks', 'streams',
		'transactions', 'reputation_events', 'loans', 'audit_logs']
	loop
		select string_agg(quote_ident(attname), ', ' order by attnum)
		into columns
		from pg_catalog.pg_attribute
		where attrelid = ('public.' || name)::regclass and attnum > 0
			and not attisdropped
			and attname <> all (public.gigstream_private_columns(
				attrelid));
		execute format('grant select (%s) on public.%I '
			'to gigstream_readonly', columns, name);
	end loop;
end
$$;
grant select on public.worker_earnings_view, public.platform_performance_view,
	public.task_completion_stats_view, public.reputation_history_view,
	public.loan_repayment_status_view
	to gigstream_api, gigstream_readonly;
grant select on all tables in schema chain, stats
	to gigstream_api, gigstream_readonly;

grant select on public.workers, public.platforms, public.tasks, public.streams,
	public.transactions, public.reputation_events, public.loans,
	public.audit_logs
	to gigstream_api;
grant insert (id, email, email_verified, password_hash, display_name,
	wallet_address, wallet_id, phone_number, status, kyc_status,
	last_login_at, metadata),
	update (email, email_verified, password_hash, display_name,
	wallet_address, wallet_id, phone_number, status, kyc_status,
	last_login_at, metadata, deleted_at)
	on public.workers to gigstream_api;
grant insert (id, name, email, api_key_hash, wallet_address, webhook_url,
	webhook_secret, status, metadata),
	update (name, email, api_key_hash, wallet_address, webhook_url,
	webhook_secret, status, metadata, deleted_at)
	on public.platforms to gigstream_api;
grant insert (id, worker_id, platform_id, external_task_id, title, description,
	type, payment_amount_usdc, paid_amount_usdc, status, due_date,
	completed_at, verification_data, verification_status, metadata),
	update (worker_id, external_task_id, title, description, type,
	payment_amount_usdc, paid_amount_usdc, status, due_date, completed_at,
	verification_data, verification_status, worker_rating, platform_rating,
	metadata, deleted_at)
	on public.tasks to gigstream_api;
-- A payment that is intended; what becomes of it the chain says.
grant insert (id, worker_id, platform_id, task_id, type, amount_usdc, fee_usdc,
	from_wallet, to_wallet, chain_id, tx_hash, metadata),
	update (task_id, status, tx_hash, error_message, retry_count,
	submitted_at, metadata)
	on public.transactions to gigstream_api;
grant update (task_id, metadata) on public.streams to gigstream_api;
grant insert (id, worker_id, worker_wallet, requested_amount_usdc,
	fee_percentage, risk_score, predicted_earnings_7d, due_date,
	repayment_task_count, metadata),
	update (approved_amount_usdc, fee_usdc, fee_percentage, total_owed_usdc,
	remaining_balance_usdc, risk_score, predicted_earnings_7d, status,
	approved_at, due_date, repayment_task_count, rejection_reason, metadata)
	on public.loans to gigstream_api;
grant insert (id, worker_id, task_id, event_type, points_delta, description,
	triggered_by, metadata)
	on public.reputation_events to gigstream_api;
grant insert (id, actor_type, actor_id, action, resource_type, resource_id,
	ip_address, user_agent, request_id, changes_before, changes_after,
	success, error_message, metadata)
	on public.audit_logs to gigstream_api;

grant select (id, wallet_address, status, deleted_at)
	on public.workers, public.platforms to gigstream_daemon;
grant select, insert, update on public.transactions, public.loans
	to gigstream_daemon;
grant select, insert, update, delete on public.streams to gigstream_daemon;
grant select, insert on public.reputation_events to gigstream_daemon;
grant select (id, worker_id, platform_id, external_task_id, status)
	on public.tasks to gigstream_daemon;
grant execute on function public.gigstream_update_account_ages()
	to gigstream_daemon;

-- Facts are added; a reorg marks them. Nobody but the owner deletes one.
grant select on all tables in schema chain to gigstream_daemon;
grant insert on chain.chains, chain.blocks, chain.events, chain.transfers,
	chain.quarantine, chain.coverage, chain.watched, chain.jobs,
	chain.transitions, chain.lease
	to gigstream_daemon;
grant update (orphaned) on chain.events, chain.transfers, chain.quarantine
	to gigstream_daemon;
grant update (role, sender, nonce) on chain.transfers to gigstream_daemon;
grant update (reason) on chain.quarantine to gigstream_daemon;
grant update (head_number, head_time, final_number, final_hash, updated_at)
	on chain.chains to gigstream_daemon;
grant update (hash, has_facts) on chain.blocks to gigstream_daemon;
grant update on chain.coverage, chain.watched, chain.jobs, chain.lease
	to gigstream_daemon;
grant delete on chain.blocks, chain.quarantine to gigstream_daemon;
grant execute on function chain.identify(bigint, bytea, bigint, bytea),
	chain.adopt(bigint, bigint, bigint, bytea[]),
	chain.take_lease(bigint, uuid, text, interval),
	chain.end_backend(chain.lease), chain.assert_lease(bigint, uuid, bigint)
	to gigstream_daemon;
-- It locks the register, which the daemon only reads.
alter function chain.identify(bigint, bytea, bigint, bytea)
	security definer set search_path = pg_catalog, pg_temp;
