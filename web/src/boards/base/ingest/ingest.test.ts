import { describe, expect, it } from 'vitest'
import { sampleOf, source, steps } from './ingest'

describe('extraction', () => {
  it('reads steps in words', () => {
    expect(steps([{ do: 'trim' }, { do: 'code', a: 'locode' }], (name) => name.toUpperCase())).toBe('TRIM → CODE locode')
  })
  it('leaves fields without a column out of a source', () => {
    const mapping = [{ into: 'at', column: '时间', steps: [], sure: 1 }, { into: 'text', column: '', steps: [], sure: 0 }]
    const asked = { code: 'a', name: 'A', kind: 'upload', target: 'base.movement.status', unique: ['at', 'text'] }
    expect(source(asked, mapping)).toEqual({ code: 'a', name: 'A', kind: 'upload', target: asked.target, unique: ['at'], columns: [{ into: 'at', column: '时间', steps: [] }] })
  })
  it('keeps of a source only the settings of its kind', () => {
    const asked = { code: 'a', name: 'A', kind: 'sqlite', target: 'dataset:moves', address: '/in/a.db', query: 'moves', host_key: 'left over', format: 'csv', every_minutes: 60 }
    const mapping = [{ into: 'n', column: 'n', steps: [], sure: 1, type: 'integer' }, { into: 'port', column: '', constant: 'CNQIN', steps: [], sure: 0 }]
    expect(source(asked, mapping)).toEqual({
      code: 'a', name: 'A', kind: 'sqlite', target: 'dataset:moves', address: '/in/a.db', query: 'moves', every_minutes: 60, unique: [],
      columns: [{ into: 'n', column: 'n', steps: [], type: 'integer' }, { into: 'port', constant: 'CNQIN', steps: [] }],
    })
  })
  it('cuts a long sheet behind a whole line', async () => {
    const line = `${'x'.repeat(99)}\n`
    const sample = await sampleOf(new File([line.repeat(20_000)], 'a.csv'))
    expect(sample.size % 100).toBe(0)
    expect(sample.size).toBeGreaterThan(1_000_000)
  })
})
