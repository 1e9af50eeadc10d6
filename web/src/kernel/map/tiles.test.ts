import { expect, it, vi } from 'vitest'
import { mapStyle } from './style'
import { openTiles } from './tiles'

vi.mock('maplibre-gl', () => ({ addProtocol: () => undefined }))
const NONE = { type: 'FeatureCollection' as const, features: [] }

it("draws a base's names over it, in the language of the screen", async () => {
  const told = { urls: ['https://t.example/vec/{z}/{x}/{y}'], archive: '', size: 256, attribution: '天地图', maxzoom: 18 }
  const tiles = await openTiles({ ...told, labels: { zh: 'https://t.example/cva/{z}/{x}/{y}', en: 'https://t.example/eva/{z}/{x}/{y}' } })
  for (const [locale, name] of [['zh', 'cva'], ['en', 'eva']] as const) {
    const style = mapStyle(NONE, NONE, locale, tiles)
    expect((style.sources.written as { tiles: string[] }).tiles[0]).toContain(`/${name}/`)
    const ids = style.layers.map((layer) => layer.id)
    expect(ids.indexOf('written')).toBeGreaterThan(ids.indexOf('tiles'))
    expect(ids.indexOf('written')).toBeLessThan(ids.indexOf('name-area'))
  }
  const bare = mapStyle(NONE, NONE, 'zh', await openTiles(told))
  expect(bare.layers.some((layer) => layer.id === 'written')).toBe(false)
})
