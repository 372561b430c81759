-- NOT NULL, CHECK and unique: what no client can store.
begin;
select plan(91);
\ir lib/people.sql

-- Critical columns are never NULL.
select col_not_null('public', t, c) from (values
	('workers'::name, 'email'::name), ('workers', 'display_name'),
	('workers', 'wallet_address'), ('workers', 'reputation_score'),
	('workers', 'status'), ('platforms', 'name'), ('platforms', 'email'),
	('platforms', 'api_key_hash'), ('tasks', 'platform_id'),
	('tasks', 'title'), ('tasks', 'type'), ('tasks', 'status'),
	('tasks', 'payment_amount_usdc'), ('streams', 'contract_stream_id'),
	('streams', 'total_amount_usdc'), ('streams', 'worker_wallet'),
	('transactions', 'type'), ('transactions', 'status'),
	('transactions', 'amount_usdc'), ('transactions', 'from_wallet'),
	('transactions', 'to_wallet'), ('transactions', 'chain_id'),
	('loans', 'requested_amount_usdc'), ('loans', 'status'),
	('reputation_events', 'event_type'),
	('reputation_events', 'points_delta'), ('audit_logs', 'action'),
	('audit_logs', 'actor_type')) x (t, c);
select is((select count(*) from information_schema.columns c
	join information_schema.tables t using (table_schema, table_name)
	where table_schema = 'public' and table_type = 'BASE TABLE'
	and column_name in ('id', 'created_at', 'updated_at', 'metadata')
	and is_nullable = 'NO'), 32::bigint,
	'id, times and metadata are never NULL');
select is_empty($$
	select table_name, column_name from information_schema.columns
	where table_schema = 'public' and column_name like '%usdc'
		and table_name !~ '_view$'
		and (numeric_precision, numeric_scale) <> (78, 6)$$,
	'every amount holds any uint256 of base units');

select pg_temp.worker(1) as ann, pg_temp.platform(1) as acme \gset
select pg_temp.task(:'ann', :'acme', 'created') as task \gset
select pg_temp.payout(:'ann', :'acme', 1, 'pending') as payout \gset
insert into public.streams (worker_wallet, platform_wallet, chain_id,
	contract_address, contract_stream_id, total_amount_usdc, start_time)
values (pg_temp.wallet(1), pg_temp.wallet(2), 1, pg_temp.wallet(3), 1, 10,
	now());
insert into public.loans (worker_id, requested_amount_usdc)
values (:'ann', 10);

-- Each statement breaks the one rule it names.
create temporary table wrong (n serial, rule text, statement text)
	on commit drop;
insert into wrong (rule, statement) values
('workers_email_check', 'update public.workers set email = ''nobody'''),
('workers_wallet_address_check',
	'update public.workers set wallet_address = ''0xABC'''),
