// A second node that has the chain as it is now, and goes its own way from here:
// the same contracts and accounts, other blocks.
import { openActions } from '../../devchain/actions.mjs'
import { startAnvil } from '../../devchain/anvil.mjs'
import { openChain } from '../../devchain/chain.mjs'

export async function openBranch({ chain, contracts, things }, anvilOptions = {}) {
  const anvil = await startAnvil(anvilOptions)
  things.defer(anvil.stop)
  const branch = await openChain(anvil.url)
  await branch.call('anvil_loadState', await chain.call('anvil_dumpState'))
  return { chain: branch, actions: openActions(branch, contracts), url: anvil.url, stop: anvil.stop }
}
