// More than one node, or one that is several behind a balancer: some lag, fail,
// limit us, or serve another chain. Nothing of that may show in the tables.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { rpc, startAnvil } from '../devchain/anvil.mjs'
import { until } from '../devchain/lifetime.mjs'
import { startProxy } from './lib/proxy.mjs'
import { tables } from './lib/tables.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld()
const { chain, actions, platform, workers, anvil, openDaemon } = world
await playScenario(world)
await chain.mine(4)

async function openProxy() {
  const proxy = await startProxy(anvil.url)
  world.things.defer(proxy.stop)
  return proxy
}

async function follow(proxies, chainOptions = {}) {
  const daemon = await openDaemon({ rpc: proxies.map(({ url }) => url), more: { chain: chainOptions } })
  await daemon.addPeople()
  return { daemon, running: daemon.start() }
}

async function equalsTheTruth(daemon) {
  const truth = await openDaemon()
  await truth.addPeople()
  assert.equal((await truth.run(['backfill', '--from', '0', '--to', 'latest'])).code, 0)
  const expected = await tables(truth.database)
  await until('the rows to equal those of an undisturbed run', async () => {
    assert.deepEqual(await tables(daemon.database), expected)
    return true
  })
}

const pay = async (times) => {
  for (let i = 0; i < times; i++) await actions.transfer(platform, workers[i % workers.length].address, usdc(1 + i))
}

// A node that is `behind` blocks behind, as it would answer: it has not seen
// the newest blocks at all.
const lagging = (behind) => async ({ calls, forward }) => {
  const limit = (await chain.head()) - behind
  const replies = await forward()
  const list = Array.isArray(replies) ? replies : [replies]
  for (const reply of list) {
    const { method, params } = calls.find(({ id }) => id === reply.id)
    if (method === 'eth_getBlockByNumber' && params[0] === 'latest') {
      reply.result = await rpc(anvil.url, method, [`0x${limit.toString(16)}`, params[1]])
    } else if (reply.result?.number && Number(reply.result.number) > limit) {
      reply.result = null
    } else if (Array.isArray(reply.result) && Number(reply.result[0]?.blockNumber) > limit) {
      reply.result = method === 'eth_getBlockReceipts' ? null : []
    }
  }
  return replies
}

test('heads that go backwards behind a balancer', async () => {
  const proxy = await openProxy()
  let asked = 0
  const behind = [0, 3, 1, 5, 0, 2, 1] // an odd number, so that no two kinds of questions keep step with it
  proxy.behave = (request) => lagging(behind[asked++ % behind.length])(request)
  const { daemon, running } = await follow([proxy])
  await pay(20)
  await equalsTheTruth(daemon)
  await running.stop()
  assert.doesNotMatch(running.log(), /halted|rolled back|reorg/)
})

test('the first node lags, the second does not', async () => {
  const [late, good] = [await openProxy(), await openProxy()]
  late.behave = lagging(4)
  const { daemon, running } = await follow([late, good])
  await daemon.caughtUp()
  await pay(10)
  await daemon.caughtUp()
  await running.ready()
  await equalsTheTruth(daemon)
  await running.stop()
})

test('a first node that is slow does not hold up the head', async () => {
  const [slow, quick] = [await openProxy(), await openProxy()]
  const { daemon, running } = await follow([slow, quick])
  await daemon.caughtUp()
  // From now on the one that was as good as the other says nothing for 3 s.
  slow.behave = async ({ forward }) => {
    await delay(3000)
    return forward()
  }
  const { transactionHash } = await actions.transfer(platform, workers[0].address, usdc(5))
  const mined = Date.now()
  await until('the payment to be there', async () =>
    (await daemon.sql('select 1 from transactions where tx_hash = $1', [transactionHash])).length > 0)
  assert.ok(Date.now() - mined < 2500, `${Date.now() - mined} ms`)
  await equalsTheTruth(daemon)
  await running.stop()
})

test('nodes die and come back in turn', async () => {
  const proxies = [await openProxy(), await openProxy(), await openProxy()]
  const dead = ({ response }) => void response.destroy()
  const { daemon, running } = await follow(proxies)
  for (let round = 0; round < 6; round++) {
    proxies.forEach((proxy, i) => (proxy.behave = i === round % 3 ? null : dead))
    await pay(3)
    await daemon.caughtUp()
  }
  for (const proxy of proxies) proxy.behave = null
  await running.ready()
  await equalsTheTruth(daemon)
  await running.stop()
})

test('a rate limit is kept, and the other node does the work', async () => {
  const [limited, other] = [await openProxy(), await openProxy()]
  const seconds = new Map()
  let refused = 0
  limited.behave = async ({ calls, forward, response }) => {
    const second = Math.floor(Date.now() / 1000)
    seconds.set(second, (seconds.get(second) ?? 0) + calls.length)
    if (seconds.get(second) <= 5) return forward()
    refused++
    return void response.writeHead(429, { 'Retry-After': '1' }).end('slow down')
  }
  const { daemon, running } = await follow([limited, other])
  await daemon.caughtUp()
  await pay(10)
  await daemon.caughtUp()
  const { endpoints } = JSON.parse((await running.get('/status')).body)
  assert.deepEqual(endpoints.map(({ name }) => name), ['node1', 'node2'])
  assert.ok(refused > 0 && endpoints[0].calls_per_second > 0, JSON.stringify(endpoints))
  assert.ok(other.calls > 0)
  await equalsTheTruth(daemon)
  await running.stop()
})

test('a configured rate is never exceeded', async () => {
  const proxy = await openProxy()
  const daemon = await openDaemon({ rpc: proxy.url, more: { chain: { rpc: [{ name: 'slow', url: proxy.url, max_per_second: 40 }] } } })
  await daemon.addPeople()
  const started = Date.now()
  const { code, stderr } = await daemon.run(['backfill', '--from', '0', '--to', 'latest'])
  assert.equal(code, 0, stderr)
  // A second's worth may go out at once, and one batch that is more than that.
  const most = 40 * (1 + (Date.now() - started) / 1000) + 100
  assert.ok(proxy.calls > 60 && proxy.calls <= most, `${proxy.calls} calls, at most ${most}`)
  await equalsTheTruth(daemon)
})

test('one of another chain among them is named and not read', async () => {
  const foreign = await startAnvil({ chainId: 4242 })
  world.things.defer(foreign.stop)
  const stranger = await startProxy(foreign.url)
  world.things.defer(stranger.stop)
  const methods = new Set()
  stranger.behave = ({ calls, forward }) => {
    for (const { method } of calls) methods.add(method)
    return forward()
  }
  const { daemon, running } = await follow([stranger, await openProxy()])
  await daemon.caughtUp()
  await running.ready()
  await running.logged(/the node node1 serves chain 4242, but chain\.id is 31337/)
  const { endpoints } = JSON.parse((await running.get('/status')).body)
  assert.equal(endpoints[0].state, 'foreign')
  assert.deepEqual([...methods], ['eth_chainId'])
  await equalsTheTruth(daemon)
  await running.stop()
})
