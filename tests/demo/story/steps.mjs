// What several chapters do: each acts on the chain, waits until the database
// says what it must say, and shows the rows that changed.
import { eventsOf } from '../../devchain/logs.mjs'
import { act, command, quote, usdc } from '../screen.mjs'

// Dollars in base units.
export const whole = (n) => BigInt(Math.round(n * 1e6))

export async function register(world, kind, party, email) {
  const args = [kind, 'add', '--name', party.name, '--email', email, '--wallet', party.address]
  command(`gigstreamd ${args.map((a) => (/\s/.test(a) ? `"${a}"` : a)).join(' ')}`)
  quote(await world.gigstream.must(...args))
}

// Two more blocks make the ones before them final.
export async function finalise(world) {
  await world.chain.mine(3)
  await world.rows.allConfirmed()
}

export async function pay(world, from, to, amount, type) {
  act(from.name, `sends ${to.name} ${usdc(amount)}`)
  const receipt = await world.actions.transfer(from, to.address, amount)
  await world.rows.payment(receipt.transactionHash, type)
  return receipt
}

// What was logged, in order. Who is none of the contracts is named before it.
export function quoteLogs({ contracts, parties }, receipt, names = {}) {
  const named = { ...names }
  for (const { name, address } of parties) named[address] = name
  quote(eventsOf(receipt, contracts, named).split(' ').join('\n'))
}
