import { addProtocol, type SourceSpecification } from 'maplibre-gl'
import type { Locale } from '../text/text'

/** Where a site has map tiles of its own; what the platform's setting says. `archive`: one PMTiles file, read by ranges. */
export interface Tiles {
  urls: string[]
  archive: string
  size: number
  attribution: string
  maxzoom: number
  /** Tiles of names by language, where they are apart from the base. */
  labels?: Partial<Record<Locale, string>>
}
/** The same as the map draws it; `drawn`: the layers of an archive of vector tiles, by name. */
export interface BaseTiles {
  source: SourceSpecification
  drawn: string[]
  labels?: Partial<Record<Locale, SourceSpecification>>
}
const VECTOR = 1

/** Opens a site's tiles; an archive tells by its head whether it holds pictures or shapes. */
export async function openTiles(tiles: Tiles | null): Promise<BaseTiles | null> {
  if (!tiles) return null
  if (!tiles.archive) {
    const raster = (urls: string[]): SourceSpecification => ({ type: 'raster', tiles: urls, tileSize: tiles.size, maxzoom: tiles.maxzoom, attribution: tiles.attribution })
    const labels = Object.entries(tiles.labels ?? {}).map(([lang, url]) => [lang, raster([url])])
    return { source: raster(tiles.urls), drawn: [], ...(labels.length && { labels: Object.fromEntries(labels) as BaseTiles['labels'] }) }
  }
  const { PMTiles, Protocol } = await import('pmtiles')
  const archive = new PMTiles(new URL(tiles.archive, location.origin).href)
  const head = await archive.getHeader().catch(() => null)
  if (!head) return null
  const protocol = new Protocol()
  protocol.add(archive)
  addProtocol('pmtiles', protocol.tile)
  const [url, attribution] = [`pmtiles://${archive.source.getKey()}`, tiles.attribution]
  if (head.tileType !== VECTOR) return { source: { type: 'raster', url, tileSize: tiles.size, attribution }, drawn: [] }
  const told = (await archive.getMetadata()) as { vector_layers?: { id: string }[] } | null
  return { source: { type: 'vector', url, attribution }, drawn: (told?.vector_layers ?? []).map((layer) => layer.id) }
}
