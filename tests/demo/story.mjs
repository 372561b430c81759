// The story that the demo plays: each step acts on the chain, waits until the
// database says what it must say, and shows the rows that changed.
import { act, chapter, command, quote, say, usdc } from './screen.mjs'

const whole = (n) => BigInt(Math.round(n * 1e6))
const hour = 3600n
const minutes = (n) => n * 60

// Seconds by which the story moves the chain's clock on; the chain starts so
// long ago, and has caught up with us at the end.
export const duration = minutes(60 + 36) + 60

async function register(world, kind, party, email) {
  const args = [kind, 'add', '--name', party.name, '--email', email, '--wallet', party.address]
  command(`gigstreamd ${args.map((a) => (/\s/.test(a) ? `"${a}"` : a)).join(' ')}`)
  quote(await world.gigstream.must(...args))
}

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

// Two more blocks make the ones before them final.
async function finalise(world) {
  await world.chain.mine(3)
  await world.rows.allConfirmed()
}

async function pay(world, from, to, amount, type) {
  act(from.name, `sends ${to.name} ${usdc(amount)}`)
  const receipt = await world.actions.transfer(from, to.address, amount)
  await world.rows.payment(receipt.transactionHash, type)
  return receipt
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

async function create(world, platform, worker, amount) {
  act(platform.name, `escrows ${usdc(amount)} for ${worker.name}, over an hour`)
  const { id } = await world.actions.createStream(platform, {
    worker: worker.address, amount, duration: hour, interval: 60n,
  })
  await world.rows.stream(id, 'active', 0n, 0n)
  return id
}

// Releases what is due; returns the contract's figures afterwards.
async function release(world, id, status = 'active') {
  await world.actions.release(world.chain.owner, id)
  const { releasedAmount, claimedAmount } = await world.actions.stream(id)
  await world.rows.stream(id, status, releasedAmount, claimedAmount)
  return releasedAmount
}

// The next block comes exactly so long after the stream's start.
async function clockAt(world, id, seconds) {
  const { startTime } = await world.actions.stream(id)
  await world.chain.setTime(Number(startTime) + seconds)
}

async function claim(world, id, worker, status) {
  act(worker.name, 'claims what was released: a transfer and an event, one payout')
  const receipt = await world.actions.claim(worker, id)
  const { releasedAmount } = await world.actions.stream(id)
  await world.rows.stream(id, status, releasedAmount, releasedAmount)
  await world.rows.payment(receipt.transactionHash, 'payout')
}

export async function streamToItsEnd(world) {
  const { acme, ada } = world.cast
  const { actions, rows } = world
  chapter('A stream, from its creation to its end')
  const id = await create(world, acme, ada, whole(360))
  act('A quarter of an hour', 'goes by, and a quarter is released: no money moves yet')
  await clockAt(world, id, minutes(15))
  const released = await release(world, id)
  await claim(world, id, ada, 'active')
  act(acme.name, 'pauses it')
  await actions.pause(acme, id)
  await rows.stream(id, 'paused', released, released)
  act(acme.name, 'resumes it ten minutes later')
  await clockAt(world, id, minutes(25))
  await actions.resume(acme, id)
  await rows.stream(id, 'active', released, released)
  act('The hour', 'is over: the last release completes it')
  await clockAt(world, id, minutes(60))
  await release(world, id, 'completed')
  await claim(world, id, ada, 'completed')
}

async function cancel(world, id, platform) {
  const { releasedAmount, totalAmount } = await world.actions.stream(id)
  const receipt = await world.actions.cancel(platform, id)
  await world.rows.stream(id, 'cancelled', releasedAmount, releasedAmount, totalAmount - releasedAmount)
  await world.rows.payment(receipt.transactionHash, 'refund')
  return receipt
}

export async function cancelledStreams(world) {
  const { acme, bright, ada, bilal } = world.cast
  chapter('Streams that are cancelled, and one that goes on')
  const first = await create(world, acme, bilal, whole(200))
  act(acme.name, 'cancels it before anything was released')
  await cancel(world, first, acme)
  const second = await create(world, bright, ada, whole(100))
  const third = await create(world, bright, bilal, whole(500))
  act('Half an hour', 'goes by; both streams release, one a little later')
  await clockAt(world, second, minutes(30))
  await release(world, second)
  await clockAt(world, third, minutes(36))
  await release(world, third)
  act(bright.name, `cancels #${second}: ${ada.name} is owed her part, and gets it without a claim`)
  const { transactionHash } = await cancel(world, second, bright)
  await world.rows.payment(transactionHash, 'payout')
  await finalise(world)
  return third
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
