// A chain with the development contracts and somebody to call them, without a
// daemon: what the contracts themselves say.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { openActions } from '../../devchain/actions.mjs'
import { startAnvil } from '../../devchain/anvil.mjs'
import { openChain } from '../../devchain/chain.mjs'
import { compile } from '../../devchain/compile.mjs'
import { arc, deploy, deployOne, fund } from '../../devchain/deploy.mjs'
import { eventsOf, reasonOf } from '../../devchain/logs.mjs'

// wanted: of deploy(). The platform has 10,000 base units of USDC.
export async function openStage(wanted = {}) {
  const anvil = await startAnvil()
  after(anvil.stop)
  const chain = await openChain(anvil.url)
  const contracts = await deploy(chain, wanted)
  const actions = openActions(chain, contracts)
  const { owner } = chain
  const [platform, worker] = [1, 2].map(chain.account)
  const batch = await deployOne(chain, compile().Batch)
  const names = {
    '0x0000000000000000000000000000000000000000': '0',
    [owner.address]: 'O', [platform.address]: 'P', [worker.address]: 'W', [batch.address]: 'B',
    [arc.emitter]: 'system', [arc.authority]: 'authority', [arc.control]: 'control',
  }
  const letters = { usdc: 'U', streaming: 'S', loans: 'L', reputation: 'R' }
  for (const [name, letter] of Object.entries(letters)) if (contracts[name]) names[contracts[name].address] = letter
  // 'Transfer(P,S,360) StreamCreated(1,W,P,360,3600,60)'
  const logs = (receipt) => eventsOf(receipt, { ...contracts, system: compile().ArcSystem }, names)
  // What these calls log, made in one transaction in the name of the batch.
  const logsTogether = async (...calls) => logs(await chain.send(owner, actions.together(batch, calls)))
  // What a contract said when it was made.
  const firstWords = async ({ address, block }) =>
    logs({ logs: await chain.client.getLogs({ address, fromBlock: BigInt(block), toBlock: BigInt(block) }) })
  // That a contract refuses a call, and why.
  const refused = (sent, reason) =>
    assert.rejects(sent, (error) => {
      assert.equal(reasonOf(error, contracts), reason)
      return true
    })
  await fund(actions, [platform], 10_000n)
  return { chain, contracts, actions, owner, platform, worker, batch, names, logs, logsTogether, firstWords, refused }
}
