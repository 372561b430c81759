-- In the order of enum seed_table (db/schema/seed.h).
select (select count(*) from public.workers),
	(select count(*) from public.platforms),
	(select count(*) from public.tasks),
	(select count(*) from public.streams),
	(select count(*) from public.transactions),
	(select count(*) from public.reputation_events),
	(select count(*) from public.loans),
	(select count(*) from public.audit_logs)
