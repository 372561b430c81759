// A worker's score: the contract's word, written down once it is final.
import { act, chapter } from '../screen.mjs'

// The worker's rows so far; the last of them says the contract's score.
async function final(world, { address }, count) {
  await world.chain.mine(3)
  const { score } = await world.actions.reputationOf(address)
  await world.rows.score(address, count, score)
}

export async function score(world) {
  const { ada } = world.cast
  const { actions, chain: { owner } } = world
  chapter('A score')
  act('The ledger', 'records two tasks of Ada, one of them late and disputed')
  await actions.recordTask(owner, ada.address, 1n, true, 5)
  await actions.recordTask(owner, ada.address, 2n, false, 3)
  await actions.recordDispute(owner, ada.address, 2n, 1)
  act('The chain', 'goes on; once they are final, they are rows and move the score')
  await final(world, ada, 3)
  act('The owner', 'sets her score to 500, which no log tells; the next event shows it')
  await actions.updateScore(ada.address, 500n)
  await actions.recordTask(owner, ada.address, 3n, true, 4)
  await final(world, ada, 4)
}
