-- What analysts and dashboards ask. The totals come from stats.*, so that no
-- view reads all tasks or all transactions. A view reads with its owner's
-- rights; names are shown to those who may read them in the table itself.
create function stats.may_read(relation text, name text) returns boolean
language sql stable parallel safe as $$
	select has_column_privilege(current_user, relation, name, 'select')
$$;

create view public.worker_earnings_view as
select w.id as worker_id,
	case when (select stats.may_read('public.workers',
		'display_name')) then w.display_name end as display_name,
	w.wallet_address, w.status, w.reputation_score, w.account_age_days,
	coalesce(t.tasks, 0) as tasks_given,
	coalesce(t.open, 0) as tasks_open,
	coalesce(t.completed, 0) as tasks_completed,
	coalesce(t.disputed, 0) as tasks_disputed,
	coalesce(t.cancelled, 0) as tasks_cancelled,
	w.completion_rate,
	w.total_earned,
	case when t.completed > 0
		then round(t.earned_usdc / t.completed, 6) end
		as average_task_usdc,
	coalesce(t.payouts, 0) as payouts,
	coalesce(t.payouts_usdc, 0) as paid_usdc,
	coalesce(t.in_flight, 0) as payouts_in_flight,
	coalesce(t.in_flight_usdc, 0) as in_flight_usdc,
	coalesce(t.active_streams, 0) as active_streams,
	coalesce(t.streamed_usdc, 0) as streamed_usdc,
	coalesce(t.claimed_usdc, 0) as claimed_usdc,
	coalesce(t.streamed_usdc - t.claimed_usdc, 0) as claimable_usdc,
	coalesce(t.loans, 0) as loans,
	coalesce(t.active_loans, 0) as active_loans,
	coalesce(t.repaid_loans, 0) as repaid_loans,
	coalesce(t.defaulted_loans, 0) as defaulted_loans,
	coalesce(t.borrowed_usdc, 0) as borrowed_usdc,
	coalesce(t.outstanding_usdc, 0) as outstanding_usdc,
	w.created_at as registered_at
from public.workers w
left join stats.workers t on t.worker_id = w.id
where w.deleted_at is null;

create view public.platform_performance_view as
select p.id as platform_id, p.name, p.status,
	p.total_tasks,
	coalesce(t.open, 0) as tasks_open,
	coalesce(t.completed, 0) as tasks_completed,
	coalesce(t.disputed, 0) as tasks_disputed,
	coalesce(t.cancelled, 0) as tasks_cancelled,
	stats.percent(t.completed, t.tasks) as completion_rate,
	p.unique_workers,
	coalesce(e.busy, 0) as busy_workers,
	case when p.unique_workers > 0
		then round(p.total_tasks::numeric / p.unique_workers, 2) end
		as tasks_per_worker,
	make_interval(secs => (t.seconds / nullif(t.completed, 0))
		::double precision) as average_completion_time,
	round(t.worker_rating_sum::numeric / nullif(t.worker_ratings, 0), 2)
		as average_worker_rating,
	round(t.platform_rating_sum::numeric / nullif(t.platform_ratings, 0),
		2) as average_platform_rating,
	p.total_payouts,
	coalesce(m.payouts, 0) as payouts,
	round(m.payouts_usdc / nullif(m.payouts, 0), 6)
		as average_payout_usdc,
	coalesce(m.in_flight, 0) as payouts_in_flight,
	coalesce(m.in_flight_usdc, 0) as in_flight_usdc,
	coalesce(m.refunds_usdc, 0) as refunded_usdc,
	coalesce(m.fees_usdc, 0) as fees_usdc,
	coalesce(t.completed_usdc, 0) as completed_tasks_usdc,
	coalesce(t.open_usdc, 0) as open_tasks_usdc,
	coalesce(m.active_streams, 0) as active_streams,
	coalesce(m.streamed_usdc, 0) as streamed_usdc,
	coalesce(m.escrowed_usdc, 0) as escrowed_usdc,
	p.created_at as registered_at
from public.platforms p
left join stats.platforms m on m.platform_id = p.id
left join (
	select platform_id, sum(tasks) as tasks, sum(open) as open,
		sum(completed) as completed, sum(disputed) as disputed,
		sum(cancelled) as cancelled, sum(seconds) as seconds,
		sum(open_usdc) as open_usdc,
		sum(completed_usdc) as completed_usdc,
		sum(worker_ratings) as worker_ratings,
		sum(worker_rating_sum) as worker_rating_sum,
		sum(platform_ratings) as platform_ratings,
		sum(platform_rating_sum) as platform_rating_sum
	from stats.tasks
	group by platform_id
) t on t.platform_id = p.id
left join (
	select platform_id, count(*) as busy
	from stats.platform_workers
	where open > 0
	group by platform_id
) e on e.platform_id = p.id
where p.deleted_at is null;

