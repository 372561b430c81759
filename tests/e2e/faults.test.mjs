// Nodes and databases that fail, lie or vanish. In each case: a sentence that
// names the trouble, nothing wrong committed, and all of it there afterwards.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { once } from 'node:events'
import { test } from 'node:test'
import { compile } from '../devchain/compile.mjs'
import { deployOne } from '../devchain/deploy.mjs'
import { binary } from '../devchain/gigstream.mjs'
import { freePort, until } from '../devchain/lifetime.mjs'
import { topicOf, word } from '../devchain/logs.mjs'
import { startPostgres } from '../devchain/postgres.mjs'
import { changing, startProxy } from './lib/proxy.mjs'
import { count, tables } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers, anvil, contracts, folder, openDaemon } = world
await playScenario(world)
await chain.mine(4)
const truth = await openDaemon()
await truth.addPeople()
assert.equal((await truth.run(['backfill', '--from', '0', '--to', 'latest'])).code, 0)
const expected = await tables(truth.database)

// A daemon behind a node that misbehaves from its first answer on.
async function behind(behave, options = {}) {
  const proxy = await startProxy(anvil.url)
  world.things.defer(proxy.stop)
  proxy.behave = behave
  const daemon = await openDaemon({ rpc: proxy.url, ...options })
  await daemon.addPeople()
  const running = daemon.start()
  const check = async (name) => JSON.parse((await running.get('/readyz')).body).checks[name]
  return { proxy, daemon, running, check }
}

// The node is mended: everything comes, and equals the truth.
async function recovers({ proxy, daemon, running }) {
  proxy.behave = null
  await daemon.caughtUp()
  await running.ready()
  await until('the rows to equal those of an undisturbed run', async () => {
    assert.deepEqual(await tables(daemon.database), expected)
    return true
  })
  await running.stop()
}

const afterTheChecks = (behave) => async (request) =>
  request.calls.some(({ method }) => /Block|Logs|Receipts/.test(method)) ? behave(request) : request.forward()

const lies = {
  'garbage': [() => 'ceci n’est pas du JSON', /JSON/i],
  'an HTML page': [({ response }) => void response.setHeader('content-type', 'text/html').end('<html>502</html>'), /./],
  'an error object': [
    ({ calls }) => ({ jsonrpc: '2.0', id: calls[0].id, error: { code: -32603, message: 'the disk is on fire' } }),
    /disk is on fire/],
  'half a reply': [async ({ forward, response }) => {
    const text = JSON.stringify(await forward())
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
    response.write(text.slice(0, text.length / 2))
    setTimeout(() => response.destroy(), 50)
  }, /./],
  'null to every call': [changing('eth_call', () => null), /null/],
  'HTTP 500': [({ response }) => void response.writeHead(500).end('oops'), /500/],
}

for (const [name, [behave, pattern]] of Object.entries(lies)) {
  test(`a node that answers ${name}`, async () => {
    const scene = await behind(behave)
    await until('readiness to name the node', async () => {
      const { ok, reason } = await scene.check('rpc')
      return ok === false && pattern.test(reason)
    })
    assert.equal((await scene.running.get('/livez')).status, 200)
    assert.equal((await scene.running.get('/readyz')).status, 503)
    assert.equal(await count(scene.daemon.database, 'transactions'), 0)
    await recovers(scene)
  })
}

test('a node whose state is not there refuses calls for a while: that says nothing of the contracts', async () => {
  const scene = await behind(async ({ calls, forward }) => {
    if (calls[0].method !== 'eth_call') return forward()
    return { jsonrpc: '2.0', id: calls[0].id, error: { code: -32000, message: 'missing trie node' } }
  })
  await until('readiness to name the node', async () => /missing trie node/.test((await scene.check('rpc')).reason))
  await recovers(scene)
})

test('a node that is down', async () => {
  const daemon = await openDaemon({ rpc: `http://127.0.0.1:${await freePort()}` })
  const running = daemon.start()
  await until('readiness to name the node', async () => {
    const { checks } = JSON.parse((await running.get('/readyz')).body)
    return checks.rpc.ok === false && checks.database.ok === true && /node1/.test(checks.rpc.reason)
  })
  await running.stop()
})

test('a node that never answers', async () => {
  const scene = await behind(() => {})
  await until('readiness to name the node', async () => (await scene.check('rpc')).ok === false, { deadlineMs: 60_000 })
  await recovers(scene)
})

test('a node of another chain is refused, both ids named', async () => {
  const daemon = await openDaemon({ chainId: 5042002 })
  const { code, stderr } = await daemon.run(['run'])
  assert.equal(code, 2)
  assert.match(stderr, /31337/)
  assert.match(stderr, /5042002/)
})

