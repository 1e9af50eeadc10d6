import { describe, expect, it } from 'vitest'
import { path, series, type History } from './device'

const history: History = {
  rows: 4,
  simulated: 0,
  columns: { key: [7, 8, 7, 7], at: [3_000_000, 1_000_000, 1_000_000, 90_000_000], value: [2, 9, 1, 3], quality: [0, 0, 0, 0] },
  of: { '7': { metric: 'temperature', unit: 'Cel', simulated: false }, '8': { metric: 'power', unit: 'kW', simulated: false } },
}

describe('the last hour of a device', () => {
  it('is a line for each metric, in order of time', () => {
    const found = series(history)
    expect([...found.keys()].sort()).toEqual(['power', 'temperature'])
    expect(found.get('temperature')).toEqual([{ at: 1000, value: 1 }, { at: 3000, value: 2 }, { at: 90_000, value: 3 }])
  })
  it('is broken where nothing was heard', () => {
    const points = series(history).get('temperature')!
    expect(path(points, (at) => at / 1000, (value) => value, 60_000)).toBe('M1.0 1.0L3.0 2.0M90.0 3.0')
  })
})