-- One row a platform and type of task. success_rate: of those that have ended.
create view public.task_completion_stats_view as
select t.platform_id, p.name as platform_name, t.type, t.tasks,
	t.unassigned as tasks_unassigned,
	t.open as tasks_open,
	t.completed as tasks_completed,
	t.disputed as tasks_disputed,
	t.cancelled as tasks_cancelled,
	stats.percent(t.completed, t.tasks) as completion_rate,
	stats.percent(t.completed, t.completed + t.disputed + t.cancelled)
		as success_rate,
	make_interval(secs => (t.seconds / nullif(t.completed, 0))
		::double precision) as average_completion_time,
	t.on_time as completed_on_time,
	t.late as completed_late,
	stats.percent(t.on_time, t.on_time + t.late) as on_time_rate,
	round(t.completed_usdc / nullif(t.completed, 0), 6)
		as average_payment_usdc,
	t.completed_usdc,
	round(t.worker_rating_sum::numeric / nullif(t.worker_ratings, 0), 2)
		as average_worker_rating,
	round(t.platform_rating_sum::numeric / nullif(t.platform_ratings, 0),
		2) as average_platform_rating
from stats.tasks t
join public.platforms p on p.id = t.platform_id
where p.deleted_at is null and t.tasks > 0;

-- One row an event; one that came before its wallet was registered names the
-- wallet only. (One join, so that the newest events are found by their index.)
create view public.reputation_history_view as
select e.id as event_id, e.worker_id,
	case when (select stats.may_read('public.workers',
		'display_name')) then w.display_name end as display_name,
	coalesce(e.worker_wallet, w.wallet_address) as worker_wallet,
	e.event_type, e.points_delta, e.previous_score, e.new_score,
	e.new_score - e.previous_score as score_change,
	w.reputation_score as current_score, e.task_id, e.description,
	e.triggered_by, e.chain_id is not null as from_chain, e.created_at
from public.reputation_events e
left join public.workers w on w.id = e.worker_id
where w.deleted_at is null;

create view public.loan_repayment_status_view as
select l.id as loan_id, l.worker_id,
	case when (select stats.may_read('public.workers',
		'display_name')) then w.display_name end as display_name,
	coalesce(l.worker_wallet, w.wallet_address) as worker_wallet,
	l.status, l.requested_amount_usdc, l.approved_amount_usdc, l.fee_usdc,
	l.fee_percentage, l.total_owed_usdc, l.remaining_balance_usdc,
	greatest(l.total_owed_usdc - l.remaining_balance_usdc, 0)
		as repaid_usdc,
	stats.percent(l.total_owed_usdc - l.remaining_balance_usdc,
		l.total_owed_usdc) as repaid_percent,
	l.tasks_repaid, l.repayment_task_count,
	greatest(l.repayment_task_count - l.tasks_repaid, 0)
		as tasks_remaining,
	case when l.status in ('disbursed', 'active', 'repaying')
		then round(l.remaining_balance_usdc / greatest(
			l.repayment_task_count - l.tasks_repaid, 1), 6) end
		as next_instalment_usdc,
	l.status in ('disbursed', 'active', 'repaying')
		and l.due_date < now() as is_overdue,
	case when l.status in ('disbursed', 'active', 'repaying')
		and l.due_date < now()
		then extract(day from now() - l.due_date)::integer end
		as days_overdue,
	l.status = 'defaulted' as is_defaulted, l.risk_score,
	l.predicted_earnings_7d, l.rejection_reason, l.requested_at,
	l.approved_at, l.disbursed_at, l.due_date, l.repaid_at, l.defaulted_at
from public.loans l
left join public.workers w on w.id = l.worker_id;

comment on view public.worker_earnings_view is
	'Per worker: tasks, earnings, payouts, streams and loans.';
comment on view public.platform_performance_view is
	'Per platform: activity, payments, and how workers engage.';
comment on view public.task_completion_stats_view is
	'Per platform and type of task: completion times and success rates.';
comment on view public.reputation_history_view is
	'Per reputation event: how its worker''s score changed, and why.';
comment on view public.loan_repayment_status_view is
	'Per loan: what is repaid, what is overdue, what has defaulted.';
