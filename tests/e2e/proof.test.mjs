// What vouches for a row: receipts, blooms, or the node's word; and nodes and
// chains that make one of them hard to have.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changing, startProxy } from './lib/proxy.mjs'
import { count, tables } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers, anvil, contracts, openDaemon } = world
await playScenario(world)
for (let i = 0; i < 40; i++) await actions.transfer(platform, workers[i % 4].address, usdc(1 + i / 100))
await chain.mine(200)
const head = await chain.head()
const first = contracts.startBlock

async function fresh(options) {
  const daemon = await openDaemon(options)
  await daemon.addPeople()
  return daemon
}

async function behindProxy(options) {
  const proxy = await startProxy(anvil.url)
  world.things.defer(proxy.stop)
  return { proxy, daemon: await fresh({ rpc: proxy.url, ...options }) }
}

const verify = (mode) => ({ more: { chain: { verify: mode } } })
const env = (mode) => ({ GIGSTREAM_CHAIN_VERIFY: mode })
const backfill = async (daemon, { from = first, to = head, as = {}, more = [] } = {}) => {
  const { code, stdout, stderr } = await daemon.run(['backfill', '--from', String(from), '--to', String(to), '--json', ...more], as)
  return { code, stderr, ...(stdout ? JSON.parse(stdout) : {}) }
}
const done = (result, verifiedBy) => {
  assert.equal(result.code, 0, result.stderr)
  assert.equal(result.verified_by, verifiedBy)
}
// What `status --json` says of the token.
const coverage = async (daemon) =>
  JSON.parse(await daemon.must('status', '--json')).coverage
    .filter(({ source }) => source === contracts.usdc.address.toLowerCase())
    .map(({ from, to, verified_by: by }) => `${from}-${to} ${by}`)

const undisturbed = await fresh()
done(await backfill(undisturbed), 'receipts')
const truth = await tables(undisturbed.database)
assert.ok((await count(undisturbed.database, 'transactions')) > 40)

test('verify: bloom finds the same, without any receipts', async () => {
  const { proxy, daemon } = await behindProxy(verify('bloom'))
  const asked = new Set()
  proxy.behave = async ({ calls, forward }) => (calls.forEach(({ method }) => asked.add(method)), forward())
  done(await backfill(daemon), 'bloom')
  assert.deepEqual(await tables(daemon.database), truth)
  assert.ok(asked.has('eth_getLogs'))
  assert.ok(!asked.has('eth_getBlockReceipts'), [...asked].join())
  assert.deepEqual(await coverage(daemon), [`${first}-${head} bloom`])
})

test('a daemon follows the head by blooms', async () => {
  const daemon = await fresh(verify('bloom'))
  const running = daemon.start()
  await running.ready()
  await actions.transfer(platform, workers[0].address, usdc(3))
  await daemon.caughtUp()
  await running.stop()
  const now = await chain.head()
  assert.deepEqual(await coverage(daemon), [`${first}-${now} bloom`])
  assert.equal(await count(daemon.database, `chain.transfers where block_number = ${now}`), 1)
})

test('a node that leaves out the logs of a block is found out by its bloom', async () => {
  const { proxy, daemon } = await behindProxy(verify('bloom'))
  proxy.behave = changing('eth_getLogs', () => [])
  const result = await backfill(daemon)
  done(result, 'bloom')
  assert.match(result.stderr, /node1 gave an answer that does not prove: block \d+: eth_getLogs left out its logs/)
  assert.deepEqual(await tables(daemon.database), truth)
})

test('one log of several that is left out needs receipts: --rescan brings it, and upgrades the proof', async () => {
  const { proxy, daemon } = await behindProxy(verify('bloom'))
  const [{ n }] = await undisturbed.sql(`select block_number::int as n from chain.events group by block_number
    having count(*) + (select count(*) from chain.transfers t where t.block_number = chain.events.block_number) > 1 limit 1`)
  const isOfBlock = (log) => Number(log.blockNumber) === n
  proxy.behave = changing('eth_getLogs', (logs) => logs.filter((log, i) => !isOfBlock(log) || logs.findIndex(isOfBlock) === i))
  done(await backfill(daemon), 'bloom')
  assert.notDeepEqual(await tables(daemon.database), truth)
  done(await backfill(daemon, { as: env('receipts'), more: ['--rescan'] }), 'receipts')
  assert.deepEqual(await tables(daemon.database), truth)
  assert.deepEqual(await coverage(daemon), [`${first}-${head} receipts`])
})

test('--rescan upgrades what vouches for a range, and never takes it back', async () => {
  const daemon = await fresh()
  const rescan = (from, to, mode, verifiedBy) =>
    backfill(daemon, { from, to, as: env(mode), more: ['--rescan'] }).then((result) => done(result, verifiedBy))
  await rescan(first, head, 'off', 'logs')
  assert.deepEqual(await coverage(daemon), [`${first}-${head} logs`])
  await rescan(first + 10, first + 29, 'bloom', 'bloom')
  await rescan(first + 20, first + 39, 'receipts', 'receipts')
  const upgraded = [`${first}-${first + 9} logs`, `${first + 10}-${first + 19} bloom`,
    `${first + 20}-${first + 39} receipts`, `${first + 40}-${head} logs`]
  assert.deepEqual(await coverage(daemon), upgraded)
  await rescan(first, head, 'off', 'logs')
  assert.deepEqual(await coverage(daemon), upgraded)
  await rescan(first, head, 'receipts', 'receipts')
  assert.deepEqual(await coverage(daemon), [`${first}-${head} receipts`])
  assert.deepEqual(await tables(daemon.database), truth)
})

