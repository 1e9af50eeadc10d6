import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/operations/onemap', component: () => import('./MapPage.vue') },
    { path: '/map', redirect: '/operations/onemap' },
  ],
}
export default manifest
