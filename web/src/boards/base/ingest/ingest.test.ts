import { describe, expect, it } from 'vitest'
import { sampleOf, source, steps } from './ingest'

describe('extraction', () => {
  it('reads steps in words', () => {
    expect(steps([{ do: 'trim' }, { do: 'code', a: 'locode' }], (name) => name.toUpperCase())).toBe('TRIM → CODE locode')
  })
  it('leaves fields without a column out of a source', () => {
    const mapping = [{ into: 'at', column: '时间', steps: [], sure: 1 }, { into: 'text', column: '', steps: [], sure: 0 }]
    expect(source('a', 'A', 'base.movement.status', mapping)).toMatchObject({ kind: 'upload', columns: [{ into: 'at', column: '时间' }] })
  })
  it('cuts a long sheet behind a whole line', async () => {
    const line = `${'x'.repeat(99)}\n`
    const sample = await sampleOf(new File([line.repeat(20_000)], 'a.csv'))
    expect(sample.size % 100).toBe(0)
    expect(sample.size).toBeGreaterThan(1_000_000)
  })
})
