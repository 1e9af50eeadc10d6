/** Wind as meteorologists draw it (WMO No. 485, attachment IV): a pennant for 50 knots, a long feather for 10, a short one for 5. */
export interface Feathers {
  pennants: number
  long: number
  short: number
}
const STEP = 5
const PER_KNOT: Record<string, number> = { kn: 1, 'm/s': 3600 / 1852, 'km/h': 1 / 1.852 }

/** A speed in knots; null where its unit is none of wind's. */
export function knots(value: number, unit: string): number | null {
  const factor = PER_KNOT[unit]
  return factor === undefined ? null : value * factor
}

export function feathers(speed: number): Feathers {
  const rounded = Math.round(speed / STEP) * STEP
  return { pennants: Math.floor(rounded / 50), long: Math.floor((rounded % 50) / 10), short: (rounded % 10) / STEP }
}

const STAFF = 30
const FEATHER = 11
const GAP = 4.5

/** Draws a barb around the origin; `towards`: where the staff points on the screen, radians clockwise from up. Calm is a ring. */
export function barb(c: CanvasRenderingContext2D, speed: number, towards: number, southern: boolean): void {
  const { pennants, long, short } = feathers(speed)
  c.beginPath()
  c.arc(0, 0, 3, 0, Math.PI * 2)
  if (!pennants && !long && !short) {
    c.moveTo(6.5, 0)
    c.arc(0, 0, 6.5, 0, Math.PI * 2)
    c.stroke()
    return
  }
  c.save()
  c.rotate(towards)
  c.moveTo(0, -3)
  c.lineTo(0, -STAFF)
  const side = southern ? -1 : 1
  let at = STAFF
  for (let n = 0; n < pennants; n++, at -= GAP + 2) {
    c.moveTo(0, -at)
    c.lineTo(side * FEATHER, -at + 1)
    c.lineTo(0, -at + GAP + 1)
  }
  for (let n = 0; n < long; n++, at -= GAP) {
    c.moveTo(0, -at)
    c.lineTo(side * FEATHER, -at - 4)
  }
  // A short feather alone stands inward of the end, so that it is not taken for a long one.
  if (short && at === STAFF) at -= GAP
  if (short) {
    c.moveTo(0, -at)
    c.lineTo((side * FEATHER) / 2, -at - 2)
  }
  c.stroke()
  c.restore()
}
