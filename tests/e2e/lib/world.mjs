// What an end-to-end test stands on: a chain with our contracts, databases, a
// daemon for each. Everything ends with the test.
import { after } from 'node:test'
import { openActions } from '../../devchain/actions.mjs'
import { startAnvil } from '../../devchain/anvil.mjs'
import { openChain } from '../../devchain/chain.mjs'
import { deploy, fund } from '../../devchain/deploy.mjs'
import { gigstream } from '../../devchain/gigstream.mjs'
import { scope, temporaryFolder, until } from '../../devchain/lifetime.mjs'
import { openPlace, via } from '../../devchain/place.mjs'
import { createDatabase, createDaemonLogin, query } from '../../devchain/postgres.mjs'

export const usdc = (dollars) => BigInt(Math.round(dollars * 1_000_000))

// wanted: of deploy(), the contracts beside token and streams.
export async function openWorld(anvilOptions = {}, way = via, wanted = {}) {
  const things = scope()
  after(things.close)
  const folder = temporaryFolder({ name: 'e2e' })
  things.defer(folder.remove)
  const place = await openPlace(things, way)
  const anvil = await startAnvil(anvilOptions)
  things.defer(anvil.stop)
  const chain = await openChain(anvil.url)
  const contracts = await deploy(chain, wanted)
  const actions = openActions(chain, contracts)
  const [platform, other, ...workers] = [1, 2, 3, 4, 5, 6].map(chain.account)
  await fund(actions, [platform, other], usdc(1_000_000))
  let databases = 0

  // A database with the schema, and the commands on it.
  async function openDaemon({ schema = true, ...options } = {}) {
    const database = await createDatabase(place.admin)
    things.defer(database.drop)
    const login = schema && (await createDaemonLogin(place.admin, database))
    if (login) {
      things.defer(login.drop)
      await place.admit(login.url)
    }
    const daemon = await gigstream(folder.path, {
      name: `gigstreamd-${++databases}.yaml`,
      rpc: anvil.url,
      database: place.through(database.url),
      daemonDatabase: login && place.through(login.url),
      usdc: contracts.usdc.address,
      streaming: contracts.streaming.address,
      loans: contracts.loans?.address,
      reputation: contracts.reputation?.address,
      startBlock: contracts.startBlock,
      ...options,
    })
    if (schema) {
      await daemon.must('db', 'push')
      await login.grant()
    }
    const start = (args, env) => {
      const handle = daemon.start(args, env)
      things.defer(() => handle.stop('SIGKILL'))
      return handle
    }
    return {
      ...daemon,
      start,
      database: database.url,
      daemonDatabase: login?.url,
      sql: (text, values) => query(database.url, text, values),
      addPeople: async () => {
        await daemon.must('platform', 'add', '--name', 'Acme', '--email', 'acme@example.com', '--wallet', platform.address)
        for (const [i, { address }] of workers.entries()) {
          await daemon.must('worker', 'add', '--name', `Worker ${i}`, '--email', `w${i}@example.com`, '--wallet', address)
        }
      },
      // Until everything up to the head is committed: the chain's, or that of
      // another node's chain.
      caughtUp: async (of = chain, deadlineMs = 30_000) => {
        const head = await of.head()
        const { hash } = await of.block(head)
        return until(`block ${head} to be indexed`, async () => {
          const rows = await query(database.url, `select chain.hex(hash) as hash from chain.blocks where number = $1`, [head])
          return rows[0]?.hash === hash
        }, { deadlineMs })
      },
    }
  }
  return { things, folder: folder.path, admin: place.admin, place, anvil, chain, contracts, actions, platform, other, workers, openDaemon }
}

// Payouts and every way a stream can go; about twenty transactions.
export async function playScenario({ chain, actions, platform, other, workers }) {
  const [ann, bob, cy, dee] = workers
  await actions.transfer(platform, ann.address, usdc(12.5))
  await actions.transfer(other, bob.address, usdc(7)) // an unknown payer
  await actions.transfer(ann, platform.address, usdc(2.5)) // a refund
  await actions.transfer(ann, bob.address, usdc(1)) // between workers: no transaction
  await actions.transfer(platform, ann.address, 0n)
  await actions.burn(bob, usdc(0.5))
  const make = (worker, amount) =>
    actions.createStream(platform, { worker: worker.address, amount: usdc(amount), duration: 3600n, interval: 60n })
  const [first, second, third, fourth] = [await make(ann, 100), await make(bob, 200), await make(cy, 300), await make(dee, 400)]
  await chain.warp(600)
  for (const { id } of [first, second, third]) await actions.release(platform, id)
  await actions.claim(ann, first.id)
  await actions.pause(platform, second.id)
  await actions.claim(bob, second.id)
  await chain.warp(300)
  await actions.resume(platform, second.id)
  await actions.cancel(platform, third.id) // released, never claimed
  await actions.cancel(platform, fourth.id) // nothing unclaimed
  await chain.warp(3600)
  await actions.release(platform, first.id) // completes it
  await actions.claim(ann, first.id)
  return { first, second, third, fourth }
}
