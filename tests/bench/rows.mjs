// What stands in the database of gigstreamd and in Ponder's, told alike: so
// many rows, and a sum of hashes over all that they say of the chain.
import { query } from '../devchain/postgres.mjs'

const told = (...columns) => `count(*)::text rows, sum(hashtextextended(concat_ws(' ', ${columns.join(', ')}), 0)::numeric)::text hash`

const ours = {
  transfers: `select sum(amount)::text amount, ${told('block_number', 'log_index', 'chain.hex(tx_hash)', 'block_time',
    'chain.hex(from_wallet)', 'chain.hex(to_wallet)', 'amount')} from chain.transfers where not orphaned`,
  events: `select chain.hex(substr(topics, 1, 32)) topic, ${told('block_number', 'log_index', 'chain.hex(tx_hash)', 'block_time',
    'subject')} from chain.events where not orphaned group by 1 order by 1`,
  streams: `select status::text, trunc(sum(released_amount_usdc) * 1000000)::text released,
    trunc(sum(claimed_amount_usdc) * 1000000)::text claimed, ${told('contract_stream_id', 'worker_wallet', 'platform_wallet',
    'trunc(total_amount_usdc * 1000000)', 'trunc(released_amount_usdc * 1000000)', 'trunc(claimed_amount_usdc * 1000000)',
    'trunc(refunded_amount_usdc * 1000000)', 'extract(epoch from start_time)::bigint', 'extract(epoch from end_time)::bigint')}
    from public.streams group by 1 order by 1`,
}

const ponder = {
  transfers: `select sum(amount)::text amount, ${told('block', 'log_index', 'tx_hash', 'timestamp', 'lower("from")', 'lower("to")',
    'amount')} from ponder.transfer`,
  events: `select topic, ${told('block', 'log_index', 'tx_hash', 'timestamp', 'stream_id')} from ponder.stream_event
    group by 1 order by 1`,
  streams: `select status, sum(released)::text released, sum(claimed)::text claimed, ${told('id', 'lower(worker)',
    'lower(platform)', 'total', 'released', 'claimed', 'refunded', 'start_time', 'end_time')} from ponder.stream
    group by 1 order by 1`,
}

async function ask(url, questions) {
  const answers = {}
  for (const [name, sql] of Object.entries(questions)) answers[name] = await query(url, sql)
  return answers
}

export const oursIn = (url) => ask(url, ours)
export const pondersIn = (url) => ask(url, ponder)

// Transfers and events of streams.
export const countOf = ({ transfers, events }) => [...transfers, ...events].reduce((sum, { rows }) => sum + Number(rows), 0)

// Throws if they do not say the same, with what each says.
export function mustAgree(what, a, b) {
  const line = (rows) => JSON.stringify(rows)
  const differ = Object.keys(a).filter((name) => line(a[name]) !== line(b[name]))
  if (differ.length === 0) return
  throw new Error(`${what} differ:\n${differ.map((name) => `${name}: ${line(a[name])}\n${name}: ${line(b[name])}`).join('\n')}`)
}
