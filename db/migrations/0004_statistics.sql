-- The statistics of workers and platforms, kept by triggers. stats.* holds
-- running totals; what the seed names (workers.total_tasks and so on) is
-- published from there. Each statement adds the difference it makes, once for
-- each worker and platform it touches, however many rows it changes. A row of
-- stats.* is locked by the upsert that adds to it, in the order of its key, so
-- that concurrent statements add up and none is lost.
-- stats.recount() counts everything anew, should triggers have been disabled.
create schema stats;

-- Soft-deleted tasks count nowhere. open: created, assigned or in progress.
create table stats.workers (
	worker_id uuid primary key references public.workers on delete cascade,
	tasks bigint not null default 0,
	open bigint not null default 0,
	completed bigint not null default 0,
	disputed bigint not null default 0,
	cancelled bigint not null default 0,
	earned_usdc numeric not null default 0,
	payouts bigint not null default 0,
	payouts_usdc numeric not null default 0,
	in_flight bigint not null default 0,
	in_flight_usdc numeric not null default 0,
	active_streams bigint not null default 0,
	streamed_usdc numeric not null default 0,
	claimed_usdc numeric not null default 0,
	loans bigint not null default 0,
	active_loans bigint not null default 0,
	repaid_loans bigint not null default 0,
	defaulted_loans bigint not null default 0,
	borrowed_usdc numeric not null default 0,
	outstanding_usdc numeric not null default 0
) with (fillfactor = 70);

create table stats.platforms (
	platform_id uuid primary key
		references public.platforms on delete cascade,
	payouts bigint not null default 0,
	payouts_usdc numeric not null default 0,
	in_flight bigint not null default 0,
	in_flight_usdc numeric not null default 0,
	refunds_usdc numeric not null default 0,
	fees_usdc numeric not null default 0,
	active_streams bigint not null default 0,
	streamed_usdc numeric not null default 0,
	escrowed_usdc numeric not null default 0
) with (fillfactor = 70);

-- Who has worked for whom; no row means no task.
create table stats.platform_workers (
	platform_id uuid not null references public.platforms on delete cascade,
	worker_id uuid not null references public.workers on delete cascade,
	tasks bigint not null,
	open bigint not null,
	primary key (platform_id, worker_id)
) with (fillfactor = 70);
create index platform_workers_worker on stats.platform_workers (worker_id);

-- seconds: from creation to completion, of the `completed` ones. on_time and
-- late: those of them that had a due date.
create table stats.tasks (
	platform_id uuid not null references public.platforms on delete cascade,
	type public.task_type not null,
	tasks bigint not null default 0,
	unassigned bigint not null default 0,
	open bigint not null default 0,
	completed bigint not null default 0,
	disputed bigint not null default 0,
	cancelled bigint not null default 0,
	seconds numeric not null default 0,
	on_time bigint not null default 0,
	late bigint not null default 0,
	open_usdc numeric not null default 0,
	completed_usdc numeric not null default 0,
	worker_ratings bigint not null default 0,
	worker_rating_sum bigint not null default 0,
	platform_ratings bigint not null default 0,
	platform_rating_sum bigint not null default 0,
	primary key (platform_id, type)
) with (fillfactor = 70);

-- What is done once a day, and the last day (UTC) it was done.
create table stats.days (
	task text primary key,
	day date not null
);

-- The scores of the workers in the reputation events of one statement; empty
-- when that has ended.
create unlogged table stats.running_scores (
	worker_id uuid primary key,
	score integer not null
) with (fillfactor = 50);

-- Rows that only a statistic has changed are not touched by anybody.
drop trigger touch on public.workers;
create trigger touch before update of id, email, email_verified, password_hash,
	display_name, wallet_address, wallet_id, phone_number, reputation_score,
	status, kyc_status, last_login_at, metadata, created_at, updated_at,
	deleted_at
	on public.workers for each row execute function public.gigstream_touch();
drop trigger touch on public.platforms;
create trigger touch before update of id, name, email, api_key_hash,
	wallet_address, webhook_url, webhook_secret, status, metadata,
	created_at, updated_at, deleted_at
	on public.platforms for each row
	execute function public.gigstream_touch();

