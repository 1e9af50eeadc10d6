import { ref, watchEffect } from 'vue'

export type Theme = 'light' | 'dark'
const STORE = 'kouan.theme'

function firstTheme(): Theme {
  const kept = localStorage.getItem(STORE)
  if (kept === 'light' || kept === 'dark') return kept
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const theme = ref<Theme>(firstTheme())

watchEffect(() => {
  document.documentElement.classList.toggle('dark', theme.value === 'dark')
})

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(STORE, theme.value)
}
