-- The 8 tables of the payment domain and the columns each has.
begin;
select plan(33);

select tables_are('public', array['workers', 'platforms', 'tasks', 'streams',
	'transactions', 'reputation_events', 'loans', 'audit_logs']);

create temporary table expected (name name, columns name[]) on commit drop;
insert into expected values
	('workers', array['email', 'email_verified', 'password_hash',
		'display_name', 'wallet_address', 'wallet_id', 'phone_number',
		'reputation_score', 'total_tasks', 'total_earned',
		'completion_rate', 'account_age_days', 'status', 'kyc_status',
		'last_login_at', 'deleted_at']),
	('platforms', array['name', 'email', 'api_key_hash', 'wallet_address',
		'webhook_url', 'webhook_secret', 'total_payouts',
		'total_tasks', 'unique_workers', 'status', 'deleted_at']),
	('tasks', array['worker_id', 'platform_id', 'external_task_id',
		'title', 'description', 'type', 'payment_amount_usdc',
		'paid_amount_usdc', 'status', 'due_date', 'completed_at',
		'verification_data', 'verification_status', 'worker_rating',
		'platform_rating', 'deleted_at']),
	('streams', array['worker_id', 'platform_id', 'worker_wallet',
		'platform_wallet', 'task_id', 'chain_id', 'contract_address',
		'contract_stream_id', 'total_amount_usdc',
		'released_amount_usdc', 'claimed_amount_usdc',
		'refunded_amount_usdc', 'start_time', 'end_time',
		'release_interval', 'next_release_at', 'status', 'paused_at',
		'completed_at', 'cancelled_at', 'blocked_reason']),
	('transactions', array['worker_id', 'platform_id', 'task_id',
		'stream_id', 'loan_id', 'type', 'status', 'amount_usdc',
		'fee_usdc', 'from_wallet', 'to_wallet', 'chain_id', 'tx_hash',
		'ordinal', 'log_index', 'block_number', 'block_hash',
		'confirmations', 'error_message', 'retry_count',
		'submitted_at', 'confirmed_at', 'blocked_reason']),
	('reputation_events', array['worker_id', 'task_id', 'worker_wallet',
		'chain_id', 'block_hash', 'log_index', 'event_type',
		'points_delta', 'previous_score', 'new_score', 'description',
		'triggered_by']),
	('loans', array['worker_id', 'worker_wallet', 'chain_id',
		'contract_address', 'contract_loan_id',
		'requested_amount_usdc', 'approved_amount_usdc', 'fee_usdc',
		'fee_percentage', 'total_owed_usdc', 'repaid_amount_usdc',
		'remaining_balance_usdc',
		'risk_score', 'predicted_earnings_7d', 'status',
		'requested_at', 'approved_at', 'disbursed_at', 'due_date',
		'repaid_at', 'defaulted_at', 'repayment_task_count',
		'tasks_repaid', 'rejection_reason']),
	('audit_logs', array['actor_type', 'actor_id', 'action',
		'resource_type', 'resource_id', 'ip_address', 'user_agent',
		'request_id', 'changes_before', 'changes_after', 'success',
		'error_message']);

select columns_are('public', name,
	columns || array['id', 'metadata', 'created_at', 'updated_at']::name[])
from expected;

-- What every table has.
select col_is_pk('public', name, 'id'::name,
	name || ' is found by its id') from expected;
select col_type_is('public', name, 'id'::name, 'uuid',
	name || '.id is a uuid') from expected;
select col_type_is('public', name, 'metadata'::name, 'jsonb',
	name || '.metadata is jsonb') from expected;

select * from finish();
rollback;
