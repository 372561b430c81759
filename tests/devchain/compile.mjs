// Compiles the development contracts with solc, which runs inside node. The
// result is cached in build/, keyed by the compiler and the sources.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'contracts-abi/dev')
const settings = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
}

function readSources() {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sol')).sort()
  return Object.fromEntries(names.map((name) => [name, { content: readFileSync(join(folder, name), 'utf8') }]))
}

function solcVersion() {
  const path = new URL('node_modules/solc/package.json', import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')).version
}

function runSolc(sources) {
  const solc = createRequire(import.meta.url)('solc')
  const output = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })))
  const complaints = output.errors ?? []
  if (complaints.length > 0) throw new Error(complaints.map((e) => e.formattedMessage).join('\n'))
  const contracts = {}
  for (const file of Object.values(output.contracts)) {
    for (const [name, { abi, evm }] of Object.entries(file)) {
      contracts[name] = {
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
      }
    }
  }
  return contracts
}

// { DevUSDC: { abi, bytecode, deployedBytecode }, ... }. Warnings are errors.
export function compile() {
  const sources = readSources()
  const key = createHash('sha256').update(JSON.stringify([solcVersion(), settings, sources])).digest('hex')
  const cache = join(root, 'build/contracts')
  const path = join(cache, `${key.slice(0, 16)}.json`)
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  const contracts = runSolc(sources)
  mkdirSync(cache, { recursive: true })
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(contracts))
  renameSync(`${path}.${process.pid}`, path)
  return contracts
}
