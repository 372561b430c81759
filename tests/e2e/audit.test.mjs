// Books that audit themselves: the change of balances against transfers, streams
// against the contract's getters, at one block.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { startProxy } from './lib/proxy.mjs'
import { count } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld() // final is what is 2 blocks below the head
const { things, chain, actions, contracts, platform, workers, openDaemon } = world
const [ann, bob] = workers
const start = contracts.startBlock
const streaming = contracts.streaming.address.toLowerCase()

await playScenario(world)
await chain.mine(4)

// A database that has read everything from `from` on; its contracts and the
// wallets of five people.
async function books({ from = start, to = 'latest', ...options } = {}) {
  const daemon = await openDaemon(options)
  await daemon.addPeople()
  const { code, stderr } = await daemon.run(['backfill', '--from', String(from), '--to', String(to)])
  assert.equal(code, 0, stderr)
  return daemon
}
const people = 1 + workers.length

async function audit(daemon, ...args) {
  const { code, stdout, stderr } = await daemon.run(['audit', '--json', ...args])
  return { code, stderr, ...(stdout && JSON.parse(stdout)) }
}

const counts = (checked, more = {}) => ({ checked, differ: 0, explained: 0, uncovered: 0, no_state: 0, ...more })
const differ = (checked, differ) => counts(checked, { differ })
const wallet = ({ address }) => `wallet ${address.toLowerCase()}`
const stream = (id, field) => `stream ${streaming}/${id}${field ? ` ${field}` : ''}`

async function ties(daemon, ...args) {
  const result = await audit(daemon, ...args)
  assert.equal(result.code, 0, JSON.stringify(result))
  assert.deepEqual(result.differences, [])
  return result
}

// Exit 4 and these differences, by subject: [difference or null, explanation].
async function differs(daemon, wanted, ...args) {
  const result = await audit(daemon, ...args)
  assert.equal(result.code, 4, result.stderr)
  const found = Object.fromEntries(result.differences.map(({ subject, difference }) => [subject, difference]))
  assert.deepEqual(found, wanted)
  for (const d of result.differences) {
    assert.deepEqual(Object.keys(d), ['subject', 'expected', 'found', 'difference', 'explanation', 'explained'])
    assert.equal(d.explained, false)
  }
  return result
}

// Stands before the node: the state of some blocks is gone. which(number)
async function behindForgetfulNode(which) {
  const proxy = await startProxy(chain.url)
  things.defer(proxy.stop)
  const state = { which, asked: 0 }
  proxy.behave = async ({ calls, forward }) => {
    const replies = await forward()
    for (const reply of [].concat(replies)) {
      const { params, method } = calls.find(({ id }) => id === reply.id)
      const hash = params[1]?.blockHash
      if (!hash) continue
      state.asked++
      assert.match(method, /^eth_(call|getBalance|getCode)$/)
      const { number } = await chain.call('eth_getBlockByHash', hash, false)
      if (!state.which(Number(number))) continue
      delete reply.result
      reply.error = { code: -32000, message: 'missing trie node 8b16 (path ) state is not available' }
    }
    return replies
  }
  return { proxy, state }
}

test('after a busy story the books tie, at every block of it', async () => {
  const daemon = await books()
  const final = (await chain.head()) - 2
  const newest = await ties(daemon)
  assert.equal(newest.block, final)
  assert.equal(newest.hash, (await chain.block(final)).hash)
  assert.deepEqual(newest.wallets, counts(people))
  assert.deepEqual(newest.contracts, counts(1))
  assert.deepEqual(newest.streams, counts(4))
  // At earlier blocks streams are what their events up to there say.
  let streams = 0
  for (let at = start; at < final; at++) {
    const { block, streams: { checked } } = await ties(daemon, '--at', String(at))
    assert.equal(block, at)
    assert.ok(checked >= streams)
    streams = checked
  }
  assert.equal(streams, 4)
  const { code, stdout } = await daemon.run(['audit', '--at', 'finalized'])
  assert.equal(code, 0)
  assert.equal(stdout, `block ${final}: 0 differences; ${people} wallets; 1 contract; 4 streams; 0 loans\n`)
})