// What a node says that does not offer a method.
const refusing = (methods, error) => async ({ calls, forward }) => {
  const replies = await forward()
  const list = Array.isArray(replies) ? replies : [replies]
  for (const reply of list) {
    const call = calls.find(({ id }) => id === reply.id)
    if (!methods.includes(call?.method)) continue
    delete reply.result
    reply.error = error
  }
  return replies
}

test('a node without eth_getBlockReceipts gives them one by one', async () => {
  const { proxy, daemon } = await behindProxy()
  proxy.behave = refusing(['eth_getBlockReceipts'], { code: -32601, message: 'the method does not exist/is not available' })
  done(await backfill(daemon), 'receipts')
  assert.deepEqual(await tables(daemon.database), truth)
})

test('a node that grants no eth_getLogs at all is read by receipts', async () => {
  for (const [mode, verifiedBy] of [['bloom', 'bloom'], ['off', 'logs']]) {
    const { proxy, daemon } = await behindProxy(verify(mode))
    proxy.behave = refusing(['eth_getLogs'], { code: -32602, message: 'query exceeds max results 20000, retry with the range 1-2' })
    done(await backfill(daemon), verifiedBy)
    assert.deepEqual(await tables(daemon.database), truth)
  }
})

const asTheOpStack = changing('eth_getBlockReceipts', (receipts) =>
  receipts && receipts.map((receipt, i) => (i === 0 ? { ...receipt, type: '0x7e' } : receipt)))

test('a chain with receipts of its own is told at start, and offered bloom', async () => {
  // The probe looks at the newest block that has any.
  await actions.transfer(platform, workers[0].address, usdc(1))
  const { proxy, daemon } = await behindProxy()
  proxy.behave = asTheOpStack
  for (const args of [['run'], ['backfill', '--from', '0', '--to', '5']]) {
    const { code, stderr } = await daemon.run(args)
    assert.equal(code, 2, stderr)
    assert.match(stderr, /block \d+.*type 0x7e.*chain\.verify: bloom/)
  }
  assert.equal(await count(daemon.database, 'chain.blocks'), 0)
  done(await backfill(daemon, { as: env('bloom') }), 'bloom')
  assert.deepEqual(await tables(daemon.database), truth)
})

test('such receipts that are met later end a backfill with the same words', async () => {
  const { proxy, daemon } = await behindProxy()
  let probed = false
  proxy.behave = async (request) => {
    const whole = request.calls.some(({ method }) => method === 'eth_getBlockReceipts')
    if (!whole) return request.forward()
    if (!probed) return (probed = true), request.forward()
    return asTheOpStack(request)
  }
  const { code, stderr } = await backfill(daemon)
  assert.equal(code, 2, stderr)
  assert.match(stderr, /block \d+.*type 0x7e.*chain\.verify: bloom/)
})

test('a chain with headers of its own is told at start, and offered off', async () => {
  const { proxy, daemon } = await behindProxy(verify('bloom'))
  proxy.behave = changing('eth_getBlockByNumber', (block) => block && { ...block, hash: block.hash.replace(/.$/, (x) => (x === '0' ? '1' : '0')) })
  const { code, stderr } = await daemon.run(['run'])
  assert.equal(code, 2, stderr)
  assert.match(stderr, /chain\.verify: off/)
})

// A node whose chain goes on from the real head with empty blocks, which only
// verify: off believes: thousands of real ones take minutes to make.
function goingOn(real, top) {
  const at = Number(real.number)
  const hash = (n) => (n <= at ? real.hash : `0x${n.toString(16).padStart(64, '0')}`)
  const block = (n) => ({ ...real, number: `0x${n.toString(16)}`, hash: hash(n), parentHash: hash(n - 1), transactions: [] })
  const answer = ({ method, params }) => {
    if (method === 'eth_getLogs' && Number(params[0].fromBlock) > at) return []
    if (method !== 'eth_getBlockByNumber') return undefined
    const n = params[0] === 'latest' ? top : Number(params[0])
    return n > at ? block(n) : undefined
  }
  return async ({ calls, forward }) => {
    const replies = [].concat(await forward())
    for (const reply of replies) {
      const result = answer(calls.find(({ id }) => id === reply.id))
      if (result === undefined) continue
      delete reply.error
      reply.result = result
    }
    return calls.length > 1 ? replies : replies[0]
  }
}

test('what a long range costs is said before it begins', async () => {
  const short = await backfill(undisturbed)
  assert.equal(short.estimate, undefined)
  assert.doesNotMatch(short.stderr, /cost the node/)
  await chain.mine()
  const to = first + 15_000
  const { proxy, daemon } = await behindProxy(verify('off'))
  proxy.behave = goingOn(await chain.block(await chain.head()), to)
  const dry = await backfill(daemon, { to, more: ['--dry-run'] })
  assert.equal(dry.code, 4, dry.stderr)
  assert.match(dry.stderr, /15,001 blocks cost the node about.*receipts \d.* requests, .*; bloom .*; off \(as configured\) /)
  assert.equal(dry.estimate.blocks, 15_001)
  const result = await backfill(daemon, { to })
  done(result, 'logs')
  for (const mode of ['receipts', 'bloom', 'off']) {
    for (const what of ['requests', 'bytes', 'seconds']) assert.ok(result.estimate[mode][what] > 0, `${mode} ${what}`)
  }
  assert.ok(result.estimate.off.requests < result.estimate.receipts.requests)
})
