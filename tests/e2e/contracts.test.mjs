// The development contracts speak as the real ones do: the order of logs in
// each call, and the ABI JSON that the daemon reads.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compile, root } from '../devchain/compile.mjs'
import { deployOne } from '../devchain/deploy.mjs'
import { signature } from '../devchain/logs.mjs'
import { openStage } from './lib/stage.mjs'

const stage = await openStage({ loans: true, reputation: true })
const { chain, contracts, actions, owner, platform, worker, batch, names, logs, logsTogether, firstWords, refused } = stage
const { usdc, streaming } = contracts
const { call } = actions

const create = ({ amount = 360n, to = worker, from = platform } = {}) =>
  actions.createStream(from, { worker: to.address, amount, duration: 3600n, interval: 60n })

async function created(terms) {
  return (await create(terms)).id
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
  await refused(actions.release(worker, id), 'WrongStatus')
  await refused(actions.cancel(platform, id), 'WrongStatus')
  assert.equal(logs(await actions.claim(worker, id)), `Transfer(S,W,360) EarningsClaimed(${id},W,360)`)
})

test('a pause restarts the interval, not the pro-rata clock', async () => {
  const id = await created()
  await at(id, 600)
  await actions.release(worker, id)
  assert.equal(logs(await actions.pause(owner, id)), `StreamPaused(${id},O)`)
  assert.equal(logs(await actions.claim(worker, id)), `Transfer(S,W,60) EarningsClaimed(${id},W,60)`)
  await refused(actions.release(worker, id), 'WrongStatus')
  await at(id, 1200)
  assert.equal(logs(await actions.resume(platform, id)), `StreamResumed(${id},P)`)
  await at(id, 1259)
  await refused(actions.release(worker, id), 'TooSoon')
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
    logs(await actions.cancel(owner, id)),
    `Transfer(S,W,180) Transfer(S,P,180) StreamCancelled(${id},O,180)`,
  )
  const { status, claimedAmount } = await actions.stream(id)
  assert.deepEqual([status, claimedAmount], ['cancelled', 180n])
})

test('a cancel where worker and platform are one address', async () => {
  const [whole, half] = [await created({ to: platform }), await created({ to: platform })]
  assert.equal(logs(await actions.cancel(platform, whole)), `Transfer(S,P,360) StreamCancelled(${whole},P,360)`)
  await at(half, 1800)
  await actions.release(worker, half)
  assert.equal(
    logs(await actions.cancel(platform, half)),
    `Transfer(S,P,180) Transfer(S,P,180) StreamCancelled(${half},P,180)`,
  )
})

test('only those who may', async () => {
  const id = await created()
  await at(id, 600)
  await actions.release(worker, id)
  await refused(actions.claim(platform, id), 'NotAllowed')
  await refused(actions.pause(worker, id), 'NotAllowed')
  await refused(actions.cancel(worker, id), 'NotAllowed')
  await refused(actions.claim(worker, 99n), 'NoSuchStream')
})

test('a pause of the whole stops money, not what a platform may do', async () => {
  const id = await created()
  await at(id, 600)
  assert.equal(logs(await actions.pauseAll(streaming)), 'Paused(O)')
  await refused(create(), 'IsPaused')
  await refused(actions.release(worker, id), 'IsPaused')
  assert.equal(logs(await actions.pause(platform, id)), `StreamPaused(${id},P)`)
  assert.equal(logs(await actions.resume(platform, id)), `StreamResumed(${id},P)`)
  assert.equal(logs(await actions.cancel(platform, id)), `Transfer(S,P,360) StreamCancelled(${id},P,360)`)
  assert.equal(logs(await actions.unpauseAll(streaming)), 'Unpaused(O)')
})

test('each contract names its owner first', async () => {
  assert.equal(await firstWords(streaming), 'OwnershipTransferred(0,O)')
  assert.equal(await firstWords(contracts.loans), 'OwnershipTransferred(0,O) ApproverAdded(O)')
  assert.equal(await firstWords(contracts.reputation), 'OwnershipTransferred(0,O) AuthorizedRecorderAdded(O)')
})

// The batch as a platform that creates streams, and as the worker of some.
const createCall = (amount) => call(streaming, 'createStream', worker.address, amount, 3600n, 60n)
const cancelCall = (id) => call(streaming, 'cancelStream', id)
const makes = (id, amount) => `Transfer(B,S,${amount}) StreamCreated(${id},W,B,${amount},3600,60)`
const nextStream = async () => (await actions.streamCount()) + 1

await actions.mint(batch.address, 1000n)
await logsTogether(call(usdc, 'approve', streaming.address, 1000n))

