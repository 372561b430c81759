// Several endpoints, and a quorum of them: what is confirmed, by whose word, and
// what becomes of a node that tells of another chain.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openActions } from '../devchain/actions.mjs'
import { startAnvil } from '../devchain/anvil.mjs'
import { openChain } from '../devchain/chain.mjs'
import { until } from '../devchain/lifetime.mjs'
import { startProxy } from './lib/proxy.mjs'
import { tables } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers, anvil, contracts, openDaemon } = world
await playScenario(world)
await chain.mine(4)

// `n` names for the same node.
async function openProxies(n) {
  const proxies = []
  for (let i = 0; i < n; i++) {
    proxies.push(await startProxy(anvil.url))
    world.things.defer(proxies[i].stop)
  }
  return proxies
}

async function openQuorum(rpc, quorum) {
  const daemon = await openDaemon({ rpc, more: { chain: { quorum } } })
  await daemon.addPeople()
  const running = daemon.start()
  const status = async () => JSON.parse((await running.get('/status')).body)
  const check = async () => JSON.parse((await running.get('/readyz')).body).checks.quorum
  const statuses = () => daemon.sql(`select status::text, count(*)::int as n from transactions group by 1 order by 1`)
  return { daemon, running, status, check, statuses }
}

const never = ({ response }) => void response.destroy()

test('two endpoints agree: rows are confirmed, and coverage says by how many', async () => {
  const proxies = await openProxies(2)
  const { daemon, running, status, check } = await openQuorum(proxies.map(({ url }) => url), 2)
  await daemon.caughtUp()
  await running.ready()
  assert.deepEqual(await check(), { ok: true, reason: 'agreeing' })
  const payout = await actions.transfer(platform, workers[0].address, usdc(3))
  await chain.mine(3)
  await until('the payout to be confirmed', async () => {
    const [row] = await daemon.sql(`select status::text from transactions where tx_hash = $1`, [payout.transactionHash])
    return row?.status === 'confirmed'
  })
  const { coverage, finalized } = await until('the status to show the quorum', async () => {
    const shown = await status()
    return shown.coverage.some(({ endpoints, to }) => endpoints === 2 && to >= payout.blockNumber) && shown
  })
  for (const { endpoints, to, from } of coverage) {
    assert.ok(endpoints === 2 ? to <= finalized : from > payout.blockNumber, JSON.stringify(coverage))
  }
  const { stdout } = await daemon.run(['status'])
  assert.match(stdout, /^covered .* by receipts, on the word of 2 endpoints$/m)
  await running.stop()
})

test('one of two is down: nothing more is confirmed until it is back', async () => {
  const [one, other] = await openProxies(2)
  other.behave = never
  const { daemon, running, check, statuses } = await openQuorum([one.url, other.url], 2)
  await daemon.caughtUp()
  const { ok, reason } = await until('readiness to say why', async () => {
    const quorum = await check()
    return quorum?.reason !== 'not asked yet' && quorum
  })
  assert.equal(ok, false)
  assert.match(reason, /1 of 2 endpoints .* chain\.quorum is 2: node node2/)
  assert.deepEqual((await statuses()).map(({ status }) => status), ['submitted'])
  other.behave = null
  await running.ready()
  await until('the rows to be confirmed', async () => {
    const confirmed = (await statuses()).find(({ status }) => status === 'confirmed')
    return confirmed?.n > 5
  })
  await running.stop()
})

test('one goes down after they agreed: blocks are read all the same, and confirmed when it is back', async () => {
  const [one, other] = await openProxies(2)
  const { daemon, running, check } = await openQuorum([one.url, other.url], 2)
  await daemon.caughtUp()
  await running.ready()
  const { to } = (await daemon.sql('select max(upper(r) - 1)::int as to from chain.agreed, unnest(ranges) r'))[0]
  other.behave = never
  const payouts = []
  for (const worker of workers) payouts.push(await actions.transfer(platform, worker.address, usdc(2)))
  await chain.mine(6)
  await daemon.caughtUp()
  const hashes = payouts.map(({ transactionHash }) => transactionHash)
  const stored = () => daemon.sql('select distinct status::text from transactions where tx_hash = any ($1)', [hashes])
  assert.ok(payouts[0].blockNumber > to)
  assert.deepEqual(await stored(), [{ status: 'submitted' }])
  await until('readiness to say why', async () => /1 of 2 endpoints/.test((await check()).reason))
  other.behave = null
  await until('all to be confirmed', async () => {
    const [first, ...more] = await stored()
    return more.length === 0 && first.status === 'confirmed'
  })
  await running.stop()
})

