// The chapter about Circle's Arc, on a chain of its own that logs as Arc does:
// USDC is the chain's own money there, and the token another face of it.
import { openActions } from '../../devchain/actions.mjs'
import { startAnvil } from '../../devchain/anvil.mjs'
import { openChain } from '../../devchain/chain.mjs'
import { arc, deploy, fund } from '../../devchain/deploy.mjs'
import { gigstream } from '../../devchain/gigstream.mjs'
import { openRows } from '../rows.mjs'
import { act, chapter, green, quote, red, table, usdc } from '../screen.mjs'
import { quoteLogs } from './steps.mjs'

const scale = 10n ** 12n // of the chain's 18 decimals to the token's six
const dollars = (n) => BigInt(n) * 1_000_000n

async function setUp(things, { folder, cluster, cast: { acme, ada } }) {
  // A block is final when it is there, as on Arc.
  const anvil = await startAnvil({ chainId: 5042002, slotsInAnEpoch: 0 })
  things.defer(anvil.stop)
  const chain = await openChain(anvil.url)
  const contracts = await deploy(chain, { logsLike: 'zero5' })
  const actions = openActions(chain, contracts)
  await fund(actions, [acme], dollars(1000))
  const database = await cluster.createDatabase('arc')
  const { streaming } = contracts
  const handle = await gigstream(folder, {
    name: 'arc.yaml', profile: 'arc-testnet', rpc: chain.url, database: database.url, streaming: streaming.address,
  })
  await handle.must('db', 'push')
  await handle.must('platform', 'add', '--name', acme.name, '--email', 'pay@acme.example', '--wallet', acme.address)
  await handle.must('worker', 'add', '--name', ada.name, '--email', 'ada@workers.example', '--wallet', ada.address)
  const daemon = handle.start()
  things.defer(() => daemon.stop())
  await daemon.ready()
  quote(`chain: {profile: arc-testnet, rpc: ["${chain.url}"]}\ncontracts: {streaming: ["${streaming.address}"]}`)
  const parties = [acme, ada, { name: 'escrow', address: streaming.address }]
  const name = (address) => parties.find((p) => p.address.toLowerCase() === address.toLowerCase())?.name ?? address
  return { actions, contracts, rows: openRows(database.url, name), parties }
}

async function show(world, who, what, receipt, became) {
  act(who.name, what)
  quoteLogs(world, receipt, { [arc.emitter]: 'Arc' })
  await world.rows.movements(receipt.transactionHash, [became])
}

export async function playArc(things, demo) {
  const { acme, ada } = demo.cast
  chapter("Circle's Arc: USDC is the chain's own money, and is logged twice")
  const world = await setUp(things, demo)
  const { actions } = world
  await show(world, acme, 'sends Ada 5 by the token: two logs, one payout',
    await actions.transfer(acme, ada.address, dollars(5)), 'payout')
  await show(world, acme, "sends Ada 2 and a bit as the chain's money: one log, one payout",
    await actions.sendNative(acme, ada.address, dollars(2) * scale + 345n), 'payout')
  await show(world, acme, 'sends Ada less than a unit of the token: a fact, no payment',
    await actions.sendNative(acme, ada.address, 678n), 'plain')
  await show(world, acme, 'escrows 60 for Ada', await actions.createStream(acme, {
    worker: ada.address, amount: dollars(60), duration: 3600n, interval: 60n,
  }), 'escrow')
  return world
}

// Each balance against its movements, to the last of 18 decimals.
export async function compareArc({ actions, rows, parties }) {
  const lines = []
  for (const { name, address } of parties) {
    const balance = await actions.nativeBalanceOf(address)
    const [{ sum }] = await rows.query(`
      select coalesce(sum(case when to_wallet = w then v else 0 end - case when from_wallet = w then v else 0 end), 0)::text as sum
      from (select *, amount * 1000000000000 + dust as v from chain.transfers where not orphaned) t,
        (select chain.unhex($1::text) as w) x`, [address.toLowerCase()])
    const agrees = balance === BigInt(sum)
    const text = (n) => `${usdc(BigInt(n) / scale)} and ${BigInt(n) % scale}`
    lines.push({ agrees, cells: [name, text(balance), text(sum), agrees ? green('✓') : red('✗')] })
  }
  table(['on Arc', 'balance, and 10^-18', 'movements', ''], lines.map((l) => l.cells), [1, 2])
  return lines.map((l) => l.agrees)
}
