// A loan against earnings: asked for, paid out, paid back with too much.
import { act, chapter, usdc } from '../screen.mjs'
import { finalise, whole } from './steps.mjs'

const feeBps = 250n // hundredths of a percent

async function request(world, worker, amount) {
  act(worker.name, `asks for an advance of ${usdc(amount)}`)
  const { id } = await world.actions.requestAdvance(worker, amount)
  await world.rows.loan(id, 'pending')
  return id
}

async function repay(world, id, amount, status) {
  const { transactionHash } = await world.actions.repayLoan(world.chain.owner, id, amount)
  const { repaidAmount } = await world.actions.loan(id)
  await world.rows.payment(transactionHash, 'repayment')
  await world.rows.loan(id, status, repaidAmount)
}

export async function advance(world) {
  const { ada, bilal } = world.cast
  const { actions, chain, rows } = world
  chapter('An advance, paid back')
  const id = await request(world, ada, whole(100))
  act('The lender', 'approves it at a fee of 2.5 %, and pays at once')
  const { transactionHash } = await actions.approveLoan(chain.owner, id, whole(100), feeBps)
  await rows.payment(transactionHash, 'advance')
  await rows.loan(id, 'disbursed')
  act('The chain', 'goes on; once the money is final, the loan is active')
  await finalise(world)
  await rows.loan(id, 'active')
  act('The lender', 'takes 40.00 from what Ada earned')
  await repay(world, id, whole(40), 'repaying')
  act('The lender', 'takes 80.00, which is 17.50 more than is owed: the loan ends')
  await repay(world, id, whole(80), 'repaid')
  const other = await request(world, bilal, whole(50))
  act(bilal.name, 'thinks better of it')
  await actions.cancelLoan(bilal, other)
  await rows.loan(other, 'cancelled')
  await finalise(world)
}
