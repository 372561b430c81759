-- Everything the migrations make in this database, and nothing else. The roles
-- belong to the whole server and stay.
drop schema if exists chain, stats cascade;
drop table if exists public.audit_logs, public.reputation_events,
	public.transactions, public.loans, public.streams, public.tasks,
	public.platforms, public.workers cascade;
drop type if exists public.task_type, public.task_status,
	public.stream_status, public.transaction_type,
	public.transaction_status, public.loan_status,
	public.reputation_event_type cascade;
do $$
declare
	name text;
begin
	for name in select oid::regprocedure::text from pg_catalog.pg_proc
		where pronamespace = 'public'::regnamespace
			and proname like 'gigstream\_%'
	loop
		execute format('drop function %s cascade', name);
	end loop;
	for name in select rolname from pg_catalog.pg_roles
		where rolname in ('gigstream_daemon', 'gigstream_api',
			'gigstream_readonly')
	loop
		execute format('revoke usage on schema public from %I', name);
	end loop;
end
$$
