-- Every statistic that differs from what the rows themselves say: counted here
-- in the plainest way, by nothing that the triggers use.
create function pg_temp.wrong_statistics() returns setof text
language sql as $$
	select format('worker %s: %s instead of %s', w.id,
		(w.total_tasks, w.total_earned, w.completion_rate), x)
	from public.workers w, lateral (
		select count(*) filter (where t.status = 'completed'),
			coalesce(sum(t.payment_amount_usdc) filter
				(where t.status = 'completed'), 0),
			coalesce(round(100.0 * count(*) filter
				(where t.status = 'completed')
				/ nullif(count(*), 0), 2), 0)
		from public.tasks t
		where t.worker_id = w.id and t.deleted_at is null
	) x (total_tasks, total_earned, completion_rate)
	where (w.total_tasks, w.total_earned, w.completion_rate)
		is distinct from (x.total_tasks, x.total_earned,
		x.completion_rate)
	union all
	select format('platform %s: %s instead of %s', p.id,
		(p.total_tasks, p.unique_workers, p.total_payouts), (x, y))
	from public.platforms p, lateral (
		select count(*), count(distinct t.worker_id)
		from public.tasks t
		where t.platform_id = p.id and t.deleted_at is null
	) x (total_tasks, unique_workers), lateral (
		select coalesce(sum(t.amount_usdc), 0)
		from public.transactions t
		where t.platform_id = p.id and t.type = 'payout'
			and t.status = 'confirmed'
	) y (total_payouts)
	where (p.total_tasks, p.unique_workers, p.total_payouts)
		is distinct from (x.total_tasks, x.unique_workers,
		y.total_payouts)
	union all
	select format('worker %s, %s: %s instead of %s', w.id, what, has, should)
	from public.workers w
	left join stats.workers s on s.worker_id = w.id, lateral (
		select 'open', coalesce(s.open, 0), (select count(*)
			from public.tasks t where t.worker_id = w.id
			and t.deleted_at is null and t.status in
			('created', 'assigned', 'in_progress'))
		union all
		select 'cancelled', coalesce(s.cancelled, 0), (select count(*)
			from public.tasks t where t.worker_id = w.id
			and t.deleted_at is null and t.status = 'cancelled')
		union all
		select 'payouts', coalesce(s.payouts_usdc, 0), (select
			coalesce(sum(amount_usdc), 0) from public.transactions t
			where t.worker_id = w.id and t.type = 'payout'
			and t.status = 'confirmed')
		union all
		select 'in flight', coalesce(s.in_flight_usdc, 0), (select
			coalesce(sum(amount_usdc), 0) from public.transactions t
			where t.worker_id = w.id and t.type = 'payout'
			and t.status in ('pending', 'submitted'))
		union all
		select 'active streams', coalesce(s.active_streams, 0), (select
			count(*) from public.streams t
			where t.worker_id = w.id and t.status = 'active')
		union all
		select 'claimed', coalesce(s.claimed_usdc, 0), (select
			coalesce(sum(claimed_amount_usdc), 0)
			from public.streams t where t.worker_id = w.id)
		union all
		select 'loans', coalesce(s.loans, 0), (select count(*)
			from public.loans t where t.worker_id = w.id)
		union all
		select 'outstanding', coalesce(s.outstanding_usdc, 0), (select
			coalesce(sum(remaining_balance_usdc), 0)
			from public.loans t where t.worker_id = w.id
			and t.status in ('disbursed', 'active', 'repaying',
			'defaulted'))
	) c (what, has, should)
	where has <> should
	union all
	select format('platform %s, escrowed: %s instead of %s', p.id,
		s.escrowed_usdc, x.should)
	from public.platforms p
	left join stats.platforms s on s.platform_id = p.id, lateral (
		select coalesce(sum(t.total_amount_usdc - t.claimed_amount_usdc
			- t.refunded_amount_usdc), 0)
		from public.streams t where t.platform_id = p.id
	) x (should)
	where coalesce(s.escrowed_usdc, 0) <> x.should
	union all
	select format('platform %s, %s tasks: %s instead of %s', p.id, k,
		(s.tasks, s.open, s.completed, s.completed_usdc, s.seconds), x)
	from public.platforms p
	cross join unnest(enum_range(null::public.task_type)) k
	left join stats.tasks s on s.platform_id = p.id and s.type = k,
	lateral (
		select count(*), count(*) filter (where t.status in
			('created', 'assigned', 'in_progress')),
			count(*) filter (where t.status = 'completed'),
			coalesce(sum(t.payment_amount_usdc) filter (where
				t.status = 'completed'), 0),
			coalesce(sum(extract(epoch from t.completed_at
				- t.created_at)) filter (where
				t.status = 'completed'), 0)
		from public.tasks t
		where t.platform_id = p.id and t.type = k
			and t.deleted_at is null
	) x (tasks, open, completed, completed_usdc, seconds)
	where (coalesce(s.tasks, 0), coalesce(s.open, 0),
		coalesce(s.completed, 0), coalesce(s.completed_usdc, 0),
		coalesce(s.seconds, 0)) is distinct from (x.tasks, x.open,
		x.completed, x.completed_usdc, x.seconds)
$$;
