import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/facilities/gate', component: () => import('./GatePage.vue') },
    { path: '/gate', redirect: '/facilities/gate' },
  ],
}
export default manifest
