-- Every change that people or keys make through us is in audit_logs, written by
-- the database itself: a transaction says who acts (db/people/actor.h), and each row
-- it changes is recorded. What nobody has said that of (the daemon's own rows,
-- a statistic) is not: chain.transitions and the facts tell about those.

-- What must not be shown around: PII, and secrets. A comment that begins with
-- one of these words is the one mark of such a column; grants and the audit
-- follow it (0008_roles.sql).
comment on column public.workers.email is 'PII: how to reach the worker.';
comment on column public.workers.phone_number is
	'PII: how to reach the worker.';
comment on column public.workers.display_name is 'PII: the worker''s name.';
comment on column public.workers.last_login_at is
	'PII: when the worker was here last.';
comment on column public.workers.metadata is
	'PII: whatever the application knows of the worker.';
comment on column public.workers.kyc_status is
	'PII: what is known of the worker''s identity.';
comment on column public.workers.password_hash is
	'Secret: bcrypt, cost 10 or more.';
comment on column public.workers.wallet_id is
	'Secret: the Circle wallet, encrypted by the application.';
comment on column public.platforms.email is 'PII: how to reach the platform.';
comment on column public.platforms.metadata is
	'PII: whatever the application knows of the platform.';
comment on column public.platforms.api_key_hash is
	'Secret: SHA-256 of the API key, hex.';
comment on column public.platforms.webhook_url is
	'Secret: may hold a token.';
comment on column public.platforms.webhook_secret is
	'Secret: signs webhooks, encrypted by the application.';
comment on column public.tasks.description is
	'PII: free text, may name people and places.';
comment on column public.tasks.verification_data is
	'PII: what proves the work: photographs, places, times.';
comment on column public.audit_logs.ip_address is 'PII: where it came from.';
comment on column public.audit_logs.user_agent is 'PII: what it came from.';
comment on column public.audit_logs.actor_id is
	'PII: who acted: an id, or an operator''s login name.';

create function public.gigstream_private_columns(relation oid) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
	select coalesce(array_agg(a.attname::text), '{}')
	from pg_attribute a
	where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
		and col_description(relation, a.attnum) ~ '^(PII|Secret):'
$$;

-- Statistics, and the times that the database keeps.
create function public.gigstream_derived_columns() returns text[]
language sql immutable parallel safe as $$
	select array['total_tasks', 'total_earned', 'completion_rate',
		'account_age_days', 'total_payouts', 'unique_workers',
		'created_at', 'updated_at']
$$;

-- The columns of a row that differ from the other row's (NULL: all that are
-- not NULL), private ones without their value.
create function public.gigstream_audited(of jsonb, other jsonb, private text[])
returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
	select jsonb_object_agg(key, case
		when key = any (private) and value <> 'null'
			then '"[redacted]"' else value end)
	from jsonb_each(of - public.gigstream_derived_columns())
	where case when other is null then value <> 'null'
		else value is distinct from other -> key end
$$;

create function public.gigstream_audit() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	private constant text[] := public.gigstream_private_columns(tg_relid);
	was constant jsonb := case when tg_op <> 'INSERT'
		then to_jsonb(old) end;
	becomes constant jsonb := case when tg_op <> 'DELETE'
		then to_jsonb(new) end;
	before constant jsonb := public.gigstream_audited(was, becomes,
		private);
	after constant jsonb := public.gigstream_audited(becomes, was, private);
	subject constant text := rtrim(tg_table_name, 's');
begin
	if before is null and after is null then
		return null;
	end if;
	insert into public.audit_logs (actor_type, actor_id, action,
		resource_type, resource_id, ip_address, user_agent, request_id,
		changes_before, changes_after)
	values (current_setting('gigstream.actor_type'),
		nullif(current_setting('gigstream.actor_id', true), ''),
		coalesce(nullif(current_setting('gigstream.action', true), ''),
			subject || '.' || lower(tg_op)),
		subject, coalesce(becomes, was) ->> 'id',
		nullif(current_setting('gigstream.ip_address', true), '')::inet,
		nullif(current_setting('gigstream.user_agent', true), ''),
		nullif(current_setting('gigstream.request_id', true), ''),
		before, after);
	return null;
end
$$;

create function public.gigstream_has_actor() returns boolean
language sql stable as $$
	select coalesce(pg_catalog.current_setting('gigstream.actor_type',
		true), '') <> ''
$$;

do $$
declare
	name text;
begin
	foreach name in array array['workers', 'platforms', 'tasks',
		'transactions', 'loans', 'reputation_events']
	loop
		execute format('create trigger audit after insert or update or '
			'delete on public.%I for each row '
			'when (public.gigstream_has_actor()) '
			'execute function public.gigstream_audit()', name);
	end loop;
end
$$;
