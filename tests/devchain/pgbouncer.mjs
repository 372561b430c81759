// A PgBouncer of our own, pooling transactions: a client has another backend
// in each, and what it sets on a session is another's.
import { appendFileSync, copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end, freePort, hasEnded, isReachable, launch, temporaryFolder, unprivilegedUser, until } from './lifetime.mjs'
import { query } from './postgres.mjs'

const fetched = fileURLToPath(new URL('../../build/tools/usr/sbin', import.meta.url))

// From $PATH, or where ./dev puts it; a copy in the folder where the user
// cannot get there.
function binary(folder, user) {
  const places = [...process.env.PATH.split(delimiter), '/usr/sbin', fetched]
  const found = places.map((place) => join(place, 'pgbouncer')).find(existsSync)
  if (!found) throw new Error('pgbouncer is missing: run ./dev test, which fetches it')
  if (isReachable(found, user)) return found
  const copy = join(folder, 'pgbouncer')
  copyFileSync(found, copy)
  return copy
}

// The passwords stand in plain text, so that it can use them at the server. It
// ignores no parameter that a client may send, and resets nothing in between.
const settings = (server, port, folder, more) => ({
  listen_addr: '127.0.0.1',
  listen_port: port,
  unix_socket_dir: '',
  auth_type: 'scram-sha-256',
  auth_file: join(folder, 'users'),
  admin_users: server.username,
  pool_mode: 'transaction',
  default_pool_size: 5,
  max_client_conn: 200,
  ...more,
})

// Starts one before the cluster behind adminUrl, for one database of it or all
// (*); `more`: settings of its own.
// through(url): a URL of the cluster as it is through the pooler. It can be
// halted, and started again on its port.
export async function startPgbouncer(adminUrl, { database = '*', ...more } = {}) {
  const user = unprivilegedUser()
  const folder = temporaryFolder({ name: 'pgbouncer', user })
  const bin = binary(folder.path, user)
  const server = new URL(adminUrl)
  const port = await freePort()
  const file = join(folder.path, 'pgbouncer.ini')
  const lines = Object.entries(settings(server, port, folder.path, more)).map(([key, value]) => `${key} = ${value}`)
  const target = `${database} = host=${server.hostname} port=${server.port}`
  writeFileSync(join(folder.path, 'users'), `"${server.username}" "${server.password}"\n`)
  writeFileSync(file, ['[databases]', target, '[pgbouncer]', ...lines, ''].join('\n'))
  const through = (url) => Object.assign(new URL(url), { port }).href
  const search = more.client_tls_sslmode ? 'sslmode=no-verify' : ''
  const admin = Object.assign(new URL(through(adminUrl)), { pathname: '/pgbouncer', search }).href
  const start = async () => {
    const child = launch(bin, [file], { user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (chunk) => (said = (said + chunk).slice(-8192)))
    await until('PgBouncer to answer', async () => {
      if (hasEnded(child)) throw Object.assign(new Error(`PgBouncer ended:\n${said}`), { final: true })
      await query(admin, 'show version')
      return true
    })
    return child
  }
  let child = await start()
  const halt = (signal = 'SIGTERM') => end(child, { signal })
  return {
    port,
    through,
    // Another login of the cluster, as in its URL.
    admit: (url) => {
      const { username, password } = new URL(url)
      appendFileSync(join(folder.path, 'users'), `"${username}" "${password}"\n`)
      return query(admin, 'reload')
    },
    // One command of its console: show pools, kill, reload...
    console: (command) => query(admin, command),
    halt,
    restart: async () => (await halt('SIGKILL'), (child = await start())),
    stop: async () => (await halt('SIGKILL'), await folder.remove()),
  }
}
