// Who registers, and who is paid directly: also too early, and twice.
import { act, chapter, command, quote, say } from '../screen.mjs'
import { finalise, pay, register, whole } from './steps.mjs'

export async function registrations(world) {
  const { acme, bright, ada, bilal } = world.cast
  chapter('Platforms and workers register')
  await register(world, 'platform', acme, 'pay@acme.example')
  await register(world, 'platform', bright, 'pay@bright.example')
  await register(world, 'worker', ada, 'ada@workers.example')
  await register(world, 'worker', bilal, 'bilal@workers.example')
  say('\n  A wallet with a typing mistake is refused before anything is stored:')
  const wrong = world.cast.chen.address.replace(/[a-f]/, (c) => c.toUpperCase())
  const args = ['worker', 'add', '--name', 'Chen', '--email', 'chen@workers.example', '--wallet', wrong]
  const { code, stderr } = await world.gigstream.run(args)
  if (code === 0) throw new Error(`${wrong} was accepted, though its checksum is wrong`)
  command(`gigstreamd ${args.join(' ')}`)
  quote(stderr)
}

export async function payouts(world) {
  const { acme, bright, ada, bilal } = world.cast
  chapter('Direct payouts')
  await pay(world, acme, ada, whole(120.5), 'payout')
  await pay(world, bright, bilal, whole(75), 'payout')
  await pay(world, bilal, bright, whole(20), 'refund')
  act('The chain', 'goes on; what is final is confirmed')
  await finalise(world)
}

export async function lateWorker(world) {
  const { acme, chen } = world.cast
  chapter('A worker who registers after having been paid')
  act(acme.name, `sends ${chen.name} 33.33, whom nobody knows yet: a fact, no transaction`)
  const { transactionHash } = await world.actions.transfer(acme, chen.address, whole(33.33))
  await world.chain.mine(3)
  await register(world, 'worker', chen, 'chen@workers.example')
  await world.chain.mine(1)
  act('The past', `is searched for the wallet of ${chen.name}`)
  await world.rows.payment(transactionHash, 'payout', 'confirmed')
}

export async function reorg(world) {
  const { acme, ada } = world.cast
  const { chain, rows } = world
  chapter('The chain changes its mind')
  const { transactionHash, raw, blockNumber } = await pay(world, acme, ada, whole(45), 'payout')
  act('The chain', `replaces block ${blockNumber} by another one, without that payment`)
  await chain.reorg(1)
  await rows.orphaned(transactionHash)
  act('The payment', 'is included again, in another block')
  await chain.sendRaw(raw)
  await chain.receiptOf(transactionHash)
  await rows.payment(transactionHash, 'payout')
  act('The chain', 'goes on')
  await finalise(world)
  const reasons = await rows.query(
    `select c.to_status, c.reason, c.block_number from chain.transitions c
     join transactions t on t.id = c.row_id where t.tx_hash = $1 order by c.id`,
    [transactionHash],
  )
  say('\n  Nothing of it is forgotten (chain.transitions):')
  quote(reasons.map((r) => `${r.to_status} at block ${r.block_number ?? 'none'}: ${r.reason}`).join('\n'))
}
