// What a random script is played on: the scripted node, a database, a daemon.
import { startScripted } from '../node/scripted.mjs'
import { gigstream } from '../devchain/gigstream.mjs'
import { temporaryFolder, until } from '../devchain/lifetime.mjs'
import { openPlace } from '../devchain/place.mjs'
import { createDaemonLogin, createDatabase, query } from '../devchain/postgres.mjs'

export async function openWorld(things, { seed, endpoints, more = {} }) {
  const folder = temporaryFolder({ name: 'property' })
  things.defer(folder.remove)
  const place = await openPlace(things)
  const node = await startScripted({ seed, rules: { ours: 12, strangers: 6, density: { odd: 20 } } })
  things.defer(node.stop)
  const cast = await node.cast()
  const database = await createDatabase(place.admin)
  things.defer(database.drop)
  const login = await createDaemonLogin(place.admin, database)
  things.defer(login.drop)
  const feeWallet = cast.wallets.find(({ role }) => role === 'fee').address
  const { chain: wanted = {}, ...others } = more
  const chain = typeof wanted === 'function' ? wanted(node.url) : wanted
  const daemon = await gigstream(folder.path, {
    rpc: endpoints.map((name) => node.url + name),
    database: database.url,
    daemonDatabase: login.url,
    usdc: cast.token,
    streaming: cast.streaming,
    more: { fee_wallets: [feeWallet], chain: { poll_interval: '100ms', ...chain }, ...others },
  })
  await daemon.must('db', 'push')
  await login.grant()
  const sql = (text, values) => query(database.url, text, values)

  // People to be registered, and those who are: address -> { role, email }.
  const strange = cast.wallets
    .filter(({ role }) => role === 'worker' || role === 'platform')
    .map(({ address, role }, i) => ({ address, role, email: `w${i}@example.com` }))
  const people = new Map()
  const register = async (person) => {
    strange.splice(strange.indexOf(person), 1)
    const { role, email, address } = person
    await daemon.must(role, 'add', '--name', email, '--email', email, '--wallet', address)
    people.set(address.toLowerCase(), { role, email })
  }

  // The daemon that runs, or the last that did.
  // lied: a node may be lying. Headers that are none it takes, at start, for
  // those of a chain that it does not know, and says so.
  const run = { handle: null, up: false, logs: '', lied: false }
  const isFooled = (code, stderr) => run.lied && code === 2 && /cannot be proven by Ethereum's rules/.test(stderr)
  const complaint = /(ERROR: \w+Sanitizer|runtime error:|Assertion .* failed)[^]*/
  const start = () => {
    const handle = daemon.start(['run'], { GIGSTREAM_LOG_LEVEL: 'debug' })
    Object.assign(run, { handle, up: true, fault: null, asked: null })
    things.defer(() => handle.stop('SIGKILL'))
    run.ended = handle.closed.then(({ code, signal, stderr }) => {
      run.up = false
      run.logs = (run.logs + stderr).slice(-1_000_000)
      if (complaint.test(stderr)) run.fault = complaint.exec(stderr)[0]
      else if (isFooled(code, stderr)) return
      else if (!run.asked || (code !== 0 && !signal)) run.fault = `the daemon ended with ${code ?? signal}`
    })
  }
  const stop = async (signal) => {
    run.asked = signal
    const { signal: by } = await run.handle.stop(signal, 20_000)
    await run.ended
    if (signal === 'SIGTERM' && by === 'SIGKILL') run.fault = 'the daemon did not end within 20 s of SIGTERM'
  }
  const check = () => {
    if (run.fault) throw new Error(run.fault)
  }
  return {
    intents: new Map(), // what the application said of each, by id
    node, cast, sql, daemon, url: database.url, run, start, stop, check, until, people, strange, register,
    admin: (text, values) => query(place.admin, text, values),
    database: database.name, feeWallet: feeWallet.toLowerCase(), contract: cast.streaming.toLowerCase(),
    token: cast.token.toLowerCase(), log: () => (run.logs + (run.up ? run.handle.log() : '')),
  }
}
