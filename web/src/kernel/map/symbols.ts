/** One symbol for each kind, drawn around the origin with its front up; `s` is half its height in pixels. */
export type Draw = (c: CanvasRenderingContext2D, s: number) => void

const path = (points: readonly (readonly [number, number])[]): Draw => (c, s) => {
  c.beginPath()
  for (const [x, y] of points) c.lineTo(x * s, y * s)
  c.closePath()
}
const ring: Draw = (c, s) => {
  c.beginPath()
  c.arc(0, 0, s * 0.55, 0, Math.PI * 2)
}
const box = path([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])

/** In the order of the platform's kinds; a kind that is new to this client is a box. */
export const SYMBOLS: Record<string, { front: Draw; still: Draw }> = {
  ship: { front: path([[0, -1], [0.55, 0.8], [-0.55, 0.8]]), still: ring },
  radar: { front: path([[0, -0.8], [0.8, 0], [0, 0.8], [-0.8, 0]]), still: path([[0, -0.6], [0.6, 0], [0, 0.6], [-0.6, 0]]) },
  truck: { front: path([[-0.4, -0.5], [0, -0.9], [0.4, -0.5], [0.4, 0.8], [-0.4, 0.8]]), still: box },
  tag: { front: path([[0, -0.5], [0.5, 0.5], [-0.5, 0.5]]), still: path([[0, -0.5], [0.5, 0.5], [-0.5, 0.5]]) },
  aircraft: {
    front: path([[0, -1], [0.16, -0.3], [0.95, 0.25], [0.95, 0.45], [0.16, 0.2], [0.12, 0.7], [0.4, 0.95], [-0.4, 0.95], [-0.12, 0.7], [-0.16, 0.2], [-0.95, 0.45], [-0.95, 0.25], [-0.16, -0.3]]),
    still: path([[0, -0.9], [0.16, -0.2], [0.9, 0.3], [0.16, 0.25], [0.3, 0.9], [-0.3, 0.9], [-0.16, 0.25], [-0.9, 0.3], [-0.16, -0.2]]),
  },
  train: { front: path([[-0.35, -1], [0.35, -1], [0.35, 1], [-0.35, 1]]), still: path([[-0.35, -0.8], [0.35, -0.8], [0.35, 0.8], [-0.35, 0.8]]) },
  person: { front: ring, still: (c, s) => {
    c.beginPath()
    c.arc(0, 0, s * 0.38, 0, Math.PI * 2)
  } },
  station: { front: path([[0, -0.8], [0.2, 0.7], [-0.2, 0.7]]), still: path([[0, -0.8], [0.45, 0.7], [-0.45, 0.7]]) },
  equipment: { front: path([[-0.7, -0.35], [0.7, -0.35], [0.7, 0.35], [-0.7, 0.35]]), still: path([[-0.6, -0.35], [0.6, -0.35], [0.6, 0.35], [-0.6, 0.35]]) },
  container: { front: path([[-0.4, -0.9], [0.4, -0.9], [0.4, 0.9], [-0.4, 0.9]]), still: box },
}
export const OTHER = { front: box, still: box }

/** A ship's outline in true size: metres from the antenna to bow, stern, port, starboard; `m` pixels a metre. */
export function hull(c: CanvasRenderingContext2D, [bow, stern, port, starboard]: readonly [number, number, number, number], m: number): void {
  const shoulder = bow - Math.min((bow + stern) * 0.16, port + starboard)
  c.beginPath()
  c.moveTo((starboard - port) * 0.5 * m, -bow * m)
  c.lineTo(starboard * m, -shoulder * m)
  c.lineTo(starboard * m, stern * m)
  c.lineTo(-port * m, stern * m)
  c.lineTo(-port * m, -shoulder * m)
  c.closePath()
}
