import type { Feature, FeatureCollection } from 'geojson'
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as GlMap } from 'maplibre-gl'
import type { Locale } from '../text/text'
import { token } from './style'

/** What an overlay's features say of themselves, beside their geometry. */
export interface OverlayProps {
  tone?: 'now' | 'soon' | 'plain' | 'sim' | 'quiet'
  label_zh?: string
  label_en?: string
  /** What a click opens. */
  ref?: string
  /** Its name waits for a closer look. */
  small?: boolean
  /** A name alone, without a dot. */
  bare?: boolean
  /** Height in metres, for what stands on the ground of the light 3-D view; `base`: what hangs above the ground. */
  height?: number
  base?: number
}
export type OverlayData = FeatureCollection<Feature['geometry'], OverlayProps>

const SMALL_FROM = 15
const TONES = { now: 'red', soon: 'amber', plain: 'blue', sim: 'violet', quiet: 'muted' } as const
const colour = (): ExpressionSpecification => [
  'match', ['get', 'tone'], ...Object.entries(TONES).flatMap(([tone, name]) => [tone, token(name)]), token('muted'),
] as unknown as ExpressionSpecification

function layers(id: string, locale: Locale): LayerSpecification[] {
  const source = `overlay-${id}`
  const flat: ExpressionSpecification = ['!', ['has', 'height']]
  return [
    { id: `${source}-fill`, type: 'fill', source, filter: ['all', flat, ['==', ['geometry-type'], 'Polygon']], paint: { 'fill-color': colour(), 'fill-opacity': 0.14 } },
    { id: `${source}-solid`, type: 'fill-extrusion', source, filter: ['has', 'height'], paint: { 'fill-extrusion-color': colour(), 'fill-extrusion-height': ['get', 'height'], 'fill-extrusion-base': ['coalesce', ['get', 'base'], 0], 'fill-extrusion-opacity': 0.85 } },
    { id: `${source}-line`, type: 'line', source, filter: ['all', flat, ['!=', ['geometry-type'], 'Point']], paint: { 'line-color': colour(), 'line-width': 2 } },
    { id: `${source}-point`, type: 'circle', source, filter: ['all', ['!', ['has', 'bare']], ['==', ['geometry-type'], 'Point']], paint: { 'circle-radius': ['case', ['has', 'small'], 3.5, 5.5], 'circle-color': colour(), 'circle-stroke-color': token('panel'), 'circle-stroke-width': 1.5 } },
    ...[false, true].map((small): LayerSpecification => ({
      id: `${source}-${small ? 'small' : 'name'}`, type: 'symbol', source, minzoom: small ? SMALL_FROM : 0,
      filter: ['all', flat, ['==', ['has', 'small'], small]],
      layout: {
        'text-field': ['coalesce', ['get', `label_${locale}`], ''], 'text-size': 12, 'text-font': ['Noto Sans CJK SC'], 'text-offset': ['case', ['has', 'bare'], ['literal', [0, 0]], ['literal', [0, 1.3]]],
        'text-padding': 3, 'text-max-width': 14,
      },
      paint: { 'text-color': colour(), 'text-halo-color': token('panel'), 'text-halo-width': 1.8 },
    })),
  ]
}

/** Layers of others over the map: each a GeoJSON source of its own, drawn in one symbol language. */
export class Overlays {
  private readonly kept = new Map<string, OverlayData>()

  constructor(private readonly map: GlMap, private readonly locale: () => Locale) {}

  /** Shows an overlay's features; none takes it away. */
  set(id: string, data: OverlayData | null): void {
    if (data?.features.length) this.kept.set(id, data)
    else this.kept.delete(id)
    if (this.map.isStyleLoaded() || this.map.getSource('places')) this.draw(id)
  }

  /** Draws all of them anew, after the style was replaced. */
  restore(): void {
    for (const id of this.kept.keys()) this.draw(id)
  }

  /** The layers in which something of an overlay may be hit. */
  hittable(): string[] {
    const names = [...this.kept.keys()].flatMap((id) => ['point', 'fill', 'line', 'solid'].map((part) => `overlay-${id}-${part}`))
    return names.filter((id) => this.map.getLayer(id))
  }

  private draw(id: string): void {
    const source = `overlay-${id}`
    const data = this.kept.get(id) ?? { type: 'FeatureCollection' as const, features: [] }
    const known = this.map.getSource<GeoJSONSource>(source)
    if (known) void known.setData(data)
    else if (data.features.length) {
      this.map.addSource(source, { type: 'geojson', data })
      for (const layer of layers(id, this.locale())) this.map.addLayer(layer)
    }
  }
}