('workers_wallet_address_check', 'update public.workers
	set wallet_address = ''0x'' || repeat(''A1'', 20)'),
('workers_wallet_address_check', 'update public.workers
	set wallet_address = ''0x'' || repeat(''0'', 40)'),
('workers_reputation_score_check',
	'update public.workers set reputation_score = 1001'),
('workers_reputation_score_check',
	'update public.workers set reputation_score = -1'),
('workers_completion_rate_check',
	'update public.workers set completion_rate = 100.01'),
('workers_password_hash_check',
	'update public.workers set password_hash = ''hunter2'''),
('workers_wallet_id_check', 'update public.workers
	set wallet_id = ''0189f0e2-circle-wallet'''),
('workers_wallet_id_check', 'update public.workers
	set wallet_id = ''v1:not base64'''),
('platforms_webhook_secret_check', 'update public.platforms
	set webhook_secret = ''whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'''),
('workers_display_name_check',
	'update public.workers set display_name = '' '''),
('workers_status_check', 'update public.workers set status = ''asleep'''),
('workers_kyc_status_check',
	'update public.workers set kyc_status = ''perhaps'''),
('workers_metadata_check', 'update public.workers set metadata = ''[]'''),
('workers_account_age_days_check',
	'update public.workers set account_age_days = -1'),
('platforms_api_key_hash_check',
	'update public.platforms set api_key_hash = ''a plain key'''),
('platforms_webhook_url_check',
	'update public.platforms set webhook_url = ''ftp://x'''),
('platforms_wallet_address_check',
	'update public.platforms set wallet_address = ''0x1'''),
('platforms_email_check', 'update public.platforms set email = ''x'''),
('tasks_title_check', 'update public.tasks set title = '' '''),
('tasks_payment_amount_check',
	'update public.tasks set payment_amount_usdc = 0'),
('tasks_paid_amount_check',
	'update public.tasks set paid_amount_usdc = -1'),
('tasks_worker_rating_check', 'update public.tasks set worker_rating = 6'),
('tasks_platform_rating_check',
	'update public.tasks set platform_rating = 0'),
('tasks_verification_status_check',
	'update public.tasks set verification_status = ''maybe'''),
('streams_amounts_check',
	'update public.streams set released_amount_usdc = 11'),
('streams_amounts_check',
	'update public.streams set claimed_amount_usdc = 1'),
('streams_amounts_check', 'update public.streams
	set released_amount_usdc = 6, claimed_amount_usdc = 6,
	refunded_amount_usdc = 5'),
('streams_end_time_check',
	'update public.streams set end_time = ''2001-01-01'''),
('transactions_amount_check',
	'update public.transactions set amount_usdc = -1'),
('transactions_amount_check',
	'update public.transactions set amount_usdc = ''NaN'''),
('transactions_amount_check', 'update public.transactions
	set amount_usdc = 2::numeric ^ 256 / 1000000'),
('transactions_submitted_at_check',
	'update public.transactions set submitted_at = ''infinity'''),
('tasks_payment_amount_check',
	'update public.tasks set payment_amount_usdc = ''NaN'''),
('loans_requested_amount_check',
	'update public.loans set requested_amount_usdc = ''NaN'''),
('loans_due_date_check',
	'update public.loans set due_date = ''-infinity'''),
('transactions_hash_known_check', 'update public.transactions
	set status = ''submitted'', tx_hash = null'),
('transactions_block_check',
	'update public.transactions set block_number = 1'),
('transactions_tx_hash_check',
	'update public.transactions set tx_hash = ''0x1'''),
('transactions_from_wallet_check',
	'update public.transactions set from_wallet = ''me'''),
('loans_fee_percentage_check',
	'update public.loans set fee_percentage = 101'),
('loans_contract_check', 'update public.loans set chain_id = 1'),
('loans_remaining_balance_check',
	'update public.loans set remaining_balance_usdc = -1'),
('loans_worker_check', 'update public.loans set worker_id = null,
	worker_wallet = null'),
('reputation_events_points_delta_check', 'insert into
	public.reputation_events (worker_wallet, event_type, points_delta)
	values (''0x'' || repeat(''1'', 40), ''task_late'', -1001)'),
('audit_logs_actor_type_check', 'insert into public.audit_logs (actor_type,
	action, resource_type) values (''nobody'', ''x'', ''x'')'),
('workers_pkey', 'insert into public.workers (id, email, display_name,
	wallet_address) select id, ''x@x.org'', ''X'', ''0x''
	|| repeat(''1'', 40) from public.workers'),
('idx_workers_email', 'insert into public.workers (email, display_name,
	wallet_address) values (''Worker1@EXAMPLE.com'', ''X'', ''0x''
	|| repeat(''1'', 40))'),
('platforms_wallet_key', 'insert into public.platforms (name, email,
	api_key_hash, wallet_address) select ''X'', ''x@x.org'',
	repeat(''a'', 64), wallet_address from public.platforms'),
('platforms_email_key', 'insert into public.platforms (name, email,
	api_key_hash) values (''X'', ''PLATFORM1@example.com'',
	repeat(''a'', 64))');
select throws_matching(statement, rule, format('%s %s', n, rule))
from wrong order by n;

select lives_ok('update public.workers set wallet_id = ''v1:AAEC+/8=''',
	'what is encrypted is taken');
update public.workers set deleted_at = now() where id = :'ann';
select lives_ok('insert into public.workers (email, display_name,
	wallet_address) values (''worker1@example.com'', ''X'', ''0x''
	|| repeat(''1'', 40))', 'a deleted worker''s email is free');
select throws_matching(format('insert into public.workers (email,
	display_name, wallet_address) values (''y@x.org'', ''X'', %L)',
	pg_temp.wallet(1)), 'idx_workers_wallet', 'its wallet is not');

-- The database's own times and ids.
select ok(created_at = updated_at, 'a new row was never updated')
from public.loans;
update public.loans set created_at = '2001-01-01', updated_at = '2001-01-01';
select ok(created_at = now() and updated_at = now(),
	'created_at and updated_at are the database''s') from public.loans;
select is(get_byte(uuid_send(id), 6) >> 4, 7, 'ids are UUIDs, version 7')
from public.loans;
select ok((select count(distinct public.gigstream_uuid()) = 10000
	from generate_series(1, 10000)), 'which do not repeat');

-- A platform takes its tasks along; payments outlive everybody.
select pg_temp.worker(5) as eve, pg_temp.platform(5) as bolt \gset
select pg_temp.task(:'eve', :'bolt', 'created') as chore \gset
select pg_temp.payout(:'eve', :'bolt', 3, 'pending') as pay \gset
update public.transactions set task_id = :'chore' where id = :'pay';
delete from public.platforms where id = :'bolt';
select is_empty(format('select from public.tasks where id = %L', :'chore'),
	'a deleted platform takes its tasks');
delete from public.workers where id = :'eve';
select is((worker_id, platform_id, task_id)::text, '(,,)',
	'a payment names nobody who is gone')
from public.transactions where id = :'pay';
select is((amount_usdc, from_wallet)::text,
	format('(3.000000,%s)', pg_temp.wallet(1)), 'and is still there')
from public.transactions where id = :'pay';

select * from finish();
rollback;
