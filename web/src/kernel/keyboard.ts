import { onBeforeUnmount, onMounted } from 'vue'

export type KeyMap = Record<string, (event: KeyboardEvent) => void>

/** True where typing a letter is typing a letter. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

function inDialog(): boolean {
  return document.querySelector('.el-overlay:not([style*="display: none"]) [role="dialog"]') !== null
}

/** Single keys for a page, quiet while somebody types, holds a modifier or has a dialog open. */
export function useKeys(keys: KeyMap): void {
  const listen = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || inDialog()) return
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act(event)
  }
  onMounted(() => window.addEventListener('keydown', listen))
  onBeforeUnmount(() => window.removeEventListener('keydown', listen))
}

/** j/k and arrows move the focus over the elements that `pick` finds. */
export function useListKeys(pick: () => HTMLElement[]): void {
  const move = (step: number) => {
    const rows = pick()
    if (!rows.length) return
    const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement))
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  useKeys({ j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1) })
}
