// A reorg deeper than what is final: nothing is touched, the reason is told, and
// it ends by the node's coming back or by an operator's word.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../devchain/lifetime.mjs'
import { openBranch } from './lib/branch.mjs'
import { startProxy } from './lib/proxy.mjs'
import { equalsScratch } from './lib/scratch.mjs'
import { count, dump } from './lib/tables.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld() // final is what is 2 blocks below the head
const { things, chain, actions, platform, workers, openDaemon } = world

async function fresh(options) {
  const daemon = await openDaemon(options)
  await daemon.addPeople()
  return daemon
}

async function behindProxy(options) {
  const proxy = await startProxy(chain.url)
  things.defer(proxy.stop)
  return { proxy, daemon: await fresh({ rpc: proxy.url, ...options }) }
}

const status = async (daemon) => JSON.parse(await daemon.must('status', '--json'))
const ready = async (running) => {
  const { status: code, body } = await running.get('/readyz')
  return { code, ...JSON.parse(body).checks }
}
const metric = async (running, name) =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await running.get('/metrics')).body)?.[1])
const times = (text, pattern) => [...text.matchAll(pattern)].length
const advised = /gigstreamd reorg accept --to (\d+) --hash (0x[0-9a-f]{64})/

// Until /readyz tells the command to type: { to, hash, reason }.
const advice = (running) =>
  until('the halt to be explained', async () => {
    const { code, sync } = await ready(running)
    const found = code === 503 && sync.phase === 'halted' && advised.exec(sync.reason)
    return found && { to: found[1], hash: found[2], reason: sync.reason.replace('halted: ', '') }
  })

// The highest block that is final in the database.
const finalOf = async (daemon) => Number((await daemon.sql('select final_number from chain.chains'))[0].final_number)

// A payout that is confirmed in the database, `below` blocks below the head.
async function confirmedPayout(daemon, amount, { from = platform, below = 4 } = {}) {
  const payout = await actions.transfer(from, workers[0].address, usdc(amount))
  await chain.mine(below)
  await until('the payout to be confirmed', async () =>
    (await count(daemon.database, `transactions where tx_hash = $1 and status = 'confirmed'`, [payout.transactionHash])) === 1)
  await daemon.caughtUp()
  return payout
}

const row = async (daemon, { transactionHash }) =>
  (await daemon.sql('select id, status, block_number, block_hash, confirmed_at, error_message from transactions where tx_hash = $1', [transactionHash]))[0]

