// Logs and ABIs as short text, to compare by eye and by ===.
import { keccak256, parseEventLogs, toHex } from 'viem'

// 'Transfer(P,S,360) ...': the events of a receipt in order, with names
// (address -> name) for those addresses that have one.
export function eventsOf(receipt, { usdc, streaming }, names = {}) {
  const known = [usdc, streaming].flatMap(({ abi }) => abi)
  return parseEventLogs({ abi: known, logs: receipt.logs })
    .map(({ eventName, args }) => `${eventName}(${Object.values(args).map((v) => names[v] ?? v).join(',')})`)
    .join(' ')
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
export const word = (n) => toHex(n, { size: 32 })
