// Logs and ABIs as short text, to compare by eye and by ===.
import { decodeErrorResult, getAddress, keccak256, parseEventLogs, toHex } from 'viem'

// 'Transfer(P,S,360) ...': the events of a receipt in order, with names
// (address -> name) for those addresses that have one. Those that none of the
// contracts emitted tell who did: 'I:Transfer(P,S,360)'.
export function eventsOf(receipt, contracts, names = {}) {
  const ours = Object.values(contracts).filter(({ abi }) => abi)
  const nameOf = (value) => names[value] ?? value
  const by = (emitter) =>
    ours.some(({ address }) => address === emitter) ? '' : `${nameOf(emitter)}:`
  return parseEventLogs({ abi: ours.flatMap(({ abi }) => abi), logs: receipt.logs })
    .map(({ address, eventName, args }) =>
      `${by(getAddress(address))}${eventName}(${Object.values(args ?? {}).map(nameOf).join(',')})`)
    .join(' ')
}

// 'NotAllowed': why one of the contracts reverted a call.
export function reasonOf(error, contracts) {
  const data = error.walk?.((cause) => typeof cause.data === 'string')?.data
  if (!data) throw error
  return decodeErrorResult({ abi: Object.values(contracts).flatMap(({ abi }) => abi ?? []), data }).errorName
}

const type = (p) => (p.components ? p.type.replace('tuple', `(${p.components.map(type).join(',')})`) : p.type)
const input = (p) => `${type(p)}${p.indexed ? ' indexed' : ''} ${p.name}`

// 'event StreamPaused(uint256 indexed streamId,address indexed by)'. Names
// count in events, since they are what we map; in functions only types do.
export function signature({ type: kind, name, inputs, outputs = [] }) {
  return kind === 'event'
    ? `event ${name}(${inputs.map(input).join(',')})`
    : `function ${name}(${inputs.map(type).join(',')}) (${outputs.map(type).join(',')})`
}

// For logs that no contract of ours would emit.
export const topicOf = (text) => keccak256(toHex(text))
export const hashOf = (raw) => keccak256(raw) // of a signed transaction
export const word = (n) => toHex(n, { size: 32 })
