import { ref } from 'vue'

export interface Toast {
  id: number
  tone: 'done' | 'fail'
  text: string
  link?: { to: string; text: string }
}

export const toasts = ref<Toast[]>([])
let last = 0

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((t) => t.id !== id)
}

function show(tone: Toast['tone'], text: string, link?: Toast['link']): void {
  const id = ++last
  toasts.value = [...toasts.value.slice(-3), { id, tone, text, link }]
  setTimeout(() => dismiss(id), tone === 'fail' ? 12_000 : 6_000)
}

export const toast = {
  done: (text: string, link?: Toast['link']) => show('done', text, link),
  fail: (text: string) => show('fail', text),
}
