-- Everything the migrations make, and nothing else.
drop schema if exists chain cascade;
drop table if exists public.audit_logs, public.reputation_events,
	public.transactions, public.loans, public.streams, public.tasks,
	public.platforms, public.workers cascade;
drop type if exists public.task_type, public.task_status,
	public.stream_status, public.transaction_type,
	public.transaction_status, public.loan_status,
	public.reputation_event_type cascade;
drop function if exists public.gigstream_uuid(), public.gigstream_touch(),
	public.gigstream_append_only(), public.gigstream_keep_reputation(),
	public.gigstream_chain_evidence(),
	public.gigstream_transaction_status(),
	public.gigstream_stream_status() cascade;
