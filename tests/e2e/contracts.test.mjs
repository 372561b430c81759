// The development contracts speak as the real ones do: the order of logs in
// each call, and the ABI JSON that the daemon reads.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openActions } from '../devchain/actions.mjs'
import { startAnvil } from '../devchain/anvil.mjs'
import { openChain } from '../devchain/chain.mjs'
import { compile, root } from '../devchain/compile.mjs'
import { deploy, deployOne, fund } from '../devchain/deploy.mjs'
import { eventsOf, signature } from '../devchain/logs.mjs'

let anvil, chain, actions, contracts, platform, worker, names

before(async () => {
  anvil = await startAnvil()
  chain = await openChain(anvil.url)
  contracts = await deploy(chain)
  actions = openActions(chain, contracts)
  platform = chain.account(1)
  worker = chain.account(2)
  await fund(actions, [platform], 10_000n)
  names = {
    [platform.address]: 'P', [worker.address]: 'W', [chain.owner.address]: 'O',
    [contracts.streaming.address]: 'S', '0x0000000000000000000000000000000000000000': '0',
  }
})

after(() => anvil?.stop())

// 'Transfer(P,S,360) StreamCreated(1,W,P,360,3600,60)'
const logs = (receipt) => eventsOf(receipt, contracts, names)
const create = (amount = 360n) =>
  actions.createStream(platform, { worker: worker.address, amount, duration: 3600n, interval: 60n })

async function created(amount) {
  return (await create(amount)).id
}

// The next block is exactly so many seconds after the stream's start.
async function at(id, seconds) {
  const { startTime } = await actions.stream(id)
  await chain.setTime(Number(startTime) + seconds)
}

test('money comes before the event that explains it', async () => {
  const receipt = await create()
  const { id } = receipt
  assert.equal(logs(receipt), `Transfer(P,S,360) StreamCreated(${id},W,P,360,3600,60)`)
  await at(id, 900)
  assert.equal(logs(await actions.release(worker, id)), `PaymentReleased(${id},W,90,90)`)
  assert.equal(logs(await actions.claim(worker, id)), `Transfer(S,W,90) EarningsClaimed(${id},W,90)`)
})

test('the last release tells the end first', async () => {
  const id = await created()
  await at(id, 3600)
  assert.equal(logs(await actions.release(worker, id)), `StreamCompleted(${id},360) PaymentReleased(${id},W,360,360)`)
  assert.equal((await actions.stream(id)).status, 'completed')
  await assert.rejects(actions.release(worker, id))
  await assert.rejects(actions.cancel(platform, id))
  assert.equal(logs(await actions.claim(worker, id)), `Transfer(S,W,360) EarningsClaimed(${id},W,360)`)
})

test('a pause restarts the interval, not the pro-rata clock', async () => {
  const id = await created()
  await at(id, 600)
  await actions.release(worker, id)
  assert.equal(logs(await actions.pause(chain.owner, id)), `StreamPaused(${id},O)`)
  assert.equal(logs(await actions.claim(worker, id)), `Transfer(S,W,60) EarningsClaimed(${id},W,60)`)
  await assert.rejects(actions.release(worker, id))
  await at(id, 1200)
  assert.equal(logs(await actions.resume(platform, id)), `StreamResumed(${id},P)`)
  await at(id, 1259)
  await assert.rejects(actions.release(worker, id))
  await at(id, 1800)
  assert.equal(logs(await actions.release(worker, id)), `PaymentReleased(${id},W,120,180)`)
})

test('a cancel with nothing unclaimed is one refund', async () => {
  const id = await created()
  assert.equal(logs(await actions.cancel(platform, id)), `Transfer(S,P,360) StreamCancelled(${id},P,360)`)
})

test('a cancel pays the worker without an event of its own', async () => {
  const id = await created()
  await at(id, 1800)
  await actions.release(worker, id)
  assert.equal(
    logs(await actions.cancel(chain.owner, id)),
    `Transfer(S,W,180) Transfer(S,P,180) StreamCancelled(${id},O,180)`,
  )
  const { status, claimedAmount } = await actions.stream(id)
  assert.deepEqual([status, claimedAmount], ['cancelled', 180n])
})

test('only those who may', async () => {
  const id = await created()
  await at(id, 600)
  await actions.release(worker, id)
  await assert.rejects(actions.claim(platform, id))
  await assert.rejects(actions.pause(worker, id))
  await assert.rejects(actions.cancel(worker, id))
  await assert.rejects(actions.claim(worker, 99n))
  await assert.rejects(actions.mint(worker.address, 2n ** 256n - 1n)) // overflows the supply
})

test('the token mints, burns and approves as USDC does', async () => {
  assert.equal(logs(await actions.mint(worker.address, 5n)), 'Mint(O,W,5) Transfer(0,W,5)')
  assert.equal(logs(await actions.burn(worker, 5n)), 'Burn(W,5) Transfer(W,0,5)')
  assert.equal(logs(await actions.approve(platform, 7n)), 'Approval(P,S,7)')
  await actions.approve(platform)
})

test('several calls in one transaction', async () => {
  const batch = await deployOne(chain, compile().Batch)
  const call = (contract, name, ...args) => actions.call(contract, name, ...args)
  const asTuple = ({ to, data }) => ({ target: to, data })
  await actions.mint(batch.address, 100n)
  const terms = [worker.address, 30n, 3600n, 60n]
  const calls = [
    call(contracts.usdc, 'approve', contracts.streaming.address, 60n),
    call(contracts.usdc, 'transfer', contracts.streaming.address, 30n),
    call(contracts.streaming, 'createStream', ...terms),
    call(contracts.streaming, 'createStream', ...terms),
  ].map(asTuple)
  const receipt = await chain.send(platform, actions.call(batch, 'run', calls))
  names[batch.address] = 'B'
  const n = await actions.streamCount()
  assert.equal(
    logs(receipt),
    `Approval(B,S,60) Transfer(B,S,30) Transfer(B,S,30) StreamCreated(${n - 1},W,B,30,3600,60) `
      + `Transfer(B,S,30) StreamCreated(${n},W,B,30,3600,60)`,
  )
})

test('a reorg takes a transaction away, and it can come back', async () => {
  const receipt = await actions.transfer(platform, worker.address, 11n)
  await chain.reorg(1)
  assert.equal(await chain.head(), receipt.blockNumber)
  assert.notEqual((await chain.block(receipt.blockNumber)).hash, receipt.blockHash)
  assert.equal(await chain.call('eth_getTransactionReceipt', receipt.transactionHash), null)
  await chain.sendRaw(receipt.raw)
  assert.equal((await chain.receiptOf(receipt.transactionHash)).blockNumber, receipt.blockNumber + 1)
})

test('what the daemon reads is what the contracts are', () => {
  const read = (name) => JSON.parse(readFileSync(join(root, 'contracts-abi', `${name}.json`), 'utf8'))
  const signatures = (abi, ...types) => new Set(abi.filter((e) => types.includes(e.type)).map(signature))
  const streaming = signatures(read('payment-streaming'), 'event', 'function')
  assert.deepEqual(streaming, signatures(contracts.streaming.abi, 'event', 'function'))
  const usdc = signatures(read('usdc'), 'event', 'function')
  for (const known of signatures(contracts.usdc.abi, 'event')) assert.ok(usdc.has(known), known)
  const dev = signatures(contracts.usdc.abi, 'function')
  for (const known of signatures(read('usdc'), 'function')) assert.ok(dev.has(known), known)
})
