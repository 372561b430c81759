// A database under Neon's names: TLS, verified; it may have to wake up first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { startPostgres } from '../devchain/postgres.mjs'
import { startGate } from './lib/gate.mjs'
import { count } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const direct = 'ep-quiet-field-a1b2c3d4.us-east-2.aws.neon.tech'
const pooled = 'ep-quiet-field-a1b2c3d4-pooler.us-east-2.aws.neon.tech'
const world = await openWorld()
const { things, chain, contracts, actions, platform, workers, openDaemon } = world
const cluster = await startPostgres({ tls: { names: [direct, pooled], only: true } })
things.defer(cluster.stop)
const gate = await startGate(cluster.port, cluster.certificate)
things.defer(gate.stop)

// The URL as a user of Neon's has it, but for where the name leads.
function named(url, host, { port = cluster.port, ...params } = {}) {
  const other = Object.assign(new URL(url), { hostname: host, port })
  other.search = new URLSearchParams({ hostaddr: '127.0.0.1', ...params })
  return other.href
}
const database = await cluster.createDatabase()
const verified = { sslmode: 'verify-full', sslrootcert: cluster.ca }
const at = (host, params) => openDaemon({ schema: false, database: named(database.url, host, params) })
const behindGate = () => at(direct, { port: gate.port, ...verified })

test('run and backfill, with the certificate verified', async () => {
  const daemon = await at(direct, verified)
  await daemon.must('db', 'push')
  await daemon.addPeople()
  const running = daemon.start()
  await running.ready()
  await running.logged(/the database is there: Neon\n/)
  const { transactionHash } = await actions.transfer(platform, workers[0].address, usdc(1))
  await until('the payout', async () => (await count(database.url, 'transactions where tx_hash = $1', [transactionHash])) === 1)
  await running.stop()
  const { code, stderr } = await daemon.run(['backfill', '--from', String(contracts.startBlock), '--to', String(await chain.head()), '--rescan'])
  assert.equal(code, 0, stderr)
})

test('the pooled host is recognised: the lease does not rely on a backend', async () => {
  const daemon = await at(pooled, verified)
  assert.match(await daemon.must('check-config'), /sslmode="verify-full" \(Neon, pooled\)/)
  const running = daemon.start()
  await running.ready()
  await running.logged(/the database is there: Neon, pooled/)
  assert.equal(await count(database.url, 'chain.lease where holder is not null and backend_pid is null'), 1)
  await running.stop()
})

test('without an sslmode TLS is required, and one that may do without is refused', async () => {
  const plain = await startPostgres()
  things.defer(plain.stop)
  const open = await at(direct, { port: plain.port })
  const failed = await open.run(['db', 'status'])
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /SSL was required/)
  const weak = await at(direct, { sslmode: 'prefer' })
  for (const args of [['db', 'status'], ['check-config']]) {
    const { code, stderr } = await weak.run(args)
    assert.equal(code, 2, stderr)
    assert.match(stderr, /sslmode=prefer may do without: .*write sslmode=require/)
  }
})

test('a database that wakes up slowly is waited for, and that is said', async () => {
  const daemon = await behindGate()
  const command = daemon.start(['worker', 'list'])
  await command.logged(/does not answer yet \(it may be waking up\): waiting up to 60 seconds/)
  gate.open()
  const { code, stdout, stderr } = await command.closed
  assert.equal(code, 0, stderr)
  assert.match(stdout, /Worker 0/)
})

for (const words of ['close', "Couldn't connect to compute node", 'Control plane request failed']) {
  test(`"${words}" is "not yet" of a database that wakes up`, async () => {
    const daemon = await behindGate()
    gate.behave = words
    const before = gate.met
    const command = daemon.start(['worker', 'list'])
    await until('it to try again', () => gate.met >= before + 3)
    gate.open()
    const { code, stderr } = await command.closed
    assert.equal(code, 0, stderr)
  })
}

for (const [words, remedy] of [
  ["password authentication failed for user 'neon'", /check user and password/],
  ['Control plane request failed: endpoint is disabled', /enable it/]]) {
  test(`"${words}" is no, at once`, async () => {
    const daemon = await behindGate()
    gate.behave = words
    const before = gate.met
    const { code, stderr } = await daemon.run(['worker', 'list'])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(words))
    assert.match(stderr, remedy)
    assert.equal(gate.met, before + 1)
  })
}

test('a daemon that starts before its database is awake', async () => {
  const daemon = await behindGate()
  gate.behave = 'hold'
  const before = gate.met
  const running = daemon.start()
  await until('it to ask', () => gate.met > before)
  assert.equal((await running.get('/readyz')).status, 503)
  gate.open()
  await running.ready()
  await running.stop()
})

test('SIGTERM ends a daemon that waits for its database', async () => {
  const daemon = await behindGate()
  for (const words of ['hold', 'close']) {
    gate.behave = words
    const before = gate.met
    const running = daemon.start()
    await until('it to ask', () => gate.met > before)
    const { code, stderr } = await running.stop()
    assert.equal(code, 0, stderr)
  }
})
