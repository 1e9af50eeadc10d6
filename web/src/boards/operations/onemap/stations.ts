import type { Feature, Position } from 'geojson'
import { metricWord } from '@/kernel/card/codes'
import { unitWord } from '@/kernel/card/words'
import { chrome, locale } from '@/kernel/i18n'
import { knots } from '@/kernel/map/barb'
import type { OverlayData, OverlayProps } from '@/kernel/map/overlays'
import type { Mark } from '@/kernel/map/still-layer'
import { pick, type Text } from '@/kernel/text/text'
import { short } from '@/kernel/time/time'

/** Devices as `GET /api/devices` answers, where they stand, and what those that measure wind or people tell. */
export interface Device {
  ref: string
  code: string
  name: Text
  kind: string
  kind_title: Text
  place: string | null
  lon: number | null
  lat: number | null
  state: string
  online: boolean
  seen_at: string | null
  simulated: boolean
  last: { metric: string; value: number; at: number; unit: string }[]
}
export interface Devices {
  items: Device[]
}
/** The middle of a place, and what it is called; null for one that is not drawn. */
export type Where = (place: string) => { at: Position; name: string } | null

const SPEED = ['wind_speed', 'wind', 'wind_mean']
const FROM = ['wind_from', 'wind_direction', 'wind_dir']
const HEADS = ['inside', 'people', 'count', 'persons', 'occupancy']
/** A reading older than this is not shown as of now. */
const OLD_MS = 3_600_000
export const inUse = (one: Device) => one.state === 'commissioned' || one.state === 'maintenance'

export function spot(one: Device, where: Where): Position | null {
  if (one.lon !== null && one.lat !== null) return [one.lon, one.lat]
  return one.place ? (where(one.place)?.at ?? null) : null
}

function last(one: Device, names: string[], now: number) {
  const found = names.map((name) => one.last.find((said) => said.metric === name)).find((said) => said !== undefined)
  return found && now - found.at / 1000 < OLD_MS ? found : undefined
}

function said(one: Device): string {
  const newest = Math.max(...one.last.map((reading) => reading.at / 1000))
  const readings = one.last.map((reading) => `${metricWord(reading.metric)} ${reading.value} ${unitWord(reading.unit)}`.trim())
  return [pick(one.name, locale.value), ...readings, short(newest)].join(' · ')
}

/** Wind barbs of what measures wind in a unit of speed. */
export function winds(answer: Devices, where: Where, now = Date.now()): Mark[] {
  return answer.items.flatMap((one): Mark[] => {
    const [speed, from, at] = [last(one, SPEED, now), last(one, FROM, now), spot(one, where)]
    const value = speed && knots(speed.value, speed.unit)
    if (value === undefined || value === null || !at) return []
    const label = chrome('map.windSaid', { n: Math.round(value), from: from ? Math.round(from.value) : '—' })
    return [{ kind: 'wind', lon: at[0] ?? 0, lat: at[1] ?? 0, value: from ? value : 0, from: from?.value, label, told: said(one), ref: one.ref, simulated: one.simulated }]
  })
}

/** How many people counters count at each place: those of one place are added. */
export function heads(answer: Devices, where: Where, now = Date.now()): Mark[] {
  const found = new Map<string, Mark>()
  for (const one of answer.items) {
    const [count, at] = [last(one, HEADS, now), spot(one, where)]
    if (!count || !at) continue
    const key = one.place ?? at.join()
    const before = found.get(key)
    const value = (before?.value ?? 0) + count.value
    const name = one.place ? (where(one.place)?.name ?? '') : pick(one.name, locale.value)
    found.set(key, {
      kind: 'heads', lon: at[0] ?? 0, lat: at[1] ?? 0, value, label: chrome('map.headsSaid', { n: Math.round(value) }),
      told: [name, chrome('map.headsSaid', { n: Math.round(value) }), short(count.at / 1000)].join(' · '), ref: one.place ?? one.ref,
      simulated: one.simulated || (before?.simulated ?? false),
    })
  }
  return [...found.values()]
}

/** Devices where they stand, those of one spot together: how many, and how many of them are silent. */
export function devices(answer: Devices, where: Where): OverlayData {
  const spots = new Map<string, Device[]>()
  for (const one of answer.items.filter(inUse)) {
    const at = spot(one, where)
    if (at) spots.set(at.join(), [...(spots.get(at.join()) ?? []), one])
  }
  return { type: 'FeatureCollection', features: [...spots].map(([key, all]) => group(key.split(',').map(Number), all, where)) }
}

function group(at: Position, all: Device[], where: Where): Feature<Feature['geometry'], OverlayProps> {
  const [one] = all as [Device, ...Device[]]
  const silent = all.filter((device) => !device.online).length
  const place = one.place ? (where(one.place)?.name ?? '') : ''
  const label = (lang: 'zh' | 'en') => {
    const name = all.length === 1 ? pick(one.name, lang) : chrome('map.devicesSaid', { n: all.length, place })
    return silent ? `${name} ${chrome('map.silentSaid', { n: silent })}` : name
  }
  const tone = silent ? 'soon' : all.every((device) => device.simulated) ? 'sim' : 'quiet'
  return {
    type: 'Feature', geometry: { type: 'Point', coordinates: at },
    properties: { tone, ...(silent ? {} : { small: true }), ref: all.length > 1 && one.place ? one.place : one.ref, label_zh: label('zh'), label_en: label('en') },
  }
}

const LEG = { half: 1.2, apart: 9, deep: 12, high: 38 }
const METRES = 111_320

/** Cranes as schematic portals in the light 3-D view; several of one berth stand side by side along it. */
export function cranes(answer: Devices, where: Where, along: (place: string) => number): OverlayData['features'] {
  const beside = new Map<string, number>()
  return answer.items.filter((one) => one.kind === 'crane' && inUse(one)).flatMap((one) => {
    const at = spot(one, where)
    if (!at) return []
    const angle = one.place ? along(one.place) : 0
    const number = one.place ? (beside.get(one.place) ?? 0) : 0
    if (one.place) beside.set(one.place, number + 1)
    const tone = one.simulated ? 'sim' as const : 'quiet' as const
    const box = (x: number, y: number, w: number, d: number, base: number, height: number): OverlayData['features'][number] => ({
      type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring(at, angle, x + number * 60, y, w, d)] }, properties: { tone, base, height, ref: one.ref },
    })
    const legs = [-LEG.apart, LEG.apart].flatMap((x) => [-LEG.deep, LEG.deep].map((y) => box(x, y, LEG.half, LEG.half, 0, LEG.high)))
    return [...legs, box(0, 0, LEG.apart + LEG.half, LEG.deep + LEG.half, LEG.high - 4, LEG.high), box(0, 0, 2, 48, LEG.high, LEG.high + 3)]
  })
}

/** A box around a spot, turned: metres along and across, half its width and depth. */
export function ring([lon, lat]: Position, angle: number, x: number, y: number, w: number, d: number): Position[] {
  const east = METRES * Math.cos(((lat ?? 0) * Math.PI) / 180)
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  return ([[-w, -d], [w, -d], [w, d], [-w, d], [-w, -d]] as const).map(([dx, dy]) => {
    const [along, across] = [x + dx, y + dy]
    return [(lon ?? 0) + (along * cos - across * sin) / east, (lat ?? 0) + (along * sin + across * cos) / METRES]
  })
}
