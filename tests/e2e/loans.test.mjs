// Loans and reputation: from the contracts to their rows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fundLoans } from '../devchain/deploy.mjs'
import { until } from '../devchain/lifetime.mjs'
import { confirmed, equalsScratch } from './lib/scratch.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld({}, undefined, { loans: true, reputation: true })
const { chain, actions, workers, openDaemon } = world
const { owner } = chain
const [ann, bob, cy, dee] = workers
await fundLoans(actions, owner, workers, usdc(5000))
const daemon = await openDaemon()
await daemon.addPeople()
const running = daemon.start()
await running.ready()

const lent = async (worker, amount) => {
  const { id } = await actions.requestAdvance(worker, usdc(amount))
  await actions.approveLoan(owner, id, usdc(amount), 250n)
  return id
}
const loanRow = async (id) => (await daemon.sql('select * from loans where contract_loan_id = $1', [id]))[0]
const settled = async () => {
  await chain.mine(3)
  await daemon.caughtUp()
  await confirmed(chain, daemon)
}
const seconds = (time) => (time ? BigInt(time.getTime() / 1000) : 0n)

// The row and the contract's own word; both say `status`.
async function equalsContract(id, status) {
  const row = await loanRow(id)
  const loan = await actions.loan(id)
  assert.equal(row.status, status)
  assert.equal(loan.status, status === 'active' ? 'disbursed' : status)
  assert.equal(row.worker_wallet, loan.worker.toLowerCase())
  assert.ok(row.worker_id)
  for (const [column, field] of [
    ['requested_amount_usdc', 'requestedAmount'], ['approved_amount_usdc', 'approvedAmount'], ['fee_usdc', 'feeAmount'],
    ['total_owed_usdc', 'totalDue'], ['repaid_amount_usdc', 'repaidAmount'],
  ]) assert.equal(usdc(row[column] ?? 0), loan[field], column)
  const rest = loan.totalDue - loan.repaidAmount
  assert.equal(usdc(row.remaining_balance_usdc), rest > 0n ? rest : 0n)
  assert.equal(BigInt(row.tasks_repaid), loan.repaymentTasksCompleted)
  assert.equal(seconds(row.disbursed_at), loan.disbursedAt)
  assert.equal(seconds(row.due_date), loan.dueDate)
}

test('each way that a loan can go', async () => {
  await actions.mint(ann.address, usdc(1000))
  const repaid = await lent(ann, 100)
  const { id: cancelled } = await actions.requestAdvance(bob, usdc(50))
  const { id: pending } = await actions.requestAdvance(bob, usdc(60))
  const overdue = await lent(bob, 70)
  await actions.cancelLoan(bob, cancelled)
  await actions.repayLoan(owner, repaid, usdc(40))
  await daemon.caughtUp()
  assert.equal((await loanRow(repaid)).status, 'repaying')
  await actions.repayLoan(owner, repaid, usdc(80)) // 17.5 more than is owed
  await actions.passDueDate(overdue)
  await actions.defaultLoan(owner, overdue)
  const out = await lent(cy, 10)
  await daemon.caughtUp()
  assert.equal((await loanRow(out)).status, 'disbursed')
  await settled()
  await equalsContract(repaid, 'repaid')
  await equalsContract(pending, 'pending')
  await equalsContract(overdue, 'defaulted')
  await equalsContract(out, 'active')
  assert.equal((await loanRow(cancelled)).status, 'cancelled')
  const kinds = await daemon.sql(
    `select t.type, t.status, l.contract_loan_id as loan, t.amount_usdc::float as usdc, w.email from transactions t
     join loans l on l.id = t.loan_id join workers w on w.id = t.worker_id order by t.block_number, t.log_index`)
  assert.deepEqual(kinds.map((k) => `${k.type} ${k.status} ${k.loan} ${k.usdc} ${k.email}`), [
    'advance confirmed 1 100 w0@example.com', 'advance confirmed 4 70 w1@example.com',
    'repayment confirmed 1 40 w0@example.com', 'repayment confirmed 1 80 w0@example.com',
    'advance confirmed 5 10 w2@example.com',
  ])
  const history = await daemon.sql(
    `select t.to_status, t.reason from chain.transitions t join loans l on l.id = t.row_id
     where l.contract_loan_id = $1 order by t.id`, [out])
  assert.deepEqual(history.map((h) => `${h.to_status} ${h.reason}`),
    ['pending LoanRequested', 'approved LoanApproved', 'disbursed LoanDisbursed', 'active final'])
  await equalsScratch(world, daemon)
})

test('a reorg takes a loan back, and gives it to another', async () => {
  await settled()
  const snapshot = await chain.call('evm_snapshot')
  const { id } = await actions.requestAdvance(dee, usdc(30))
  await actions.approveLoan(owner, id, usdc(30), 200n)
  await daemon.caughtUp()
  assert.equal((await loanRow(id)).worker_wallet, dee.address.toLowerCase())
  await chain.call('evm_revert', snapshot)
  await actions.requestAdvance(ann, usdc(31))
  await chain.mine(2)
  await daemon.caughtUp()
  const row = await loanRow(id)
  assert.deepEqual([row.worker_wallet, row.status], [ann.address.toLowerCase(), 'pending'])
  await settled()
  await equalsScratch(world, daemon)
})

const score = async ({ address }) =>
  (await daemon.sql('select reputation_score as s from workers where wallet_address = $1', [address.toLowerCase()]))[0].s
const told = async ({ address }) =>
  (await daemon.sql(
    `select r.* from reputation_events r join workers w on w.id = r.worker_id
     join chain.events e on chain.hex(e.block_hash) = r.block_hash and e.log_index = r.log_index
     where w.wallet_address = $1 order by e.block_number, e.log_index`, [address.toLowerCase()]))
    .map((r) => `${r.event_type} ${r.points_delta} ${r.previous_score}>${r.new_score}${r.metadata.difference ? ` !${r.metadata.difference}` : ''}`)

test('a score follows the contract, whose word wins', async () => {
  await actions.recordTask(owner, cy.address, 1n, true, 5)
  await actions.recordTask(owner, cy.address, 2n, false, 0)
  await daemon.caughtUp()
  assert.equal(await score(cy), 100) // nothing before it is final
  await settled()
  assert.deepEqual(await told(cy), ['task_completed 6 100>106', 'task_late 2 106>108'])
  await actions.recordDispute(owner, cy.address, 2n, 3)
  await actions.updateScore(cy.address, 500n) // no log says so
  await actions.recordTask(owner, cy.address, 3n, true, 1)
  await settled()
  assert.deepEqual((await told(cy)).slice(2), ['dispute_filed -30 108>78', 'task_completed 2 78>502 !422'])
  assert.equal(BigInt(await score(cy)), (await actions.reputationOf(cy.address)).score)
  assert.match(running.log(), /1 scores on the chain are not what/)
  assert.match((await running.get('/metrics')).body, /^gigstream_reputation_differences_total 1$/m)
})

test('a fact that cannot be is kept, and moves nothing', async () => {
  const word = (n) => `0x${n.toString(16).padStart(64, '0')}`
  const { topics } = (await actions.recordTask(owner, dee.address, 4n, true, 0)).logs[0]
  await actions.emitLog(actions.reputation, topics, word(1n) + word(4n).slice(2) + word(1001n).slice(2))
  await settled()
  assert.equal(await score(dee), 103)
  const [{ reason }] = await daemon.sql('select reason from chain.quarantine where not orphaned')
  assert.equal(reason, 'a score above 1000')
})