test('two equal streams in one transaction', async () => {
  const id = await nextStream()
  assert.equal(await logsTogether(createCall(30n), createCall(30n)), `${makes(id, 30)} ${makes(id + 1, 30)}`)
})

test('a donation beside an escrow of the same amount', async () => {
  const id = await nextStream()
  const donation = call(usdc, 'transfer', streaming.address, 30n)
  assert.equal(await logsTogether(donation, createCall(30n)), `Transfer(B,S,30) ${makes(id, 30)}`)
  assert.equal(await logsTogether(createCall(30n), donation), `${makes(id + 1, 30)} Transfer(B,S,30)`)
})

test('a stream that is created and cancelled at once', async () => {
  const id = await nextStream()
  assert.equal(
    await logsTogether(createCall(30n), cancelCall(id)),
    `${makes(id, 30)} Transfer(S,B,30) StreamCancelled(${id},B,30)`,
  )
})

test('two equal claims in one transaction', async () => {
  const ids = [await created({ to: batch }), await created({ to: batch })]
  for (const id of ids) {
    await at(id, 1800)
    await actions.release(worker, id)
  }
  assert.equal(
    await logsTogether(...ids.map((id) => call(streaming, 'claimEarnings', id))),
    ids.map((id) => `Transfer(S,B,180) EarningsClaimed(${id},B,180)`).join(' '),
  )
})

test('a loan and a stream in one transaction', async () => {
  const { loans } = contracts
  await chain.send(owner, call(loans, 'addAuthorizedApprover', batch.address))
  await actions.mint(loans.address, 2_000_000n)
  const loan = await actions.requestAdvance(worker, 1_000_000n)
  const stream = await nextStream()
  assert.equal(
    await logsTogether(
      call(loans, 'requestAdvance', 1_000_000n),
      createCall(30n),
      call(loans, 'approveLoan', loan.id + 1n, 1_000_000n, 200n),
      call(loans, 'approveLoan', loan.id, 1_000_000n, 200n),
    ),
    `LoanRequested(${loan.id + 1n},B,1000000) ${makes(stream, 30)} `
      + `LoanApproved(${loan.id + 1n},1000000,200) Transfer(L,B,1000000) LoanDisbursed(${loan.id + 1n},B,1000000) `
      + `LoanApproved(${loan.id},1000000,200) Transfer(L,W,1000000) LoanDisbursed(${loan.id},W,1000000)`,
  )
})

test('look-alikes come from another address', async () => {
  const impostor = await deployOne(chain, compile().Emitter)
  names[impostor.address] = 'I'
  const [from, to] = [platform.address, worker.address]
  const alike = (contract, name, args) => actions.lookAlike(impostor, contract, name, args)
  const id = await nextStream()
  const sameTerms = { worker: to, platform: batch.address, totalAmount: 30n, duration: 3600n, releaseInterval: 60n }
  assert.equal(
    await logsTogether(
      alike(usdc, 'Transfer', { from, to, value: 30n }),
      createCall(30n),
      alike(streaming, 'StreamCreated', { streamId: BigInt(id), ...sameTerms }),
      alike(contracts.loans, 'LoanDisbursed', { loanId: 1n, worker: to, amount: 30n }),
      alike(contracts.reputation, 'TaskRecorded', { worker: to, taskId: 7n, onTime: true, rating: 5, newScore: 1000n }),
    ),
    `I:Transfer(P,W,30) ${makes(id, 30)} I:StreamCreated(${id},W,B,30,3600,60) I:LoanDisbursed(1,W,30) `
      + `I:TaskRecorded(W,7,true,5,1000)`,
  )
})

test('what reverts logs nothing, and stands in its block', async () => {
  const receipt = await chain.send(worker, call(streaming, 'cancelStream', 1n), { mayRevert: true })
  assert.equal(receipt.status, 'reverted')
  assert.equal(logs(receipt), '')
  const { transactions } = await chain.block(receipt.blockNumber)
  assert.ok(transactions.includes(receipt.transactionHash))
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
  const files = { streaming: 'payment-streaming', loans: 'micro-loan', reputation: 'reputation-ledger' }
  for (const [name, file] of Object.entries(files)) {
    assert.deepEqual(signatures(read(file), 'event', 'function'), signatures(contracts[name].abi, 'event', 'function'))
  }
  const known = signatures(read('usdc'), 'event', 'function')
  for (const event of signatures(usdc.abi, 'event')) assert.ok(known.has(event), event)
  const dev = signatures(usdc.abi, 'function')
  for (const one of signatures(read('usdc'), 'function')) assert.ok(dev.has(one), one)
})
