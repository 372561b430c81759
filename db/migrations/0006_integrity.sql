-- Who may change a status, and to what. The daemon's role (and the owner) may
-- confirm; what the chain says may take a verdict back, but only the daemon
-- says so, inside its own transaction (db/queries/settings.sql).

-- The role exists in the whole server; another database may have made it.
do $$
begin
	if not exists (select from pg_catalog.pg_roles
		where rolname = 'gigstream_daemon')
	then
		create role gigstream_daemon nologin;
	end if;
exception
	when duplicate_object or unique_violation then
		null;
	when insufficient_privilege then
		raise exception 'the role gigstream_daemon cannot be created: '
			'% lacks CREATEROLE', current_user
			using hint = format('As a superuser: alter role %I '
			'createrole; then run this again.', current_user);
end
$$;

-- Asked for each row: without SET, so that it is inlined.
create function public.gigstream_is_daemon() returns boolean
language sql stable as $$
	select pg_catalog.pg_has_role('gigstream_daemon', 'usage')
		or pg_catalog.pg_has_role((select c.relowner
			from pg_catalog.pg_class c
			where c.oid = 'public.transactions'::pg_catalog.regclass),
			'usage')
$$;

create or replace function public.gigstream_chain_evidence() returns boolean
language sql stable as $$
	select coalesce(pg_catalog.current_setting('gigstream.chain_evidence',
		true), '') = 'on' and public.gigstream_is_daemon()
$$;

create function public.gigstream_refuse_status(subject text, id uuid,
	was text, becomes text, may text) returns void
language plpgsql as $$
begin
	raise exception '% %: status % -> % is not allowed', subject, id, was,
		becomes using errcode = 'check_violation', hint = may;
end
$$;

-- pending -> submitted -> confirmed; pending|submitted -> failed;
-- pending -> cancelled.
create or replace function public.gigstream_transaction_status()
returns trigger
language plpgsql as $$
begin
	if new.status = 'confirmed' and old.status in ('pending', 'submitted')
		and not public.gigstream_is_daemon()
	then
		perform public.gigstream_refuse_status('transaction', old.id,
			old.status::text, new.status::text,
			'Only gigstreamd confirms, from the chain.');
	end if;
	if old.status = 'pending'
		or (old.status = 'submitted' and new.status in
			('confirmed', 'failed'))
		or (public.gigstream_chain_evidence() and (
			(old.status = 'failed' and new.status in
				('submitted', 'confirmed'))
			or (old.status = 'confirmed'
				and new.status = 'submitted')))
	then
		return new;
	end if;
	perform public.gigstream_refuse_status('transaction', old.id,
		old.status::text, new.status::text, 'pending -> submitted -> '
		'confirmed; pending or submitted -> failed; pending -> '
		'cancelled; only the chain takes a verdict back.');
	return null;
end
$$;

-- active <-> paused; active -> completed; active|paused -> cancelled. A fold of
-- facts that came out of order, or went in a reorg, may reach any state.
create or replace function public.gigstream_stream_status() returns trigger
language plpgsql as $$
begin
	if old.status = 'active'
		or (old.status = 'paused' and new.status in
			('active', 'cancelled'))
		or public.gigstream_chain_evidence()
	then
		return new;
	end if;
	perform public.gigstream_refuse_status('stream', old.id,
		old.status::text, new.status::text, 'active <-> paused; active '
		'-> completed; active or paused -> cancelled.');
	return null;
end
$$;

-- pending -> approved -> disbursed -> active|repaying -> repaid|defaulted;
-- pending|approved -> cancelled. A fold of facts may reach any state.
create function public.gigstream_loan_status() returns trigger
language plpgsql as $$
begin
	if (old.status = 'pending' and new.status in
			('approved', 'cancelled'))
		or (old.status = 'approved' and new.status in
			('disbursed', 'cancelled'))
		or (old.status in ('disbursed', 'active', 'repaying')
			and new.status in ('active', 'repaying', 'repaid',
			'defaulted'))
		or public.gigstream_chain_evidence()
	then
		return new;
	end if;
	perform public.gigstream_refuse_status('loan', old.id,
		old.status::text, new.status::text, 'pending -> approved -> '
		'disbursed -> active or repaying -> repaid or defaulted; '
		'pending or approved -> cancelled.');
	return null;
end
$$;

create trigger status_change before update on public.loans
	for each row when (old.status is distinct from new.status)
	execute function public.gigstream_loan_status();

-- An open task (created, assigned, in_progress) may become anything; a
-- completed one may be reopened or disputed; a dispute ends in work, completion
-- or cancellation; cancelled is final. Whatever is completed has a time of it;
-- what is reopened or cancelled has none.
create function public.gigstream_task_status() returns trigger
language plpgsql as $$
begin
	if tg_op = 'UPDATE' and not (
		old.status in ('created', 'assigned', 'in_progress')
		or (old.status = 'completed' and new.status in
			('in_progress', 'disputed'))
		or (old.status = 'disputed' and new.status in
			('in_progress', 'completed', 'cancelled')))
	then
		perform public.gigstream_refuse_status('task', old.id,
			old.status::text, new.status::text, 'An open task may '
			'become anything; completed -> in_progress or disputed; '
			'disputed -> in_progress, completed or cancelled; '
			'cancelled is final.');
	end if;
	if new.status = 'completed' then
		new.completed_at := coalesce(new.completed_at, now());
	elsif new.status <> 'disputed' then
		new.completed_at := null;
	end if;
	return new;
end
$$;

create trigger status_change before update on public.tasks
	for each row when (old.status is distinct from new.status)
	execute function public.gigstream_task_status();
create trigger status_of_new before insert on public.tasks
	for each row when (new.status = 'completed'
		and new.completed_at is null)
	execute function public.gigstream_task_status();
update public.tasks set completed_at = updated_at
where status = 'completed' and completed_at is null;
alter table public.tasks add constraint tasks_completed_at_check
	check (status <> 'completed' or completed_at is not null);

-- A loan is somebody's, also when its worker is deleted: the wallet tells.
create function public.gigstream_loan_wallet() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	select wallet_address into new.worker_wallet
	from public.workers where id = new.worker_id;
	return new;
end
$$;

create trigger keep_wallet before insert on public.loans
	for each row when (new.worker_wallet is null)
	execute function public.gigstream_loan_wallet();
update public.loans l set worker_wallet = w.wallet_address
from public.workers w where w.id = l.worker_id and l.worker_wallet is null;
