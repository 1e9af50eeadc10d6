import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/base/trace', component: () => import('./TracePage.vue') },
    { path: '/trace', redirect: '/base/trace' },
  ],
}
export default manifest
