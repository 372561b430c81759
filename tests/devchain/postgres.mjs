// A PostgreSQL cluster of our own: on the loopback, in a folder that vanishes.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { makeAuthority } from './certificates.mjs'
import { end, freePort, hasEnded, isReachable, launch, temporaryFolder, unprivilegedUser, until } from './lifetime.mjs'

// $GS_PG_BIN, or the newest that Debian has installed.
export function binaries() {
  if (process.env.GS_PG_BIN) return process.env.GS_PG_BIN
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => b - a) : []
  const found = versions.map((v) => join(base, v, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
  if (!found) throw new Error('PostgreSQL is not installed: apt install postgresql, or set GS_PG_BIN')
  return found
}

// Where the user cannot get at them (a clone in /root), a copy in the folder;
// libraries and data stand beside bin.
function reachable(bin, folder, user) {
  if (isReachable(bin, user)) return bin
  cpSync(dirname(bin), join(folder, 'server'), { recursive: true, verbatimSymlinks: true })
  return join(folder, 'server/bin')
}

function initdb(bin, folder, user, password) {
  const file = join(folder, 'password')
  writeFileSync(file, password, { mode: 0o644 }) // the folder itself is 0700
  const child = spawnSync(
    join(bin, 'initdb'),
    ['-D', join(folder, 'data'), '-U', 'gigstream', '--auth=scram-sha-256', `--pwfile=${file}`,
      '--encoding=UTF8', '--locale=C', '--no-sync'],
    { cwd: '/', encoding: 'utf8', ...user },
  )
  if (child.status !== 0) throw new Error(`initdb failed: ${child.error?.message ?? child.stderr}`)
}

// What the server needs for it, and what its clients do.
function setUpTls({ names = ['localhost'], only = false }, folder, user) {
  const authority = makeAuthority(folder)
  const { cert, key } = authority.issue(names, user)
  if (only) writeFileSync(join(folder, 'data/pg_hba.conf'), 'hostssl all all all scram-sha-256\n')
  return { ca: authority.file, cert, key, set: { ssl: 'on', ssl_cert_file: cert, ssl_key_file: key } }
}

const settings = (port, durable, tls) => ({
  port,
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 60,
  timezone: 'UTC',
  log_min_messages: 'warning',
  ...tls?.set,
  ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
})

async function startServer({ bin, folder, user, url, port, durable, tls }) {
  const set = Object.entries(settings(port, durable, tls)).flatMap(([k, v]) => ['-c', `${k}=${v}`])
  const child = launch(join(bin, 'postgres'), ['-D', join(folder, 'data'), ...set], {
    user,
    cwd: '/',
    deathSignal: 'INT', // "fast": TERM would wait for every client
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk) => (said = (said + chunk).slice(-8192)))
  await until('PostgreSQL to answer', async () => {
    if (hasEnded(child)) throw Object.assign(new Error(`PostgreSQL ended:\n${said}`), { final: true })
    await query(url, 'select 1')
    return true
  })
  return child
}

// A connection, to be ended by whoever asked for it.
export async function connect(url, options = {}) {
  const client = new pg.Client({ connectionString: url, ...options })
  await client.connect()
  return client
}

// One statement on a connection of its own; returns the rows.
export async function query(url, sql, values = []) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(sql, values)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

const withDatabase = (url, name) => Object.assign(new URL(url), { pathname: `/${name}` }).href

// Makes an empty database in the cluster behind adminUrl.
export async function createDatabase(adminUrl, name = `gs_${randomBytes(6).toString('hex')}`) {
  await query(adminUrl, `create database ${name}`)
  return {
    name,
    url: withDatabase(adminUrl, name),
    drop: () => query(adminUrl, `drop database if exists ${name} with (force)`),
  }
}

// A login for the daemon alone: in the role gigstream_daemon, once the schema
// has made that.
export async function createDaemonLogin(adminUrl, database) {
  const name = `${database.name}_daemon`
  const password = randomBytes(12).toString('hex')
  await query(adminUrl, `create role ${name} login password '${password}'`)
  const url = new URL(database.url)
  url.username = name
  url.password = password
  return {
    url: url.href,
    grant: () => query(adminUrl, `grant gigstream_daemon to ${name}`),
    drop: () => query(adminUrl, `drop role if exists ${name}`),
  }
}

// Starts a cluster. `parent`: where its folder goes. `durable`: with fsync, as
// in production. `tls`: { names, only }, with a certificate for these names by
// an authority whose own is the file `ca`; only: no other connections. Its
// server can be stopped and started again on its port.
export async function startPostgres({ parent, durable = false, tls = null } = {}) {
  const user = unprivilegedUser()
  const folder = temporaryFolder({ parent, name: 'postgres', user })
  const bin = reachable(binaries(), folder.path, user)
  const password = randomBytes(12).toString('hex')
  initdb(bin, folder.path, user, password)
  const port = await freePort()
  const secure = tls && setUpTls(tls, folder.path, user)
  const verify = secure ? `?sslmode=verify-full&sslrootcert=${secure.ca}` : ''
  const url = `postgresql://gigstream:${password}@127.0.0.1:${port}/postgres${verify}`
  const start = () => startServer({ bin, folder: folder.path, user, url, port, durable, tls: secure })
  let child = await start()
  const halt = (signal = 'SIGINT') => end(child, { signal })
  return {
    url,
    port,
    ca: secure?.ca,
    certificate: secure && { cert: secure.cert, key: secure.key },
    folder: folder.path,
    pid: () => child.pid,
    createDatabase: (name) => createDatabase(url, name),
    halt,
    restart: async () => (await halt(), (child = await start())),
    stop: async () => (await halt(), await folder.remove()),
  }
}
