// The tables as one value that two databases can be compared by: without ids,
// without the times at which we wrote, and without `confirmations`, which says
// how deep a block was when its row last changed.
import { readFileSync } from 'node:fs'
import { connect, query } from '../../devchain/postgres.mjs'

const questions = {
  transactions: `
    select t.type, t.status, t.amount_usdc, t.fee_usdc, t.from_wallet, t.to_wallet, t.tx_hash, t.log_index, t.ordinal,
      t.block_number, t.block_hash, t.submitted_at, t.confirmed_at, t.error_message, w.email as worker,
      p.email as platform, s.contract_address as stream_contract, s.contract_stream_id as stream,
      l.contract_address as loan_contract, l.contract_loan_id as loan
    from transactions t left join workers w on w.id = t.worker_id left join platforms p on p.id = t.platform_id
      left join streams s on s.id = t.stream_id left join loans l on l.id = t.loan_id
    order by t.tx_hash, t.from_wallet, t.to_wallet, t.amount_usdc, t.ordinal`,
  streams: `
    select s.chain_id, s.contract_address, s.contract_stream_id, s.worker_wallet, s.platform_wallet, s.total_amount_usdc,
      s.released_amount_usdc, s.claimed_amount_usdc, s.refunded_amount_usdc, s.start_time, s.end_time,
      s.release_interval, s.next_release_at, s.status, s.paused_at, s.completed_at, s.cancelled_at,
      w.email as worker, p.email as platform
    from streams s left join workers w on w.id = s.worker_id left join platforms p on p.id = s.platform_id
    order by s.contract_address, s.contract_stream_id`,
  loans: `
    select l.chain_id, l.contract_address, l.contract_loan_id, l.worker_wallet, l.requested_amount_usdc,
      l.approved_amount_usdc, l.fee_usdc, l.fee_percentage, l.total_owed_usdc, l.repaid_amount_usdc,
      l.remaining_balance_usdc, l.status, l.requested_at, l.approved_at, l.disbursed_at, l.due_date, l.repaid_at,
      l.defaulted_at, l.tasks_repaid, w.email as worker
    from loans l left join workers w on w.id = l.worker_id
    order by l.contract_address, l.contract_loan_id`,
  reputation: `
    select chain_id, block_hash, log_index, worker_wallet, event_type, points_delta, previous_score, new_score, description,
      metadata, created_at
    from reputation_events order by chain_id, block_hash, log_index, created_at`,
  events: `
    select block_number, block_hash, tx_index, log_index, tx_hash, contract, kind, part, subject, topics, data, detail, block_time
    from chain.events where not orphaned order by block_number, log_index, part`,
  transfers: `
    select block_number, block_hash, tx_index, log_index, tx_hash, from_wallet, to_wallet, amount, dust, role,
      block_time
    from chain.transfers where not orphaned order by block_number, log_index`,
  quarantine: `
    select block_number, block_hash, log_index, part, contract, topics, data, reason
    from chain.quarantine where not orphaned order by block_number, log_index, part`,
}

export async function tables(url, names = Object.keys(questions)) {
  const all = {}
  for (const name of names) all[name] = await query(url, questions[name])
  return JSON.parse(JSON.stringify(all, (_, v) => (v?.type === 'Buffer' ? Buffer.from(v.data).toString('hex') : v)))
}

// Every row of every table of ours, whatever it says; but not who leads, nor when
// the node was last asked, nor what the daily work has done, which has a time of
// its own.
export async function dump(url) {
  const names = await query(url, `select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'chain', 'stats') and tablename not in ('lease', 'days') order by 1`)
  const all = {}
  for (const { name } of names) all[name] = (await query(url, `select (to_jsonb(t) - $1)::text as row from ${name} t order by 1`,
    [name === 'chain.chains' ? 'updated_at' : ''])).map(({ row }) => row)
  return all
}

export const count = async (url, from, values = []) =>
  Number((await query(url, `select count(*) from ${from}`, values))[0].count)

const oracle = readFileSync(new URL('../../sql/lib/statistics.sql', import.meta.url), 'utf8')

// The statistics that are not what the rows say; none, if all is well.
export async function wrongStatistics(url) {
  const client = await connect(url)
  try {
    await client.query(oracle)
    return (await client.query('select * from pg_temp.wrong_statistics() wrong')).rows
  } finally {
    await client.end()
  }
}
