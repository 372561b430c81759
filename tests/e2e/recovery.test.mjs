// Moments at which a writer could confirm what is gone, hang, or never end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleep, until } from '../devchain/lifetime.mjs'
import { via } from '../devchain/place.mjs'
import { query } from '../devchain/postgres.mjs'
import { changing, startProxy } from './lib/proxy.mjs'
import { count, tables } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld()
const { things, chain, actions, platform, workers, anvil, contracts, openDaemon } = world

async function fresh(options) {
  const daemon = await openDaemon(options)
  await daemon.addPeople()
  return daemon
}

async function behindProxy(options) {
  const proxy = await startProxy(anvil.url)
  things.defer(proxy.stop)
  return { proxy, daemon: await fresh({ rpc: proxy.url, ...options }) }
}

// A command that must end by itself.
async function ends(daemon, args, deadlineMs = 15_000) {
  const handle = daemon.start(args)
  const late = Symbol('late')
  const result = await Promise.race([handle.closed, sleep(deadlineMs).then(() => late)])
  if (result !== late) return result
  throw new Error(`${args.join(' ')} does not end:\n${(await handle.stop('SIGKILL')).stderr}`)
}

async function stopped(daemon) {
  const running = daemon.start()
  await running.ready()
  await daemon.caughtUp()
  await running.stop()
}

// The last block of a daemon that is down holds a payout; others take its
// place, and become final.
async function overtaken() {
  const daemon = await fresh()
  await chain.mine(3)
  const running = daemon.start()
  await running.ready()
  const { transactionHash } = await actions.transfer(platform, workers[0].address, usdc(3))
  await daemon.caughtUp()
  await running.stop()
  await chain.reorg(1)
  await chain.mine(6)
  const payout = async () =>
    (await daemon.sql('select status, block_number from transactions where tx_hash = $1', [transactionHash]))[0]
  return { daemon, payout }
}

test('a reorg while we are down, overtaken by finality, confirms nothing', async () => {
  const { daemon, payout } = await overtaken()
  const running = daemon.start()
  await daemon.caughtUp()
  assert.deepEqual(await payout(), { status: 'submitted', block_number: null })
  assert.equal(await count(daemon.database, `chain.transitions where to_status = 'confirmed'`), 0)
  await running.stop()
})

test('a backfill after such a reorg undoes it too; a dry run ends, and undoes nothing', async () => {
  const { daemon, payout } = await overtaken()
  const before = await tables(daemon.database)
  const range = ['--from', String(contracts.startBlock), '--to', 'latest']
  const dry = await ends(daemon, ['backfill', ...range, '--dry-run'])
  assert.equal(dry.code, 4, dry.stderr)
  assert.deepEqual(await tables(daemon.database), before)
  const real = await ends(daemon, ['backfill', ...range])
  assert.equal(real.code, 0, real.stderr)
  assert.deepEqual(await payout(), { status: 'submitted', block_number: null })
})

test('a reorg in the middle of a backfill leaves no block out', async () => {
  const slow = await openWorld({ slotsInAnEpoch: 32 }) // final are those 64 blocks below
  await slow.chain.mine(120)
  const head = await slow.chain.head()
  const proxy = await startProxy(slow.anvil.url)
  things.defer(proxy.stop)
  const daemon = await slow.openDaemon({ rpc: proxy.url })
  let open
  const gate = new Promise((resolve) => (open = resolve))
  // The last blocks come when those before them are replaced.
  proxy.behave = async ({ calls, forward }) => {
    if (calls.length > 1 && calls.some(({ method, params: [at] }) => method === 'eth_getBlockByNumber' && Number(at) > head - 4)) await gate
    return forward()
  }
  const from = head - 70
  const handle = daemon.start(['backfill', '--from', String(from), '--to', String(head)])
  await until('the first batch', async () => (await count(daemon.database, `chain.blocks where number >= ${from}`)) > 0)
  await slow.chain.reorg(20)
  open()
  const { code, stderr } = await handle.closed
  assert.equal(code, 0, stderr)
  assert.match(stderr, /reorg: \d+ blocks/)
  const ranges = await daemon.sql('select distinct from_block::int, to_block::int from chain.covered_ranges')
  assert.deepEqual(ranges, [{ from_block: from, to_block: head }])
})

test('a fork below what is final ends a backfill; the daemon halts and says why', async () => {
  const daemon = await fresh()
  await chain.mine(6)
  const running = daemon.start()
  await running.ready()
  await daemon.caughtUp()
  await until('finality', async () =>
    (await daemon.sql('select final_number from chain.chains'))[0].final_number > (await chain.head()) - 4)
  await running.stop()
  await chain.reorg(5)
  await chain.mine(1)
  const { code, stderr } = await ends(daemon, ['backfill', '--from', '0', '--to', 'latest'])
  assert.equal(code, 1, stderr)
  assert.match(stderr, /is 0x\w+ here and 0x\w+ at the node/)
  const again = daemon.start()
  await again.logged(/halted: block \d+ is 0x/)
  assert.equal((await again.get('/readyz')).status, 503)
  await again.stop()
})

test('a command does not wait for somebody to make the schema', async () => {
  const daemon = await openDaemon({ schema: false })
  const { code, stderr } = await ends(daemon, ['backfill', '--from', '0', '--to', '3'])
  assert.equal(code, 1)
  assert.match(stderr, /run: gigstreamd db push/)
})

test('a history that a rollback has cut to what it had done ends', async () => {
  const daemon = await fresh()
  await chain.mine(10)
  await stopped(daemon)
  await daemon.sql(
    `insert into chain.jobs (chain_id, kind, wallets, from_block, to_block, done_to)
     select 31337, 'history', array[chain.unhex($1)], 1, v.to_block, v.done_to
     from (values (8, null), (2, 2)) v (to_block, done_to)`, [workers[0].address.toLowerCase()])
  const running = daemon.start()
  await until('the jobs to end', async () => (await count(daemon.database, 'chain.jobs where finished_at is null')) === 0)
  await running.stop()
})

