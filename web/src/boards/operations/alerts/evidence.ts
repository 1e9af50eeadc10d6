import type { Feature, FeatureCollection, Geometry, Position } from 'geojson'
import type { OverlayData, OverlayProps } from '@/kernel/map/overlays'
import { short } from '@/kernel/time/time'
import type { AlarmData, Fix, Level } from './alerts'

const GRAVE: Level[] = ['serious', 'critical']
const made = (geometry: Geometry, properties: OverlayProps): Feature<Geometry, OverlayProps> => ({ type: 'Feature', geometry, properties })
const label = (zh: string, en = zh) => ({ label_zh: zh, label_en: en })

function way(fixes: Fix[], tone: OverlayProps['tone'], end: Position | null): Feature<Geometry, OverlayProps>[] {
  const line: Position[] = [...fixes.map(([, lon, lat]) => [lon, lat]), ...(end ? [end] : [])]
  const dots = fixes.map(([at, lon, lat], n) => made({ type: 'Point', coordinates: [lon, lat] }, { tone, small: true, ...(n ? {} : label(short(at))) }))
  return line.length > 1 ? [made({ type: 'LineString', coordinates: line }, { tone }), ...dots] : dots
}

/** What a warning can show on a map: its place, the ways of its ships or of what a rule watched, and where it was. */
export function shapesOf(data: AlarmData, places: FeatureCollection | null): OverlayData {
  const { evidence } = data
  const tone: OverlayProps['tone'] = GRAVE.includes(data.severity) ? 'now' : 'soon'
  const ours: OverlayProps['tone'] = data.simulated ? 'sim' : 'plain'
  const place = data.place && places?.features.find((one) => String(one.properties?.ref).toUpperCase() === data.place?.toUpperCase())
  const features: OverlayData['features'] = place ? [made(place.geometry, { tone: 'quiet', ref: data.place })] : []
  for (const ship of evidence.ships ?? []) {
    features.push(...way(ship.way ?? [], ours, [ship.lon, ship.lat]), made({ type: 'Point', coordinates: [ship.lon, ship.lat] }, { tone: ours, ...label(ship.name) }))
  }
  features.push(...way(evidence.track ?? [], ours, null))
  if (evidence.before && evidence.after) features.push(made({ type: 'LineString', coordinates: [evidence.before, evidence.after] }, { tone }))
  if (evidence.anchor) features.push(made({ type: 'Point', coordinates: evidence.anchor }, { tone: 'quiet', ...label('锚位', 'Anchor') }))
  if (typeof data.lon === 'number' && typeof data.lat === 'number') features.push(made({ type: 'Point', coordinates: [data.lon, data.lat] }, { tone, ...label(data.title.zh, data.title.en) }))
  return { type: 'FeatureCollection', features }
}
