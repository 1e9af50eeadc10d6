import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/operations/onemap', alias: '/map', component: () => import('./MapPage.vue') },
  ],
}
export default manifest
