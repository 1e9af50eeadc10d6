import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/facilities/devices', component: () => import('./DevicesPage.vue') },
    { path: '/facilities/devices/:code', component: () => import('./DevicePage.vue'), props: true },
  ],
}
export default manifest
