-- $1: the worker who wants to sign in; NULL: nobody that we know. $2: the hash
-- that the password fits; NULL: it fits none. Returns the worker who may, and
-- when that was; the audit keeps either: the change by its trigger, a refusal
-- from here.
with signed_in as (
	update public.workers
	set last_login_at = now()
	where id = $1::uuid and password_hash = $2::text
		and status <> 'suspended' and deleted_at is null
	returning id, display_name, email, wallet_address, status, created_at,
		total_tasks, total_earned, reputation_score
), refused as (
	insert into public.audit_logs (actor_type, actor_id, action,
		resource_type, resource_id, ip_address, user_agent, request_id,
		success, error_message)
	select current_setting('gigstream.actor_type'),
		nullif(current_setting('gigstream.actor_id'), ''),
		current_setting('gigstream.action'), 'worker', w.id::text,
		nullif(current_setting('gigstream.ip_address'), '')::inet,
		nullif(current_setting('gigstream.user_agent'), ''),
		nullif(current_setting('gigstream.request_id'), ''), false,
		case when w.id is null then 'no such worker'
			when w.password_hash is null then 'no password is set'
			when $2::text is distinct from w.password_hash
				then 'wrong password'
			else 'the worker is ' || case
				when w.deleted_at is null then w.status
				else 'deleted' end
		end
	from (values (1)) one left join public.workers w on w.id = $1::uuid
	where not exists (select from signed_in)
)
select id, display_name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_earned, reputation_score
from signed_in
