-- $1: the hash of an API key. The audit keeps that somebody asked, and whether
-- a platform has it.
with found as (
	select id, name, email, wallet_address, status, created_at, total_tasks,
		total_payouts, unique_workers
	from public.platforms
	where deleted_at is null and api_key_hash = $1::text
), noted as (
	insert into public.audit_logs (actor_type, actor_id, action,
		resource_type, resource_id, ip_address, user_agent, request_id,
		success, error_message)
	select current_setting('gigstream.actor_type'),
		nullif(current_setting('gigstream.actor_id'), ''),
		current_setting('gigstream.action'), 'platform', id::text,
		nullif(current_setting('gigstream.ip_address'), '')::inet,
		nullif(current_setting('gigstream.user_agent'), ''),
		nullif(current_setting('gigstream.request_id'), ''),
		id is not null,
		case when id is null then 'no platform has this API key' end
	from (values (1)) one left join found on true
)
select id, name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_payouts, unique_workers
from found
