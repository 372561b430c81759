-- Who acts in this transaction, for the triggers that write public.audit_logs.
-- Local to it: a pooled connection tells the next transaction nothing.
select set_config('gigstream.actor_type', $1::text, true),
	set_config('gigstream.actor_id', $2::text, true),
	set_config('gigstream.action', $3::text, true),
	set_config('gigstream.request_id', $4::text, true),
	set_config('gigstream.ip_address', $5::text, true),
	set_config('gigstream.user_agent', $6::text, true)
