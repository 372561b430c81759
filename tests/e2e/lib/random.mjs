// Chance that can be replayed: the same seed gives the same choices.
export function randomFrom(seed) {
  let state = seed >>> 0
  // mulberry32, by Tommy Ettinger (public domain).
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least, most) => least + Math.floor(next() * (most - least + 1)) // both included
  const chance = (p) => next() < p
  const oneOf = (list) => list[between(0, list.length - 1)]
  // weights: { name: how often }
  const weighted = (weights) => {
    let left = next() * Object.values(weights).reduce((a, b) => a + b)
    for (const [name, weight] of Object.entries(weights)) if ((left -= weight) < 0) return name
    return Object.keys(weights)[0]
  }
  return { between, chance, oneOf, weighted }
}
