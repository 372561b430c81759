// Several things in one transaction: what belongs to what is told by the order
// of the logs, and by who emitted them.
import { act, chapter, say, usdc } from '../screen.mjs'
import { finalise, quoteLogs, register, whole } from './steps.mjs'

const amount = whole(40)

// Sends the calls in Delta's name, in one transaction, and shows what was logged.
async function together(world, calls) {
  const { chain, actions, cast, impostor } = world
  const receipt = await chain.send(chain.owner, actions.together(cast.delta, calls))
  quoteLogs(world, receipt, { [impostor.address]: impostor.name })
  return receipt
}

async function equalCreations(world, create) {
  const { actions, rows } = world
  act('Delta', `creates two equal streams of ${usdc(amount)} at once`)
  const last = await actions.streamCount()
  const { transactionHash } = await together(world, [create, create])
  await rows.stream(last + 1, 'active', 0n, 0n)
  await rows.stream(last + 2, 'active', 0n, 0n)
  await rows.movements(transactionHash, ['escrow', 'escrow'])
}

async function donation(world, create) {
  const { actions, rows, contracts } = world
  act('Delta', `gives the contract ${usdc(amount)} for nothing, and escrows as much beside it`)
  const last = await actions.streamCount()
  const gift = actions.call(contracts.usdc, 'transfer', contracts.streaming.address, amount)
  const { transactionHash } = await together(world, [gift, create])
  await rows.stream(last + 1, 'active', 0n, 0n)
  await rows.movements(transactionHash, ['plain', 'escrow'])
}

async function createAndCancel(world, create) {
  const { actions, rows, contracts } = world
  act('Delta', 'creates a stream, and cancels it at once')
  const id = (await actions.streamCount()) + 1
  const cancel = actions.call(contracts.streaming, 'cancelStream', id)
  const { transactionHash } = await together(world, [create, cancel])
  await rows.stream(id, 'cancelled', 0n, 0n, amount)
  await rows.payment(transactionHash, 'refund')
  await rows.movements(transactionHash, ['escrow', 'refund'])
}

async function lookAlikes(world) {
  const { actions, rows, contracts, cast: { acme, ada }, impostor } = world
  act('An impostor', 'logs what the token and the contract would, at another address')
  const alike = (contract, name, args) => actions.lookAlike(impostor, contract, name, args)
  const receipt = await together(world, [
    alike(contracts.usdc, 'Transfer', { from: acme.address, to: ada.address, value: amount }),
    alike(contracts.streaming, 'StreamCreated', {
      streamId: BigInt((await actions.streamCount()) + 1), worker: ada.address, platform: acme.address,
      totalAmount: amount, duration: 3600n, releaseInterval: 60n,
    }),
  ])
  await rows.nothingOf(receipt)
  say('    Its block is read, and nothing came of it: no fact, no row, no quarantine.')
}

export async function batches(world) {
  const { ada, delta } = world.cast
  const { actions, contracts } = world
  chapter('Several things in one transaction')
  await register(world, 'platform', delta, 'pay@delta.example')
  say("\n  Delta's wallet is a contract, which makes several calls at once.")
  const create = actions.call(contracts.streaming, 'createStream', ada.address, amount, 3600n, 60n)
  await equalCreations(world, create)
  await donation(world, create)
  await createAndCancel(world, create)
  await lookAlikes(world)
  act('The chain', 'goes on')
  await finalise(world)
}
