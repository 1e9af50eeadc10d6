import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/base/trace', alias: '/trace', component: () => import('./TracePage.vue') },
  ],
}
export default manifest
