import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/supervision/clearance', component: () => import('./InboxPage.vue') },
    { path: '/supervision/clearance/meter', component: () => import('./MeterPage.vue') },
    { path: '/inbox', redirect: '/supervision/clearance' },
    { path: '/meter', redirect: '/supervision/clearance/meter' },
  ],
}
export default manifest
