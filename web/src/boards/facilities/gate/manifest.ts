import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/facilities/gate/permit', alias: '/permit', component: () => import('./PermitPage.vue') },
    { path: '/facilities/gate', alias: '/gate', component: () => import('./GatePage.vue') },
  ],
}
export default manifest
