-- Nobody registers meanwhile: what is judged empty stays so until the commit.
lock table public.workers, public.platforms, public.tasks, public.streams,
	public.transactions, public.reputation_events, public.loans,
	public.audit_logs, chain.chains
	in share row exclusive mode
