// MicroLoan and ReputationLedger: the order of logs in each call, and the rules
// that the daemon relies on.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { fundLoans } from '../devchain/deploy.mjs'
import { openStage } from './lib/stage.mjs'

const stage = await openStage({ loans: true, reputation: true })
const { chain, contracts, actions, owner, platform, names, logs, refused } = stage
const { loans, reputation } = contracts
const { call } = actions
const dollars = (n) => BigInt(n) * 1_000_000n
const month = 30n * 86_400n

before(() => fundLoans(actions, owner, [], dollars(5000)))

// Each test has a worker without history, who lets the lender take repayments.
let used = 2
async function newWorker() {
  const account = chain.account(++used)
  names[account.address] = 'W'
  await actions.mint(account.address, dollars(1000))
  await actions.approve(account, undefined, loans)
  return account
}

const asked = async (account, amount = dollars(100)) => (await actions.requestAdvance(account, amount)).id

// A loan of 100 for 103.
async function lent(account) {
  const id = await asked(account)
  await actions.approveLoan(owner, id, dollars(100), 300n)
  return id
}

test('an approval pays out at once', async () => {
  const worker = await newWorker()
  const receipt = await actions.requestAdvance(worker, dollars(100))
  const { id } = receipt
  assert.equal(logs(receipt), `LoanRequested(${id},W,100000000)`)
  const { blockNumber, ...approval } = await actions.approveLoan(owner, id, 80_000_001n, 250n)
  assert.equal(logs(approval), `LoanApproved(${id},80000001,250) Transfer(L,W,80000001) LoanDisbursed(${id},W,80000001)`)
  const time = BigInt((await chain.block(blockNumber)).timestamp)
  const { createdAt, ...loan } = await actions.loan(id)
  assert.deepEqual(loan, {
    id, worker: worker.address, requestedAmount: dollars(100), approvedAmount: 80_000_001n, feeRateBps: 250n,
    feeAmount: 2_000_000n, totalDue: 82_000_001n, repaidAmount: 0n, repaymentTasksTarget: 5n,
    repaymentTasksCompleted: 0n, disbursedAt: time, dueDate: time + month, status: 'disbursed',
  })
  assert.ok(createdAt <= time)
})

test('repayments, and the last one', async () => {
  const id = await lent(await newWorker())
  assert.equal(
    logs(await actions.repayLoan(owner, id, dollars(40))),
    `Transfer(W,L,40000000) RepaymentMade(${id},40000000,63000000)`,
  )
  assert.equal((await actions.loan(id)).status, 'repaying')
  assert.equal(
    logs(await actions.repayLoan(owner, id, dollars(63))),
    `Transfer(W,L,63000000) RepaymentMade(${id},63000000,0) LoanRepaid(${id},103000000)`,
  )
  const { status, repaymentTasksCompleted } = await actions.loan(id)
  assert.deepEqual([status, repaymentTasksCompleted], ['repaid', 2n])
  await refused(actions.repayLoan(owner, id, 1n), 'WrongStatus')
})

test('more than is due can be taken', async () => {
  const id = await lent(await newWorker())
  assert.equal(
    logs(await actions.repayLoan(owner, id, dollars(200))),
    `Transfer(W,L,200000000) RepaymentMade(${id},200000000,0) LoanRepaid(${id},200000000)`,
  )
})

test('several may be pending; one that is paid out is in the way of the next', async () => {
  const worker = await newWorker()
  const [first, second] = [await asked(worker), await asked(worker)]
  assert.equal(second, first + 1n)
  await actions.approveLoan(owner, second, dollars(100), 200n)
  await refused(asked(worker), 'HasLoan')
  await actions.approveLoan(owner, first, dollars(100), 200n)
  await actions.repayLoan(owner, first, dollars(102))
  await asked(worker)
})

test('a default needs the due date to have passed', async () => {
  const id = await lent(await newWorker())
  await actions.repayLoan(owner, id, dollars(3))
  await chain.setTime((await actions.loan(id)).dueDate)
  await refused(actions.defaultLoan(owner, id), 'NotDue')
  await actions.passDueDate(id)
  assert.equal(logs(await actions.defaultLoan(owner, id)), `LoanDefaulted(${id},100000000)`)
  assert.equal((await actions.loan(id)).status, 'defaulted')
  await refused(actions.repayLoan(owner, id, 1n), 'WrongStatus')
})

test('only what is pending can be cancelled', async () => {
  const worker = await newWorker()
  const [mine, theirs] = [await asked(worker), await asked(worker)]
  await refused(actions.cancelLoan(platform, mine), 'NotAllowed')
  assert.equal(logs(await actions.cancelLoan(worker, mine)), `LoanCancelled(${mine})`)
  assert.equal(logs(await actions.cancelLoan(owner, theirs)), `LoanCancelled(${theirs})`)
  assert.equal((await actions.loan(mine)).status, 'cancelled')
  await refused(actions.approveLoan(owner, mine, dollars(100), 200n), 'WrongStatus')
  await refused(actions.cancelLoan(worker, await lent(worker)), 'WrongStatus')
})