test('a transfer that is missing, twice, or changed is found at both of its ends', async () => {
  const daemon = await books()
  const one = `block_hash = (select block_hash from chain.transfers where amount = 12500000) and amount = 12500000`
  await daemon.sql(`create table kept as select * from chain.transfers where ${one}`)
  await daemon.sql(`delete from chain.transfers where ${one}`)
  const result = await differs(daemon, { [wallet(ann)]: '12.500000', [wallet(platform)]: '-12.500000' })
  assert.deepEqual(result.wallets, differ(people, 2))
  const { code, stdout } = await daemon.run(['audit'])
  assert.equal(code, 4)
  const balance = await actions.balanceOf(ann.address)
  assert.equal(Number(balance) / 1e6 - 12.5, Number(/wallet .*\n {2}books (\S+), chain \S+, difference 12\.500000: /.exec(stdout)?.[1]))
  assert.match(stdout, /^block \d+: 2 differences; 5 wallets, 3 as it should be, 2 not as the books say; 1 contract; 4 streams; 0 loans$/m)

  await daemon.sql(`insert into chain.transfers select * from kept`)
  await ties(daemon)
  await daemon.sql(`update chain.transfers set amount = amount + 1 where ${one}`)
  await differs(daemon, { [wallet(ann)]: '-0.000001', [wallet(platform)]: '0.000001' })
  await daemon.sql(`update chain.transfers set amount = amount - 1 where amount = 12500001`)
  await daemon.sql(`insert into chain.transfers select (jsonb_populate_record(t, '{"log_index": 77}')).* from chain.transfers t where ${one}`)
  await differs(daemon, { [wallet(ann)]: '-12.500000', [wallet(platform)]: '12.500000' })
  await daemon.sql(`update chain.transfers set orphaned = true where log_index = 77`)
  await ties(daemon)
})

test('money that is missing in a contract, and numbers larger than any balance', async () => {
  const daemon = await books()
  await daemon.sql(`delete from chain.transfers where amount = 300000000 and role = 'escrow'`)
  const { contracts: found } = await differs(daemon, { [wallet(platform)]: '-300.000000', [`contract ${streaming}`]: '300.000000' })
  assert.deepEqual(found, differ(1, 1))
  // More than 2^256 in all.
  await daemon.sql(`update chain.transfers set amount = 10::numeric ^ 77 * 9 where to_wallet = $1`, [Buffer.from(ann.address.slice(2), 'hex')])
  const { differences } = await audit(daemon)
  assert.match(differences.find(({ subject }) => subject === wallet(ann)).difference, /^-\d{72,}\.\d{6}$/)
})

test('a stream whose row was forged, that is gone, or that nobody has', async () => {
  const daemon = await books()
  await daemon.sql(`create table kept as select * from streams`)
  await daemon.sql('alter table streams disable trigger user')
  await daemon.sql(`update streams set released_amount_usdc = released_amount_usdc - 0.25, claimed_amount_usdc = 0,
    worker_wallet = lower($1), status = 'paused' where contract_stream_id = 2`, [ann.address])
  const [{ claimed }] = await daemon.sql('select claimed_amount_usdc::text as claimed from kept where contract_stream_id = 2')
  const { streams } = await differs(daemon, {
    [stream(2, 'worker')]: null,
    [stream(2, 'released')]: '0.250000',
    [stream(2, 'claimed')]: claimed,
    [stream(2, 'status')]: null,
  })
  assert.deepEqual(streams, differ(4, 1))
  const restore = async () => {
    await daemon.sql(`delete from transactions`)
    await daemon.sql(`delete from streams`)
    await daemon.sql(`insert into streams select * from kept`)
  }
  await restore()
  await ties(daemon)

  for (const gone of [[1], [2, 3], [3, 4], [1, 2, 3, 4]]) {
    await daemon.sql(`delete from streams where contract_stream_id = any ($1::numeric[])`, [gone])
    const subject = stream(gone[0]) + (gone.length > 1 ? ` to ${gone.at(-1)}` : '')
    await differs(daemon, { [subject]: null })
    await restore()
  }
  await daemon.sql(`insert into streams (chain_id, contract_address, contract_stream_id, worker_wallet, platform_wallet, total_amount_usdc,
      start_time, release_interval, status)
    select chain_id, contract_address, 10::numeric ^ 70, worker_wallet, platform_wallet, 5, start_time, release_interval, 'active'
    from kept where contract_stream_id = 1`)
  const { differences: [unknown] } = await differs(daemon, { [stream(10n ** 70n)]: null })
  assert.deepEqual([unknown.expected, unknown.found], ['stream', 'nothing'])
})

