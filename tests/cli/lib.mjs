// Runs the binary named by GIGSTREAMD and tells what came of it.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

export const program = process.env.GIGSTREAMD
const folder = mkdtempSync(join(tmpdir(), 'gigstream-cli-'))
after(() => rmSync(folder, { recursive: true }))

export const file = (name, text) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

// Nothing of the caller's configuration reaches the program.
const plain = Object.fromEntries(
  Object.entries(process.env).filter(([k]) => !/^(GIGSTREAM_|DATABASE_URL|RPC_URL|PG)/.test(k)))

// input: what it reads from stdin.
export const run = (args, env = {}, input = '') => {
  const { status, signal, stdout, stderr } = spawnSync(program, args, {
    env: { ...plain, ...env }, input, encoding: 'utf8', timeout: 60000 })
  return { code: status ?? signal, stdout, stderr, lines: stdout.split('\n').slice(0, -1) }
}

// The same at a terminal. answers: what is typed at each prompt, once it is
// there; screen: what the terminal showed; echo: whether it does again.
export const type = async (line, env, answers) => {
  const child = spawn('script', ['-qec', `trap : INT; ${line}; echo "code $?"; stty -a`, '/dev/null'],
    { env: { ...plain, ...env, G: program } })
  let screen = ''
  for await (const chunk of child.stdout) {
    const seen = screen.length
    screen += chunk
    // A prompt may come in two chunks.
    if (/\(not shown\): $/.test(screen) && screen.length > seen && answers.length)
      child.stdin.write(answers.shift())
  }
  return { screen, code: Number(screen.match(/code (\d+)/)?.[1]), echo: / echo /.test(screen) }
}

// The same through a shell, for what only redirections can do.
export const shell = (line, env = {}) => {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
    env: { ...plain, ...env, G: program }, encoding: 'utf8', timeout: 60000 })
  return { code: status, stdout, stderr }
}

export const config = file('config.yaml', `chain:
  id: 31337
  rpc: [{ name: local, url: "http://127.0.0.1:1" }]
contracts:
  usdc: { address: "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359" }
  streaming:
    - address: "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"
fee_wallets: ["0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"]
`)
