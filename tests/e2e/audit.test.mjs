// Books that audit themselves: the change of balances against transfers, streams
// against the contract's getters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld() // final is what is 2 blocks below the head
const { chain, actions, platform, workers, openDaemon } = world

const story = await playScenario(world)
await chain.mine(4)

// A database that has read everything.
async function books(options) {
  const daemon = await openDaemon(options)
  await daemon.addPeople()
  const { code, stderr } = await daemon.run(['backfill', '--from', String(options?.startBlock ?? world.contracts.startBlock), '--to', 'latest'])
  assert.equal(code, 0, stderr)
  return daemon
}

async function audit(daemon, ...args) {
  const { code, stdout, stderr } = await daemon.run(['audit', '--json', ...args])
  return { code, stderr, ...(stdout && JSON.parse(stdout)) }
}

test('after a busy story the books tie, at every block', async () => {
  const daemon = await books()
  const result = await audit(daemon)
  assert.equal(result.code, 0, JSON.stringify(result))
  console.log(result, story)
})