create function stats.is_open(status public.task_status) returns boolean
language sql immutable parallel safe as $$
	select status in ('created', 'assigned', 'in_progress')
$$;

create function stats.percent(part numeric, whole numeric) returns numeric
language sql immutable parallel safe as $$
	select case when whole > 0
		then round(least(greatest(part, 0), whole) * 100 / whole, 2)
		else 0 end
$$;

-- A sum as numeric(78,6) holds it: those of a hostile token may be larger.
create function stats.usdc(total numeric) returns numeric
language sql immutable parallel safe as $$
	select least(greatest(total, 0), 1e72 - 0.000001)
$$;

-- From one text, in which "changes" is rows of the table with a sign (1: added,
-- -1: removed), the triggers of the three events, since a transition table
-- exists only in its own event's; and stats.NAME_all(), which adds every row.
create function stats.watch(relation text, name text, body text)
returns void
language plpgsql as $$
declare
	added constant text := 'select 1 as sign, n.* from new_rows n';
	removed constant text := 'select -1 as sign, o.* from old_rows o';
	event record;
begin
	for event in
		values ('insert', added, 'new table as new_rows'),
			('delete', removed, 'old table as old_rows'),
			('update', added || ' union all ' || removed,
			'old table as old_rows new table as new_rows')
	loop
		execute format('create function stats.%1$s_%2$s() '
			'returns trigger language plpgsql security definer '
			'set search_path = pg_catalog, pg_temp as %3$L',
			name, event.column1, format(E'begin\n%s;\n\t'
			'return null;\nend', replace(body, 'changes',
			'(' || event.column2 || ') changes')));
		execute format('create trigger %1$s_%2$s after %2$s on %3$s '
			'referencing %4$s for each statement '
			'execute function stats.%1$s_%2$s()',
			name, event.column1, relation, event.column3);
	end loop;
	execute format('create function stats.%1$s_all() returns void '
		'language plpgsql as %2$L', name, format(E'begin\n%s;\nend',
		replace(body, 'changes', format('(select 1 as sign, r.* '
		'from %s r) changes', relation))));
end
$$;

-- Worker statistics: total_tasks counts the completed ones, total_earned is
-- their payment, completion_rate their share of all that were given.
select stats.watch('public.tasks', 'worker_tasks', $body$
	with difference as (
		select worker_id, sum(sign) as tasks,
			coalesce(sum(sign) filter (where
				stats.is_open(status)), 0) as open,
			coalesce(sum(sign) filter (where
				status = 'completed'), 0) as completed,
			coalesce(sum(sign) filter (where
				status = 'disputed'), 0) as disputed,
			coalesce(sum(sign) filter (where
				status = 'cancelled'), 0) as cancelled,
			coalesce(sum(sign * payment_amount_usdc) filter (where
				status = 'completed'), 0) as earned
		from changes
		where worker_id is not null and deleted_at is null
		group by worker_id
	), total as (
		insert into stats.workers as t (worker_id, tasks, open,
			completed, disputed, cancelled, earned_usdc)
		select d.worker_id, d.tasks, d.open, d.completed, d.disputed,
			d.cancelled, d.earned
		from difference d
		join public.workers w on w.id = d.worker_id
		where (d.tasks, d.open, d.completed, d.disputed, d.cancelled,
			d.earned) <> (0, 0, 0, 0, 0, 0)
		order by d.worker_id
		on conflict (worker_id) do update
		set tasks = t.tasks + excluded.tasks,
			open = t.open + excluded.open,
			completed = t.completed + excluded.completed,
			disputed = t.disputed + excluded.disputed,
			cancelled = t.cancelled + excluded.cancelled,
			earned_usdc = t.earned_usdc + excluded.earned_usdc
		returning t.worker_id, t.tasks, t.completed, t.earned_usdc
	)
	update public.workers w
	set total_tasks = greatest(t.completed, 0),
		total_earned = stats.usdc(t.earned_usdc),
		completion_rate = stats.percent(t.completed, t.tasks)
	from total t
	where w.id = t.worker_id
		and (w.total_tasks, w.total_earned, w.completion_rate)
			<> (t.completed, stats.usdc(t.earned_usdc),
			stats.percent(t.completed, t.tasks))
$body$);