test('it halts, says why and what to type, touches nothing; the word makes it go on', async () => {
  const daemon = await fresh()
  const running = daemon.start()
  await running.ready()
  const gone = await confirmedPayout(daemon, 3)
  const back = await confirmedPayout(daemon, 4, { from: world.other })
  const head = await chain.head()
  const ours = await chain.block(head - 2)
  await until('finality', async () => (await finalOf(daemon)) === head - 2)
  const before = await dump(daemon.database)
  const shared = gone.blockNumber - 1
  await chain.reorg(head - shared)
  await chain.mine(1)

  const told = await advice(running)
  const theirs = await chain.block(head - 2)
  const { hash: sharedHash } = await chain.block(shared)
  assert.deepEqual([told.to, told.hash], [String(shared), sharedHash])
  assert.match(told.reason, new RegExp(`block ${head - 2} is ${ours.hash} here and ${theirs.hash} at the node`))
  assert.deepEqual(await dump(daemon.database), before)
  const { state, halt } = await status(daemon)
  assert.equal(state, 'halted')
  await until('the status to be as fresh', async () => (await status(daemon)).halt === told.reason, { deadlineMs: 5000 })
  assert.match(halt, /nothing was touched/)
  const served = JSON.parse((await running.get('/status')).body)
  assert.deepEqual([served.state, served.halt], ['halted', told.reason])
  assert.match(await daemon.must('status'), /^halt +block \d+ is 0x/m)
  assert.equal(await metric(running, 'gigstream_halted'), 1)

  // A halt is told once, however often the node is asked, and nothing is written.
  const ticked = async () => String((await daemon.sql('select updated_at::text from chain.chains'))[0].updated_at)
  const last = await ticked()
  await until('the lease to be renewed', async () =>
    (await count(daemon.database, `chain.lease where expires_at > now() + interval '29 seconds'`)) === 1)
  await chain.mine(2)
  assert.equal(times(running.log(), /halted: block/g), 1)
  assert.equal(times(running.log(), /halted: if its chain survives, run: gigstreamd/g), 1)
  assert.deepEqual(await dump(daemon.database), before)
  assert.equal(await ticked(), last)

  await chain.sendRaw(back.raw)
  const dry = JSON.parse(await daemon.must('reorg', 'accept', '--to', told.to, '--hash', told.hash, '--dry-run', '--json'))
  assert.deepEqual(dry, {
    to: shared, hash: sharedHash, done: false, blocks: head - shared, events: 0, transfers: 2, transactions: 2, confirmed: 2,
  })
  assert.deepEqual(await dump(daemon.database), before)
  const done = JSON.parse(await daemon.must('reorg', 'accept', '--to', told.to, '--hash', told.hash, '--json'))
  assert.deepEqual(done, { ...dry, done: true })
  await running.ready()
  await chain.mine(4)
  await equalsScratch(world, daemon)
  assert.equal((await row(daemon, gone)).block_number, null)
  assert.equal((await row(daemon, back)).status, 'confirmed')
  assert.equal(await metric(running, 'gigstream_halted'), 0)
  assert.equal((await status(daemon)).halt, null)
  await running.stop()

  // Every step is told: who said it, and what became of each row.
  const audit = await daemon.sql(
    `select actor_type, action, resource_type, request_id, changes_before, changes_after from audit_logs
     where action = 'reorg.accept' order by created_at, id`)
  assert.deepEqual(new Set(audit.map(({ request_id }) => request_id)).size, 1)
  assert.deepEqual(audit.map(({ resource_type }) => resource_type), ['reorg', 'reorg', 'transaction', 'transaction'])
  assert.equal(audit[0].changes_after.to_block, shared)
  assert.equal(audit[1].changes_after.outcome, 'done')
  for (const { actor_type, changes_before, changes_after } of audit.slice(2)) {
    assert.equal(actor_type, 'operator')
    assert.deepEqual([changes_before.status, changes_after.status], ['confirmed', 'submitted'])
  }
  const history = await daemon.sql(
    `select from_status, to_status, reason from chain.transitions where row_id = $1 order by id`, [(await row(daemon, gone)).id])
  assert.deepEqual(history.at(-1), { from_status: 'confirmed', to_status: 'submitted', reason: 'reorg accepted' })
  const [word] = await daemon.sql('select * from chain.reorgs')
  assert.deepEqual([word.outcome, word.reason, Number(word.confirmed)], ['done', null, 2])
})

test('the word is taken while no daemon runs', async () => {
  const daemon = await fresh()
  const running = daemon.start()
  await running.ready()
  const gone = await confirmedPayout(daemon, 5)
  const head = await chain.head()
  await chain.reorg(head - gone.blockNumber + 1)
  await chain.mine(1)
  const told = await advice(running)
  await running.stop()
  assert.equal((await status(daemon)).state, 'stopped')
  const { code, stdout, stderr } = await daemon.run(['reorg', 'accept', '--to', told.to, '--hash', told.hash])
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^undone: \d+ blocks above \d+ with 0 events, 1 transfers and 1 transactions, of which 1 were confirmed\n$/)
  assert.deepEqual(await row(daemon, gone), { ...(await row(daemon, gone)), status: 'submitted', block_number: null, confirmed_at: null })
  const again = daemon.start()
  await again.ready()
  assert.doesNotMatch(again.log(), /halted/)
  await chain.mine(3)
  await equalsScratch(world, daemon)
  await again.stop()
})

test('a word that was written while all were down is taken by the next daemon that halts', async () => {
  const daemon = await fresh()
  const running = daemon.start()
  await running.ready()
  const gone = await confirmedPayout(daemon, 6)
  await running.stop()
  const to = gone.blockNumber - 1
  await chain.reorg((await chain.head()) - to)
  await chain.mine(1)
  const { hash } = await chain.block(to)
  await daemon.sql(`insert into chain.reorgs (chain_id, to_block, to_hash, actor_id, request_id)
    values (31337, $1, chain.unhex($2), 'ann@desk', 'r1')`, [to, hash])
  const again = daemon.start()
  await again.logged(/reorg: \d+ blocks above \d+ are undone, by the word of ann@desk/)
  await again.ready()
  await equalsScratch(world, daemon)
  await again.stop()
})

