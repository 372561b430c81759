-- The 7 enums: values and order as the seed lists them.
begin;
select plan(8);

select enums_are('public', array['task_type', 'task_status', 'stream_status',
	'transaction_type', 'transaction_status', 'loan_status',
	'reputation_event_type']);
select enum_has_labels('public', 'task_type',
	array['fixed', 'time_based', 'milestone']);
select enum_has_labels('public', 'task_status', array['created', 'assigned',
	'in_progress', 'completed', 'disputed', 'cancelled']);
select enum_has_labels('public', 'stream_status',
	array['active', 'paused', 'completed', 'cancelled']);
select enum_has_labels('public', 'transaction_type',
	array['payout', 'advance', 'refund', 'repayment', 'fee']);
select enum_has_labels('public', 'transaction_status',
	array['pending', 'submitted', 'confirmed', 'failed', 'cancelled']);
select enum_has_labels('public', 'loan_status', array['pending', 'approved',
	'disbursed', 'active', 'repaying', 'repaid', 'defaulted',
	'cancelled']);
select enum_has_labels('public', 'reputation_event_type',
	array['task_completed', 'task_late', 'dispute_filed',
	'dispute_resolved', 'rating_received', 'manual_adjustment']);

select * from finish();
rollback;
