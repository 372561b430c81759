-- For this transaction only: it speaks for the chain; whoever is stopped in the
-- middle of it keeps its locks no longer than its lease; and plans that suit
-- batches of a few rows, whatever the planner believes of an array's length.
select set_config('gigstream.chain_evidence', 'on', true),
	set_config('idle_in_transaction_session_timeout', '30s', true),
	set_config('jit', 'off', true),
	set_config('enable_seqscan', 'off', true)