test('what was not read is not judged', async () => {
  const half = (await chain.head()) - 12
  const daemon = await books({ from: half })
  // Their books begin in the middle of the story, with what they had then.
  const whole = await ties(daemon)
  assert.deepEqual(whole.wallets, counts(people))
  assert.deepEqual(whole.streams, counts(0, { uncovered: await count(daemon.database, 'streams') }))
  const before = await ties(daemon, '--at', String(half - 1))
  assert.deepEqual(before.wallets, counts(0, { uncovered: people }))
  assert.deepEqual(before.contracts, counts(0, { uncovered: 1 }))
  await daemon.must('worker', 'add', '--name', 'New', '--email', 'new@example.com', '--wallet', world.other.address)
  assert.deepEqual((await ties(daemon)).wallets, counts(people, { uncovered: 1 }))
  // Read now: `other` has paid and been paid since long before.
  const { code, stderr } = await daemon.run(['backfill', '--from', String(start), '--to', 'latest'])
  assert.equal(code, 0, stderr)
  const running = daemon.start()
  await running.ready()
  await until('the history of the newcomer', async () => (await ties(daemon)).wallets.checked === people + 1)
  await running.stop()
  assert.deepEqual((await ties(daemon)).streams, counts(4))
})

test('a node without the old state says so; what it has now is remembered, and audited from then on', async () => {
  const { proxy, state } = await behindForgetfulNode((number) => number < start)
  const daemon = await books({ rpc: proxy.url })
  const first = await ties(daemon)
  assert.deepEqual(first.wallets, counts(0, { no_state: people }))
  assert.deepEqual(first.contracts, counts(0, { no_state: 1 }))
  assert.deepEqual(first.streams, counts(4))
  const { stdout } = await daemon.run(['audit'])
  assert.match(stdout, /0 wallets, 5 not checked: no node has the state it began with; /)
  assert.equal(await count(daemon.database, 'chain.openings where block_number = $1', [first.block]), people + 1)

  const payout = await actions.transfer(platform, ann.address, usdc(3))
  await chain.mine(3)
  const { code } = await daemon.run(['backfill', '--from', String(start), '--to', 'latest'])
  assert.equal(code, 0)
  assert.deepEqual((await ties(daemon)).wallets, counts(people))
  await daemon.sql(`delete from chain.transfers where tx_hash = $1`, [Buffer.from(payout.transactionHash.slice(2), 'hex')])
  await differs(daemon, { [wallet(ann)]: '3.000000', [wallet(platform)]: '-3.000000' })
  // Before what is remembered there is nothing to begin with.
  assert.deepEqual((await ties(daemon, '--at', String(first.block))).wallets, counts(0, { no_state: people }))

  // With an archive node the whole story is audited.
  state.which = () => false
  assert.deepEqual((await differs(daemon, { [wallet(ann)]: '3.000000', [wallet(platform)]: '-3.000000' })).wallets, differ(people, 2))
  state.which = () => true
  const none = await daemon.run(['audit'])
  assert.equal(none.code, 1)
  assert.match(none.stderr, /no node has the state of block \d+ any more: audit a newer one, or add an archive node/)
  assert.ok(state.asked > 0)
})

test('what cannot be audited is said', async () => {
  const daemon = await openDaemon()
  const empty = await daemon.run(['audit'])
  assert.equal(empty.code, 1)
  assert.match(empty.stderr, /the database has nothing of chain 31337 yet/)
  const usage = await daemon.run(['audit', '--at', 'yesterday'])
  assert.equal(usage.code, 2)
  assert.match(usage.stderr, /--at yesterday is no block number, nor finalized/)
  const to = start + 3
  const read = await books({ to })
  const far = await read.run(['audit', '--at', String(to + 1)])
  assert.equal(far.code, 1)
  assert.match(far.stderr, new RegExp(`block ${to + 1} is not indexed yet: the newest is ${to}`))

  // Who may only read is told the result all the same.
  await read.sql(`revoke insert on chain.audits, chain.openings from gigstream_daemon`)
  const { code, stderr } = await read.run(['audit'])
  assert.equal(code, 0)
  assert.match(stderr, /the result is not recorded in the database: .*permission denied/)
})