test('addresses without code, and a token that is none, are refused', async () => {
  const nowhere = await openDaemon({ streaming: workers[0].address })
  const first = await nowhere.run(['run'])
  assert.equal(first.code, 2)
  assert.match(first.stderr, /no contract at/)
  const wrong = await openDaemon({ usdc: contracts.streaming.address, streaming: contracts.usdc.address })
  const second = await wrong.run(['run'])
  assert.equal(second.code, 2)
  assert.match(second.stderr, /decimals/)
})

test('a streaming contract that pays in another token is refused', async () => {
  const other = await deployOne(chain, compile().DevUSDC)
  const daemon = await openDaemon({ usdc: other.address })
  const { code, stderr } = await daemon.run(['run'])
  assert.equal(code, 2)
  assert.match(stderr, /none of its money is USDC/)
  assert.match(stderr, new RegExp(contracts.streaming.address, 'i'))
})

test('one that pays in the USDC of another chain is refused with its name', async () => {
  const sepolia = '0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238'
  const stray = await deployOne(chain, compile().PaymentStreaming, [sepolia])
  const daemon = await openDaemon({ streaming: stray.address })
  const { code, stderr } = await daemon.run(['run'])
  assert.equal(code, 2)
  assert.match(stderr, new RegExp(`pays in token ${sepolia}, which is USDC on Ethereum Sepolia \\(chain 11155111\\), not in`))
})

test('another chain under the same id is refused', async () => {
  await truth.sql(`update chain.chains set genesis_hash = decode(repeat('ab', 32), 'hex')`)
  const { code, stderr } = await truth.run(['run'])
  assert.equal(code, 2)
  assert.match(stderr, /another chain/)
})

const forged = {
  'a block of another number': changing('eth_getBlockByNumber', (block, { params }) =>
    block && params[0].startsWith('0x') && Number(params[0]) > 8 ? { ...block, number: `0x${(Number(block.number) - 1).toString(16)}` } : block),
  'a block whose hash is not its own': changing('eth_getBlockByNumber', (block, { params }) =>
    block && params[0].startsWith('0x') && Number(params[0]) > 8 ? { ...block, hash: word(1n) } : block),
  'receipts without one log': changing('eth_getBlockReceipts', (receipts) =>
    receipts?.map((receipt) => ({ ...receipt, logs: receipt.logs.slice(1) }))),
  'no receipts at all': changing('eth_getBlockReceipts', () => []),
  'receipts that are not there yet': changing('eth_getBlockReceipts', () => null),
  'a log with another amount': changing('eth_getBlockReceipts', (receipts) =>
    receipts?.map((receipt) => ({
      ...receipt, logs: receipt.logs.map((log) => (log.data.length === 66 ? { ...log, data: word(1n) } : log)),
    }))),
}

for (const [name, behave] of Object.entries(forged)) {
  test(`a node that gives ${name}: nothing of it is committed`, async () => {
    const scene = await behind(afterTheChecks(behave))
    await until('readiness to name the node', async () => (await scene.check('rpc')).ok === false, { deadlineMs: 60_000 })
    const believed = await tables(scene.daemon.database, ['transfers', 'events'])
    for (const kind of ['transfers', 'events']) {
      for (const row of believed[kind]) assert.ok(expected[kind].some((e) => JSON.stringify(e) === JSON.stringify(row)))
    }
    await recovers(scene)
  })
}

test('a transaction hash that is not in the block is refused', async () => {
  const scene = await behind(afterTheChecks(changing('eth_getBlockByHash', (block) =>
    block && { ...block, transactions: block.transactions.map((t) => ({ ...t, value: '0x1' })) })))
  const other = changing('eth_getBlockByNumber', (block) =>
    block?.transactions.some((t) => t.hash)
      ? { ...block, transactions: block.transactions.map((t) => ({ ...t, value: '0x1' })) } : block)
  const first = scene.proxy.behave
  scene.proxy.behave = async (request) => first({ ...request, forward: () => other(request) })
  await until('readiness to name the node', async () => (await scene.check('rpc')).ok === false, { deadlineMs: 60_000 })
  assert.equal(await count(scene.daemon.database, 'transactions'), 0)
  await recovers(scene)
})

test('a database that is down at start is waited for, and one that goes away loses nothing', async () => {
  const postgres = await startPostgres()
  world.things.defer(postgres.stop)
  const { url } = await postgres.createDatabase('gigstream')
  const daemon = await openDaemon({ schema: false, database: url })
  await daemon.must('db', 'push')
  await daemon.addPeople()
  await postgres.halt()
  const running = daemon.start()
  await until('readiness to name the database', async () => {
    const { checks } = JSON.parse((await running.get('/readyz')).body)
    return checks.database.ok === false && /refused|connect/i.test(checks.database.reason)
  })
  await postgres.restart()
  const scene = { daemon: { ...daemon, database: url }, running, proxy: {} }
  await until('the first rows', async () => (await count(url, 'chain.transfers')) > 0)
  await postgres.halt('SIGQUIT') // immediate: in the middle of whatever it does
  await until('readiness to notice', async () => (await running.get('/readyz')).status === 503)
  await postgres.restart()
  await until('the rows to equal those of an undisturbed run', async () => {
    assert.deepEqual(await tables(scene.daemon.database), expected)
    return true
  })
  assert.doesNotMatch(running.log(), new RegExp(new URL(url).password))
  await running.stop()
})

