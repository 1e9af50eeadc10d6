import type { Feature, FeatureCollection, Position } from 'geojson'
import { pick } from '../text/text'

interface Props {
  name?: { zh?: string; en?: string } | string
  name_zh?: string
  name_en?: string
  kind?: string
  ref?: string
  code?: string
}
const ORDER = ['land', 'fairway', 'anchorage', 'terminal', 'breakwater', 'quay', 'yard', 'gate', 'berth']

/** Places with flat names, as map expressions read them. */
export function flatten(found: FeatureCollection): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: found.features.filter((f) => f.geometry).map((f) => {
      const p = (f.properties ?? {}) as Props
      const name = { zh: p.name_zh ?? '', en: p.name_en ?? '', ...(typeof p.name === 'object' ? p.name : {}) }
      const plain = typeof p.name === 'string' ? p.name : ''
      const ref = p.ref ?? (p.code ? `place:${p.code}` : '')
      const order = ORDER.indexOf(p.kind ?? '')
      return {
        ...f,
        properties: {
          ...f.properties, ref, order: order < 0 ? ORDER.length : order,
          name_zh: pick(name, 'zh') || plain, name_en: pick(name, 'en') || plain,
        },
      }
    }),
  }
}

/** One point per place for its name: the middle of its outline. */
export function labelPoints(places: FeatureCollection): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: places.features.map<Feature>((f) => ({ ...f, geometry: { type: 'Point', coordinates: middle(f) } })),
  }
}

function points(feature: Feature): Position[] {
  const g = feature.geometry
  if (g.type === 'Point') return [g.coordinates]
  if (g.type === 'LineString' || g.type === 'MultiPoint') return g.coordinates
  if (g.type === 'Polygon' || g.type === 'MultiLineString') return g.coordinates[0] ?? []
  return g.type === 'MultiPolygon' ? (g.coordinates[0]?.[0] ?? []) : []
}

export function middle(feature: Feature): Position {
  const all = points(feature)
  if (feature.geometry.type === 'LineString') return all[Math.floor(all.length / 2)] ?? [0, 0]
  const [w, s, e, n] = bounds([feature])
  return [(w + e) / 2, (s + n) / 2]
}

/** West, south, east, north of some places. */
export function bounds(features: Feature[]): [number, number, number, number] {
  const all = features.flatMap(points)
  const xs = all.map((p) => p[0] ?? 0)
  const ys = all.map((p) => p[1] ?? 0)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}
