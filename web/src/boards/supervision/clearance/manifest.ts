import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/supervision/clearance', alias: ['/base/inbox', '/inbox'], component: () => import('./InboxPage.vue') },
    { path: '/supervision/clearance/meter', alias: ['/base/meter', '/meter'], component: () => import('./MeterPage.vue') },
  ],
}
export default manifest
