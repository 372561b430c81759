// A backfill that leaves indexes out and builds them at its end, and what comes
// after one that did not get there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleep, until } from '../devchain/lifetime.mjs'
import { connect } from '../devchain/postgres.mjs'
import { startProxy } from './lib/proxy.mjs'
import { confirmed } from './lib/scratch.mjs'
import { count, tables } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers, anvil, openDaemon } = world
await playScenario(world)
for (let i = 0; i < 100; i++) await actions.transfer(platform, workers[i % 4].address, usdc(1 + i / 100))
await chain.mine(200)

async function fresh(options) {
  const daemon = await openDaemon(options)
  await daemon.addPeople()
  return daemon
}

const command = (defer) =>
  ['backfill', '--from', String(world.contracts.startBlock), '--to', 'latest', ...(defer ? ['--defer-indexes', defer] : [])]
const backfill = (daemon, defer) => daemon.run(command(defer))
const due = ({ database }) => count(database, 'chain.deferred_indexes')

const undisturbed = await fresh()
assert.equal((await backfill(undisturbed, 'no')).code, 0)
const right = await tables(undisturbed.database)

// Nothing is missing, of the schema or of the rows.
async function isWhole(daemon) {
  const { code, stdout } = await daemon.run(['db', 'check'])
  assert.equal(code, 0, stdout)
  assert.equal(await due(daemon), 0)
  assert.deepEqual(await tables(daemon.database), right)
}

// Holds a lock on a table until it is released.
async function lock({ database }, table, mode) {
  const client = await connect(database)
  await client.query(`begin; lock table ${table} in ${mode} mode`)
  return { release: () => client.end() }
}

// Instead of waiting for the lease of one that was killed in a statement.
const expire = ({ sql }) => sql('update chain.lease set expires_at = now()')

// A backfill that has left the indexes out, and has a batch or more to go.
async function inTheRange() {
  const proxy = await startProxy(anvil.url)
  world.things.defer(proxy.stop)
  proxy.behave = async ({ forward }) => (await sleep(100), forward())
  const daemon = await fresh({ rpc: proxy.url })
  const handle = daemon.start(command('yes'))
  await until('a first batch', async () => (await count(daemon.database, 'chain.blocks')) > 0)
  assert.equal(await due(daemon), 8)
  return { daemon, handle, hurry: () => (proxy.behave = null) }
}

async function killedInTheRange() {
  const { daemon, handle, hurry } = await inTheRange()
  await handle.stop('SIGKILL')
  hurry()
  await expire(daemon)
  return daemon
}

const building = `from pg_stat_activity
  where datname = current_database() and state = 'active' and query like '%restore_index%' and pid <> pg_backend_pid()`

// Of the indexes all but the last are built: that one waits for a lock.
async function inTheRebuild() {
  const { daemon, handle, hurry } = await inTheRange()
  const writer = await lock(daemon, 'chain.transitions', 'row exclusive')
  hurry()
  await handle.logged(/building indexes: 8 of 8/)
  assert.equal(await due(daemon), 1)
  return { daemon, handle, writer }
}

test('it ends with the schema and the rows of one that left nothing out', async () => {
  const daemon = await fresh()
  const { code, stderr } = await backfill(daemon, 'yes')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /8 indexes are left out[^]*building indexes: 1 of 8[^]*building indexes: 8 of 8/)
  await isWhole(daemon)
})

test('nothing is left out for a short range, nor where there are rows', async () => {
  const daemon = await fresh()
  assert.doesNotMatch((await backfill(daemon)).stderr, /left out/)
  await isWhole(daemon)
  assert.doesNotMatch((await backfill(daemon, 'yes')).stderr, /left out/)
  const { code, stderr } = await daemon.run([...command('yes'), '--rescan'])
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /left out/)
  const wrong = await backfill(daemon, 'perhaps')
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /--defer-indexes perhaps is not yes, no or auto/)
})

test('nor where somebody is at work, who does not have to wait', async () => {
  const daemon = await fresh()
  const reader = await lock(daemon, 'public.transactions', 'access share')
  const { code, stderr } = await backfill(daemon, 'yes')
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /left out/)
  await reader.release()
  await isWhole(daemon)
})

