-- $1: the hash of an API key. Returns the platform that has it, also where it
-- is suspended and may not sign in. The audit keeps either: as the platform's
-- deed where it may, else as that of whoever tried.
with found as (
	select id, name, email, wallet_address, status, created_at, total_tasks,
		total_payouts, unique_workers, status <> 'suspended' as may
	from public.platforms
	where deleted_at is null and api_key_hash = $1::text
), noted as (
	insert into public.audit_logs (actor_type, actor_id, action,
		resource_type, resource_id, ip_address, user_agent, request_id,
		success, error_message)
	select case when may then 'platform'
			else current_setting('gigstream.actor_type') end,
		case when may then id::text
			else nullif(current_setting('gigstream.actor_id'), '')
			end,
		current_setting('gigstream.action'), 'platform', id::text,
		nullif(current_setting('gigstream.ip_address'), '')::inet,
		nullif(current_setting('gigstream.user_agent'), ''),
		nullif(current_setting('gigstream.request_id'), ''),
		coalesce(may, false),
		case when id is null then 'no platform has this API key'
			when not may then 'the platform is ' || status end
	from (values (1)) one left join found on true
)
select id, name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_payouts, unique_workers
from found
