// What the tables do hold, in the words of model.mjs.
import { query } from '../devchain/postgres.mjs'

// Those of streams: the scripted chain has no others that stand for something.
const kinds = `(array['Transfer','StreamCreated','PaymentReleased','EarningsClaimed','StreamPaused','StreamResumed',
  'StreamCancelled','StreamCompleted'])`
const questions = {
  transactions: `
    select t.type::text, t.status::text, t.amount_usdc::text as amount, t.from_wallet as "from", t.to_wallet as "to",
      t.tx_hash as hash, t.ordinal, t.log_index as log, t.block_number::int as block, t.block_hash,
      s.contract_stream_id::text as stream, w.email as worker, p.email as platform
    from transactions t left join workers w on w.id = t.worker_id left join platforms p on p.id = t.platform_id
      left join streams s on s.id = t.stream_id`,
  streams: `
    select s.contract_stream_id::text as id, s.worker_wallet, s.platform_wallet, s.total_amount_usdc::text as total,
      s.released_amount_usdc::text as released, s.claimed_amount_usdc::text as claimed,
      s.refunded_amount_usdc::text as refunded, s.status::text, s.start_time as start, s.end_time as end,
      s.release_interval::int as interval, s.next_release_at as next, s.paused_at as paused,
      s.completed_at as completed, s.cancelled_at as cancelled, w.email as worker, p.email as platform
    from streams s left join workers w on w.id = s.worker_id left join platforms p on p.id = s.platform_id`,
  events: `select format('%s %s %s %s', chain.hex(block_hash), log_index, ${kinds}[kind + 1], subject) as text
    from chain.events where not orphaned and kind between 1 and 49`,
  transfers: `select format('%s %s %s %s %s', chain.hex(block_hash), log_index, chain.hex(from_wallet),
    chain.hex(to_wallet), amount) as text from chain.transfers where not orphaned`,
  quarantine: `select format('%s %s', chain.hex(block_hash), log_index) as text
    from chain.quarantine where not orphaned`,
}

export async function stored(url) {
  const all = {}
  for (const [name, text] of Object.entries(questions)) {
    const rows = await query(url, text)
    all[name] = JSON.parse(JSON.stringify(rows.map((row) => row.text ?? row)))
  }
  return all
}

// The blocks of 0..head that the contract's coverage lacks, as text.
export async function uncovered(url, source, head) {
  const [{ missing }] = await query(url, `
    select (int8multirange(int8range(0, $2 + 1)) - coalesce(range_agg(r), '{}'))::text as missing
    from chain.coverage, unnest(ranges) r where source = chain.unhex($1)`, [source, head])
  return missing
}
