// Reorgs above what is final, in every way they come. After each the tables are
// those of a sync from scratch of the chain that survives.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { openBranch } from './lib/branch.mjs'
import { startProxy } from './lib/proxy.mjs'
import { equalsScratch } from './lib/scratch.mjs'
import { count } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const slotsInAnEpoch = 40 // final is what is 80 blocks below the head
const world = await openWorld({ slotsInAnEpoch })
const { things, chain, actions, platform, other, workers, openDaemon } = world
const [ann, bob, cy] = workers
await chain.mine(100)

async function behindProxy(options) {
  const proxy = await startProxy(chain.url)
  things.defer(proxy.stop)
  const daemon = await openDaemon({ rpc: proxy.url, ...options })
  await daemon.addPeople()
  return { proxy, daemon }
}

// A daemon that follows.
async function following() {
  const { proxy, daemon } = await behindProxy()
  const running = daemon.start()
  await running.ready()
  await daemon.caughtUp()
  return { proxy, daemon, running }
}

const reorgs = async (running) => Number(/^gigstream_reorgs_total (\d+)/m.exec((await running.get('/metrics')).body)?.[1] ?? 0)
const place = async (daemon, { transactionHash }) =>
  (await daemon.sql('select id, status, block_number::int, block_hash, log_index from transactions where tx_hash = $1', [transactionHash]))[0]

// chain.reorg, but never to what was there before: empty blocks can be the same
// again. transactions: as there; the first new block has one of ours first.
let times = 0n
async function reorg(depth, transactions = []) {
  const from = chain.account(15)
  const nonce = await chain.client.getTransactionCount({ address: from.address, blockNumber: BigInt((await chain.head()) - depth) })
  const mark = await chain.sign(from, { to: other.address, value: ++times }, nonce)
  await chain.reorg(depth, [[mark, 0], ...transactions])
}

// A payout and a stream that lives a little, `blocks` blocks in all.
async function life({ chain: of, actions: on }, blocks) {
  const before = await of.head()
  const payout = await on.transfer(platform, ann.address, usdc(3))
  if (blocks >= 4) {
    const { id } = await on.createStream(other, { worker: bob.address, amount: usdc(60), duration: 3600n, interval: 60n })
    await of.warp(120)
    await on.release(other, id)
    await on.claim(bob, id)
  }
  await of.mine(blocks - ((await of.head()) - before))
  return payout
}

for (const depth of [1, 2, 9, 40, 75]) {
  test(`${depth} blocks deep, while it follows; some of it comes back elsewhere`, async () => {
    const { daemon, running } = await following()
    const { raw } = await life({ chain, actions }, depth)
    await daemon.caughtUp()
    await reorg(depth, depth > 2 ? [[raw, depth - 2]] : [])
    await equalsScratch(world, daemon)
    assert.equal(await reorgs(running), 1)
    await running.stop()
  })
}

test('while it catches up: what it has read is replaced before it is at the head', async () => {
  await life({ chain, actions }, 30)
  const head = await chain.head()
  const startBlock = head - 70 // the first span ends 7 blocks below the head
  const { proxy, daemon } = await behindProxy({ startBlock })
  let open
  const gate = new Promise((resolve) => (open = resolve))
  const late = ({ method, params: [at] }) => method === 'eth_getBlockByNumber' && Number(at) > head - 4
  proxy.behave = async ({ calls, forward }) => {
    // A span's, and no look at the head: answered when those before are replaced.
    if (calls.length > 4 && calls.some(late)) await gate
    return forward()
  }
  const running = daemon.start()
  await until('what was below to be committed', async () => (await count(daemon.database, `chain.blocks where number = ${head - 7}`)) === 1)
  await reorg(25)
  await life({ chain, actions }, 5)
  open()
  await equalsScratch(world, daemon, { startBlock })
  await running.logged(/reorg: \d+ blocks above \d+ are undone/)
  await running.stop()
})

test('while we are down, deep, and nothing of it comes back', async () => {
  const { daemon, running } = await following()
  const payout = await life({ chain, actions }, 30)
  await daemon.caughtUp()
  await running.stop()
  await reorg(30)
  await life({ chain, actions }, 35)
  const again = daemon.start()
  await equalsScratch(world, daemon)
  assert.notEqual((await place(daemon, payout))?.block_hash, payout.blockHash)
  await again.stop()
})

