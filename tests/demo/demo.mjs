// ./dev demo [--once]: a chain, a database and the daemon, and a story that is
// played on them. With --once it ends there, and exits 0 only if database and
// chain agree at the end; else it stays until it is interrupted.
import { createWriteStream } from 'node:fs'
import { join, relative } from 'node:path'
import { startAnvil } from '../devchain/anvil.mjs'
import { openActions } from '../devchain/actions.mjs'
import { openChain } from '../devchain/chain.mjs'
import { compile, root } from '../devchain/compile.mjs'
import { deploy, deployOne, fund, fundLoans } from '../devchain/deploy.mjs'
import { binary, gigstream } from '../devchain/gigstream.mjs'
import { runMain, sleep, temporaryFolder } from '../devchain/lifetime.mjs'
import { startPostgres } from '../devchain/postgres.mjs'
import { audit, compareBooks, rebuilds } from './books.mjs'
import { openRows } from './rows.mjs'
import { act, bold, chapter, command, dim, green, quote, red, say } from './screen.mjs'
import { duration, play } from './story.mjs'
import { compareArc } from './story/arc.mjs'

const names = { acme: 'Acme', bright: 'Bright', ada: 'Ada', bilal: 'Bilal', chen: 'Chen' }

// A wallet that is a contract, with money, and streams allowed to take it.
async function openBatch(chain, actions, amount) {
  const batch = await deployOne(chain, compile().Batch)
  await actions.mint(batch.address, amount)
  const approve = actions.call(actions.usdc, 'approve', actions.streaming.address, amount)
  await chain.send(chain.owner, actions.together(batch, [approve]))
  return batch
}

async function startChain(things) {
  const anvil = await startAnvil({ timestamp: Math.floor(Date.now() / 1000) - duration })
  things.defer(anvil.stop)
  const chain = await openChain(anvil.url)
  const contracts = await deploy(chain, { loans: true, reputation: true })
  const actions = openActions(chain, contracts)
  const cast = {}
  Object.entries(names).forEach(([key, name], i) => (cast[key] = { name, ...chain.account(i + 1) }))
  await fund(actions, [cast.acme, cast.bright], 5_000_000000n)
  await fundLoans(actions, chain.owner, [cast.ada], 1_000_000000n)
  cast.delta = { name: 'Delta', ...(await openBatch(chain, actions, 1_000_000000n)) }
  const impostor = { name: 'impostor', ...(await deployOne(chain, compile().Emitter)) }
  say(`  an EVM node (anvil)      ${anvil.url}, chain ${chain.id}`)
  say(`  DevUSDC, six decimals    ${contracts.usdc.address}`)
  say(`  PaymentStreaming         ${contracts.streaming.address}`)
  say(`  MicroLoan                ${contracts.loans.address}`)
  say(`  ReputationLedger         ${contracts.reputation.address}`)
  return { chain, contracts, actions, cast, impostor }
}

async function startDaemon(things, folder, { chain, contracts }, database) {
  const handle = await gigstream(folder, {
    chainId: chain.id,
    rpc: chain.url,
    database: database.url,
    usdc: contracts.usdc.address,
    streaming: contracts.streaming.address,
    loans: contracts.loans.address,
    reputation: contracts.reputation.address,
  })
  quote(await handle.must('db', 'push'))
  const daemon = handle.start()
  things.defer(() => daemon.stop())
  daemon.stderr.pipe(createWriteStream(join(folder, 'gigstreamd.log')))
  await daemon.ready()
  say(`  gigstreamd run           ${handle.url}, process ${daemon.pid}`)
  return { gigstream: handle, daemon }
}

async function setUp(things) {
  chapter('A chain, a database, a daemon')
  const parent = join(root, '.dev')
  const folder = temporaryFolder({ parent, name: 'demo' })
  things.defer(folder.remove)
  const world = await startChain(things)
  const cluster = await startPostgres({ parent })
  things.defer(cluster.stop)
  const database = await cluster.createDatabase('gigstream')
  say(`  PostgreSQL               ${cluster.folder}`)
  const daemon = await startDaemon(things, folder.path, world, database)
  const { cast, contracts, impostor } = world
  const parties = [
    ...Object.values(cast),
    { name: 'escrow', address: contracts.streaming.address },
    { name: 'lender', address: contracts.loans.address },
  ]
  const known = new Map([...parties, impostor].map((p) => [p.address.toLowerCase(), p.name]))
  const name = (address) => known.get(address) ?? `${address.slice(0, 8)}…`
  return { ...world, ...daemon, cluster, database, folder: folder.path, rows: openRows(database.url, name), parties }
}

async function judge(world) {
  chapter('The books: the database against the chain')
  const agrees = [...(await compareBooks(world)), ...(await compareArc(world.arc)), await audit(world), await rebuilds(world)]
  const [made, differ] = [agrees.length, agrees.filter((same) => !same).length]
  say(differ === 0
    ? green(`\n  ${made} comparisons, all agree`)
    : red(`\n  ${differ} of ${made} comparisons differ`))
  return differ === 0
}

function invite({ gigstream, database, folder }) {
  const program = relative(process.cwd(), binary()) || binary()
  chapter('It stays up until Ctrl-C. Look around')
  for (const path of ['/livez', '/readyz', '/status', '/metrics']) say(`  ${gigstream.url}${path}`)
  say('')
  const config = `--config ${gigstream.config}`
  for (const words of ['status', 'worker list', 'platform list', 'audit', 'backfill --from 0 --to latest --dry-run']) {
    command(`${program} ${words} ${config}`)
  }
  command(`psql ${database.url} -c 'select * from chain.movements'`)
  command(`tail -f ${join(folder, 'gigstreamd.log')}`)
  say(dim('\n  Every ten seconds something small happens, so that the chain lives.'))
}

// A coin now and then, and what the open stream has due each minute.
async function live({ actions, cast, chain, rows, openStream, daemon }, interrupted) {
  let stop = false
  interrupted.then(() => (stop = true))
  daemon.closed.then(({ code, stderr }) => {
    if (!stop) say(red(`\n  gigstreamd ended (${code}):\n${stderr.slice(-2000)}`))
    stop = true
  })
  for (let beat = 1; !stop; beat++) {
    await Promise.race([sleep(10_000), interrupted, daemon.closed])
    if (stop) break
    const [from, to] = beat % 2 ? [cast.acme, cast.ada] : [cast.bright, cast.bilal]
    const { transactionHash } = await actions.transfer(from, to.address, 10_000n)
    act(from.name, `sends ${to.name} 0.01`)
    await rows.payment(transactionHash, 'payout')
    const { status } = await actions.stream(openStream)
    if (beat % 7 === 0 && status === 'active') await actions.release(chain.owner, openStream)
  }
}

async function main(things, interrupted) {
  const wanted = process.argv.slice(2)
  if (wanted.some((word) => word !== '--once')) {
    process.stderr.write('usage: ./dev demo [--once]\n')
    return 2
  }
  say(bold('gigstreamd: a demonstration'))
  const world = await setUp(things)
  try {
    await play(things, world)
    const agreed = await judge(world)
    if (!wanted.includes('--once')) {
      invite(world)
      await live(world, interrupted)
    }
    return agreed ? 0 : 1
  } catch (error) {
    const log = world.daemon.log().trimEnd().split('\n').slice(-15).join('\n')
    process.stderr.write(`\nThe daemon's last lines:\n${log}\n\n`)
    throw error
  }
}

runMain(main)