test('a schema that is not applied is named with the command that mends it', async () => {
  const daemon = await openDaemon({ schema: false })
  const running = daemon.start()
  await until('readiness to name the command', async () =>
    /gigstreamd db (push|migrate)/.test(JSON.parse((await running.get('/readyz')).body).checks.database.reason))
  await running.stop()
})

test('a log of ours that does not decode is quarantined and stops nothing', async () => {
  const daemon = await openDaemon()
  await daemon.addPeople()
  const running = daemon.start()
  await daemon.caughtUp()
  const before = await count(daemon.database, 'chain.quarantine')
  const created = topicOf('StreamCreated(uint256,address,address,uint256,uint256,uint256)')
  await actions.emitLog(contracts.streaming, [created, word(7n), word(1n), word(2n)], '0x1234') // short
  await actions.emitLog(contracts.streaming, [created, word(8n), word(2n ** 200n), word(2n)], `0x${'00'.repeat(96)}`) // dirty
  const released = topicOf('PaymentReleased(uint256,address,uint256,uint256)')
  await actions.emitLog(contracts.streaming, [released, word(4242n), word(1n)], word(5n) + word(5n).slice(2)) // never created
  await daemon.caughtUp()
  await until('three quarantined logs', async () => (await count(daemon.database, 'chain.quarantine where not orphaned')) === before + 3)
  await until('the metric to count them', async () => /^gigstream_quarantined [3-9]/m.test((await running.get('/metrics')).body))
  const payout = await actions.transfer(platform, workers[0].address, usdc(2))
  await until('the next payout', async () => (await count(daemon.database, 'transactions where tx_hash = $1', [payout.transactionHash])) === 1)
  await running.stop()
})

test('amounts up to 2^256-1', async () => {
  const daemon = await openDaemon()
  await daemon.addPeople()
  const running = daemon.start()
  await running.ready() // its checks see the token's own code
  const transfer = topicOf('Transfer(address,address,uint256)')
  const pad = (address) => `0x${'0'.repeat(24)}${address.slice(2).toLowerCase()}`
  const most = 2n ** 256n - 1n
  const { transactionHash } = await actions.emitLog(contracts.usdc,
    [transfer, pad(platform.address), pad(workers[0].address)], word(most))
  await daemon.caughtUp()
  const [{ amount_usdc }] = await until('the row', async () => {
    const rows = await daemon.sql('select amount_usdc from transactions where tx_hash = $1', [transactionHash])
    return rows.length && rows
  })
  assert.equal(BigInt(amount_usdc.replace('.', '')), most)
  await running.stop()
})

test('an endpoint whose certificate nobody vouches for is not believed', async () => {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name))
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert])
  assert.equal(made.status, 0)
  let asked = 0
  const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => (asked++, response.end('{}')))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const daemon = await openDaemon({ rpc: `https://127.0.0.1:${server.address().port}` })
  const running = daemon.start()
  await until('readiness to name the certificate', async () =>
    /certificate/i.test(JSON.parse((await running.get('/readyz')).body).checks.rpc.reason))
  assert.equal(asked, 0)
  await running.stop()
  server.close()
})

test('a port in use is named', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const daemon = await openDaemon({ http: `127.0.0.1:${port}` })
  const { code, stderr } = await daemon.run(['run'])
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`127.0.0.1:${port}`))
  server.close()
})

const checkConfig = async (file) => {
  const { status, stderr } = spawnSync(binary(), ['check-config', '--config', file], { encoding: 'utf8' })
  return { code: status, stderr }
}

test('a configuration that is broken, misspelt or missing', async () => {
  const file = join(folder, 'broken.yaml')
  const run = async (text) => {
    writeFileSync(file, text)
    const { code, stderr } = await checkConfig(file)
    assert.equal(code, 2, stderr)
    return stderr
  }
  assert.match(await run('chain:\n  idd: 5\n'), /broken\.yaml:2.*\bid\b/s)
  assert.match(await run('chain: [\n'), /broken\.yaml:\d/)
  assert.match(await run('chain:\n  id: five\n'), /broken\.yaml:2/)
  const missing = await checkConfig(join(folder, 'nowhere.yaml'))
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /nowhere\.yaml/)
})

