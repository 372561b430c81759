// Processes and folders that end with us, however we end: also by kill -9.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

// PostgreSQL refuses to run as root; whoever is not root stays who they are.
export function unprivilegedUser() {
  if (process.getuid() !== 0) return null
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === 'nobody') return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('there is no user "nobody" to run PostgreSQL as')
}

// Like spawn(), but the kernel sends the child `deathSignal` when we die
// (prctl(2), PR_SET_PDEATHSIG). In a session of its own, so that a Ctrl-C
// reaches us alone and things end in our order.
export function launch(command, args, { user = null, deathSignal = 'TERM', ...options } = {}) {
  const become = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []
  return spawn('setpriv', [`--pdeathsig=${deathSignal}`, ...become, '--', command, ...args], {
    detached: true,
    ...options,
  })
}

export const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null

// Ends a child and waits; one that does not listen is killed after the grace.
export async function end(child, { signal = 'SIGTERM', graceMs = 10_000 } = {}) {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await exited
  clearTimeout(timer)
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

// Asks until the answer is truthy, and returns it. A question that throws
// is asked again; the last reason is part of the error.
export async function until(what, ask, { deadlineMs = 30_000, everyMs = 40 } = {}) {
  const end = Date.now() + deadlineMs
  let last
  for (;;) {
    try {
      const answer = await ask()
      if (answer) return answer
      last = undefined
    } catch (error) {
      if (error.final) throw error
      last = error
    }
    if (Date.now() > end) {
      throw new Error(`waited ${deadlineMs / 1000} s in vain for ${what}${last ? `: ${last.message}` : ''}`)
    }
    await sleep(everyMs)
  }
}

// A TCP port of the loopback that nobody uses now.
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

// Waits for the end of its input, which is our end; then for the server whose
// pid file stands in the folder; then removes the folder.
const janitor = `
trap '' INT TERM HUP
read -r _
n=0
while [ -e "$1/data/postmaster.pid" ] && [ $n -lt 200 ]; do
  sleep 0.1; n=$((n + 1))
done
rm -rf -- "$1"`

// Whether the user (null: we) gets there.
export function isReachable(folder, user) {
  if (!user) return true
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    const { mode, uid } = statSync(path)
    if (!(mode & 0o001) && uid !== user.uid) return false
  }
  return true
}

// A folder that vanishes with us: in `parent` where the user can get there,
// else in the system's place for such. Ask remove() or leave it to our end.
export function temporaryFolder({ parent = tmpdir(), name = 'gigstream', user = null } = {}) {
  mkdirSync(parent, { recursive: true })
  const place = isReachable(parent, user) ? parent : tmpdir()
  const path = mkdtempSync(join(place, `${name}-`))
  if (user) chownSync(path, user.uid, user.gid)
  const child = spawn('/bin/sh', ['-c', janitor, 'janitor', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  child.stdin.unref()
  const remove = async () => {
    if (hasEnded(child)) return
    child.ref()
    child.stdin.end()
    await once(child, 'exit')
  }
  return { path, remove }
}

// What has been started, ended in reverse order: once, even if asked twice.
export function scope() {
  const ends = []
  let closing = null
  const close = async () => {
    for (let last = ends.pop(); last; last = ends.pop()) {
      await last().catch((error) => process.stderr.write(`while ending: ${error.message}\n`))
    }
  }
  return {
    defer: (end) => ends.push(async () => end()),
    close: () => (closing ??= close()),
  }
}

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

// Runs a program to its end or its interruption, and ends what it started.
// main(scope, interrupted) returns the exit code.
export async function runMain(main) {
  const things = scope()
  let interrupt
  const interrupted = new Promise((resolve) => (interrupt = resolve))
  for (const [name, number] of Object.entries(signals)) {
    process.on(name, () => {
      interrupt(name)
      process.exitCode = 128 + number
      things.close().then(() => process.exit(128 + number))
    })
  }
  let code
  try {
    code = await main(things, interrupted)
  } catch (error) {
    if (process.exitCode) await new Promise(() => {}) // an interruption goes on
    process.stderr.write(`${error.stack}\n`)
    code = 1
  }
  await things.close()
  process.exit(process.exitCode || code)
}