-- Platform statistics: total_tasks counts the tasks that are not deleted,
-- unique_workers those who have one of them.
select stats.watch('public.tasks', 'platform_workers', $body$
	with difference as (
		select platform_id, worker_id, sum(sign) as tasks,
			coalesce(sum(sign) filter (where
				stats.is_open(status)), 0) as open
		from changes
		where worker_id is not null and deleted_at is null
		group by platform_id, worker_id
	), pair as (
		insert into stats.platform_workers as t (platform_id,
			worker_id, tasks, open)
		select d.platform_id, d.worker_id, d.tasks, d.open
		from difference d
		join public.platforms p on p.id = d.platform_id
		join public.workers w on w.id = d.worker_id
		where (d.tasks, d.open) <> (0, 0)
		order by d.platform_id, d.worker_id
		on conflict (platform_id, worker_id) do update
		set tasks = t.tasks + excluded.tasks,
			open = t.open + excluded.open
		returning t.platform_id, t.worker_id, t.tasks
	), news as (
		select p.platform_id, sum((p.tasks > 0)::integer
			- (p.tasks - d.tasks > 0)::integer) as workers
		from pair p
		join difference d using (platform_id, worker_id)
		group by p.platform_id
	)
	update public.platforms p
	set unique_workers = greatest(p.unique_workers + n.workers, 0)
	from news n
	where p.id = n.platform_id and n.workers <> 0
$body$);

select stats.watch('public.tasks', 'platform_tasks', $body$
	with difference as (
		select platform_id, type, sum(sign) as tasks,
			coalesce(sum(sign) filter (where worker_id is null),
				0) as unassigned,
			coalesce(sum(sign) filter (where
				stats.is_open(status)), 0) as open,
			coalesce(sum(sign) filter (where
				status = 'completed'), 0) as completed,
			coalesce(sum(sign) filter (where
				status = 'disputed'), 0) as disputed,
			coalesce(sum(sign) filter (where
				status = 'cancelled'), 0) as cancelled,
			coalesce(sum(sign * extract(epoch from
				completed_at - created_at)) filter (where
				status = 'completed'), 0) as seconds,
			coalesce(sum(sign) filter (where status = 'completed'
				and completed_at <= due_date), 0) as on_time,
			coalesce(sum(sign) filter (where status = 'completed'
				and completed_at > due_date), 0) as late,
			coalesce(sum(sign * payment_amount_usdc) filter (where
				stats.is_open(status)), 0) as open_usdc,
			coalesce(sum(sign * payment_amount_usdc) filter (where
				status = 'completed'), 0) as completed_usdc,
			coalesce(sum(sign) filter (where
				worker_rating is not null), 0)
				as worker_ratings,
			coalesce(sum(sign * worker_rating), 0)
				as worker_rating_sum,
			coalesce(sum(sign) filter (where
				platform_rating is not null), 0)
				as platform_ratings,
			coalesce(sum(sign * platform_rating), 0)
				as platform_rating_sum
		from changes
		where deleted_at is null
		group by platform_id, type
	), total as (
		insert into stats.tasks as t
		select d.*
		from difference d
		join public.platforms p on p.id = d.platform_id
		where (d.tasks, d.unassigned, d.open, d.completed, d.disputed,
			d.cancelled, d.seconds, d.on_time, d.late, d.open_usdc,
			d.completed_usdc, d.worker_ratings,
			d.worker_rating_sum, d.platform_ratings,
			d.platform_rating_sum)
			<> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		order by d.platform_id, d.type
		on conflict (platform_id, type) do update
		set tasks = t.tasks + excluded.tasks,
			unassigned = t.unassigned + excluded.unassigned,
			open = t.open + excluded.open,
			completed = t.completed + excluded.completed,
			disputed = t.disputed + excluded.disputed,
			cancelled = t.cancelled + excluded.cancelled,
			seconds = t.seconds + excluded.seconds,
			on_time = t.on_time + excluded.on_time,
			late = t.late + excluded.late,
			open_usdc = t.open_usdc + excluded.open_usdc,
			completed_usdc = t.completed_usdc
				+ excluded.completed_usdc,
			worker_ratings = t.worker_ratings
				+ excluded.worker_ratings,
			worker_rating_sum = t.worker_rating_sum
				+ excluded.worker_rating_sum,
			platform_ratings = t.platform_ratings
				+ excluded.platform_ratings,
			platform_rating_sum = t.platform_rating_sum
				+ excluded.platform_rating_sum
		returning t.platform_id, t.type
	), news as (
		select t.platform_id, sum(d.tasks) as tasks
		from total t
		join difference d using (platform_id, type)
		group by t.platform_id
	)
	update public.platforms p
	set total_tasks = greatest(p.total_tasks + n.tasks, 0)
	from news n
	where p.id = n.platform_id and n.tasks <> 0
$body$);

