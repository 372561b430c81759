// The database as the demo shows it: what changed since it was last shown.
import { query } from '../devchain/postgres.mjs'
import { until } from '../devchain/lifetime.mjs'
import { table } from './screen.mjs'
import { units, views } from './views.mjs'

// 'confirmed' after 'submitted' reads 'submitted→confirmed'.
const arrow = (before, now, i) =>
  !before || before[i] === now[i] || i === 0 ? now[i] : `${before[i]}→${now[i]}`

// Shows each row that is not as it was when it was last shown.
function openChanges(url, name) {
  const shown = Object.fromEntries(Object.keys(views).map((key) => [key, new Map()]))
  return async () => {
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
}

// Waits until a transaction has moved what it should, in the order of its logs
// (became: their types, or roles), then shows that. 10^-18 are the digits that
// the token leaves off where it is the chain's own money.
async function showMovements(url, name, hash, became) {
  const rows = await until(`the movements ${became.join(', ')}`, async () => {
    const found = await query(url, 'select * from chain.movements where tx_hash = $1::text order by log_index', [hash])
    const have = found.map((m) => m.type ?? m.role)
    if (have.join() !== became.join()) throw new Error(`they are ${have.join(', ') || 'none'}`)
    return found
  })
  const dusty = rows.some((m) => m.dust !== '0')
  table(['movements', 'to', 'USDC', ...(dusty ? ['and 10^-18'] : []), 'became', 'status'], rows.map((m) =>
    [name(m.from_wallet), name(m.to_wallet), m.amount_usdc, ...(dusty ? [m.dust] : []), m.type ?? m.role, m.status ?? '']),
  dusty ? [2, 3] : [2])
}

// Waits until a block is indexed, and holds that nothing was made of a
// transaction in it.
async function nothingOf(url, { transactionHash, blockNumber, blockHash }) {
  await until(`block ${blockNumber} to be indexed`, async () =>
    (await query(url, 'select from chain.blocks where number = $1::bigint and chain.hex(hash) = $2::text',
      [blockNumber, blockHash])).length)
  const [{ n }] = await query(url, `
    select count(*)::int as n from (
      select tx_hash from chain.transfers union all
      select tx_hash from chain.events union all
      select tx_hash from chain.quarantine union all
      select chain.unhex(tx_hash) from transactions where tx_hash is not null) t
    where tx_hash = chain.unhex($1::text)`, [transactionHash])
  if (n > 0) throw new Error(`${n} rows were made of ${transactionHash}, of which nothing should come`)
}

// Waits until the database holds as many rows as said that fulfil the
// condition, then shows what has changed.
function openWaits(url, showChanges) {
  async function awaitRows(what, from, where, values, count = 1) {
    await until(what, async () => {
      const [{ n }] = await query(url, `select count(*)::int as n from ${from} where ${where}`, values)
      if (n !== count) throw new Error(`${n} rows of ${from} where ${where} (${values.join(', ')}), not ${count}`)
      return true
    })
    await showChanges()
  }
  return {
    // The transaction rows of one transaction on the chain.
    payment: (hash, type, status = 'submitted') =>
      awaitRows(`the ${type}`, 'transactions',
        'tx_hash = $1::text and type::text = $2::text and status::text = $3::text and block_number is not null',
        [hash, type, status]),
    orphaned: (hash) =>
      awaitRows('the orphaned payment', 'transactions',
        `tx_hash = $1::text and status = 'submitted' and block_number is null`, [hash]),
    // The row that an application inserted; hash: what it has become, or null.
    intended: (id, status, hash) =>
      awaitRows(`the intended payment to be ${status}`, 'transactions',
        'id = $1::uuid and status::text = $2::text and tx_hash is not distinct from $3::text', [id, status, hash]),
    // A stream's row, its amounts in base units.
    stream: (id, status, released, claimed, refunded = 0n) =>
      awaitRows(`stream ${id} to be ${status}`, 'streams',
        `contract_stream_id = $1::numeric and status::text = $2::text and released_amount_usdc = $3::numeric / 1000000
         and claimed_amount_usdc = $4::numeric / 1000000 and refunded_amount_usdc = $5::numeric / 1000000`,
        [id, status, released, claimed, refunded].map(String)),
    loan: (id, status, repaid = 0n) =>
      awaitRows(`loan ${id} to be ${status}`, 'loans',
        'contract_loan_id = $1::numeric and status::text = $2::text and repaid_amount_usdc = $3::numeric / 1000000',
        [id, status, repaid].map(String)),
    // A worker's score, and how many events have made it.
    score: (wallet, events, score) =>
      awaitRows(`the score of ${wallet} to be ${score}`, 'workers w',
        `wallet_address = lower($1::text) and reputation_score = $3::int
         and $2::int = (select count(*) from reputation_events r where r.worker_id = w.id)`, [wallet, events, String(score)]),
    allConfirmed: () =>
      awaitRows('every transaction to be confirmed', 'transactions', `status <> 'confirmed'`, [], 0),
  }
}

// Waits until a stream is marked with that reason (null: with none), and shows it.
async function blocked(url, name, id, reason) {
  const [{ status }] = await until(`stream ${id} to be marked: ${reason}`, async () => {
    const found = await query(url, `select status from streams
      where contract_stream_id = $1::numeric and blocked_reason is not distinct from $2::text`, [String(id), reason])
    return found.length > 0 && found
  })
  const told = reason?.replace(/0x[0-9a-f]{40}/, name) ?? 'none'
  table(['streams', 'status', 'blocked_reason'], [[`#${id}`, status, told]])
}

// name: gives a wallet's name.
export function openRows(url, name) {
  return {
    query: (sql, values) => query(url, sql, values),
    units,
    movements: (hash, became) => showMovements(url, name, hash, became),
    nothingOf: (receipt) => nothingOf(url, receipt),
    blocked: (id, reason) => blocked(url, name, id, reason),
    ...openWaits(url, openChanges(url, name)),
  }
}
