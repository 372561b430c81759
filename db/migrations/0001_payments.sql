-- The payment domain: 8 tables, 7 enums, 39 named indexes (idx_...).
-- Uniqueness and lookups beyond those 39 have names that do not begin so.
-- Amounts are USDC, numeric(78,6): any uint256 of base units, exactly.

-- RFC 9562 version 7: 48 bits of Unix milliseconds, the rest random. New rows
-- land at the end of the primary key instead of all over it.
create function public.gigstream_uuid() returns uuid
language sql volatile parallel safe as $$
	select encode(
		substring(int8send(floor(extract(epoch from clock_timestamp())
			* 1000)::bigint) from 3)
		|| set_byte(substring(r from 7),
			0, (get_byte(r, 6) & 15) | 112),
		'hex')::uuid
	from uuid_send(gen_random_uuid()) as r
$$;

create type public.task_type as enum ('fixed', 'time_based', 'milestone');
create type public.task_status as enum ('created', 'assigned', 'in_progress',
	'completed', 'disputed', 'cancelled');
create type public.stream_status as enum ('active', 'paused', 'completed',
	'cancelled');
create type public.transaction_type as enum ('payout', 'advance', 'refund',
	'repayment', 'fee');
create type public.transaction_status as enum ('pending', 'submitted',
	'confirmed', 'failed', 'cancelled');
create type public.loan_status as enum ('pending', 'approved', 'disbursed',
	'active', 'repaying', 'repaid', 'defaulted', 'cancelled');
create type public.reputation_event_type as enum ('task_completed',
	'task_late', 'dispute_filed', 'dispute_resolved', 'rating_received',
	'manual_adjustment');

create table public.workers (
	id uuid primary key default public.gigstream_uuid(),
	email text not null,
	email_verified boolean not null default false,
	password_hash text,
	display_name text not null,
	wallet_address text not null,
	wallet_id text,
	phone_number text,
	reputation_score integer not null default 100,
	total_tasks integer not null default 0,
	total_earned numeric(78,6) not null default 0,
	completion_rate numeric(5,2) not null default 0,
	account_age_days integer not null default 0,
	status text not null default 'active',
	kyc_status text not null default 'not_started',
	last_login_at timestamptz,
	metadata jsonb not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	deleted_at timestamptz,
	constraint workers_email_check
		check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 320),
	constraint workers_password_hash_check
		check (password_hash ~ '^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$'),
	constraint workers_display_name_check
		check (length(btrim(display_name)) between 1 and 200),
	constraint workers_wallet_address_check
		check (wallet_address ~ '^0x[0-9a-f]{40}$'
			and wallet_address !~ '^0x0{40}$'),
	constraint workers_reputation_score_check
		check (reputation_score between 0 and 1000),
	constraint workers_total_tasks_check check (total_tasks >= 0),
	constraint workers_total_earned_check check (total_earned >= 0),
	constraint workers_completion_rate_check
		check (completion_rate between 0 and 100),
	constraint workers_account_age_days_check check (account_age_days >= 0),
	constraint workers_status_check
		check (status in ('active', 'inactive', 'suspended')),
	constraint workers_kyc_status_check
		check (kyc_status in ('not_started', 'pending', 'approved',
			'rejected')),
	constraint workers_metadata_check
		check (jsonb_typeof(metadata) = 'object')
);
create unique index idx_workers_email on public.workers (lower(email))
	where deleted_at is null;
create unique index idx_workers_wallet on public.workers (wallet_address);
create index idx_workers_reputation on public.workers (reputation_score desc);
create index idx_workers_status on public.workers (status);
create index idx_workers_created on public.workers (created_at);

create table public.platforms (
	id uuid primary key default public.gigstream_uuid(),
	name text not null,
	email text not null,
	api_key_hash text not null,
	wallet_address text,
	webhook_url text,
	webhook_secret text,
	total_payouts numeric(78,6) not null default 0,
	total_tasks integer not null default 0,
	unique_workers integer not null default 0,
	status text not null default 'active',
	metadata jsonb not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	deleted_at timestamptz,
	constraint platforms_wallet_key unique (wallet_address),
	constraint platforms_name_check
		check (length(btrim(name)) between 1 and 200),
	constraint platforms_email_check
		check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 320),
	constraint platforms_api_key_hash_check
		check (api_key_hash ~ '^[0-9a-f]{64}$'),
	constraint platforms_wallet_address_check
		check (wallet_address ~ '^0x[0-9a-f]{40}$'
			and wallet_address !~ '^0x0{40}$'),
	constraint platforms_webhook_url_check
		check (webhook_url ~ '^https?://'),
	constraint platforms_total_payouts_check check (total_payouts >= 0),
	constraint platforms_total_tasks_check check (total_tasks >= 0),
	constraint platforms_unique_workers_check check (unique_workers >= 0),
	constraint platforms_status_check
		check (status in ('active', 'inactive', 'suspended')),
	constraint platforms_metadata_check
		check (jsonb_typeof(metadata) = 'object')
);
create unique index idx_platforms_api_key on public.platforms (api_key_hash);
create index idx_platforms_status on public.platforms (status);
create unique index platforms_email_key on public.platforms (lower(email))
	where deleted_at is null;