test('a range below start_block is not where the daemon goes on', async () => {
  await chain.mine(60)
  const head = await chain.head()
  const daemon = await fresh({ startBlock: head - 20 })
  assert.equal((await daemon.run(['backfill', '--from', '0', '--to', '5'])).code, 0)
  await stopped(daemon)
  const ranges = await daemon.sql(
    `select from_block::int, to_block::int from chain.covered_ranges where source = $1 order by 1`,
    [contracts.usdc.address.toLowerCase()])
  assert.deepEqual(ranges, [{ from_block: 0, to_block: 5 }, { from_block: head - 20, to_block: head }])
})

test('a head with an absurd number does no harm when it is gone', async () => {
  const { proxy, daemon } = await behindProxy({ more: { chain: { verify: 'off' } } })
  const running = daemon.start()
  await running.ready()
  for (const number of ['0x7fffffffff', '0xffffffffffffffff']) {
    proxy.behave = changing('eth_getBlockByNumber', (block, { params }) =>
      (/latest|finalized/.test(params[0]) ? { ...block, number } : block))
    const asked = proxy.calls
    await until('it to have met that head several times', () => proxy.calls > asked + 6)
    assert.doesNotMatch(running.log(), /the database: /)
    proxy.behave = async ({ forward }) => (await sleep(250), forward())
    await actions.transfer(platform, workers[0].address, usdc(1))
    await daemon.caughtUp()
  }
  const [{ final_number }] = await daemon.sql('select final_number::int from chain.chains')
  assert.ok(final_number <= (await chain.head()), `${final_number} is no block`)
  await running.ready()
  await running.stop()
})

const hidden = via === 'pgbouncer' && 'a pooler keeps its clients when it loses a backend'
test('a connection that is gone is named as such', { skip: hidden }, async () => {
  const daemon = await fresh()
  const running = daemon.start()
  await running.ready()
  await daemon.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
  await running.logged(/the database: /)
  assert.doesNotMatch(running.log(), /memory/)
  await until('the next writer', () => /the database is there[^]*the database is there/.test(running.log()))
  await running.stop()
})

test('SIGTERM ends it within 5 seconds although a commit and the node wait', async () => {
  const { proxy, daemon } = await behindProxy()
  await chain.mine(1500)
  const isSpan = (calls) => calls.length > 2
  let held = false
  proxy.behave = async ({ calls, forward }) => {
    if (isSpan(calls) && (held = (await count(daemon.database, 'chain.blocks where number > 10')) > 0)) await sleep(30_000)
    return forward()
  }
  const running = daemon.start()
  await until('requests to be held', () => held)
  const lock = query(daemon.database,
    `do $$ begin lock table chain.blocks in share mode; perform pg_sleep(30); end $$`).catch(() => {})
  await until('a commit to wait', async () => (await count(daemon.database, `pg_stat_activity where wait_event_type = 'Lock'`)) > 0)
  const started = Date.now()
  const { code, stderr } = await running.stop('SIGTERM')
  assert.equal(code, 0, stderr)
  assert.ok(Date.now() - started < 5500)
  await daemon.sql(`select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()`)
  await lock
})

test('a range that the node cannot give keeps nothing else waiting', async () => {
  const { proxy, daemon } = await behindProxy({ startBlock: 4 })
  const pruned = ({ method, params: [at] }) => method === 'eth_getBlockByNumber' && Number(at) < 3
  proxy.behave = async ({ calls, forward }) => {
    const replies = await forward()
    if (!calls.some((call) => pruned(call) && Number(call.params[0]) > 0)) return replies
    return calls.map(({ id }) => ({ jsonrpc: '2.0', id, error: { code: 4444, message: 'pruned history unavailable' } }))
  }
  const running = daemon.start()
  await running.ready()
  await daemon.caughtUp()
  const asked = daemon.start(['backfill', '--from', '1', '--to', '2'])
  await running.logged(/blocks 1 to 2: .*pruned/)
  const late = chain.account(9)
  await daemon.must('worker', 'add', '--name', 'Late', '--email', 'late@example.com', '--wallet', late.address)
  await until('the history of the late one', async () =>
    (await count(daemon.database, `chain.jobs where kind = 'history' and finished_at is not null`)) > 0)
  assert.equal((await running.get('/readyz')).status, 200)
  proxy.behave = null
  const { code, stderr } = await asked.closed
  assert.equal(code, 0, stderr)
  await running.stop()
})

test('what a reorg took away is judged although a job is under way', async () => {
  const { proxy, daemon } = await behindProxy()
  const running = daemon.start()
  await running.ready()
  await daemon.caughtUp()
  const asked = ({ method, params: [at] }) => method === 'eth_getBlockByNumber' && Number(at) > 0 && Number(at) < 100
  let held = false
  proxy.behave = async ({ calls, forward }) => {
    if ((held ||= calls.some(asked)) && calls.some(asked)) await sleep(30_000)
    return forward()
  }
  const range = daemon.start(['backfill', '--from', '1', '--to', '50', '--rescan'])
  await until('the job to be under way', () => held)
  const dead = await actions.transfer(platform, workers[0].address, usdc(5))
  await daemon.caughtUp()
  await chain.reorg(1)
  await actions.transfer(platform, workers[1].address, usdc(5)) // the same nonce
  await chain.mine(4)
  await until('the verdict', async () =>
    (await daemon.sql('select status from transactions where tx_hash = $1', [dead.transactionHash]))[0].status === 'failed')
  await range.stop('SIGKILL')
  await running.stop()
})
