// What workers and platforms do on the chain, by name.
import { encodeFunctionData, getAddress, parseEventLogs } from 'viem'
import { compile } from './compile.mjs'

export const streamStatuses = ['active', 'paused', 'completed', 'cancelled']
const unlimited = 2n ** 256n - 1n

export function openActions(chain, { usdc, streaming }) {
  const data = ({ abi }, functionName, args) => encodeFunctionData({ abi, functionName, args })
  const call = (contract, name, ...args) => ({ to: contract.address, data: data(contract, name, args) })
  const does = (contract, name) => (from, ...args) => chain.send(from, call(contract, name, ...args))
  const read = (contract, functionName, args = [], blockNumber) =>
    chain.client.readContract({ ...contract, functionName, args, blockNumber })

  async function createStream(platform, { worker, amount, duration, interval }) {
    const receipt = await chain.send(platform, call(streaming, 'createStream', worker, amount, duration, interval))
    const [{ args }] = parseEventLogs({ ...streaming, eventName: 'StreamCreated', logs: receipt.logs })
    return { ...receipt, id: args.streamId }
  }

  // Lets a contract of ours emit any log, by other code at its address for the
  // length of one transaction.
  async function emitLog(contract, topics, logData = '0x') {
    const { Emitter } = compile()
    const code = await chain.call('eth_getCode', contract.address, 'latest')
    await chain.call('anvil_setCode', contract.address, Emitter.deployedBytecode)
    try {
      return await chain.send(chain.owner, call({ ...Emitter, ...{ address: contract.address } }, 'emitLog', topics, logData))
    } finally {
      await chain.call('anvil_setCode', contract.address, code)
    }
  }

  return {
    usdc,
    streaming,
    call,
    createStream,
    emitLog,
    mint: (to, amount) => chain.send(chain.owner, call(usdc, 'mint', to, amount)),
    approve: (from, amount = unlimited) => chain.send(from, call(usdc, 'approve', streaming.address, amount)),
    transfer: does(usdc, 'transfer'),
    burn: does(usdc, 'burn'),
    release: does(streaming, 'releasePayment'),
    claim: does(streaming, 'claimEarnings'),
    pause: does(streaming, 'pauseStream'),
    resume: does(streaming, 'resumeStream'),
    cancel: does(streaming, 'cancelStream'),
    balanceOf: (address, blockNumber) => read(usdc, 'balanceOf', [getAddress(address)], blockNumber),
    streamCount: async () => Number(await read(streaming, 'streamCount')),
    // The contract's own word on a stream; the status as our database spells it.
    stream: async (id, blockNumber) => {
      const s = await read(streaming, 'getStreamDetails', [BigInt(id)], blockNumber)
      return { ...s, status: streamStatuses[s.status] }
    },
  }
}
