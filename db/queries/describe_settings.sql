-- How PostgreSQL prints definitions: every name with its schema in front, and
-- nothing as the database or its user would have it.
select set_config('search_path', 'pg_catalog', true),
	set_config('quote_all_identifiers', 'off', true),
	set_config('datestyle', 'ISO', true),
	set_config('intervalstyle', 'postgres', true),
	set_config('timezone', 'UTC', true),
	set_config('bytea_output', 'hex', true)