-- Payouts: what a worker has got, and what is on its way.
select stats.watch('public.transactions', 'worker_payouts', $body$
	with difference as (
		select worker_id,
			coalesce(sum(sign) filter (where
				status = 'confirmed'), 0) as payouts,
			coalesce(sum(sign * amount_usdc) filter (where
				status = 'confirmed'), 0) as payouts_usdc,
			coalesce(sum(sign) filter (where status in
				('pending', 'submitted')), 0) as in_flight,
			coalesce(sum(sign * amount_usdc) filter (where status
				in ('pending', 'submitted')), 0)
				as in_flight_usdc
		from changes
		where worker_id is not null and type = 'payout'
		group by worker_id
	)
	insert into stats.workers as t (worker_id, payouts, payouts_usdc,
		in_flight, in_flight_usdc)
	select d.*
	from difference d
	join public.workers w on w.id = d.worker_id
	where (d.payouts, d.payouts_usdc, d.in_flight, d.in_flight_usdc)
		<> (0, 0, 0, 0)
	order by d.worker_id
	on conflict (worker_id) do update
	set payouts = t.payouts + excluded.payouts,
		payouts_usdc = t.payouts_usdc + excluded.payouts_usdc,
		in_flight = t.in_flight + excluded.in_flight,
		in_flight_usdc = t.in_flight_usdc + excluded.in_flight_usdc
$body$);

-- Platform statistics: total_payouts is the USDC of its confirmed payouts.
select stats.watch('public.transactions', 'platform_payouts', $body$
	with difference as (
		select platform_id,
			coalesce(sum(sign) filter (where type = 'payout'
				and status = 'confirmed'), 0) as payouts,
			coalesce(sum(sign * amount_usdc) filter (where
				type = 'payout' and status = 'confirmed'), 0)
				as payouts_usdc,
			coalesce(sum(sign) filter (where type = 'payout' and
				status in ('pending', 'submitted')), 0)
				as in_flight,
			coalesce(sum(sign * amount_usdc) filter (where
				type = 'payout' and status in
				('pending', 'submitted')), 0)
				as in_flight_usdc,
			coalesce(sum(sign * amount_usdc) filter (where
				type = 'refund' and status = 'confirmed'), 0)
				as refunds_usdc,
			coalesce(sum(sign * amount_usdc) filter (where
				type = 'fee' and status = 'confirmed'), 0)
				as fees_usdc
		from changes
		where platform_id is not null
		group by platform_id
	), total as (
		insert into stats.platforms as t (platform_id, payouts,
			payouts_usdc, in_flight, in_flight_usdc, refunds_usdc,
			fees_usdc)
		select d.*
		from difference d
		join public.platforms p on p.id = d.platform_id
		where (d.payouts, d.payouts_usdc, d.in_flight,
			d.in_flight_usdc, d.refunds_usdc, d.fees_usdc)
			<> (0, 0, 0, 0, 0, 0)
		order by d.platform_id
		on conflict (platform_id) do update
		set payouts = t.payouts + excluded.payouts,
			payouts_usdc = t.payouts_usdc + excluded.payouts_usdc,
			in_flight = t.in_flight + excluded.in_flight,
			in_flight_usdc = t.in_flight_usdc
				+ excluded.in_flight_usdc,
			refunds_usdc = t.refunds_usdc + excluded.refunds_usdc,
			fees_usdc = t.fees_usdc + excluded.fees_usdc
		returning t.platform_id, t.payouts_usdc
	)
	update public.platforms p
	set total_payouts = stats.usdc(t.payouts_usdc)
	from total t
	where p.id = t.platform_id
		and p.total_payouts <> stats.usdc(t.payouts_usdc)
$body$);

