-- What an application may not say, since the daemon could not read it: an amount
-- that is no number (NaN, which is greater than any here), or more than a
-- uint256 of base units; a time that is none. It is refused where it is said.
do $$
declare
	most constant text := '115792089237316195423570985008687907853269984665'
		'640564039457584007913129.639935'; -- (2^256 - 1) / 10^6
	r record;
begin
	for r in
		select * from (values
			('transactions', 'amount', 'amount_usdc', '0'),
			('transactions', 'fee', 'fee_usdc', '0'),
			('tasks', 'payment_amount', 'payment_amount_usdc',
				'0.000001'),
			('tasks', 'paid_amount', 'paid_amount_usdc', '0'),
			('loans', 'requested_amount', 'requested_amount_usdc',
				'0'),
			('loans', 'approved_amount', 'approved_amount_usdc',
				'0'),
			('loans', 'fee', 'fee_usdc', '0'),
			('loans', 'total_owed', 'total_owed_usdc', '0'),
			('loans', 'remaining_balance', 'remaining_balance_usdc',
				'0'),
			('loans', 'predicted_earnings', 'predicted_earnings_7d',
				'0')
		) x (of_table, rule, of_column, least)
	loop
		execute format('alter table public.%1$I '
			'drop constraint %2$I, add constraint %2$I '
			'check (%3$I between %4$s and %5$s)',
			r.of_table, r.of_table || '_' || r.rule || '_check',
			r.of_column, r.least, most);
	end loop;
end
$$;
alter table public.transactions add constraint transactions_submitted_at_check
	check (isfinite(submitted_at));
alter table public.loans
	add constraint loans_approved_at_check check (isfinite(approved_at)),
	add constraint loans_due_date_check check (isfinite(due_date));

-- pending -> submitted -> confirmed; pending|submitted -> failed;
-- pending -> cancelled. What stands in a block has moved money: nobody but the
-- chain gives it up.
create or replace function public.gigstream_transaction_status()
returns trigger
language plpgsql as $$
begin
	if new.status = 'confirmed' and old.status in ('pending', 'submitted')
		and not public.gigstream_is_daemon()
	then
		perform public.gigstream_refuse_status('transaction', old.id,
			old.status::text, new.status::text,
			'Only gigstreamd confirms, from the chain.');
	end if;
	if new.status = 'failed' and old.block_number is not null
		and not public.gigstream_is_daemon()
	then
		perform public.gigstream_refuse_status('transaction', old.id,
			old.status::text, new.status::text, format('It stands '
			'in block %s: the money has moved.', old.block_number));
	end if;
	if old.status = 'pending'
		or (old.status = 'submitted' and new.status in
			('confirmed', 'failed'))
		or (public.gigstream_chain_evidence() and (
			(old.status = 'failed' and new.status in
				('submitted', 'confirmed'))
			or (old.status = 'confirmed'
				and new.status = 'submitted')))
	then
		return new;
	end if;
	perform public.gigstream_refuse_status('transaction', old.id,
		old.status::text, new.status::text, 'pending -> submitted -> '
		'confirmed; pending or submitted -> failed; pending -> '
		'cancelled; only the chain takes a verdict back.');
	return null;
end
$$;