create table public.tasks (
	id uuid primary key default public.gigstream_uuid(),
	worker_id uuid references public.workers on delete set null,
	platform_id uuid not null references public.platforms on delete cascade,
	external_task_id text,
	title text not null,
	description text,
	type public.task_type not null,
	payment_amount_usdc numeric(78,6) not null,
	paid_amount_usdc numeric(78,6) not null default 0,
	status public.task_status not null default 'created',
	due_date timestamptz,
	completed_at timestamptz,
	verification_data jsonb,
	verification_status text not null default 'pending',
	worker_rating integer,
	platform_rating integer,
	metadata jsonb not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	deleted_at timestamptz,
	constraint tasks_title_check
		check (length(btrim(title)) between 1 and 500),
	constraint tasks_payment_amount_check check (payment_amount_usdc > 0),
	constraint tasks_paid_amount_check check (paid_amount_usdc >= 0),
	constraint tasks_verification_status_check
		check (verification_status in ('pending', 'verified', 'rejected')),
	constraint tasks_worker_rating_check check (worker_rating between 1 and 5),
	constraint tasks_platform_rating_check
		check (platform_rating between 1 and 5),
	constraint tasks_metadata_check
		check (jsonb_typeof(metadata) = 'object')
);
create index idx_tasks_worker on public.tasks (worker_id, status);
create index idx_tasks_platform on public.tasks (platform_id, status);
create index idx_tasks_status on public.tasks (status);
create index idx_tasks_created on public.tasks (created_at);
create index idx_tasks_completed on public.tasks (completed_at);
create index idx_tasks_external on public.tasks (platform_id, external_task_id);

create table public.streams (
	id uuid primary key default public.gigstream_uuid(),
	worker_id uuid references public.workers on delete set null,
	platform_id uuid references public.platforms on delete set null,
	worker_wallet text not null,
	platform_wallet text not null,
	task_id uuid references public.tasks on delete set null,
	chain_id bigint not null,
	contract_address text not null,
	contract_stream_id numeric(78,0) not null,
	total_amount_usdc numeric(78,6) not null,
	released_amount_usdc numeric(78,6) not null default 0,
	claimed_amount_usdc numeric(78,6) not null default 0,
	refunded_amount_usdc numeric(78,6) not null default 0,
	start_time timestamptz not null,
	end_time timestamptz,
	release_interval numeric(78,0) not null default 0,
	next_release_at timestamptz,
	status public.stream_status not null default 'active',
	paused_at timestamptz,
	completed_at timestamptz,
	cancelled_at timestamptz,
	metadata jsonb not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint streams_worker_wallet_check
		check (worker_wallet ~ '^0x[0-9a-f]{40}$'),
	constraint streams_platform_wallet_check
		check (platform_wallet ~ '^0x[0-9a-f]{40}$'),
	constraint streams_contract_address_check
		check (contract_address ~ '^0x[0-9a-f]{40}$'),
	constraint streams_contract_stream_id_check
		check (contract_stream_id >= 0),
	constraint streams_chain_id_check check (chain_id > 0),
	constraint streams_release_interval_check check (release_interval >= 0),
	constraint streams_amounts_check
		check (claimed_amount_usdc >= 0 and refunded_amount_usdc >= 0
			and claimed_amount_usdc <= released_amount_usdc
			and released_amount_usdc <= total_amount_usdc
			and claimed_amount_usdc + refunded_amount_usdc
				<= total_amount_usdc),
	constraint streams_end_time_check check (end_time >= start_time),
	constraint streams_metadata_check
		check (jsonb_typeof(metadata) = 'object')
);
create index idx_streams_worker on public.streams (worker_id, status);
create index idx_streams_platform on public.streams (platform_id, status);
create index idx_streams_status on public.streams (status);
create index idx_streams_next_release on public.streams (next_release_at)
	where status = 'active';
create unique index idx_streams_contract
	on public.streams (chain_id, contract_address, contract_stream_id);