-- Streams: what has been released to a worker and claimed, and what is still
-- held for a platform.
select stats.watch('public.streams', 'worker_streams', $body$
	with difference as (
		select worker_id,
			coalesce(sum(sign) filter (where
				status = 'active'), 0) as active,
			sum(sign * released_amount_usdc) as released,
			sum(sign * claimed_amount_usdc) as claimed
		from changes
		where worker_id is not null
		group by worker_id
	)
	insert into stats.workers as t (worker_id, active_streams,
		streamed_usdc, claimed_usdc)
	select d.*
	from difference d
	join public.workers w on w.id = d.worker_id
	where (d.active, d.released, d.claimed) <> (0, 0, 0)
	order by d.worker_id
	on conflict (worker_id) do update
	set active_streams = t.active_streams + excluded.active_streams,
		streamed_usdc = t.streamed_usdc + excluded.streamed_usdc,
		claimed_usdc = t.claimed_usdc + excluded.claimed_usdc
$body$);

select stats.watch('public.streams', 'platform_streams', $body$
	with difference as (
		select platform_id,
			coalesce(sum(sign) filter (where
				status = 'active'), 0) as active,
			sum(sign * released_amount_usdc) as released,
			sum(sign * (total_amount_usdc - claimed_amount_usdc
				- refunded_amount_usdc)) as escrowed
		from changes
		where platform_id is not null
		group by platform_id
	)
	insert into stats.platforms as t (platform_id, active_streams,
		streamed_usdc, escrowed_usdc)
	select d.*
	from difference d
	join public.platforms p on p.id = d.platform_id
	where (d.active, d.released, d.escrowed) <> (0, 0, 0)
	order by d.platform_id
	on conflict (platform_id) do update
	set active_streams = t.active_streams + excluded.active_streams,
		streamed_usdc = t.streamed_usdc + excluded.streamed_usdc,
		escrowed_usdc = t.escrowed_usdc + excluded.escrowed_usdc
$body$);

-- Loans: active from approval to repayment; borrowed is what was paid out.
select stats.watch('public.loans', 'worker_loans', $body$
	with difference as (
		select worker_id, sum(sign) as loans,
			coalesce(sum(sign) filter (where status in ('approved',
				'disbursed', 'active', 'repaying')), 0)
				as active,
			coalesce(sum(sign) filter (where
				status = 'repaid'), 0) as repaid,
			coalesce(sum(sign) filter (where
				status = 'defaulted'), 0) as defaulted,
			coalesce(sum(sign * approved_amount_usdc) filter (where
				disbursed_at is not null), 0) as borrowed,
			coalesce(sum(sign * remaining_balance_usdc) filter
				(where status in ('disbursed', 'active',
				'repaying', 'defaulted')), 0) as outstanding
		from changes
		where worker_id is not null
		group by worker_id
	)
	insert into stats.workers as t (worker_id, loans, active_loans,
		repaid_loans, defaulted_loans, borrowed_usdc, outstanding_usdc)
	select d.*
	from difference d
	join public.workers w on w.id = d.worker_id
	where (d.loans, d.active, d.repaid, d.defaulted, d.borrowed,
		d.outstanding) <> (0, 0, 0, 0, 0, 0)
	order by d.worker_id
	on conflict (worker_id) do update
	set loans = t.loans + excluded.loans,
		active_loans = t.active_loans + excluded.active_loans,
		repaid_loans = t.repaid_loans + excluded.repaid_loans,
		defaulted_loans = t.defaulted_loans + excluded.defaulted_loans,
		borrowed_usdc = t.borrowed_usdc + excluded.borrowed_usdc,
		outstanding_usdc = t.outstanding_usdc
			+ excluded.outstanding_usdc
$body$);