test('a word that does not hold is refused, with what to do, and undoes nothing', async () => {
  const daemon = await fresh()
  const running = daemon.start()
  await running.ready()
  const gone = await confirmedPayout(daemon, 7)
  const head = await chain.head()
  const old = await chain.block(gone.blockNumber)
  const refused = async (to, hash, pattern, code = 1) => {
    const result = await daemon.run(['reorg', 'accept', '--to', String(to), '--hash', hash])
    assert.equal(result.code, code, result.stdout + result.stderr)
    assert.match(result.stderr, pattern)
  }
  const other = `0x${'11'.repeat(32)}`
  await refused(head - 1, (await chain.block(head - 1)).hash, /refused: nothing is halted/)
  await chain.reorg(head - gone.blockNumber + 1)
  await chain.mine(1)
  const told = await advice(running)
  const before = await dump(daemon.database)
  await refused(gone.blockNumber, (await chain.block(gone.blockNumber)).hash, new RegExp(`block ${gone.blockNumber} is ${old.hash} here`))
  await refused(gone.blockNumber, old.hash, /is 0x\w+ at the node: it does not have the chain that is to survive/)
  await refused(told.to, other, new RegExp(`block ${told.to} is ${told.hash} here`))
  await refused(head + 50, other, /block \d+ is not remembered here; the highest below it is \d+: --to \d+ --hash 0x/)
  await refused(head, (await daemon.sql('select chain.hex(hash) as hash from chain.blocks where number = $1', [head]))[0].hash, /nothing to undo/)
  await refused('x', other, /--to x is no block number/, 2)
  await refused(1, '0x12', /--hash 0x12 is no block hash/, 2)
  assert.equal((await daemon.run(['reorg', 'accept', '--to', '1'])).code, 2)
  assert.deepEqual(await dump(daemon.database), before)

  // The daemon does not trust what was looked up elsewhere.
  await daemon.sql(`insert into chain.reorgs (chain_id, to_block, to_hash, actor_id, request_id)
    values (31337, $1, chain.unhex($2), 'bob@desk', 'r1')`, [gone.blockNumber, old.hash])
  await running.logged(/the word of bob@desk on block \d+ is refused: block \d+ is 0x\w+ at the node/)
  await until('the refusal', async () => (await count(daemon.database, `chain.reorgs where outcome = 'refused' and actor_id = 'bob@desk'`)) === 1)
  assert.equal((await ready(running)).sync.phase, 'halted')
  await daemon.must('reorg', 'accept', '--to', told.to, '--hash', told.hash)
  await running.ready()
  await equalsScratch(world, daemon)
  await running.stop()
})

test('a halt by a lying node ends when it tells the truth, without a restart', async () => {
  const { proxy, daemon } = await behindProxy()
  const running = daemon.start()
  await running.ready()
  const liar = await openBranch(world)
  await confirmedPayout(daemon, 8)
  await liar.chain.mine(10)
  const before = await dump(daemon.database)
  for (let round = 1; round <= 2; round++) {
    proxy.target = liar.url
    await advice(running)
    assert.deepEqual(await dump(daemon.database), before)
    proxy.target = chain.url
    await running.ready()
    assert.equal(await metric(running, 'gigstream_halted'), 0)
    assert.equal(times(running.log(), /the node has our block \d+ again: going on/g), round)
    await until('the status to follow', async () => (await status(daemon)).state !== 'halted')
    await daemon.sql('delete from chain.reorgs')
    Object.assign(before, await dump(daemon.database))
  }
  await actions.transfer(platform, workers[1].address, usdc(1))
  await chain.mine(3)
  await equalsScratch(world, daemon)
  await running.stop()
})

test('the one who leads after a halted one halts as well, and takes the word', async () => {
  const daemon = await fresh()
  const running = daemon.start()
  await running.ready()
  const gone = await confirmedPayout(daemon, 9)
  const standby = await openDaemon({ schema: false, database: daemon.database })
  const other = standby.start()
  await until('the second to stand by', async () => (await ready(other)).sync.phase === 'standby')
  await chain.reorg((await chain.head()) - gone.blockNumber + 1)
  await chain.mine(1)
  await advice(running)
  assert.equal((await ready(other)).sync.phase, 'standby') // a halted leader still leads
  await running.stop()
  const told = await advice(other)
  await daemon.must('reorg', 'accept', '--to', told.to, '--hash', told.hash)
  await other.ready()
  await equalsScratch(world, daemon)
  await other.stop()
})

