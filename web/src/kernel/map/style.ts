import type { FeatureCollection } from 'geojson'
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import { chrome, i18n } from '../i18n'
import type { Locale } from '../text/text'
import type { BaseTiles } from './tiles'

/** Colours come from the page's own variables, so that the map follows the theme. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--k-${name}`).trim()
}

const kindIs = (...kinds: string[]): ExpressionSpecification => ['in', ['get', 'kind'], ['literal', kinds]]
const WATER_KINDS = ['anchorage', 'fairway', 'pilot_station', 'basin', 'channel', 'waiting_area']
/** Drawn only from near, where they do not cover the ground on which they stand. */
const INDOOR = ['floor', 'room']
const GUARDED = ['restricted_area', 'tripwire']

function fills(): LayerSpecification[] {
  const fillColour: ExpressionSpecification = [
    'match', ['get', 'kind'],
    'land', token('land'),
    ['quay', 'berth', 'breakwater'], token('line'),
    ['yard', 'inspection_bay', 'zone', 'terminal'], token('sunk'),
    ['gate', 'lane', 'building'], token('muted'),
    WATER_KINDS, token('blue'),
    token('sunk'),
  ]
  return [
    {
      id: 'place-fill', type: 'fill', source: 'places', filter: ['all', ['==', ['geometry-type'], 'Polygon'], ['!', kindIs(...INDOOR, ...GUARDED, 'zone')]],
      paint: { 'fill-color': fillColour, 'fill-opacity': ['match', ['get', 'kind'], WATER_KINDS, 0.07, 'building', 0.35, 1] },
      layout: { 'fill-sort-key': ['match', ['get', 'kind'], 'land', 0, WATER_KINDS, 1, 'yard', 2, 3] },
    },
    {
      id: 'place-line', type: 'line', source: 'places', filter: ['!', kindIs(...WATER_KINDS, ...INDOOR, ...GUARDED, 'zone')],
      paint: { 'line-color': token('line-strong'), 'line-width': ['match', ['get', 'kind'], ['quay', 'breakwater'], 3, 1], 'line-opacity': 0.8 },
    },
    {
      id: 'place-water-line', type: 'line', source: 'places', filter: kindIs(...WATER_KINDS),
      paint: { 'line-color': token('blue'), 'line-width': 1.2, 'line-dasharray': [4, 3], 'line-opacity': 0.75 },
    },
    {
      id: 'place-guarded', type: 'line', source: 'places', filter: kindIs(...GUARDED),
      paint: { 'line-color': token('amber'), 'line-width': 1.6, 'line-dasharray': [2, 2] },
    },
    {
      id: 'place-zone', type: 'line', source: 'places', filter: kindIs('zone'),
      paint: { 'line-color': token('muted'), 'line-width': 1, 'line-dasharray': [1, 2] },
    },
    {
      id: 'place-indoor', type: 'line', source: 'places', minzoom: 15.5, filter: kindIs(...INDOOR),
      paint: { 'line-color': token('muted'), 'line-width': 1 },
    },
    {
      id: 'place-point', type: 'circle', source: 'places', filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-radius': 4, 'circle-color': token('panel'), 'circle-stroke-color': token('muted'), 'circle-stroke-width': 1.5 },
    },
  ]
}

/** Names from the systems' own fonts: no glyph file is fetched. Small places wait for a closer look. */
function names(locale: Locale): LayerSpecification[] {
  const layer = (id: string, kinds: string[] | null, minzoom: number, size: number): LayerSpecification => ({
    id, type: 'symbol', source: 'labels', minzoom,
    filter: kinds ? kindIs(...kinds) : ['!', kindIs('land', 'anchorage', 'fairway', 'yard', 'terminal', 'berth', 'quay', 'breakwater', 'pilot_station', 'gate', 'floor', 'room')],
    layout: {
      'text-field': ['get', `name_${locale}`], 'text-size': size, 'text-font': ['Noto Sans CJK SC'],
      'text-padding': 4, 'text-max-width': 9, 'symbol-sort-key': ['get', 'order'],
    },
    paint: { 'text-color': token('muted'), 'text-halo-color': token('panel'), 'text-halo-width': 1.6 },
  })
  return [
    layer('name-area', ['land', 'anchorage', 'fairway', 'terminal', 'breakwater', 'pilot_station'], 9, 13),
    layer('name-yard', ['yard', 'berth', 'quay', 'gate'], 12.5, 12),
    layer('name-small', null, 14.5, 11),
  ]
}

const WATER = /water|ocean|sea|river|lake/i

/** Quiet layers for any archive of shapes: water blue, all else as lines and faint ground. */
function tileLayers(tiles: BaseTiles): LayerSpecification[] {
  if (tiles.source.type === 'raster') return [{ id: 'tiles', type: 'raster', source: 'tiles' }]
  return tiles.drawn.flatMap((name) => {
    const wet = WATER.test(name)
    return [
      {
        id: `tiles-${name}-fill`, type: 'fill' as const, source: 'tiles', 'source-layer': name, filter: ['==', ['geometry-type'], 'Polygon'],
        paint: { 'fill-color': token(wet ? 'water' : 'land'), 'fill-opacity': wet ? 1 : 0.8 },
      },
      {
        id: `tiles-${name}-line`, type: 'line' as const, source: 'tiles', 'source-layer': name, filter: ['!=', ['geometry-type'], 'Point'],
        paint: { 'line-color': token(wet ? 'blue' : 'line-strong'), 'line-width': 0.8, 'line-opacity': 0.6 },
      },
    ] as LayerSpecification[]
  })
}

/** The layers of areas that are guarded or watched, which a viewer may hide. */
const ZONE_LAYERS = new Set(['place-guarded', 'place-zone'])

export function mapStyle(places: FeatureCollection, labels: FeatureCollection, locale: Locale, tiles: BaseTiles | null = null, zones = true): StyleSpecification {
  const written = tiles?.labels?.[locale]
  return {
    version: 8,
    sources: {
      places: { type: 'geojson', data: places }, labels: { type: 'geojson', data: labels },
      ...(tiles && { tiles: tiles.source }), ...(written && { written }),
    },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': token('water') } },
      ...(tiles ? tileLayers(tiles) : []),
      // A site's own tiles show the land; ours would cover it.
      ...fills().filter((layer) => (!tiles || layer.id !== 'place-fill') && (zones || !ZONE_LAYERS.has(layer.id))),
      ...(written ? [{ id: 'written', type: 'raster' as const, source: 'written' }] : []),
      ...names(locale),
    ],
  }
}

export function placeKind(kind: string): string {
  const key = `map.kinds.${kind}`
  return i18n.global.te(key) ? chrome(key) : kind
}
