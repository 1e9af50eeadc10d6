import { expect, test } from 'vitest'
import type { AlarmData } from './alerts'
import { shapesOf } from './evidence'
import { trendOf } from './readings'

const alarm = (more: Partial<AlarmData>): AlarmData => ({
  number: 'WA', alert: 'a', severity: 'warning', title: { zh: '碰撞', en: 'Collision' }, message: { zh: '', en: '' }, at: '2026-11-22T09:00:00Z', subjects: [], unit: '', clause: '',
  owner: 'org:maritime', count: 1, simulated: false, evidence: {}, ...more,
})
const ship = { name: 'ONE', lon: 121.3, lat: 36, at: '2026-11-22T09:00:00Z', speed_kn: 9, course_deg: 90, radar_only: false }

test('a warning draws its place, the ways of its ships to where they are, and the spot', () => {
  const places = { type: 'FeatureCollection' as const, features: [{ type: 'Feature' as const, properties: { ref: 'place:CNWHH/BERTH/B1' }, geometry: { type: 'Point' as const, coordinates: [121, 36] } }] }
  const way: [string, number, number][] = [['2026-11-22T08:58:00Z', 121.1, 36], ['2026-11-22T08:59:00Z', 121.2, 36]]
  const drawn = shapesOf(alarm({ place: 'place:cnwhh/berth/b1', lon: 121.3, lat: 36, simulated: true, evidence: { ships: [{ ...ship, way }, { ...ship, name: 'TWO' }] } }), places).features
  expect(drawn.map((one) => one.geometry.type)).toEqual(['Point', 'LineString', 'Point', 'Point', 'Point', 'Point', 'Point'])
  expect(drawn[1]?.geometry).toEqual({ type: 'LineString', coordinates: [[121.1, 36], [121.2, 36], [121.3, 36]] })
  expect(drawn[1]?.properties.tone).toBe('sim')
  expect(drawn.at(-1)?.properties).toEqual({ tone: 'soon', label_zh: '碰撞', label_en: 'Collision' })
})

test('the track of what a rule watched, a jump and an anchor are drawn; nothing is made of nothing', () => {
  const track: [string, number, number][] = [['2026-11-22T08:58:00Z', 121.1, 36], ['2026-11-22T08:59:00Z', 121.2, 36]]
  expect(shapesOf(alarm({ evidence: { track } }), null).features).toHaveLength(3)
  expect(shapesOf(alarm({ evidence: { before: [121, 36], after: [122, 36] } }), null).features[0]?.geometry.type).toBe('LineString')
  expect(shapesOf(alarm({ evidence: { anchor: [121, 36] } }), null).features[0]?.properties.label_en).toBe('Anchor')
  expect(shapesOf(alarm({}), null).features).toEqual([])
})

test('readings of one series make a line, of several none', () => {
  const columns = { key: [1, 1], at: [1_763_805_600_000_000, 1_763_805_660_000_000], value: [10, 12] }
  expect(trendOf({ columns })).toEqual({ per_min: 2, samples: [['2025-11-22T10:00:00.000Z', 10], ['2025-11-22T10:01:00.000Z', 12]] })
  expect(trendOf({ columns: { ...columns, key: [1, 2] } })).toBeNull()
})