test('a node that is syncing does not halt us, whatever its chain is', async () => {
  const { proxy, daemon } = await behindProxy()
  const running = daemon.start()
  await running.ready()
  const strange = await openBranch(world)
  await confirmedPayout(daemon, 2)
  await strange.chain.mine(20)
  const before = await dump(daemon.database)
  // Far ahead, on other blocks, and eth_syncing says where it stands.
  proxy.behave = async ({ calls, forward }) => {
    const [{ method, id }] = calls
    if (method !== 'eth_syncing') return forward()
    return { jsonrpc: '2.0', id, result: { startingBlock: '0x0', currentBlock: '0x10', highestBlock: '0x1000' } }
  }
  proxy.target = strange.url
  await running.logged(/says that it is still syncing \(eth_syncing\)/)
  const asked = proxy.requests
  await until('more polls', () => proxy.requests > asked + 20)
  const { code, sync, rpc } = await ready(running)
  assert.equal(code, 503)
  assert.notEqual(sync.phase, 'halted')
  assert.match(rpc.reason, /still syncing/)
  assert.equal(times(running.log(), /still syncing/g), 1)
  assert.doesNotMatch(running.log(), /halted/)
  assert.deepEqual(await withoutHead(before), await withoutHead(await dump(daemon.database)))
  proxy.behave = null
  proxy.target = chain.url
  await running.ready()
  await equalsScratch(world, daemon)
  await running.stop()
})

// A tick notes the node's head.
async function withoutHead(all) {
  const rest = { ...all }
  delete rest['chain.chains']
  return rest
}

test('a node whose head is below what is final does not halt us, running or at start', async () => {
  const { proxy, daemon } = await behindProxy()
  const running = daemon.start()
  await running.ready()
  const late = await openBranch(world)
  await confirmedPayout(daemon, 2, { below: 12 })
  await late.chain.mine(3)
  const before = await withoutHead(await dump(daemon.database))
  proxy.target = late.url
  const quietly = async (handle) => {
    const asked = proxy.requests
    await until('its head to be asked for', () => proxy.requests > asked + 20)
    assert.doesNotMatch(handle.log(), /halted|reorg/)
  }
  await quietly(running)
  await running.stop()
  const again = daemon.start()
  await again.logged(/resuming after block/)
  await quietly(again)
  assert.deepEqual(await withoutHead(await dump(daemon.database)), before)
  // It has caught up, and still contradicts us: now it counts.
  await late.chain.mine(20)
  await advice(again)
  proxy.target = chain.url
  await again.ready()
  await equalsScratch(world, daemon)
  await again.stop()
})

test('a fork below all that is in memory: the block named is one that we have', async () => {
  const deep = await openWorld()
  const daemon = await deep.openDaemon()
  await daemon.addPeople()
  const running = daemon.start()
  await running.ready()
  const pay = (dollars) => deep.actions.transfer(deep.platform, deep.workers[0].address, usdc(dollars))
  const early = await pay(1)
  await deep.chain.mine(40)
  const gone = await pay(2)
  await deep.chain.mine(300)
  await daemon.caughtUp()
  await until('finality', async () => (await finalOf(daemon)) === gone.blockNumber + 298)
  await deep.chain.reorg((await deep.chain.head()) - gone.blockNumber + 5)
  await deep.chain.mine(1)
  const told = await advice(running)
  // What lies between held nothing of ours, and is remembered no more.
  const [{ number, hash }] = await daemon.sql(
    `select number, chain.hex(hash) as hash from chain.blocks where number < $1 order by number desc limit 1`, [gone.blockNumber - 4])
  assert.deepEqual([told.to, told.hash], [String(number), hash])
  assert.ok(number >= early.blockNumber)
  await daemon.must('reorg', 'accept', '--to', told.to, '--hash', told.hash)
  await running.ready()
  await equalsScratch(deep, daemon)
  assert.equal((await row(daemon, early)).status, 'confirmed')
  assert.equal((await row(daemon, gone)).block_number, null)
  await running.stop()
})