test('the chain gets shorter, and grows again', async () => {
  const { daemon, running } = await following()
  const snapshot = await chain.snapshot()
  await life({ chain, actions }, 12)
  await daemon.caughtUp()
  await chain.revert(snapshot)
  await life({ chain, actions }, 2)
  await daemon.caughtUp()
  await life({ chain, actions }, 11) // what was final there is final here
  await equalsScratch(world, daemon)
  await running.stop()
})

test('twice in a row: the second one comes while the first is looked into', async () => {
  const { proxy, daemon, running } = await following()
  await life({ chain, actions }, 20)
  await daemon.caughtUp()
  const head = await chain.head()
  let second
  const lookingFor = ({ method, params: [at] }) => method === 'eth_getBlockByNumber' && Number(at) <= head && Number(at) > head - 20
  proxy.behave = async ({ calls, forward }) => {
    // The answer is of the chain that the first reorg left, and comes late.
    const answer = await forward()
    if (!second && calls.some(lookingFor)) await (second = reorg(14).then(() => life({ chain, actions }, 2)))
    return answer
  }
  await reorg(6)
  await until('the search to be under way', () => second)
  await second
  await equalsScratch(world, daemon)
  await reorg(4)
  await reorg(9)
  await equalsScratch(world, daemon)
  await running.stop()
})

test('to another branch, back to the first, and to the other again: a stream id that means two things', async () => {
  const { proxy, daemon, running } = await following()
  const branch = await openBranch(world, { slotsInAnEpoch })
  const sites = [{ chain, actions, openDaemon }, { ...branch, openDaemon }]
  const streams = []
  const height = (await chain.head()) + 12
  for (const [i, site] of sites.entries()) {
    const [worker, amount] = [[ann, 70], [cy, 90]][i]
    const { id } = await site.actions.createStream(platform, { worker: worker.address, amount: usdc(amount), duration: 3600n, interval: 60n })
    await site.chain.warp(600)
    await site.actions.release(platform, id)
    if (i === 0) await site.actions.claim(worker, id)
    await life(site, height - (await site.chain.head())) // as high, so that as much is final
    streams.push({ id, worker: worker.address.toLowerCase(), amount })
  }
  assert.equal(streams[0].id, streams[1].id)
  for (const i of [0, 1, 0, 1, 0]) {
    proxy.target = sites[i].chain.url
    await equalsScratch(sites[i], daemon)
    const [row] = await daemon.sql(
      'select worker_wallet, total_amount_usdc::float as amount from streams where contract_stream_id = $1', [streams[i].id])
    assert.deepEqual(row, { worker_wallet: streams[i].worker, amount: streams[i].amount })
  }
  await branch.stop()
  await running.stop()
})

test('a transfer that is included again, in another block and at another index, is the same row', async () => {
  const { daemon, running } = await following()
  const payout = await actions.transfer(platform, ann.address, usdc(11))
  await chain.mine(2)
  await daemon.caughtUp()
  const before = await place(daemon, payout)
  const first = await chain.sign(other, actions.call(actions.usdc, 'transfer', bob.address, usdc(2)))
  await reorg(3, [[first, 1], [payout.raw, 1]])
  await equalsScratch(world, daemon)
  const after = await place(daemon, payout)
  assert.equal(after.id, before.id)
  assert.deepEqual([after.block_number, after.log_index], [before.block_number + 1, before.log_index + 1])
  await running.stop()
})

test('a reorg to the very block that is final undoes nothing that is', async () => {
  const { daemon, running } = await following()
  await life({ chain, actions }, 80)
  await daemon.caughtUp()
  const final = Number((await chain.call('eth_getBlockByNumber', 'finalized', false)).number)
  await until('finality', async () => Number((await daemon.sql('select final_number from chain.chains'))[0].final_number) === final)
  await reorg((await chain.head()) - final)
  await equalsScratch(world, daemon)
  assert.doesNotMatch(running.log(), /halted/)
  await running.stop()
})