test('killed in the range: it is told what is missing, and a daemon builds it first', async () => {
  const daemon = await killedInTheRange()
  const { code, stdout } = await daemon.run(['db', 'check'])
  assert.equal(code, 4)
  assert.match(stdout, /missing: public.transactions index idx_transactions_from\n.*\n {2}left out by a backfill at 20/)
  assert.match(stdout, /8 differences. A backfill has left them out, .* run it again, or gigstreamd run/)
  assert.equal(JSON.parse(await daemon.must('status', '--json')).deferred_indexes, 8)
  assert.match(await daemon.must('status'), /indexes due 8\n/)
  const running = daemon.start()
  await running.logged(/building indexes: 8 of 8[^]*resuming after block/)
  await running.ready()
  await daemon.caughtUp()
  await confirmed(chain, daemon)
  await running.stop()
  await isWhole(daemon)
})

test('killed in the range: the next backfill goes on without, and builds them at its end', async () => {
  const daemon = await killedInTheRange()
  const { code, stderr } = await backfill(daemon)
  assert.equal(code, 0, stderr)
  assert.match(stderr, /resuming after block[^]*building indexes: 8 of 8/)
  await isWhole(daemon)
})

test('killed in the range: one that is to leave nothing out builds them first', async () => {
  const daemon = await killedInTheRange()
  const { code, stderr } = await backfill(daemon, 'no')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /building indexes: 8 of 8[^]*resuming after block/)
  await isWhole(daemon)
})

test('killed in the rebuild: a daemon says that it builds, keeps its lease, and can be stopped', async () => {
  const { daemon, handle, writer } = await inTheRebuild()
  await handle.stop('SIGKILL')
  await expire(daemon)
  const running = daemon.start()
  await running.logged(/building indexes: 1 of 1/)
  const { status, body } = await running.get('/readyz')
  assert.equal(status, 503)
  assert.equal(JSON.parse(body).checks.sync.phase, 'building')
  assert.match((await running.get('/status')).body, /"state": "building indexes"/)
  const expiry = async () => (await daemon.sql('select expires_at from chain.lease'))[0].expires_at
  const before = await expiry()
  await until('the lease to be renewed', async () => (await expiry()) > before)
  const started = Date.now()
  assert.equal((await running.stop('SIGTERM')).code, 0)
  assert.ok(Date.now() - started < 5000)
  assert.equal(await due(daemon), 1)
  await writer.release()
  await expire(daemon)
  // Behind a pooler the first one's statement may build it after all.
  const { code, stderr } = await backfill(daemon)
  assert.equal(code, 0, stderr)
  await isWhole(daemon)
})

test('interrupted in the rebuild, it says how to resume', async () => {
  const { daemon, handle, writer } = await inTheRebuild()
  const { code, stderr } = await handle.stop('SIGINT')
  assert.equal(code, 3)
  assert.match(stderr, /run it again to resume/)
  await until('the server to leave it', async () => (await daemon.sql(`select ${building}`)).length === 0, { deadlineMs: 5000 })
  await writer.release()
  await expire(daemon)
  assert.equal((await backfill(daemon)).code, 0)
  await isWhole(daemon)
})

test('a database that fails in the rebuild is asked again', async () => {
  const { daemon, handle, writer } = await inTheRebuild()
  await daemon.sql(`select pg_terminate_backend(pid) ${building}`)
  await handle.logged(/the database: /)
  await writer.release()
  const { code, stderr } = await handle.closed
  assert.equal(code, 0, stderr)
  assert.match(stderr, /building indexes: 1 of 1/)
  await isWhole(daemon)
})

test('a migration finds the schema whole', async () => {
  const daemon = await killedInTheRange()
  assert.match(await daemon.must('db', 'push'), /current/)
  assert.equal(await due(daemon), 8) // there was nothing to apply
  // This one replaces constraints by the same: it can be applied again.
  await daemon.sql(`delete from chain.migrations where name = '0025_checks'`)
  await daemon.must('db', 'migrate')
  assert.equal(await due(daemon), 0)
  assert.equal((await backfill(daemon)).code, 0)
  await isWhole(daemon)
})
