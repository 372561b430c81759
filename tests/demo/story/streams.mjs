// Streams: what is released, claimed, paused and cancelled.
import { act, chapter, usdc } from '../screen.mjs'
import { finalise, whole } from './steps.mjs'

const hour = 3600n
const minutes = (n) => n * 60

// Seconds by which these chapters move the chain's clock on.
export const duration = minutes(60 + 36)

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