-- A worker who is deleted takes the pairs along; its tasks remain, nobody's.
create function stats.forget_pair() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	update public.platforms
	set unique_workers = greatest(unique_workers - 1, 0)
	where id = old.platform_id;
	return null;
end
$$;

create trigger forget_pair after delete on stats.platform_workers
	for each row when (old.tasks > 0)
	execute function stats.forget_pair();

-- Everything anew, from the rows themselves.
create function stats.recount() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
	lock table public.workers, public.platforms, public.tasks,
		public.streams, public.transactions, public.loans
		in share row exclusive mode;
	delete from stats.workers;
	delete from stats.platforms;
	delete from stats.platform_workers;
	delete from stats.tasks;
	update public.workers
	set total_tasks = 0, total_earned = 0, completion_rate = 0
	where (total_tasks, total_earned, completion_rate) <> (0, 0, 0);
	update public.platforms
	set total_payouts = 0, total_tasks = 0, unique_workers = 0
	where (total_payouts, total_tasks, unique_workers) <> (0, 0, 0);
	perform stats.worker_tasks_all(), stats.platform_workers_all(),
		stats.platform_tasks_all(), stats.worker_payouts_all(),
		stats.platform_payouts_all(), stats.worker_streams_all(),
		stats.platform_streams_all(), stats.worker_loans_all();
end
$$;

create function stats.recount_after_truncate() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform stats.recount();
	return null;
end
$$;

-- (Tasks cannot be truncated: reputation_events refer to them.)
create trigger recount after truncate on public.transactions
	for each statement execute function stats.recount_after_truncate();

-- Reputation. An event moves the score of its worker from previous_score by
-- points_delta, within 0..1000; where it comes with a new_score (the chain's
-- word), that counts. Within a statement the running scores are remembered,
-- and each worker is updated once, at its end; the worker's row is locked. What
-- is there already, and is about to meet ON CONFLICT, moves nothing.
create function stats.score_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	if new.worker_id is null then
		select id into new.worker_id from public.workers
		where wallet_address = new.worker_wallet;
	end if;
	select coalesce(r.score, w.reputation_score) into new.previous_score
	from public.workers w
	left join stats.running_scores r on r.worker_id = w.id
	where w.id = new.worker_id
	for no key update of w;
	if not found or exists (select from public.reputation_events e
		where e.id = new.id or (e.chain_id = new.chain_id
			and e.block_hash = new.block_hash
			and e.log_index = new.log_index))
	then
		return new;
	end if;
	new.new_score := coalesce(new.new_score, least(greatest(
		new.previous_score + new.points_delta, 0), 1000));
	insert into stats.running_scores values (new.worker_id, new.new_score)
	on conflict (worker_id) do update set score = excluded.score;
	return new;
end
$$;

create trigger score_event before insert on public.reputation_events
	for each row execute function stats.score_event();

create function stats.publish_scores() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	with running as (
		delete from stats.running_scores r
		using (select distinct worker_id from new_rows) n
		where r.worker_id = n.worker_id
		returning r.worker_id, r.score
	)
	update public.workers w
	set reputation_score = r.score
	from running r
	where w.id = r.worker_id and w.reputation_score <> r.score;
	return null;
end
$$;

create trigger publish_scores after insert on public.reputation_events
	referencing new table as new_rows
	for each statement execute function stats.publish_scores();

-- True once a day (UTC) for each task, whoever asks first.
create function stats.is_due(name text) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	today constant date := (now() at time zone 'UTC')::date;
begin
	insert into stats.days as d (task, day) values (name, today)
	on conflict (task) do update set day = today where d.day < today;
	return found;
end
$$;

-- How many workers have aged; NULL where that was done today already.
create function public.gigstream_update_account_ages() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	changed bigint;
begin
	if not stats.is_due('account_ages') then
		return null;
	end if;
	update public.workers w
	set account_age_days = a.days
	from (
		select id, greatest((now() at time zone 'UTC')::date
			- (created_at at time zone 'UTC')::date, 0) as days
		from public.workers
	) a
	where w.id = a.id and w.account_age_days <> a.days;
	get diagnostics changed = row_count;
	return changed;
end
$$;

select stats.recount();
