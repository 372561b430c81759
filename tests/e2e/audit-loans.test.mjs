// Audits of loans: each against its contract's getter.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fundLoans } from '../devchain/deploy.mjs'
import { openWorld, usdc } from './lib/world.mjs'

const world = await openWorld({}, undefined, { loans: true })
const { chain, actions, contracts, workers, openDaemon } = world
const { owner } = chain
const [ann, bob] = workers
await fundLoans(actions, owner, workers, usdc(5000))
const loan = (id, field) => `loan ${contracts.loans.address.toLowerCase()}/${id}${field ? ` ${field}` : ''}`

async function lent(worker, amount) {
  const { id } = await actions.requestAdvance(worker, usdc(amount))
  await actions.approveLoan(owner, id, usdc(amount), 250n)
  return id
}

// Repaid with more than was owed, defaulted, cancelled, pending, out.
const repaid = await lent(ann, 100)
const overdue = await lent(bob, 70)
await actions.repayLoan(owner, repaid, usdc(40))
await actions.mint(ann.address, usdc(1000))
await actions.repayLoan(owner, repaid, usdc(80))
await actions.passDueDate(overdue)
await actions.defaultLoan(owner, overdue)
await actions.cancelLoan(ann, (await actions.requestAdvance(ann, usdc(50))).id)
await actions.requestAdvance(ann, usdc(60))
const out = await lent(bob, 10)
await chain.mine(4)

const daemon = await openDaemon()
await daemon.addPeople()
await daemon.must('backfill', '--from', String(contracts.startBlock), '--to', 'latest')

async function audit(...args) {
  const { code, stdout, stderr } = await daemon.run(['audit', '--json', ...args])
  assert.notEqual(stdout, '', stderr)
  const { differences, ...counts } = JSON.parse(stdout)
  return { code, differences: Object.fromEntries(differences.map((d) => [d.subject, d.difference])), ...counts }
}

test('loans tie at every block, whatever became of them', async () => {
  const { code, differences, loans, contracts: { checked } } = await audit()
  assert.deepEqual([code, differences], [0, {}])
  assert.deepEqual(loans, { checked: 5, differ: 0, explained: 0, uncovered: 0, no_state: 0 })
  assert.equal(checked, 2)
  for (let at = contracts.startBlock; at < (await chain.head()) - 2; at++) {
    const then = await audit('--at', String(at))
    assert.deepEqual([then.code, then.differences], [0, {}], `block ${at}`)
  }
})

test('a loan whose row was forged, and one that is gone', async () => {
  await daemon.sql('alter table loans disable trigger user')
  await daemon.sql(`update loans set repaid_amount_usdc = 119.5, fee_usdc = fee_usdc + 1 where contract_loan_id = $1`, [repaid])
  await daemon.sql(`update loans set status = 'repaying' where contract_loan_id = $1`, [out])
  const { code, differences, loans } = await audit()
  assert.equal(code, 4)
  assert.deepEqual(differences, { [loan(repaid, 'fee')]: '-1.000000', [loan(repaid, 'repaid')]: '0.500000', [loan(out, 'status')]: null })
  assert.equal(loans.differ, 2)
  await daemon.sql('update transactions set loan_id = null')
  await daemon.sql('delete from loans where contract_loan_id = $1', [overdue])
  assert.equal((await audit()).differences[loan(overdue)], null)
})
