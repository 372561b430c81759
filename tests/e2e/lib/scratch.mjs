// The last word on a database: one that saw only the chain as it is now.
import assert from 'node:assert/strict'
import { until } from '../../devchain/lifetime.mjs'
import { tables } from './tables.mjs'

// Until nothing that is final waits for its confirmation.
export const confirmed = (chain, { sql }) =>
  until('final transactions to be confirmed', async () => {
    const { number } = await chain.call('eth_getBlockByNumber', 'finalized', false)
    const rows = await sql(`select from transactions where status = 'submitted' and block_number <= $1`, [Number(number)])
    return rows.length === 0
  })

// What a reorg took away for ever exists only where it was seen.
const standing = (all) => ({ ...all, transactions: all.transactions.filter((row) => row.block_number !== null) })

// The daemon's tables are those of a sync from scratch of `chain`, once it has
// caught up with it. options: of the daemon that syncs.
export async function equalsScratch({ chain, openDaemon }, daemon, options = {}) {
  await daemon.caughtUp(chain)
  await confirmed(chain, daemon)
  const scratch = await openDaemon({ rpc: chain.url, ...options })
  await scratch.addPeople()
  const { code, stderr } = await scratch.run(['backfill', '--from', String(options.startBlock ?? 0), '--to', 'latest'])
  assert.equal(code, 0, stderr)
  assert.deepEqual(standing(await tables(daemon.database)), await tables(scratch.database))
}
