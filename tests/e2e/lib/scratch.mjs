// The last word on a database: one that saw only the chain as it is now.
import assert from 'node:assert/strict'
import { until } from '../../devchain/lifetime.mjs'
import { dump, tables } from './tables.mjs'

// Until nothing that is final waits for its confirmation.
export const confirmed = (chain, { sql }) =>
  until('final transactions to be confirmed', async () => {
    const { number } = await chain.call('eth_getBlockByNumber', 'finalized', false)
    const rows = await sql(`select from transactions where status = 'submitted' and block_number <= $1`, [Number(number)])
    return rows.length === 0
  })

// What a reorg took away for ever exists only where it was seen.
const standing = (all) => ({ ...all, transactions: all.transactions.filter((row) => row.block_number !== null) })

const settled = (daemon) =>
  until('what is to be read to be read', async () => (await daemon.sql('select from chain.jobs where finished_at is null')).length === 0)

// Of all our tables only the job itself differs after a rebuild of right books,
// and what says when the node was last asked.
const apart = ['chain.jobs', 'chain.chains', 'chain.blocks']
const books = async ({ database }) =>
  Object.fromEntries(Object.entries(await dump(database)).filter(([name]) => !apart.includes(name)))

// Derives the tables again from their facts; returns what was changed.
export async function rebuild(daemon) {
  const { code, stdout, stderr } = await daemon.run(['rebuild', '--json'])
  assert.equal(code, 0, stderr)
  const { blocks, seconds, ...changed } = JSON.parse(stdout)
  return changed
}

export const nothing = {
  streams: { inserted: 0, updated: 0, removed: 0 },
  loans: { inserted: 0, updated: 0, removed: 0 },
  transactions: { inserted: 0, updated: 0 },
  roles: 0, details: 0, quarantined: 0, released: 0,
}

// A rebuild finds nothing to change, and changes nothing.
export async function rebuildsNothing(daemon) {
  await settled(daemon)
  const before = await books(daemon)
  assert.deepEqual(await rebuild(daemon), nothing)
  assert.deepEqual(await books(daemon), before)
}

// The daemon's tables are those of a sync from scratch of `chain`, once it has
// caught up with it, and those that their own facts come to. options: of the daemon that syncs.
export async function equalsScratch({ chain, openDaemon }, daemon, options = {}) {
  await daemon.caughtUp(chain)
  await confirmed(chain, daemon)
  const scratch = await openDaemon({ rpc: chain.url, ...options })
  await scratch.addPeople()
  const { code, stderr } = await scratch.run(['backfill', '--from', String(options.startBlock ?? 0), '--to', 'latest'])
  assert.equal(code, 0, stderr)
  assert.deepEqual(standing(await tables(daemon.database)), await tables(scratch.database))
  await rebuildsNothing(daemon)
  await rebuildsNothing(scratch)
}