test('amounts and fees have bounds', async () => {
  const worker = await newWorker()
  for (const amount of [dollars(1) - 1n, dollars(500) + 1n]) await refused(asked(worker, amount), 'Invalid')
  const [least, most] = [await asked(worker, dollars(1)), await asked(worker, dollars(500))]
  for (const [amount, feeBps] of [[0n, 200n], [dollars(1) + 1n, 200n], [dollars(1), 199n], [dollars(1), 501n]]) {
    await refused(actions.approveLoan(owner, least, amount, feeBps), 'Invalid')
  }
  await actions.approveLoan(owner, most, dollars(500), 500n)
  assert.equal((await actions.loan(most)).totalDue, dollars(525))
})

test('funds come and go without an event of their own', async () => {
  await actions.mint(owner.address, 7n)
  assert.equal(logs(await actions.fundContract(owner, 7n)), 'Transfer(O,L,7)')
  assert.equal(logs(await actions.withdrawFunds(owner, 7n)), 'Transfer(L,O,7)')
  await refused(actions.withdrawFunds(platform, 7n), 'NotAllowed')
})

test('approvers come and go', async () => {
  const id = await asked(await newWorker())
  const approve = () => actions.approveLoan(platform, id, dollars(100), 200n)
  await refused(approve(), 'NotAllowed')
  assert.equal(logs(await chain.send(owner, call(loans, 'addAuthorizedApprover', platform.address))), 'ApproverAdded(P)')
  await approve()
  assert.equal(logs(await chain.send(owner, call(loans, 'removeAuthorizedApprover', platform.address))), 'ApproverRemoved(P)')
  await refused(actions.repayLoan(platform, id, 1n), 'NotAllowed')
})

test('a pause stops money, not a cancel', async () => {
  const worker = await newWorker()
  const id = await asked(worker)
  assert.equal(logs(await actions.pauseAll(loans)), 'Paused(O)')
  await refused(asked(worker), 'IsPaused')
  await refused(actions.approveLoan(owner, id, dollars(100), 200n), 'IsPaused')
  assert.equal(logs(await actions.cancelLoan(worker, id)), `LoanCancelled(${id})`)
  assert.equal(logs(await actions.unpauseAll(loans)), 'Unpaused(O)')
})

test('a first task starts at 100; each adds what it is worth', async () => {
  const { address } = await newWorker()
  const steps = [[true, 5, 106], [false, 4, 110], [true, 3, 114], [false, 2, 116], [false, 1, 117], [true, 0, 120]]
  for (const [i, [onTime, rating, score]] of steps.entries()) {
    const receipt = await actions.recordTask(owner, address, BigInt(i), onTime, rating)
    assert.equal(logs(receipt), `TaskRecorded(W,${i},${onTime},${rating},${score})`)
  }
  assert.deepEqual(await actions.reputationOf(address), {
    score: 120n, totalTasks: 6n, completedOnTime: 3n, totalDisputes: 0n, totalRatings: 5n, sumOfRatings: 15n,
  })
  await refused(actions.recordTask(owner, address, 7n, true, 6), 'Invalid')
})

test('a dispute takes points away, to zero at most', async () => {
  const { address } = await newWorker()
  assert.equal(logs(await actions.recordDispute(owner, address, 1n, 1)), 'DisputeRecorded(W,1,1,10,0)')
  assert.equal(logs(await actions.recordTask(owner, address, 2n, false, 0)), 'TaskRecorded(W,2,false,0,102)')
  assert.equal(logs(await actions.recordDispute(owner, address, 2n, 5)), 'DisputeRecorded(W,2,5,50,52)')
  assert.equal(logs(await actions.recordDispute(owner, address, 2n, 5)), 'DisputeRecorded(W,2,5,50,2)')
  assert.equal(logs(await actions.recordDispute(owner, address, 2n, 1)), 'DisputeRecorded(W,2,1,10,0)')
  assert.equal(logs(await actions.recordTask(owner, address, 3n, false, 0)), 'TaskRecorded(W,3,false,0,2)') // the second
  assert.equal((await actions.reputationOf(address)).totalDisputes, 4n)
  for (const severity of [0, 6]) await refused(actions.recordDispute(owner, address, 2n, severity), 'Invalid')
})

test('the owner changes a score without a log', async () => {
  const { address } = await newWorker()
  await actions.updateScore(address, 500n)
  assert.equal(logs(await actions.recordTask(owner, address, 1n, false, 0)), 'TaskRecorded(W,1,false,0,102)')
  assert.equal(logs(await actions.updateScore(address, 999n)), '')
  assert.equal(logs(await actions.recordTask(owner, address, 2n, true, 5)), 'TaskRecorded(W,2,true,5,1000)') // the most
  await refused(actions.updateScore(address, 1001n), 'Invalid')
})

test('recorders come and go, and a pause stops them', async () => {
  const { address } = await newWorker()
  const record = () => actions.recordTask(platform, address, 1n, false, 0)
  const change = (name) => chain.send(owner, call(reputation, name, platform.address))
  await refused(record(), 'NotAllowed')
  assert.equal(logs(await change('addAuthorizedRecorder')), 'AuthorizedRecorderAdded(P)')
  await record()
  assert.equal(logs(await actions.pauseAll(reputation)), 'Paused(O)')
  await refused(record(), 'IsPaused')
  assert.equal(logs(await actions.unpauseAll(reputation)), 'Unpaused(O)')
  assert.equal(logs(await change('removeAuthorizedRecorder')), 'AuthorizedRecorderRemoved(P)')
  await refused(record(), 'NotAllowed')
})
