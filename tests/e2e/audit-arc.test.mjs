// Audits where the token is the chain's own money, as on Circle's Arc: balances
// have 18 decimals, and gas is paid without a log.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../devchain/compile.mjs'
import { deployOne } from '../devchain/deploy.mjs'
import { startProxy } from './lib/proxy.mjs'
import { openWorld, playScenario, usdc } from './lib/world.mjs'

const world = await openWorld({ chainId: 5042002, slotsInAnEpoch: 0 }, undefined, { logsLike: 'zero5' })
const { things, chain, actions, contracts, platform, workers, openDaemon } = world
const [ann, bob] = workers
const native = (units, dust = 0n) => units * 10n ** 12n + dust

// A contract that is somebody's wallet.
const smart = await deployOne(chain, compile().Batch)
await actions.transfer(platform, smart.address, usdc(9))

// The development chain keeps the token's balances in the token: the proxy shows
// them as the chain's, less what `spent` says (by address, lower case).
const spent = {}
const proxy = await startProxy(chain.url)
things.defer(proxy.stop)
proxy.behave = async ({ calls, forward }) => {
  const replies = await forward()
  for (const reply of [].concat(replies)) {
    const { method, params } = calls.find(({ id }) => id === reply.id)
    if (method !== 'eth_getBalance') continue
    const word = await chain.call('eth_call', actions.call(contracts.usdc, 'nativeBalanceOf', params[0]), params[1])
    const { number } = await chain.call('eth_getBlockByHash', params[1].blockHash, false)
    // Before the token's deployment there is nothing.
    const balance = word === '0x' ? 0n : BigInt(word)
    const less = Number(number) > contracts.startBlock ? spent[params[0].toLowerCase()] ?? 0n : 0n
    reply.result = `0x${(balance - less).toString(16)}`
  }
  return replies
}

await playScenario(world)
await actions.sendNative(platform, ann.address, native(usdc(5)))
await actions.sendNative(platform, bob.address, native(usdc(2), 345n))
await actions.sendNative(bob, ann.address, 44n)
const daemon = await openDaemon({ profile: 'arc-testnet', rpc: proxy.url })
await daemon.addPeople()
await daemon.must('worker', 'add', '--name', 'Smart', '--email', 'smart@example.com', '--wallet', smart.address)
await daemon.must('backfill', '--from', String(contracts.startBlock), '--to', 'latest')
const wallets = 2 + workers.length

async function audit() {
  const { code, stdout, stderr } = await daemon.run(['audit', '--json'])
  assert.notEqual(stdout, '', stderr)
  return { code, ...JSON.parse(stdout) }
}

const lower = ({ address }) => address.toLowerCase()

test('balances tie to the last of 18 decimals', async () => {
  const { code, differences, ...counts } = await audit()
  assert.deepEqual([code, differences], [0, []])
  assert.deepEqual(counts.wallets, { checked: wallets, differ: 0, explained: 0, uncovered: 0, no_state: 0 })
  await daemon.sql('update chain.transfers set dust = dust + 1 where dust = 44')
  const wrong = await audit()
  assert.equal(wrong.code, 4)
  const found = Object.fromEntries(wrong.differences.map((d) => [d.subject, [d.difference, d.explained]]))
  assert.deepEqual(found, { [`wallet ${lower(ann)}`]: ['-0.000000000000000001', true], [`wallet ${lower(bob)}`]: ['0.000000000000000001', false] })
  await daemon.sql('update chain.transfers set dust = dust - 1 where dust = 45')
})

test('who sends transactions may have less, by gas or unlogged; a contract may not, and nobody more', async () => {
  spent[lower(ann)] = 21000n * 10n ** 9n
  const gas = await audit()
  assert.equal(gas.code, 0)
  assert.deepEqual(gas.wallets, { checked: wallets, differ: 0, explained: 1, uncovered: 0, no_state: 0 })
  assert.deepEqual(gas.differences.map(({ subject, difference, explanation, explained }) => ({ subject, difference, explanation, explained })),
    [{ subject: `wallet ${lower(ann)}`, difference: '-0.000021000000000000', explanation: 'gas or unlogged', explained: true }])
  const { stdout } = await daemon.run(['audit'])
  assert.match(stdout, /^block \d+: 0 differences; 6 wallets, 5 as it should be, 1 with less, by gas or unlogged; 1 contract; 4 streams; 0 loans\n$/)

  spent[lower(smart)] = 1n
  spent[lower(contracts.streaming)] = 2n
  spent[lower(bob)] = -3n
  const wrong = await audit()
  assert.equal(wrong.code, 4)
  const found = Object.fromEntries(wrong.differences.filter((d) => !d.explained).map((d) => [d.subject, d.difference]))
  assert.deepEqual(found, {
    [`wallet ${lower(smart)}`]: '-0.000000000000000001',
    [`contract ${lower(contracts.streaming)}`]: '-0.000000000000000002',
    [`wallet ${lower(bob)}`]: '0.000000000000000003',
  })
})