-- Streams that await somebody's registration.
create index streams_worker_wallet on public.streams (worker_wallet)
	where worker_id is null;
create index streams_platform_wallet on public.streams (platform_wallet)
	where platform_id is null;
create index streams_task on public.streams (task_id)
	where task_id is not null;

create table public.loans (
	id uuid primary key default public.gigstream_uuid(),
	worker_id uuid references public.workers on delete set null,
	worker_wallet text,
	chain_id bigint,
	contract_address text,
	contract_loan_id numeric(78,0),
	requested_amount_usdc numeric(78,6) not null,
	approved_amount_usdc numeric(78,6),
	fee_usdc numeric(78,6) not null default 0,
	fee_percentage numeric(5,2) not null default 0,
	total_owed_usdc numeric(78,6) not null default 0,
	remaining_balance_usdc numeric(78,6) not null default 0,
	risk_score integer,
	predicted_earnings_7d numeric(78,6),
	status public.loan_status not null default 'pending',
	requested_at timestamptz not null default now(),
	approved_at timestamptz,
	disbursed_at timestamptz,
	due_date timestamptz,
	repaid_at timestamptz,
	defaulted_at timestamptz,
	repayment_task_count integer not null default 5,
	tasks_repaid integer not null default 0,
	rejection_reason text,
	metadata jsonb not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint loans_contract_key
		unique (chain_id, contract_address, contract_loan_id),
	constraint loans_worker_check
		check (worker_id is not null or worker_wallet is not null),
	constraint loans_worker_wallet_check
		check (worker_wallet ~ '^0x[0-9a-f]{40}$'),
	constraint loans_contract_address_check
		check (contract_address ~ '^0x[0-9a-f]{40}$'),
	constraint loans_contract_check
		check (num_nulls(chain_id, contract_address, contract_loan_id)
			in (0, 3)),
	constraint loans_requested_amount_check check (requested_amount_usdc >= 0),
	constraint loans_approved_amount_check check (approved_amount_usdc >= 0),
	constraint loans_fee_check check (fee_usdc >= 0),
	constraint loans_fee_percentage_check
		check (fee_percentage between 0 and 100),
	constraint loans_total_owed_check check (total_owed_usdc >= 0),
	constraint loans_remaining_balance_check
		check (remaining_balance_usdc >= 0),
	constraint loans_risk_score_check check (risk_score between 0 and 1000),
	constraint loans_predicted_earnings_check
		check (predicted_earnings_7d >= 0),
	constraint loans_repayment_task_count_check
		check (repayment_task_count > 0),
	constraint loans_tasks_repaid_check check (tasks_repaid >= 0),
	constraint loans_metadata_check
		check (jsonb_typeof(metadata) = 'object')
);
create index idx_loans_worker on public.loans (worker_id, status);
create index idx_loans_status on public.loans (status);
create index idx_loans_active on public.loans (worker_id)
	where status in ('approved', 'disbursed', 'active', 'repaying');
create index idx_loans_due on public.loans (due_date)
	where status in ('disbursed', 'active', 'repaying');
create index idx_loans_created on public.loans (created_at);

-- On the chain a transaction is (chain, tx_hash, from, to, amount, ordinal):
-- ordinal tells equal movements of one transaction apart. log_index is where
-- it stands now and changes when a reorg includes it anew.
create table public.transactions (
	id uuid primary key default public.gigstream_uuid(),
	worker_id uuid references public.workers on delete set null,
	platform_id uuid references public.platforms on delete set null,
	task_id uuid references public.tasks on delete set null,
	stream_id uuid references public.streams on delete set null,
	loan_id uuid references public.loans on delete set null,
	type public.transaction_type not null,
	status public.transaction_status not null default 'pending',
	amount_usdc numeric(78,6) not null,
	fee_usdc numeric(78,6) not null default 0,
	from_wallet text not null,
	to_wallet text not null,
	chain_id bigint not null,
	tx_hash text,
	ordinal integer not null default 0,
	log_index integer,
	block_number bigint,
	block_hash text,
	confirmations bigint not null default 0,
	error_message text,
	retry_count integer not null default 0,
	submitted_at timestamptz,
	confirmed_at timestamptz,
	metadata jsonb not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint transactions_identity_key unique
		(chain_id, tx_hash, from_wallet, to_wallet, amount_usdc, ordinal),
	constraint transactions_amount_check check (amount_usdc >= 0),
	constraint transactions_fee_check check (fee_usdc >= 0),
	constraint transactions_from_wallet_check
		check (from_wallet ~ '^0x[0-9a-f]{40}$'),
	constraint transactions_to_wallet_check
		check (to_wallet ~ '^0x[0-9a-f]{40}$'),
	constraint transactions_chain_id_check check (chain_id > 0),
	constraint transactions_tx_hash_check
		check (tx_hash ~ '^0x[0-9a-f]{64}$'),
	constraint transactions_block_hash_check
		check (block_hash ~ '^0x[0-9a-f]{64}$'),
	constraint transactions_block_check
		check (num_nulls(block_number, block_hash, log_index) in (0, 3)
			and (block_number is null or tx_hash is not null)),
	constraint transactions_hash_known_check
		check (status not in ('submitted', 'confirmed')
			or tx_hash is not null),
	constraint transactions_ordinal_check check (ordinal >= 0),
	constraint transactions_log_index_check check (log_index >= 0),
	constraint transactions_block_number_check check (block_number >= 0),
	constraint transactions_confirmations_check check (confirmations >= 0),
	constraint transactions_retry_count_check check (retry_count >= 0),
	constraint transactions_metadata_check
		check (jsonb_typeof(metadata) = 'object')
);
create unique index idx_transactions_tx_hash
	on public.transactions (chain_id, tx_hash, log_index);
