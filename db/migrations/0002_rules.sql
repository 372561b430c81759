-- What no client can do, whoever it is.

-- created_at and updated_at are the database's.
create function public.gigstream_touch() returns trigger
language plpgsql as $$
begin
	new.created_at := old.created_at;
	new.updated_at := now();
	return new;
end
$$;

create trigger touch before update on public.workers
	for each row execute function public.gigstream_touch();
create trigger touch before update on public.platforms
	for each row execute function public.gigstream_touch();
create trigger touch before update on public.tasks
	for each row execute function public.gigstream_touch();
create trigger touch before update on public.streams
	for each row execute function public.gigstream_touch();
create trigger touch before update on public.loans
	for each row execute function public.gigstream_touch();
create trigger touch before update on public.transactions
	for each row execute function public.gigstream_touch();

create function public.gigstream_append_only() returns trigger
language plpgsql as $$
begin
	raise exception '% is append-only: % is refused', tg_table_name, tg_op
		using errcode = 'restrict_violation',
		hint = 'Insert a new row that corrects the old one.';
end
$$;

create trigger append_only before update or delete or truncate
	on public.reputation_events
	for each statement execute function public.gigstream_append_only();
create trigger append_only before update or delete or truncate
	on public.audit_logs
	for each statement execute function public.gigstream_append_only();

-- Reputation is history: its worker and its task stay.
create function public.gigstream_keep_reputation() returns trigger
language plpgsql as $$
begin
	if (tg_table_name = 'workers' and exists (select
			from public.reputation_events where worker_id = old.id))
		or (tg_table_name = 'tasks' and exists (select
			from public.reputation_events where task_id = old.id))
	then
		raise exception '% % has reputation events and can only be '
			'soft-deleted', tg_table_name, old.id
			using errcode = 'restrict_violation',
			hint = format('update %I set deleted_at = now() '
				'where id = %L', tg_table_name, old.id);
	end if;
	return old;
end
$$;

create trigger keep_reputation before delete on public.workers
	for each row execute function public.gigstream_keep_reputation();
create trigger keep_reputation before delete on public.tasks
	for each row execute function public.gigstream_keep_reputation();

-- True where the transaction has said that what it writes is what the chain
-- says: SET LOCAL gigstream.chain_evidence = 'on'.
create function public.gigstream_chain_evidence() returns boolean
language sql stable as $$
	select coalesce(current_setting('gigstream.chain_evidence', true), '')
		= 'on'
$$;

-- pending -> submitted -> confirmed; pending|submitted -> failed;
-- pending -> cancelled. Chain evidence may take a verdict back.
create function public.gigstream_transaction_status() returns trigger
language plpgsql as $$
begin
	if (old.status = 'pending')
		or (old.status = 'submitted' and new.status in
			('confirmed', 'failed'))
	then
		return new;
	end if;
	if public.gigstream_chain_evidence() and (
		(old.status = 'failed' and new.status in
			('submitted', 'confirmed'))
		or (old.status = 'confirmed' and new.status = 'submitted'))
	then
		return new;
	end if;
	raise exception 'transaction %: status % -> % is not allowed',
		old.id, old.status, new.status
		using errcode = 'check_violation';
end
$$;

create trigger status_change before update on public.transactions
	for each row when (old.status is distinct from new.status)
	execute function public.gigstream_transaction_status();

-- active <-> paused; active -> completed; active|paused -> cancelled. A fold of
-- facts that came out of order, or went in a reorg, may reach any state.
create function public.gigstream_stream_status() returns trigger
language plpgsql as $$
begin
	if (old.status = 'active')
		or (old.status = 'paused' and new.status in
			('active', 'cancelled'))
		or public.gigstream_chain_evidence()
	then
		return new;
	end if;
	raise exception 'stream %: status % -> % is not allowed',
		old.id, old.status, new.status
		using errcode = 'check_violation';
end
$$;

create trigger status_change before update on public.streams
	for each row when (old.status is distinct from new.status)
	execute function public.gigstream_stream_status();