test('a backfill asks the quorum too', async () => {
  const proxies = await openProxies(2)
  const daemon = await openDaemon({ rpc: proxies.map(({ url }) => url), more: { chain: { quorum: 2 } } })
  await daemon.addPeople()
  const { code, stderr } = await daemon.run(['backfill', '--from', '0', '--to', 'finalized', '--json'])
  assert.equal(code, 0, stderr)
  const rows = await daemon.sql(`select distinct status::text from transactions`)
  assert.deepEqual(rows, [{ status: 'confirmed' }])
  const agreed = await daemon.sql(`select endpoints, upper(ranges)::int as upto from chain.agreed`)
  const final = Number((await chain.call('eth_getBlockByNumber', 'finalized', false)).number)
  assert.deepEqual(agreed, [{ endpoints: 2, upto: final + 1 }])
})

test('a node that tells of another chain is found out, and its payments vanish', async () => {
  const fork = await startAnvil({ args: ['--fork-url', anvil.url, '--chain-id', '31337'] })
  world.things.defer(fork.stop)
  const elsewhere = await openChain(fork.url)
  const invented = await openActions(elsewhere, contracts).transfer(platform, workers[1].address, usdc(999))
  await elsewhere.mine(3)
  const proxies = await openProxies(2)
  // The liar is the first, and for a while the only one that can be reached.
  for (const proxy of proxies) proxy.behave = never
  const { daemon, running, statuses } = await openQuorum([fork.url, ...proxies.map(({ url }) => url)], 2)
  await until('the invented payment to be there', async () => {
    const [row] = await daemon.sql(`select status::text from transactions where tx_hash = $1`, [invented.transactionHash])
    return row?.status
  })
  assert.deepEqual((await statuses()).map(({ status }) => status), ['submitted'])
  for (const proxy of proxies) proxy.behave = null
  const payout = await actions.transfer(platform, workers[2].address, usdc(4))
  await chain.mine(3)
  await running.logged(/node node1 names block \d+ 0x[0-9a-f]{64}, but 2 others name it 0x[0-9a-f]{64}: it is asked last/)
  await daemon.caughtUp()
  await until('the true payment to be confirmed', async () => {
    const [row] = await daemon.sql(`select status::text from transactions where tx_hash = $1`, [payout.transactionHash])
    return row?.status === 'confirmed'
  })
  assert.match((await running.get('/metrics')).body, /gigstream_incomplete_responses_total\{endpoint="node1"\} [1-9]/)
  await running.stop()
  // What it invented is in no block; all else is as if it had never been there.
  const [row] = await daemon.sql(`select status::text, block_number from transactions where tx_hash = $1`, [invented.transactionHash])
  assert.equal(row.block_number, null)
  assert.notEqual(row.status, 'confirmed')
  await daemon.sql(`delete from transactions where tx_hash = $1`, [invented.transactionHash])
  const truth = await openDaemon()
  await truth.addPeople()
  assert.equal((await truth.run(['backfill', '--from', '0', '--to', 'latest'])).code, 0)
  assert.deepEqual(await tables(daemon.database), await tables(truth.database))
})

test('a halt that a quorum sees ends by a word, as any does', async () => {
  const proxies = await openProxies(2)
  const { daemon, running } = await openQuorum(proxies.map(({ url }) => url), 2)
  await daemon.caughtUp()
  await running.ready()
  // Both now tell of another chain, on which what was final has been replaced.
  const head = await chain.head()
  const other = await startAnvil({ args: ['--fork-url', anvil.url, '--fork-block-number', String(head - 8), '--chain-id', '31337'] })
  world.things.defer(other.stop)
  const elsewhere = await openChain(other.url)
  const payout = await openActions(elsewhere, contracts).transfer(platform, workers[3].address, usdc(6))
  await elsewhere.mine(14)
  for (const proxy of proxies) proxy.target = other.url
  const said = await until('/readyz to name the command', async () => {
    const { sync } = JSON.parse((await running.get('/readyz')).body).checks
    return /reorg accept --to (\d+) --hash (0x[0-9a-f]{64})/.exec(sync.reason)
  }, { deadlineMs: 30_000 })
  const { code, stderr } = await daemon.run(['reorg', 'accept', '--to', said[1], '--hash', said[2]])
  assert.equal(code, 0, stderr)
  await until('the other chain to be followed and confirmed', async () => {
    const [row] = await daemon.sql('select status::text from transactions where tx_hash = $1', [payout.transactionHash])
    return row?.status === 'confirmed'
  }, { deadlineMs: 30_000 })
  await running.ready()
  await running.stop()
})
