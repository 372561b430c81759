-- What is no demo data of db/seed.sql: one row of each table that holds such.
(select 'worker', id::text from public.workers
	where id not between '00000000-0000-7000-8001-000000000001'
		and '00000000-0000-7000-8001-000000000010' limit 1)
union all
(select 'platform', id::text from public.platforms
	where id not between '00000000-0000-7000-8002-000000000001'
		and '00000000-0000-7000-8002-000000000005' limit 1)
union all
(select 'task', id::text from public.tasks
	where id not between '00000000-0000-7000-8003-000000000001'
		and '00000000-0000-7000-8003-000000000020' limit 1)
union all
(select 'stream', id::text from public.streams
	where id not between '00000000-0000-7000-8004-000000000001'
		and '00000000-0000-7000-8004-000000000008' limit 1)
union all
(select 'transaction', id::text from public.transactions
	where id not between '00000000-0000-7000-8005-000000000001'
		and '00000000-0000-7000-8005-000000000011' limit 1)
union all
(select 'reputation event', id::text from public.reputation_events
	where id not between '00000000-0000-7000-8006-000000000001'
		and '00000000-0000-7000-8006-000000000021' limit 1)
union all
(select 'loan', id::text from public.loans
	where id not between '00000000-0000-7000-8007-000000000001'
		and '00000000-0000-7000-8007-000000000005' limit 1)
union all
(select 'audit entry', id::text from public.audit_logs
	where id not between '00000000-0000-7000-8008-000000000001'
		and '00000000-0000-7000-8008-000000000030' limit 1)
union all
(select 'chain', chain_id::text from chain.chains limit 1)
