// What workers and platforms do on the chain, by name.
import {
  encodeAbiParameters, encodeEventTopics, encodeFunctionData, getAbiItem, getAddress, parseEventLogs, parseSignature,
} from 'viem'
import { compile } from './compile.mjs'

export const streamStatuses = ['active', 'paused', 'completed', 'cancelled']
export const loanStatuses = ['pending', 'approved', 'disbursed', 'repaying', 'repaid', 'defaulted', 'cancelled']
const unlimited = 2n ** 256n - 1n

const call = (contract, functionName, ...args) =>
  ({ to: contract.address, data: encodeFunctionData({ abi: contract.abi, functionName, args }) })

// contracts: what deploy() returns.
export function openActions(chain, contracts) {
  const sender = openSender(chain)
  return {
    ...contracts,
    call,
    together,
    lookAlike,
    emitLog: (...args) => emitLog(chain, ...args),
    // A whole contract, by its owner.
    pauseAll: (contract) => sender.owner(contract, 'pause')(),
    unpauseAll: (contract) => sender.owner(contract, 'unpause')(),
    ...money(chain, sender, contracts),
    ...streams(sender, contracts),
    ...(contracts.loans && loans(chain, sender, contracts)),
    ...(contracts.reputation && reputation(sender, contracts)),
  }
}

function openSender(chain) {
  const does = (contract, name) => (from, ...args) => chain.send(from, call(contract, name, ...args))
  const owner = (contract, name) => (...args) => does(contract, name)(chain.owner, ...args)
  const read = (contract, functionName, args = [], blockNumber) =>
    chain.client.readContract({ ...contract, functionName, args, blockNumber })
  // The receipt of what makes something, with the id that its event gives it.
  const makes = (contract, name, eventName, id) => async (from, ...args) => {
    const receipt = await does(contract, name)(from, ...args)
    const [event] = parseEventLogs({ ...contract, eventName, logs: receipt.logs })
    return { ...receipt, id: event.args[id] }
  }
  return { does, owner, read, makes }
}

function money(chain, { does, owner, read }, { usdc, streaming }) {
  const approve = does(usdc, 'approve')
  return {
    mint: owner(usdc, 'mint'),
    approve: (from, amount = unlimited, { address } = streaming) => approve(from, address, amount),
    increaseAllowance: does(usdc, 'increaseAllowance'),
    transfer: does(usdc, 'transfer'),
    transferByRelay: async (relayer, from, ...args) =>
      chain.send(relayer, call(usdc, 'transferWithAuthorization', ...(await authorize(chain, usdc, from, ...args)))),
    burn: does(usdc, 'burn'),
    blacklist: owner(usdc, 'blacklist'),
    unBlacklist: owner(usdc, 'unBlacklist'),
    upgrade: owner(usdc, 'upgradeTo'),
    // Where USDC is the chain's own money, in 18 decimals.
    sendNative: does(usdc, 'sendNative'),
    nativeBalanceOf: (address) => read(usdc, 'nativeBalanceOf', [getAddress(address)]),
    balanceOf: (address, blockNumber) => read(usdc, 'balanceOf', [getAddress(address)], blockNumber),
  }
}

// What the payer signs so that anybody else may bring it (EIP-3009, EIP-712).
async function authorize(chain, usdc, from, to, value, nonce) {
  const message = { from: from.address, to, value, validAfter: 0n, validBefore: unlimited, nonce }
  const { inputs } = getAbiItem({ abi: usdc.abi, name: 'transferWithAuthorization' })
  const signature = await from.signTypedData({
    domain: { name: 'USD Coin', version: '2', chainId: chain.id, verifyingContract: usdc.address },
    primaryType: 'TransferWithAuthorization',
    types: { TransferWithAuthorization: inputs.slice(0, 6).map(({ name, type }) => ({ name, type })) },
    message,
  })
  const { yParity, r, s } = parseSignature(signature)
  return [...Object.values(message), 27 + yParity, r, s]
}

function streams({ does, makes, read }, { streaming }) {
  const create = makes(streaming, 'createStream', 'StreamCreated', 'streamId')
  return {
    createStream: (platform, { worker, amount, duration, interval }) => create(platform, worker, amount, duration, interval),
    release: does(streaming, 'releasePayment'),
    claim: does(streaming, 'claimEarnings'),
    pause: does(streaming, 'pauseStream'),
    resume: does(streaming, 'resumeStream'),
    cancel: does(streaming, 'cancelStream'),
    streamCount: async () => Number(await read(streaming, 'streamCount')),
    // The contract's own word on a stream; the status as our database spells it.
    stream: async (id, blockNumber) => {
      const s = await read(streaming, 'getStreamDetails', [BigInt(id)], blockNumber)
      return { ...s, status: streamStatuses[s.status] }
    },
  }
}

function loans(chain, { does, makes, read }, { loans }) {
  // The contract's own word on a loan; the status as our database spells it,
  // but for 'cancelled'.
  const loan = async (id, blockNumber) => {
    const l = await read(loans, 'getLoanDetails', [BigInt(id)], blockNumber)
    return { ...l, status: loanStatuses[l.status] }
  }
  return {
    requestAdvance: makes(loans, 'requestAdvance', 'LoanRequested', 'loanId'),
    approveLoan: does(loans, 'approveLoan'),
    repayLoan: does(loans, 'repayFromEarnings'),
    defaultLoan: does(loans, 'markDefaulted'),
    cancelLoan: does(loans, 'cancelLoan'),
    fundContract: does(loans, 'fundContract'),
    withdrawFunds: does(loans, 'withdrawFunds'),
    loanCount: async () => Number(await read(loans, 'loanCount')),
    loan,
    // Moves the chain's clock on: in the next block the loan is overdue.
    passDueDate: async (id) => chain.setTime((await loan(id)).dueDate + 1n),
  }
}

function reputation({ does, owner, read }, { reputation }) {
  return {
    recordTask: does(reputation, 'recordCompletion'),
    recordDispute: does(reputation, 'recordDispute'),
    updateScore: owner(reputation, 'updateScore'),
    baseScore: () => read(reputation, 'BASE_SCORE'),
    // The contract's own word on a worker.
    reputationOf: async (address, blockNumber) => {
      const [score, totalTasks, completedOnTime, totalDisputes, totalRatings, sumOfRatings] =
        await read(reputation, 'reputations', [getAddress(address)], blockNumber)
      return { score, totalTasks, completedOnTime, totalDisputes, totalRatings, sumOfRatings }
    },
  }
}

// The call that has a Batch do all these in one transaction, in its own name.
function together(batch, calls) {
  return call(batch, 'run', calls.map(({ to, data }) => ({ target: to, data })))
}

// The call that has an Emitter, under its own address, log what another
// contract would.
function lookAlike(emitter, { abi }, eventName, args) {
  const plain = getAbiItem({ abi, name: eventName }).inputs.filter(({ indexed }) => !indexed)
  const words = encodeAbiParameters(plain, plain.map(({ name }) => args[name]))
  return call(emitter, 'emitLog', encodeEventTopics({ abi, eventName, args }), words)
}

// Lets a contract of ours emit any log, by other code at its address for the
// length of one transaction.
async function emitLog(chain, { address }, topics, logData = '0x') {
  const { Emitter } = compile()
  const code = await chain.call('eth_getCode', address, 'latest')
  await chain.call('anvil_setCode', address, Emitter.deployedBytecode)
  try {
    return await chain.send(chain.owner, call({ ...Emitter, address }, 'emitLog', topics, logData))
  } finally {
    await chain.call('anvil_setCode', address, code)
  }
}
