-- The 39 named indexes, and that foreign keys that act on a delete have one.
begin;
select plan(49);

create temporary table expected (name name, indexes name[]) on commit drop;
insert into expected values
	('workers', array['email', 'wallet', 'reputation', 'status',
		'created']),
	('platforms', array['api_key', 'status']),
	('tasks', array['worker', 'platform', 'status', 'created', 'completed',
		'external']),
	('streams', array['worker', 'platform', 'status', 'next_release',
		'contract']),
	('transactions', array['tx_hash', 'from', 'to', 'worker', 'status',
		'type', 'created', 'pending']),
	('reputation', array['worker', 'task', 'type', 'created']),
	('loans', array['worker', 'status', 'active', 'due', 'created']),
	('audit', array['actor', 'action', 'resource', 'created']);

select has_index('public', case name
	when 'reputation' then 'reputation_events'::name
	when 'audit' then 'audit_logs' else name end,
	format('idx_%s_%s', name, i)::name)
from expected, unnest(indexes) i;
select is((select count(*) from pg_indexes where schemaname = 'public'
	and indexname like 'idx\_%'), 39::bigint, 'these are all');

select index_is_unique('public', t, i::name) from (values
	('workers'::name, 'idx_workers_email'), ('workers', 'idx_workers_wallet'),
	('platforms', 'idx_platforms_api_key'),
	('streams', 'idx_streams_contract'),
	('transactions', 'idx_transactions_tx_hash')) x (t, i);
select is((select string_agg(indexname, ' ' order by indexname)
	from pg_indexes where schemaname = 'public' and indexname like 'idx\_%'
	and indexdef like '% WHERE %'),
	'idx_loans_active idx_loans_due idx_streams_next_release '
	'idx_transactions_pending idx_workers_email', 'the partial ones');
select has_index('public', 'tasks', 'idx_tasks_external',
	array['platform_id', 'external_task_id']::name[]);

-- Or a deleted row would be looked for in the whole table.
select is_empty($$
	select c.conrelid::regclass, c.conname
	from pg_constraint c
	where c.contype = 'f' and c.confdeltype in ('c', 'n')
		and c.connamespace = 'public'::regnamespace
		and not exists (select from pg_index i
			where i.indrelid = c.conrelid
				and i.indkey[0] = c.conkey[1])$$,
	'every foreign key that cascades has an index');
select is_empty($$select indexrelid::regclass from pg_index
	where not indisvalid$$, 'every index is valid');

select * from finish();
rollback;