test('the daemon audits by itself, shows the result and warns', async () => {
  const daemon = await openDaemon({ more: { audit: { interval: '1s' } } })
  await daemon.addPeople()
  const running = daemon.start()
  await running.ready()
  await daemon.caughtUp()
  const metric = async (name) => Number(new RegExp(`^gigstream_audit_${name} (\\S+)$`, 'm').exec((await running.get('/metrics')).body)?.[1])
  const ready = async () => {
    const { status, body } = await running.get('/readyz')
    return { code: status, ...JSON.parse(body) }
  }
  await until('an audit of all wallets', async () => (await metric('wallets')) === people && (await metric('differences')) === 0)
  assert.ok(Math.abs((await metric('last_seconds')) - Date.now() / 1000) < 60)
  const well = await ready()
  assert.deepEqual([well.code, well.status, well.checks.audit], [200, 'ready', { ok: true, reason: 'no difference' }])

  await daemon.sql(`create table kept as select * from chain.transfers where amount = 12500000`)
  await daemon.sql(`delete from chain.transfers where amount = 12500000`)
  const ill = await until('the warning', async () => {
    const answer = await ready()
    return answer.status === 'warning' && answer
  })
  assert.equal(ill.code, 200)
  assert.equal(ill.checks.audit.ok, false)
  assert.match(ill.checks.audit.reason, /^the books differ from the chain at block \d+ in 2 things: run gigstreamd audit$/)
  assert.equal(await metric('differences'), 2)
  await running.logged(new RegExp(`${wallet(ann)}: books \\S+, chain \\S+: the books lack`))
  const status = JSON.parse(await daemon.must('status', '--json')).audit
  assert.equal(status.differences, 2)
  assert.deepEqual(status.wallets, differ(people, 2))
  assert.match(await daemon.must('status'), /^audit +2 differences at block \d+, ended 20/m)

  await daemon.sql('insert into chain.transfers select * from kept')
  await until('the warning to end', async () => (await ready()).status === 'ready')
  await running.stop()
  assert.ok((await count(daemon.database, 'chain.audits')) >= 3)

  // The next one is due an interval after the last, whoever made it.
  const patient = daemon.start(['run'], { GIGSTREAM_AUDIT_INTERVAL: '24h' })
  await patient.ready()
  await until('the last result to be known', async () => /^gigstream_audit_differences 0$/m.test((await patient.get('/metrics')).body))
  const made = await count(daemon.database, 'chain.audits')
  await patient.stop()
  assert.equal(await count(daemon.database, 'chain.audits'), made)
  const off = daemon.start(['run'], { GIGSTREAM_AUDIT_INTERVAL: 'off' })
  await off.ready()
  assert.equal(JSON.parse((await off.get('/readyz')).body).checks.audit, undefined)
  await off.stop()
})

// The last test: the chain is another one then.
test('what was final and is taken back takes what was remembered with it', async () => {
  const { proxy } = await behindForgetfulNode((number) => number < start)
  const daemon = await books({ rpc: proxy.url })
  const { block } = await ties(daemon)
  const shared = block - 1
  const before = await chain.block(block)
  await chain.reorg((await chain.head()) - shared)
  await chain.mine(1)
  assert.notEqual((await chain.block(block)).hash, before.hash)
  // A node of another branch is not asked.
  const other = await daemon.run(['audit', '--at', String(block)])
  assert.equal(other.code, 1)
  assert.match(other.stderr, /block \d+ is 0x[0-9a-f]{64} here and 0x[0-9a-f]{64} at the node/)
  const { hash } = await chain.block(shared)
  const word = await daemon.run(['reorg', 'accept', '--to', String(shared), '--hash', hash])
  assert.equal(word.code, 0, word.stderr)
  assert.equal(await count(daemon.database, 'chain.openings'), 0)
})