create index idx_transactions_from on public.transactions (from_wallet);
create index idx_transactions_to on public.transactions (to_wallet);
create index idx_transactions_worker
	on public.transactions (worker_id, created_at);
create index idx_transactions_status on public.transactions (status);
create index idx_transactions_type on public.transactions (type);
create index idx_transactions_created on public.transactions (created_at);
-- Serves the confirmation of everything up to the final block.
create index idx_transactions_pending
	on public.transactions (chain_id, block_number)
	where status in ('pending', 'submitted');
create index transactions_platform on public.transactions (platform_id)
	where platform_id is not null;
create index transactions_task on public.transactions (task_id)
	where task_id is not null;
create index transactions_stream on public.transactions (stream_id)
	where stream_id is not null;
create index transactions_loan on public.transactions (loan_id)
	where loan_id is not null;

create table public.reputation_events (
	id uuid primary key default public.gigstream_uuid(),
	worker_id uuid references public.workers on delete restrict,
	task_id uuid references public.tasks on delete restrict,
	worker_wallet text,
	chain_id bigint,
	block_hash text,
	log_index integer,
	event_type public.reputation_event_type not null,
	points_delta integer not null,
	previous_score integer,
	new_score integer,
	description text,
	triggered_by text not null default 'system',
	metadata jsonb not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint reputation_events_fact_key
		unique (chain_id, block_hash, log_index),
	constraint reputation_events_fact_check
		check (num_nulls(chain_id, block_hash, log_index) in (0, 3)),
	constraint reputation_events_block_hash_check
		check (block_hash ~ '^0x[0-9a-f]{64}$'),
	constraint reputation_events_worker_check
		check (worker_id is not null or worker_wallet is not null),
	constraint reputation_events_worker_wallet_check
		check (worker_wallet ~ '^0x[0-9a-f]{40}$'),
	constraint reputation_events_points_delta_check
		check (points_delta between -1000 and 1000),
	constraint reputation_events_previous_score_check
		check (previous_score between 0 and 1000),
	constraint reputation_events_new_score_check
		check (new_score between 0 and 1000),
	constraint reputation_events_metadata_check
		check (jsonb_typeof(metadata) = 'object')
);
create index idx_reputation_worker
	on public.reputation_events (worker_id, created_at);
create index idx_reputation_task on public.reputation_events (task_id);
create index idx_reputation_type on public.reputation_events (event_type);
create index idx_reputation_created on public.reputation_events (created_at);

create table public.audit_logs (
	id uuid primary key default public.gigstream_uuid(),
	actor_type text not null,
	actor_id text,
	action text not null,
	resource_type text not null,
	resource_id text,
	ip_address inet,
	user_agent text,
	request_id text,
	changes_before jsonb,
	changes_after jsonb,
	success boolean not null default true,
	error_message text,
	metadata jsonb not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint audit_logs_actor_type_check
		check (actor_type in ('worker', 'platform', 'operator', 'system')),
	constraint audit_logs_action_check
		check (length(action) between 1 and 200),
	constraint audit_logs_resource_type_check
		check (length(resource_type) between 1 and 200),
	constraint audit_logs_metadata_check
		check (jsonb_typeof(metadata) = 'object')
);
create index idx_audit_actor
	on public.audit_logs (actor_type, actor_id, created_at);
create index idx_audit_action on public.audit_logs (action, created_at);
create index idx_audit_resource
	on public.audit_logs (resource_type, resource_id, created_at);
create index idx_audit_created on public.audit_logs (created_at);
