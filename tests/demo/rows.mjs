// The database as the demo shows it: what changed since it was last shown.
import { query } from '../devchain/postgres.mjs'
import { until } from '../devchain/lifetime.mjs'
import { table, usdc } from './screen.mjs'

const units = (numeric) => BigInt(numeric.replace('.', ''))
const money = (numeric) => usdc(units(numeric))

const views = {
  transactions: {
    sql: `select t.id, t.type, t.status, t.amount_usdc, t.from_wallet, t.to_wallet,
            t.block_number, t.tx_hash, s.contract_stream_id as stream
          from transactions t left join streams s on s.id = t.stream_id
          order by t.created_at, t.id`,
    heads: ['transactions', 'status', 'USDC', 'from', 'to', 'block', 'stream'],
    right: [2, 5, 6],
    row: (t, name) => [
      t.type, t.status, money(t.amount_usdc), name(t.from_wallet), name(t.to_wallet),
      t.block_number ?? 'none', t.stream ?? '',
    ],
  },
  streams: {
    sql: `select id, contract_stream_id, status, worker_wallet, platform_wallet, total_amount_usdc,
            released_amount_usdc, claimed_amount_usdc, refunded_amount_usdc
          from streams order by contract_stream_id`,
    heads: ['streams', 'status', 'platform', 'worker', 'total', 'released', 'claimed', 'refunded'],
    right: [4, 5, 6, 7],
    row: (s, name) => [
      `#${s.contract_stream_id}`, s.status, name(s.platform_wallet), name(s.worker_wallet),
      money(s.total_amount_usdc), money(s.released_amount_usdc), money(s.claimed_amount_usdc),
      money(s.refunded_amount_usdc),
    ],
  },
}

// 'confirmed' after 'submitted' reads 'submitted→confirmed'.
const arrow = (before, now, i) =>
  !before || before[i] === now[i] || i === 0 ? now[i] : `${before[i]}→${now[i]}`

export function openRows(url, name) {
  const shown = { transactions: new Map(), streams: new Map() }

  async function showChanges() {
    for (const [key, view] of Object.entries(views)) {
      const changed = []
      for (const record of await query(url, view.sql)) {
        const row = view.row(record, name)
        const before = shown[key].get(record.id)
        shown[key].set(record.id, row)
        if (before?.join() !== row.join()) changed.push(row.map((_, i) => arrow(before, row, i)))
      }
      if (changed.length > 0) table(view.heads, changed, view.right)
    }
  }

  // Waits until the database holds as many rows as said that fulfil the
  // condition, then shows what has changed.
  async function awaitRows(what, from, where, values, count = 1) {
    await until(what, async () => {
      const [{ n }] = await query(url, `select count(*)::int as n from ${from} where ${where}`, values)
      if (n !== count) throw new Error(`${n} rows of ${from} where ${where} (${values.join(', ')}), not ${count}`)
      return true
    })
    await showChanges()
  }

  return {
    query: (sql, values) => query(url, sql, values),
    units,
    // The transaction rows of one transaction on the chain.
    payment: (hash, type, status = 'submitted') =>
      awaitRows(`the ${type}`, 'transactions', 'tx_hash = $1 and type = $2 and status = $3 and block_number is not null',
        [hash, type, status]),
    orphaned: (hash) =>
      awaitRows('the orphaned payment', 'transactions',
        `tx_hash = $1 and status = 'submitted' and block_number is null`, [hash]),
    // A stream's row, its amounts in base units.
    stream: (id, status, released, claimed, refunded = 0n) =>
      awaitRows(`stream ${id} to be ${status}`, 'streams',
        `contract_stream_id = $1 and status = $2 and released_amount_usdc = $3::numeric / 1000000
         and claimed_amount_usdc = $4::numeric / 1000000 and refunded_amount_usdc = $5::numeric / 1000000`,
        [id, status, released, claimed, refunded].map(String)),
    allConfirmed: () =>
      awaitRows('every transaction to be confirmed', 'transactions', `status <> 'confirmed'`, [], 0),
  }
}
