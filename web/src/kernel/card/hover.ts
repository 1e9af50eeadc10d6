import { ref } from 'vue'

/** One hover card for the whole screen: which reference, and where it points from. */
export interface Hovered {
  ref: string
  box: DOMRect
}
export const hovered = ref<Hovered | null>(null)
const WAIT = 350
let timer = 0

export function hoverSoon(target: string, element: HTMLElement): void {
  window.clearTimeout(timer)
  timer = window.setTimeout(() => (hovered.value = { ref: target, box: element.getBoundingClientRect() }), WAIT)
}
export function leaveSoon(): void {
  window.clearTimeout(timer)
  timer = window.setTimeout(() => (hovered.value = null), 200)
}
export function stay(): void {
  window.clearTimeout(timer)
}
export function leaveNow(): void {
  window.clearTimeout(timer)
  hovered.value = null
}
